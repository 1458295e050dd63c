"""The math expert of VELORA: a network chooses the operations, exact fractions carry them out. See `plugin`."""
