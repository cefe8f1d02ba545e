"""The SPARQL endpoint without a web framework: requests, formats, workers and their sandbox."""
