"""Short ways to write statements."""

from __future__ import annotations

import pyoxigraph as ox

from leedskg.namespaces import REUSED

VOID_EXT = "http://ldf.fi/void-ext#"


def iri(text: str) -> ox.NamedNode:
    """Return the node of an IRI, or of a term such as `void:class`."""
    prefix, _, local = text.partition(":")
    return ox.NamedNode(REUSED[prefix] + local if prefix in REUSED else text)


def number(value: int) -> ox.Literal:
    """Return an integer as the store keeps it."""
    return ox.Literal(value)


def say(subject: str, *said: tuple[str, ox.NamedNode | ox.Literal]) -> list[ox.Triple]:
    """Return statements on one subject."""
    return [ox.Triple(ox.NamedNode(subject), iri(predicate), value) for predicate, value in said]
