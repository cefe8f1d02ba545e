"""The W3C's SPARQL 1.1 test suite, run over HTTP against a started `leedskg serve --scratch`.

The suite is not part of the project: it is found beside the checkout, or where W3C_SPARQL11 says.
"""
