"""A SPARQL 1.1 server that holds the published graph: where it is, how it is spoken to, and its generations."""
