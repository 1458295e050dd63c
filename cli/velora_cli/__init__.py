"""The command line of VELORA: click reads, `velora.runs` works, rich shows."""
