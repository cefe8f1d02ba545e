"""Queries on a SPARQL server elsewhere: a worker reads each, writes it as the product needs it, and forwards it."""
