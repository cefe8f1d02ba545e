"""What a query names: its properties, classes, other things and texts, and the prefixes that it declares.

Read from the algebra that rdflib makes of it, within the bounds that hold for what takes long (`slowness`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rdflib import Literal, URIRef, Variable
from rdflib.namespace import RDF, XSD
from rdflib.paths import Path
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Identifier as Term

from leedskg.algebra import algebra_of
from leedskg.sparql.advice.slowness import is_within_bounds

_SEARCHES = frozenset(f"Builtin_{each}" for each in ("CONTAINS", "STRSTARTS", "STRENDS", "REGEX"))


@dataclass
class Mentions:
    """The terms that a query's patterns name, in the order in which they stand."""

    properties: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    #: Subjects and values that are IRIs.
    things: list[str] = field(default_factory=list)
    #: Texts that have to stand in the graph as they are: each with its language, or none.
    texts: list[tuple[str, str]] = field(default_factory=list)
    #: Patterns of one property: subject, property and value, None for a subject or value that is left open.
    patterns: list[tuple[str | None, str, Term | None]] = field(default_factory=list)
    #: What is compared with a value that is written out: the properties that it is had from, and the value.
    compared: list[tuple[str, Literal]] = field(default_factory=list)
    #: Languages that are asked for, likewise.
    languages: list[tuple[str, str]] = field(default_factory=list)
    #: Texts that values are searched for, capitals counted: the properties, the function, and the text or pattern.
    searched: list[tuple[str, str, str]] = field(default_factory=list)
    graphs: list[str] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)


#: An escape that the engine refuses; rdflib reads it, as what no text can be written with.
_HALF_A_CHARACTER = re.compile(r"\\(?:u|U0000)[dD][89a-fA-F]")


def mentions(query: str, base: str) -> Mentions:
    """Return what a query names; nothing where rdflib cannot read it, or where that would take long."""
    found = Mentions()
    if not is_within_bounds(query) or _HALF_A_CHARACTER.search(query):
        return found
    try:
        read = algebra_of(query, base=base)
        triples = list(_triples(read.algebra))
        for triple in triples:
            _note(found, *triple)
        for each in _given(read.algebra):
            _note_value(found, each)
        for node in _nodes(read.algebra):
            _note_condition(found, node, triples)
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
    elif isinstance(value, Literal):
        _note_value(found, value)
    if isinstance(predicate, URIRef) and predicate != RDF.type:
        open_subject = None if not isinstance(subject, URIRef) else str(subject)
        open_value = value if isinstance(value, (URIRef, Literal)) else None
        found.patterns.append((open_subject, str(predicate), open_value))


def _note_value(found: Mentions, value: Any) -> None:
    if isinstance(value, URIRef):
        found.things.append(str(value))
    elif isinstance(value, Literal) and value.datatype in {None, XSD.string}:
        found.texts.append((str(value), value.language or ""))


def _note_condition(found: Mentions, node: CompValue, triples: list[Any]) -> None:
    """Note a value that a condition compares a variable, or its language, with; and a graph that is named."""
    if node.name == "Graph" and isinstance(node.term, URIRef):
        found.graphs.append(str(node.term))
    elif node.name == "DatasetClause":
        found.graphs += [str(each) for each in (node.default, node.named) if each]
    elif node.name == "Builtin_LANGMATCHES":
        _note_language(found, node.arg1, node.arg2, triples)
    elif node.name in _SEARCHES:
        _note_search(found, node, triples)
    elif node.name == "RelationalExpression":
        one, others = node.expr, node.other if isinstance(node.other, list) else [node.other]
        for other in others:
            first, second = (other, one) if isinstance(other, (Variable, CompValue)) else (one, other)
            if node.op in {"=", "IN"} and isinstance(first, Variable):
                _note_value(found, second)
            if isinstance(second, Literal) and node.op not in {"!=", "NOT IN"}:
                found.compared += [(each, second) for each in _had_from(first, triples)]
                _note_language(found, first, second, triples)


def _note_search(found: Mentions, node: CompValue, triples: list[Any]) -> None:
    asked, text = (node.text, node.pattern) if node.name == "Builtin_REGEX" else (node.arg1, node.arg2)
    if isinstance(asked, CompValue) and asked.name == "Builtin_STR":
        asked = asked.arg
    if isinstance(text, Literal) and "i" not in str(node.flags or ""):
        found.searched += [(each, node.name.removeprefix("Builtin_"), str(text)) for each in _had_from(asked, triples)]


def _note_language(found: Mentions, asked: Any, language: Any, triples: list[Any]) -> None:
    if isinstance(asked, CompValue) and asked.name == "Builtin_LANG" and isinstance(language, Literal):
        found.languages += [(each, str(language)) for each in _had_from(asked.arg, triples)]


def _had_from(variable: Any, triples: list[Any]) -> list[str]:
    """Return the properties whose values a variable has."""
    return [
        str(predicate)
        for _, predicate, value in triples
        if isinstance(variable, Variable) and value == variable and isinstance(predicate, URIRef)
    ]


def _triples(node: Any) -> Iterator[tuple[Any, Any, Any]]:
    for each in _nodes(node):
        yield from each.triples or ()


def _given(node: Any) -> Iterator[Any]:
    """Return what VALUES and BIND give to variables."""
    for each in _nodes(node):
        if each.name == "values":
            yield from (value for row in each.res for value in row.values())
        elif each.name == "Extend":
            yield each.expr


def _nodes(node: Any) -> Iterator[CompValue]:
    """Return every part of a query, but for what is answered elsewhere."""
    if isinstance(node, CompValue):
        if node.name == "ServiceGraphPattern":
            return
        yield node
        for key, inner in node.items():
            if key not in {"_vars", "triples"}:
                yield from _nodes(inner)
    elif isinstance(node, (list, tuple)):
        for inner in node:
            yield from _nodes(inner)


def _steps(predicate: Any) -> list[URIRef]:
    """Return the properties of a predicate: itself, or those of a path."""
    if isinstance(predicate, URIRef):
        return [predicate]
    if not isinstance(predicate, Path):
        return []
    inner = (*getattr(predicate, "args", ()), getattr(predicate, "path", None), getattr(predicate, "arg", None))
    return [step for each in inner for step in _steps(each)]
