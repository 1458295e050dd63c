"""Language expert of VELORA: a text classifier for any label set, query types by default; start at `plugin`."""
