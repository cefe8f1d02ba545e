"""What a query names: its properties, classes, other things and texts, and the prefixes that it declares.

Read from the algebra that rdflib makes of it, within the bounds that hold for what takes long (`slowness`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rdflib import Literal, URIRef
from rdflib.namespace import RDF, XSD
from rdflib.paths import Path
from rdflib.plugins.sparql.parserutils import CompValue

from leedskg.algebra import algebra_of
from leedskg.sparql.advice.slowness import is_within_bounds


@dataclass
class Mentions:
    """The terms that a query's patterns name, in the order in which they stand."""

    properties: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    #: Subjects and values that are IRIs.
    things: list[str] = field(default_factory=list)
    #: Texts that have to stand in the graph as they are: each with its language, or none.
    texts: list[tuple[str, str]] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)


def mentions(query: str, base: str) -> Mentions:
    """Return what a query names; nothing where rdflib cannot read it, or where that would take long."""
    found = Mentions()
    if not is_within_bounds(query):
        return found
    try:
        read = algebra_of(query, base=base)
        for triple in _triples(read.algebra):
            _note(found, *triple)
        found.things += [str(each) for each in _given(read.algebra) if isinstance(each, URIRef)]
        known = {prefix: str(iri) for prefix, iri in read.prologue.namespace_manager.namespaces()}
    except Exception:  # rdflib raises what it likes; then nothing is said
        return Mentions()
    found.prefixes = {prefix: iri for prefix, iri in known.items() if f"{prefix}:" in query}
    return found


def _note(found: Mentions, subject: Any, predicate: Any, value: Any) -> None:
    found.properties += [str(each) for each in _steps(predicate)]
    if isinstance(subject, URIRef):
        found.things.append(str(subject))
    if isinstance(value, URIRef):
        (found.classes if RDF.type in _steps(predicate) else found.things).append(str(value))
    elif isinstance(value, Literal) and value.datatype in {None, XSD.string}:
        found.texts.append((str(value), value.language or ""))


def _triples(node: Any) -> Iterator[tuple[Any, Any, Any]]:
    if isinstance(node, CompValue):
        if node.name == "ServiceGraphPattern":  # answered elsewhere
            return
        yield from node.triples or ()
        for key, inner in node.items():
            if key not in {"_vars", "triples"}:
                yield from _triples(inner)
    elif isinstance(node, (list, tuple)):
        for inner in node:
            yield from _triples(inner)


def _given(node: Any) -> Iterator[Any]:
    """Return what VALUES and BIND give to variables."""
    if isinstance(node, CompValue):
        if node.name == "values":
            yield from (value for row in node.res for value in row.values())
        elif node.name == "Extend":
            yield node.expr
        for key, inner in node.items():
            if key != "_vars" and node.name != "ServiceGraphPattern":
                yield from _given(inner)
    elif isinstance(node, (list, tuple)):
        for inner in node:
            yield from _given(inner)


def _steps(predicate: Any) -> list[URIRef]:
    """Return the properties of a predicate: itself, or those of a path."""
    if isinstance(predicate, URIRef):
        return [predicate]
    if not isinstance(predicate, Path):
        return []
    inner = (*getattr(predicate, "args", ()), getattr(predicate, "path", None), getattr(predicate, "arg", None))
    return [step for each in inner for step in _steps(each)]
