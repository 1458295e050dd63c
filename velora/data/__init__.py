"""Tables in, examples out: strict reading, splitting by query text, mixed and made-up queries."""
