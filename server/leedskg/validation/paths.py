"""Property paths: the ways that a shape walks through the graph, as values that can be turned round and taken apart.

A check of a contribution walks them backwards, from a changed statement to the records whose check reads it, and then
forwards, to read no more of the graph than those checks do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyoxigraph as ox
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.term import Node

from leedskg.errors import KnowledgeError


@dataclass(frozen=True)
class Step:
    """One statement with this property, from subject to object, or from object to subject."""

    predicate: str
    inverse: bool = False

    @cached_property
    def term(self) -> ox.NamedNode:
        """The property as a term of the store."""
        return ox.NamedNode(self.predicate)


@dataclass(frozen=True)
class Sequence:
    """One path after the other; none at all stays where it is."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """Any of several paths."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Repeat:
    """A path any number of times (`*`), at least once (`+`), or at most once (`?`)."""

    part: Path
    mode: Literal["*", "+", "?"]


Path = Step | Sequence | Alternative | Repeat

#: The path that stays where it is.
HERE = Sequence(())


def joined(first: Path, second: Path) -> Path:
    """One path after another, without nesting sequences."""
    parts = [*(first.parts if isinstance(first, Sequence) else (first,))]
    parts += second.parts if isinstance(second, Sequence) else (second,)
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def reverse(path: Path) -> Path:
    """The same path from its end to its start."""
    match path:
        case Step():
            return Step(path.predicate, not path.inverse)
        case Sequence():
            return Sequence(tuple(reverse(part) for part in reversed(path.parts)))
        case Alternative():
            return Alternative(tuple(reverse(part) for part in path.parts))
        case Repeat():
            return Repeat(reverse(path.part), path.mode)


def _turned(path: Path) -> Path:
    """The path with every step turned round where it stands."""
    match path:
        case Sequence():
            return Sequence(tuple(_turned(part) for part in path.parts))
        case Alternative():
            return Alternative(tuple(_turned(part) for part in path.parts))
        case Repeat():
            return Repeat(_turned(path.part), path.mode)
    return reverse(path)


def steps(path: Path, before: Path = HERE) -> Iterator[tuple[Path, Step]]:
    """Every step of a path with the path that leads to it, `before` included."""
    match path:
        case Step():
            yield before, path
        case Sequence():
            for number, part in enumerate(path.parts):
                yield from steps(part, joined(before, Sequence(path.parts[:number])))
        case Alternative():
            for part in path.parts:
                yield from steps(part, before)
        case Repeat():
            again = before if path.mode == "?" else joined(before, Repeat(path.part, "*"))
            yield from steps(path.part, again)


def read_path(graph: rdflib.Graph, node: Node) -> Path:
    """The path that `node` stands for in a graph of shapes. Raises KnowledgeError for what SHACL does not know."""
    if isinstance(node, rdflib.URIRef):
        return Step(str(node))
    if (node, RDF.first, None) in graph:
        return Sequence(tuple(read_path(graph, part) for part in Collection(graph, node)))
    for parameter, mode in _REPEATS.items():
        if (inner := graph.value(node, parameter)) is not None:
            return Repeat(read_path(graph, inner), mode)
    if (inner := graph.value(node, SH.inversePath)) is not None:
        forward = read_path(graph, inner)
        # pySHACL 0.40 walks the inverse of a sequence in the order of the sequence. Both ways are read, so that what it
        # sees is what there is, whichever it does.
        ways = dict.fromkeys((reverse(forward), _turned(forward)))
        return Alternative(tuple(ways)) if len(ways) > 1 else reverse(forward)
    if (inner := graph.value(node, SH.alternativePath)) is not None:
        return Alternative(tuple(read_path(graph, part) for part in Collection(graph, inner)))
    raise KnowledgeError("a property path in shapes/ is none that SHACL knows; see its chapter on property paths")


_REPEATS: dict[Node, Literal["*", "+", "?"]] = {
    SH.zeroOrMorePath: "*",
    SH.oneOrMorePath: "+",
    SH.zeroOrOnePath: "?",
}


def sparql_path(path: object) -> Path | None:
    """The path that rdflib read from a query, or None for one that leaves properties open, such as `!rdf:type`."""
    if isinstance(path, rdflib.URIRef):
        return Step(str(path))
    if isinstance(path, SequencePath | AlternativePath):
        parts = [sparql_path(part) for part in path.args]
        known = tuple(part for part in parts if part is not None)
        if len(known) < len(parts):
            return None
        return Sequence(known) if isinstance(path, SequencePath) else Alternative(known)
    if isinstance(path, InvPath):
        inner = sparql_path(path.arg)
        return None if inner is None else reverse(inner)
    if isinstance(path, MulPath) and path.mod in ("*", "+", "?"):
        inner = sparql_path(path.path)
        return None if inner is None else Repeat(inner, path.mod)
    return None
