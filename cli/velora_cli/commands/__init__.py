"""One file per command: parse, call `velora.runs`, show."""
