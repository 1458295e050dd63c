"""The command line of VELORA: click reads, `velora.api` works, rich shows."""
