"""A thing as data: what a client that asks for RDF gets instead of the page."""

from __future__ import annotations

import re

from flask import Response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.sparql.negotiation import names_explicitly

_GRAPH_TYPES = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")
_NOT_IN_AN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


def wants_data() -> bool:
    """Whether the client asks for RDF and not for a page."""
    accept = request.headers.get("Accept")
    return names_explicitly(accept, *_GRAPH_TYPES) and not names_explicitly(accept, "text/html")


def as_data(iri: str) -> Response:
    """Send the client to the endpoint, which knows the formats. 303: the thing is not the document.

    Raises NotFound for a text that is no IRI.
    """
    if _NOT_IN_AN_IRI.search(iri):
        raise NotFound("Nothing has this address.")
    response = redirect(data_address(iri), code=303)
    assert isinstance(response, Response)
    return response


def data_address(iri: str, format_name: str | None = None) -> str:
    """The address of what the graph says of a thing, in a format of the endpoint's or in the one the client accepts."""
    return url_for("sparql.endpoint", query=f"DESCRIBE <{iri}>", format=format_name)


def vary(response: Response) -> Response:
    """Say to caches that page and data share an address."""
    response.vary.add("Accept")
    return response
