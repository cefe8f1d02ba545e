"""What surrounds a contribution in a graph: enough of it for the rules to derive what the contribution changes.

For a large graph, in which running the rules over everything would take minutes.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from leedskg.namespaces import REUSED, Namespaces
from leedskg.statements import Term
from leedskg.validation.change import Change
from leedskg.validation.paths import Step

#: A body with more relationships than this is joined only with those that it has with others of the contribution.
_MANY = 40


class Surroundings:
    """Gathers the statements around a change, in both states at once."""

    def __init__(self, change: Change, namespaces: Namespaces) -> None:
        self._change = change
        self._namespaces, self._term = namespaces, namespaces.term
        self._participant = Step(self._term("participant"))
        self._part = Step(self._term("hasParticipation"))
        self._role = Step(REUSED["org"] + "role")
        self.read: set[ox.Triple] = set()
        self._described: set[Term] = set()

    def gather(self) -> set[ox.Triple]:
        """The changed records, what they refer to, relationships beside them, places around and figures like them."""
        touched = dict.fromkeys(triple.subject for triple in self._change.changed)
        owners = [owner for node in touched for owner in self._from(node, self._part.predicate)]
        records = dict.fromkeys([*touched, *owners])
        self._describe(records, depth=3)
        people = dict.fromkeys(who for record in records for who in self._taking_part(record))
        people.update((node, None) for node in touched if self._from(node, self._participant.predicate))
        self._relationships(list(people), records)
        self._places(records)
        for record in records:
            for predicate in ("indicator", "subject"):
                for about in self._to(record, Step(self._term(predicate))):
                    self._describe(self._from(about, self._term(predicate)), depth=1)
        return self.read

    def _to(self, node: Term, step: Step) -> list[Term]:
        return [triple.object for triple in self._change.step(node, step)]

    def _from(self, node: Term, predicate: str) -> list[Term]:
        return [triple.subject for triple in self._change.step(node, Step(predicate, inverse=True))]

    def _describe(self, nodes: Iterable[Term], depth: int) -> None:
        """Read what is said of some things, and of what they refer to."""
        for _ in range(depth):
            further: dict[Term, None] = {}
            for node in nodes:
                if node not in self._described:
                    self._described.add(node)
                    said = self._change.about(node)
                    self.read.update(said)
                    further.update(dict.fromkeys(triple.object for triple in said))
            nodes = [node for node in further if isinstance(node, ox.NamedNode)]

    def _taking_part(self, record: Term) -> list[Term]:
        return [who for part in self._to(record, self._part) for who in self._to(part, self._participant)]

    def _relationships_of(self, who: Term) -> list[Term]:
        parts = self._from(who, self._participant.predicate)
        return [owner for part in parts for owner in self._from(part, self._part.predicate)]

    def _relationships(self, people: list[Term], records: Iterable[Term]) -> None:
        """Relationships that may derive the same edges: those between the same bodies, or all of a body with few."""
        having: dict[Term, int] = {}
        for who in people:
            relationships = dict.fromkeys(self._relationships_of(who))
            if len(relationships) <= _MANY:
                self._with_parts(relationships)
            for relationship in relationships:
                having[relationship] = having.get(relationship, 0) + 1
        need = Step(self._term("need"))
        for concept in dict.fromkeys(concept for record in records for concept in self._to(record, need)):
            for support in self._from(concept, need.predicate):
                having[support] = having.get(support, 0) + 1
        self._with_parts(relationship for relationship, number in having.items() if number > 1)

    def _with_parts(self, relationships: Iterable[Term]) -> None:
        """Read what is said of relationships and of their parts."""
        for relationship in relationships:
            self._describe([relationship], depth=1)
            self._describe(self._to(relationship, self._part), depth=1)

    def _places(self, records: Iterable[Term]) -> None:
        """Where the places of changed locations lie in turn, and what lies in the things that they locate."""
        located = {self._role_term("located"), self._role_term("headquartered")}
        place = {self._role_term("place")}
        records = list(records)
        for here, there in ((located, place), (place, located)):
            waiting = [who for record in records for who in self._playing(record, there)]
            seen = set(waiting)
            while waiting and len(seen) < self._change.fan_out:
                found = [node for node in self._across(waiting.pop(), here, there) if node not in seen]
                waiting += found
                seen.update(found)

    def _playing(self, relationship: Term, roles: set[Term]) -> list[Term]:
        """Who has one of these roles in a relationship."""
        return [
            who
            for part in self._to(relationship, self._part)
            if roles & set(self._to(part, self._role))
            for who in self._to(part, self._participant)
        ]

    def _across(self, who: Term, here: set[Term], there: set[Term]) -> list[Term]:
        """Who is at the other end of the locations in which `who` has a role of `here`."""
        found = []
        for part in self._from(who, self._participant.predicate):
            if here & set(self._to(part, self._role)):
                owners = self._from(part, self._part.predicate)
                self._with_parts(owners)
                found += [other for owner in owners for other in self._playing(owner, there)]
        return found

    def _role_term(self, name: str) -> Term:
        return ox.NamedNode(self._namespaces.concept("role", name))
