"""What each product does in its own way: its addresses, its timeout, how one signs in, and what it cannot do.

Oxigraph and Virtuoso are tested against; the others are written from their documentation, and docs/another-store.md
says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from leedskg.errors import LeedskgError, LimitReachedError, QueryRefusedError


def _no_word(text: str) -> LeedskgError | None:
    return None


#: What is said of a query that is valid, and that an engine does not take.
CANNOT = "the store's engine does not take this query, though it is valid SPARQL 1.1; try to write it otherwise"
#: The column of an ASK that is asked as SELECT: a row for yes, none for no.
ASKED = "leedskg_asked"


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
    #: The types that a graph is asked for in.
    graph_types: str = "application/n-triples"
    sign_in: Literal["basic", "digest", "bearer"] = "basic"
    #: How the deadline is told: the parameter, and the deadline of `seconds` as its value.
    timeout_parameter: str = ""
    timeout_value: Callable[[float], str] = "{:g}".format
    #: Whether ASK is asked as SELECT, GROUP_CONCAT needs its separator and VALUES a variable; what is put before
    #: DESCRIBE.
    asked_by_select: bool = False
    separator_needed: bool = False
    values_named: bool = False
    describing: str = ""
    #: What an error's text means for the person who asked; None when it says nothing to them.
    explain: Callable[[str], LeedskgError | None] = _no_word
    #: Fixes of the bytes of a result, each a pattern and what to put in its place.
    fixes: tuple[tuple[re.Pattern[bytes], bytes], ...] = ()


_XSD = rb"http://www\.w3\.org/2001/XMLSchema#"


_VIRTUOSO_CANNOT = {
    "transitive start not given": (
        "a path with + or * whose two ends are both unknown; give one end before it, by a value or a pattern"
    ),
    "Internal Optimized compiler error": "a path with + or * that has the same variable at both ends, or what is alike",
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
    if "Virtuoso 37000" in text:
        return QueryRefusedError(CANNOT)
    return None


#: In the order in which docs/another-store.md has them.
PRODUCTS = (
    Product("oxigraph", "Oxigraph", "query", "update", "store"),
    Product(
        "virtuoso", "Virtuoso", "sparql", "sparql-auth", "sparql-graph-crud-auth",
        graph_parameter="graph-uri", upload_type="text/turtle", sign_in="digest",
        timeout_parameter="timeout", timeout_value=lambda seconds: str(max(1000, round(seconds * 1000))),
        # It says yes to ASK where GRAPH names a graph that is not in the dataset, and gives a table when it is told
        # a deadline. Its own DESCRIBE adds what points at a thing.
        asked_by_select=True, separator_needed=True, values_named=True, describing='define sql:describe-mode "SPO"\n',
        explain=_virtuoso_says,
        # A whole number beyond 32 bits comes back as a decimal, and a stored truth value as 1 or 0 of its type.
        fixes=(
            (re.compile(_XSD + rb'decimal(", "value": "-?\d{10,}")'), rb"http://www.w3.org/2001/XMLSchema#integer\1"),
            (re.compile(rb'("-?\d{10,}"\^\^<)' + _XSD + rb"decimal>"), rb"\1http://www.w3.org/2001/XMLSchema#integer>"),
            *(
                fix
                for number, word in ((b"0", b"false"), (b"1", b"true"))
                for fix in (
                    (re.compile(b'(' + _XSD + b'boolean", "value": )"' + number + b'"'), rb'\1"' + word + b'"'),
                    (re.compile(b'"' + number + rb'"(\^\^<' + _XSD + b"boolean>)"), b'"' + word + rb'"\1'),
                )
            ),
        ),
    ),
    Product("fuseki", "Apache Jena Fuseki", "query", "update", "data", timeout_parameter="timeout"),
    Product(
        "graphdb", "GraphDB", "", "statements", "rdf-graphs/service",
        # Later than ours: a repository that is not told to throw then gives what it has found, as if it were all.
        timeout_parameter="timeout", timeout_value=lambda seconds: str(math.ceil(seconds) + 1),
    ),
    Product("neptune", "Amazon Neptune", "sparql", "sparql", "sparql/gsp/"),
    # Its older versions write graphs in Turtle alone.
    Product("qlever", "QLever", "", "", "", graph_types="application/n-triples, text/turtle;q=0.5", sign_in="bearer",
            timeout_parameter="timeout", timeout_value=lambda seconds: f"{max(1, round(seconds))}s"),
    Product("sparql", "a SPARQL 1.1 server", "", "", ""),
)  # fmt: skip


def product_named(name: str) -> Product | None:
    """Return the product of a name in the settings."""
    return next((each for each in PRODUCTS if each.name == name), None)


def product_that_says(server: str) -> Product | None:
    """Return the product whose `Server` header this is."""
    for name in ("oxigraph", "virtuoso"):
        if server.lower().startswith(f"{name}/"):
            return product_named(name)
    return None
