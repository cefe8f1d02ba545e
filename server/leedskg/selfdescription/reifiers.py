"""Which assertion states which direct edge: `assertion rdf:reifies <<( a lhi:funds b )>>`, as RDF 1.2 has it.

An edge is one only while it is in the graph, so what is ended, doubted or deprecated states none, unless another says
the same. An edge and its inverse are one statement, so either end may be asked from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import product
from typing import Any

import pyoxigraph as ox

from leedskg.selfdescription.terms import iri

_DEFAULT, _TYPE, _REIFIES = ox.DefaultGraph(), iri("rdf:type"), iri("rdf:reifies")
_INVERSE, _SYMMETRIC = iri("owl:inverseOf"), iri("owl:SymmetricProperty")
#: Assertions up to which those that a change concerns are looked at; of more, all are.
_FEW = 2_000


def statements(store: ox.Store, base: str, among: Iterable[Any] | None = None) -> set[ox.Triple]:
    """Return the statements of `graph/reified` of a united store; of some assertions alone, where they are given."""
    read = _Reading(store, base)
    return {triple for each in (read.every() if among is None else among) for triple in read.reified(each)}


def affected(store: ox.Store, before: ox.Store, changed: Collection[ox.Triple | ox.Quad], base: str) -> set[Any] | None:
    """Return the assertions whose statements in `graph/reified` may differ after a change; None where all may.

    These are assertions that changed themselves or in a part, and those that state an edge that went or came.
    """
    found: set[Any] = set()
    for read in (_Reading(store, base), _Reading(before, base)):
        for each in changed:
            if each.predicate in read.of_model or each.object == _SYMMETRIC:
                return None
            if each.predicate in read.of_assertion or (each.predicate == _TYPE and each.object in read.kinds):
                found.add(each.subject)
            elif each.predicate in read.of_part:
                found.update(read.subjects("hasParticipation", each.subject))
            elif read.is_edge(each.predicate):
                found.update(read.stating(each.subject, each.object))
            if len(found) > _FEW:
                return None
    return found


class _Reading:
    """What a united store says of assertions, and of the patterns by which they become edges."""

    def __init__(self, store: ox.Store, base: str) -> None:
        self._store, self._base = store, base
        self.of_model = {*map(self._term, ("relationshipType", "fromRole", "toRole", "derives")), _INVERSE}
        self.of_assertion = {
            *map(self._term, ("hasParticipation", "rank", "subject", "property", "object", "literalValue"))
        }
        self.of_part = {self._term("role"), self._term("participant")}
        self._deprecated = ox.NamedNode(f"{base}scheme/rank/deprecated")
        self._patterns: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
        for pattern, edge in self._pairs(self._term("derives")):
            told = (self.objects(pattern, name) for name in ("relationshipType", "fromRole", "toRole"))
            for kind_and_roles in product(*told):
                self._patterns[kind_and_roles].add(edge)
        self._inverses: dict[Any, set[Any]] = defaultdict(set)
        symmetric = ((each.subject,) * 2 for each in store.quads_for_pattern(None, _TYPE, _SYMMETRIC, _DEFAULT))
        for one, other in (*self._pairs(_INVERSE), *symmetric):
            self._inverses[one].add(other)
            self._inverses[other].add(one)
        self.kinds = {kind for kind, _, _ in self._patterns}
        self._edges = {edge for edges in self._patterns.values() for edge in edges}

    def is_edge(self, predicate: Any) -> bool:
        """Return whether an assertion may state an edge of this property, or of its inverse."""
        ways = {predicate, *self._inverses.get(predicate, ())}
        return not self._edges.isdisjoint(ways) or any(map(self._is_stated, ways))

    def _is_stated(self, way: Any) -> bool:
        found = self._store.quads_for_pattern(None, self._term("property"), way, _DEFAULT)
        return next(iter(found), None) is not None

    def every(self) -> set[Any]:
        """Return every assertion."""
        return {each for name in ("hasParticipation", "property") for each, _ in self._pairs(self._term(name))}

    def stating(self, one: Any, other: Any) -> set[Any]:
        """Return the assertions that may state an edge between two things, in whatever direction."""
        between, *both = (
            {assertion for part in self.subjects("participant", end) for assertion in
             self.subjects("hasParticipation", part)}
            for end in (one, other)
        )  # fmt: skip
        about = (each for end in (one, other) for each in self.subjects("subject", end))
        return between.intersection(*both).union(about)

    def reified(self, assertion: Any) -> Iterator[ox.Triple]:
        """Yield what an assertion reifies: each edge of the graph that it states, from either end."""
        if self._deprecated in self.objects(assertion, "rank"):
            return
        for start, edge, end in self._stated(assertion):
            ways = [(start, edge, end), *((end, back, start) for back in self._inverses.get(edge, ()))]
            for way in ways if start != end else ():
                if isinstance(way[0], ox.NamedNode) and ox.Quad(*way) in self._store:
                    yield ox.Triple(assertion, _REIFIES, ox.Triple(*way))

    def _stated(self, assertion: Any) -> Iterator[tuple[Any, Any, Any]]:
        """Yield the edges that an assertion states, be they in the graph or not."""
        kinds = [each.object for each in self._store.quads_for_pattern(assertion, _TYPE, None, _DEFAULT)]
        parts = [
            (role, entity)
            for part in self.objects(assertion, "hasParticipation")
            for role, entity in product(self.objects(part, "role"), self.objects(part, "participant"))
        ]
        for kind, (role, start), (other_role, end) in product(kinds, parts, parts):
            for edge in self._patterns.get((kind, role, other_role), ()):
                yield start, edge, end
        values = [*self.objects(assertion, "object"), *self.objects(assertion, "literalValue")]
        yield from product(self.objects(assertion, "subject"), self.objects(assertion, "property"), values)

    def objects(self, subject: Any, name: str) -> list[Any]:
        """Return what a term of ours leads to from something."""
        return [each.object for each in self._store.quads_for_pattern(subject, self._term(name), None, _DEFAULT)]

    def subjects(self, name: str, value: Any) -> list[Any]:
        """Return what a term of ours leads from to something."""
        return [each.subject for each in self._store.quads_for_pattern(None, self._term(name), value, _DEFAULT)]

    def _pairs(self, predicate: ox.NamedNode) -> Iterator[tuple[Any, Any]]:
        for each in self._store.quads_for_pattern(None, predicate, None, _DEFAULT):
            yield each.subject, each.object

    def _term(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(f"{self._base}def#{name}")
