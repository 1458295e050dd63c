"""Which expert answers a query: features, heads, neighbours, and how they are fitted."""
