"""The SPARQL protocol: requests, formats, results, and what the endpoint says of itself."""
