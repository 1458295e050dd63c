"""The one training loop, the three phases as data, and what each phase learns from."""
