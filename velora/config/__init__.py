"""Settings of the core, and the loader that turns files and KEY=VALUE pairs into checked objects."""
