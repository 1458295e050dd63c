"""Deliberately broken experts, small changes of the fakes. `BROKEN` maps a check to the expert made to fail it."""
