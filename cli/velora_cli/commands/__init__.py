"""One file per command: parse, call `velora.api`, show."""
