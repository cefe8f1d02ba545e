"""What a SPARQL constraint reads: the paths that its patterns make, starting at `$this`.

The analysis errs on one side only: a pattern that it cannot tie to `$this` for certain makes the constraint one that a
change anywhere may touch, and a contribution that writes what it reads is then checked against the whole graph.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import rdflib
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Variable

from leedskg.validation.paths import HERE, Path, Step, joined, reverse, sparql_path

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
        algebra = prepareQuery(query).algebra
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
        """Parts in whichever order ties each to what is known."""
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
        """Patterns inside an expression: EXISTS and NOT EXISTS, wherever they stand in it."""
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
    if isinstance(path, Step):
        return {path.predicate}
    parts = path.parts if hasattr(path, "parts") else (path.part,)
    return {predicate for part in parts for predicate in _predicates(part)}
