"""SERVICE: other endpoints asked for parts of a query."""
