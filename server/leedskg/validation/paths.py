"""Property paths: the ways that a shape walks through the graph, as values that can be turned round and taken apart.

A check of a contribution walks them backwards, from a changed statement to the records whose check reads it, and then
forwards, to read no more of the graph than those checks do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import pyoxigraph as ox
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Node, Variable

from leedskg.algebra import algebra_of
from leedskg.errors import KnowledgeError


@dataclass(frozen=True)
class PathStep:
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


Path = PathStep | Sequence | Alternative | Repeat

#: The path that stays where it is.
HERE = Sequence(())


def joined(first: Path, second: Path) -> Path:
    """Return one path after another, without nesting sequences."""
    parts = [*(first.parts if isinstance(first, Sequence) else (first,))]
    parts += second.parts if isinstance(second, Sequence) else (second,)
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def reverse(path: Path) -> Path:
    """Return the same path from its end to its start."""
    match path:
        case PathStep():
            return PathStep(path.predicate, not path.inverse)
        case Sequence():
            return Sequence(tuple(reverse(part) for part in reversed(path.parts)))
        case Alternative():
            return Alternative(tuple(reverse(part) for part in path.parts))
        case Repeat():
            return Repeat(reverse(path.part), path.mode)


def _turned(path: Path) -> Path:
    """Return the path with every step turned round where it stands."""
    match path:
        case Sequence():
            return Sequence(tuple(_turned(part) for part in path.parts))
        case Alternative():
            return Alternative(tuple(_turned(part) for part in path.parts))
        case Repeat():
            return Repeat(_turned(path.part), path.mode)
    return reverse(path)


def steps(path: Path, before: Path = HERE) -> Iterator[tuple[Path, PathStep]]:
    """Return every step of a path with the path that leads to it, `before` included."""
    match path:
        case PathStep():
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


def first_step(path: Path) -> PathStep | None:
    """Return the step that a path begins with, if it is one step and has to be taken."""
    if isinstance(path, Sequence):
        return first_step(path.parts[0]) if path.parts else None
    return path if isinstance(path, PathStep) else None


def read_path(graph: rdflib.Graph, node: Node) -> Path:
    """Read the path that `node` stands for in a graph of shapes. Raises KnowledgeError for what SHACL does not know."""
    if isinstance(node, rdflib.URIRef):
        return PathStep(str(node))
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
    """Return the path that rdflib read from a query, or None if it leaves properties open, such as `!rdf:type`."""
    if isinstance(path, rdflib.URIRef):
        return PathStep(str(path))
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


_THIS = Variable("this")
#: What is bound for certain, with the path that leads to it.
Known = dict[Variable | BNode, Path]
#: Parts of a query around one inner pattern, whose variables they hand on.
_AROUND = {"Filter", "Extend", "Project", "Distinct", "Reduced", "OrderBy", "Slice", "Group", "AggregateJoin"}


class NotTiedError(Exception):
    """A pattern that does not hang together with `$this`."""


class SparqlReads:
    """The paths from `$this` that a query reads, or that it is not tied to `$this`.

    Raises what rdflib raises for a query that it cannot parse.
    """

    def __init__(self, query: str) -> None:
        self.paths: list[Path] = []
        #: Properties in the query, and whether it may read others too; for a query that is not tied.
        self.predicates: set[str] = set()
        self.any_predicate = False
        #: Where it reads whatever is said of a thing.
        self.any_about: list[Path] = []
        self.tied = True
        algebra = algebra_of(query).algebra
        self._note(algebra)
        try:
            self._visit(algebra, {_THIS: HERE}, top=True)
        except NotTiedError:
            self.tied = False

    def _note(self, part: Any) -> None:
        """Note every property of the query, however it is nested."""
        if isinstance(part, CompValue):
            if _is_exists(part):
                self._note(part.graph)
                return
            for triple in part.triples if "triples" in part else ():
                predicate = triple[1]
                path = None if isinstance(predicate, Variable) else sparql_path(predicate)
                if path is None:
                    self.any_predicate = True
                else:
                    self.predicates |= _predicates(path)
            for value in part.values():
                self._note(value)
        elif isinstance(part, list | tuple | set) and not isinstance(part, rdflib.paths.Path):
            for each in part:
                self._note(each)

    def _visit(self, part: Any, known: Known, *, top: bool = False) -> Known:
        """Walk a part of the query; give the variables that are bound for certain behind it, with their paths."""
        if part is None:
            return known
        name = part.name
        if name == "SelectQuery" or (name in _AROUND and (top or name in {"Filter", "Extend"})):
            inner = self._visit(part.p, known, top=top)
            for key in {"expr", "A"} & part.keys():
                self._exists(part[key], inner)
            return inner
        if name == "BGP":
            return self._patterns(part.triples, known)
        if name == "Join":
            return self._join([part.p1, part.p2], known)
        if name == "LeftJoin":
            inner = self._visit(part.p1, known)
            optional = self._visit(part.p2, inner)
            self._exists(part.expr, optional)
            return inner
        if name == "Union":
            self._visit(part.p1, known)
            self._visit(part.p2, known)
            return known
        raise NotTiedError

    def _join(self, parts: list[Any], known: Known) -> Known:
        """Join parts in whichever order ties each to what is known."""
        try:
            return self._visit(parts[1], self._visit(parts[0], known))
        except NotTiedError:
            return self._visit(parts[0], self._visit(parts[1], known))

    def _patterns(self, triples: Iterable[Any], known: Known) -> Known:
        known = dict(known)
        left = list(triples)
        while left:
            tied = next((triple for triple in left if triple[0] in known or triple[2] in known), None)
            if tied is None:
                raise NotTiedError
            left.remove(tied)
            subject, predicate, value = tied
            here, there, forward = (subject, value, True) if subject in known else (value, subject, False)
            if isinstance(predicate, Variable) and forward:
                self.any_about.append(known[here])  # no path leads on from there: what hangs on it is not tied
                continue
            path = sparql_path(predicate)
            if path is None:
                raise NotTiedError
            way = joined(known[here], path if forward else reverse(path))
            self.paths.append(way)
            if isinstance(there, Variable | BNode):
                known.setdefault(there, way)
        return known

    def _exists(self, expression: Any, known: Known) -> None:
        """Return patterns inside an expression: EXISTS and NOT EXISTS, wherever they stand in it."""
        if isinstance(expression, CompValue):
            if _is_exists(expression):
                self._visit(expression.graph, known)
                return
            for value in expression.values():
                self._exists(value, known)
        elif isinstance(expression, list | tuple):
            for each in expression:
                self._exists(each, known)


def _is_exists(part: CompValue) -> bool:
    return part.name in {"Builtin_EXISTS", "Builtin_NOTEXISTS"}


def _predicates(path: Path) -> set[str]:
    if isinstance(path, PathStep):
        return {path.predicate}
    parts = path.parts if hasattr(path, "parts") else (path.part,)
    return {predicate for part in parts for predicate in _predicates(part)}
