"""System, the assembled system: experts from folders, a router, a fusion, and how a query becomes an answer."""
