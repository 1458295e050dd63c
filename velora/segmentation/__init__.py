"""Cut a query that asks several things, and resolve references between its segments."""
