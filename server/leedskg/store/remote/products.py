"""What each product does in its own way: its addresses, its timeout, how one signs in, and what it cannot do.

Oxigraph and Virtuoso are tested against; the others are written from their documentation, and docs/another-store.md
says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from leedskg.errors import LeedskgError, LimitReachedError, QueryRefusedError


def _as_it_is(query: str) -> str:
    return query


def _no_word(text: str) -> LeedskgError | None:
    return None


@dataclass(frozen=True)
class Product:
    """A kind of SPARQL server. The addresses are relative to the one that the deployer gives."""

    name: str
    title: str
    query: str
    update: str
    graphs: str
    #: The graph store protocol's name for the graph, and the type in which N-Triples are sent.
    graph_parameter: str = "graph"
    upload_type: str = "application/n-triples"
    sign_in: Literal["basic", "digest", "bearer"] = "basic"
    #: How the deadline is told: the parameter, and the deadline of `seconds` as its value.
    timeout_parameter: str = ""
    timeout_value: Callable[[float], str] = "{:g}".format
    #: The query as this product needs it.
    adapted: Callable[[str], str] = _as_it_is
    #: What an error's text means for the person who asked; None when it says nothing to them.
    explain: Callable[[str], LeedskgError | None] = _no_word
    #: Mends of the bytes of a result, each a pattern and what to put in its place.
    mends: tuple[tuple[re.Pattern[bytes], bytes], ...] = ()


_GROUP_CONCAT = re.compile(r"GROUP_CONCAT\s*\(", re.IGNORECASE)
_DESCRIBE = re.compile(r"\bDESCRIBE\b", re.IGNORECASE)
_XSD = rb"http://www\.w3\.org/2001/XMLSchema#"


def for_virtuoso(query: str) -> str:
    """DESCRIBE as the statements of the thing, as elsewhere; Virtuoso's own adds those that only point at it."""
    return f'define sql:describe-mode "SPO"\n{query}' if _DESCRIBE.search(query) else query


_VIRTUOSO_CANNOT = {
    "transitive start not given": (
        "a path with + or * whose two ends are both unknown; give one end before it, by a value or a pattern"
    ),
    "Internal Optimized compiler error": "a path with + or * that has the same variable at both ends, or what is alike",
    "GROUP_CONCAT_ACC": "GROUP_CONCAT without its separator; add ; SEPARATOR=' '",
    "Division by 0": "a division by zero, which ends the whole query there and not one row",
}


def _virtuoso_says(text: str) -> LeedskgError | None:
    for sign, cannot in _VIRTUOSO_CANNOT.items():
        if sign in text:
            return QueryRefusedError(f"the store's engine, Virtuoso, cannot do this: {cannot}")
    if "estimated execution time" in text or re.search(r"S1T00|timed? ?out", text, re.IGNORECASE):
        return LimitReachedError("the store's engine stopped the query, or refused it, for the time it would take")
    if "SR353" in text:
        return LimitReachedError(
            "the store's engine sorts no more rows than ResultSetMaxRows of its settings; ask for less"
        )
    return None


#: In the order in which docs/another-store.md has them.
PRODUCTS = (
    Product("oxigraph", "Oxigraph", "query", "update", "store"),
    Product(
        "virtuoso", "Virtuoso", "sparql", "sparql-auth", "sparql-graph-crud-auth",
        graph_parameter="graph-uri", upload_type="text/turtle", sign_in="digest",
        timeout_parameter="timeout", timeout_value=lambda seconds: str(max(1000, round(seconds * 1000))),
        adapted=for_virtuoso, explain=_virtuoso_says,
        # A whole number beyond 32 bits comes back as a decimal.
        mends=(
            (re.compile(_XSD + rb'decimal(", "value": "-?\d{10,}")'), rb"http://www.w3.org/2001/XMLSchema#integer\1"),
            (re.compile(rb'("-?\d{10,}"\^\^<)' + _XSD + rb"decimal>"), rb"\1http://www.w3.org/2001/XMLSchema#integer>"),
        ),
    ),
    Product("fuseki", "Apache Jena Fuseki", "query", "update", "data", timeout_parameter="timeout"),
    Product(
        "graphdb", "GraphDB", "", "statements", "rdf-graphs/service",
        timeout_parameter="timeout", timeout_value=lambda seconds: str(max(1, round(seconds))),
    ),
    Product("neptune", "Amazon Neptune", "sparql", "sparql", "sparql/gsp/"),
    Product("qlever", "QLever", "", "", "", sign_in="bearer", timeout_parameter="timeout",
            timeout_value=lambda seconds: f"{max(1, round(seconds))}s"),
    Product("sparql", "a SPARQL 1.1 server", "", "", ""),
)  # fmt: skip


def product_named(name: str) -> Product | None:
    """The product of a name in the settings."""
    return next((each for each in PRODUCTS if each.name == name), None)


def product_that_says(server: str) -> Product | None:
    """The product whose `Server` header this is."""
    for name in ("oxigraph", "virtuoso"):
        if server.lower().startswith(f"{name}/"):
            return product_named(name)
    return None
