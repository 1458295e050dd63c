"""Why an answer came out as it did, as data; the command line renders it."""
