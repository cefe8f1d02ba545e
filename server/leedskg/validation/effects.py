"""What a contribution changes beyond its own statements: the edges that the rules derive, and the checks of the graph.

The rules and the checks run twice, over the graph as it was and as it would be: over all of it when it is small, over
what surrounds the contribution when it is not. What differs is the effect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pyoxigraph as ox

from leedskg.derivation import in_memory, run_rules
from leedskg.graph import CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.statements import Term, key
from leedskg.validation.checks import run_checks_on
from leedskg.validation.findings import Finding
from leedskg.validation.paths import PathStep
from leedskg.validation.views import ChangedGraph

_INVERSE = REUSED["owl"] + "inverseOf"


@dataclass(frozen=True)
class EdgeChange:
    """A derived link between two records that appears or vanishes, and whether routes may use it."""

    subject: str
    subject_label: str
    predicate: str
    object: str
    object_label: str
    words: str
    appears: bool
    hop: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the link for JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass
class Effect:
    """Derived links that change, pairs of figures that come to contradict each other, and what the checks now find.

    `statements` were gone through; `whole` says whether those are the whole graph.
    """

    edges: list[EdgeChange] = field(default_factory=list)
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    settled: list[tuple[str, str]] = field(default_factory=list)
    new: list[Finding] = field(default_factory=list)
    fixed: list[Finding] = field(default_factory=list)
    statements: int = 0
    whole: bool = True


def find_effect(
    change: ChangedGraph, before: CuratedGraph, after: CuratedGraph, knowledge: Knowledge, *, whole: bool
) -> Effect:
    """Derive and check both states, and compare. `before` and `after` give the labels and places.

    Raises KnowledgeError for a rule or check that cannot be run.
    """
    if whole:
        around = set(change.view.pattern(None, None, None)) | change.added
    else:
        around = Surroundings(change, knowledge.namespaces).gather()
        change.forget()
    stated = {triple for file in knowledge.ontology.statements.files for triple in file.triples}
    derived: list[set[ox.Triple]] = []
    found: list[Counter[Finding]] = []
    for graph, triples in ((before, around - change.added), (after, around - change.removed)):
        store = in_memory(triples | stated)
        derived.append(set(run_rules(knowledge, store)))
        found.append(Counter(run_checks_on(replace(knowledge, graph=graph), store)))
    conflict = knowledge.namespaces.term("conflictsWith")
    appear, vanish = derived[1] - derived[0] - change.removed, derived[0] - derived[1] - change.added
    words = _Words(knowledge, before, after)
    edges = [words.edge(triple, appears=True) for triple in _shown(appear, knowledge)]
    edges += [words.edge(triple, appears=False) for triple in _shown(vanish, knowledge)]
    return Effect(
        sorted(edges, key=lambda edge: (not edge.appears, not edge.hop, edge.words)),
        _pairs(appear, conflict),
        _pairs(vanish, conflict),
        list((found[1] - found[0]).elements()),
        list((found[0] - found[1]).elements()),
        len(around),
        whole,
    )


def _shown(triples: Iterable[ox.Triple], knowledge: Knowledge) -> list[ox.Triple]:
    """Keep one of each link and its inverse; no types, which follow from what is stated; no conflicts, shown apart."""
    ontology = knowledge.ontology.statements
    own = knowledge.namespaces.term("")
    hidden = {RDF_TYPE, knowledge.namespaces.term("kind"), knowledge.namespaces.term("conflictsWith")}
    hidden |= {subject for subject in ontology.subjects() if ontology.values(subject, _INVERSE)}
    shown: dict[tuple[str, frozenset[str]], ox.Triple] = {}
    symmetric = set(ontology.of_type([REUSED["owl"] + "SymmetricProperty"], RDF_TYPE))
    for triple in sorted(triples, key=str):
        predicate = triple.predicate.value
        is_part = "#" in key(triple.subject)  # such as the standing of an edge, which follows from the edge itself
        if is_part or predicate in hidden or not predicate.startswith(own):
            continue
        ends = (key(triple.subject), key(triple.object))
        same = frozenset(ends) if predicate in symmetric else frozenset({f"from {ends[0]}", f"to {ends[1]}"})
        shown.setdefault((predicate, same), triple)
    return list(shown.values())


def _pairs(triples: Iterable[ox.Triple], predicate: str) -> list[tuple[str, str]]:
    found = {
        tuple(sorted((key(triple.subject), key(triple.object))))
        for triple in triples
        if triple.predicate.value == predicate
    }
    return sorted((one, other) for one, other in found)


class _Words:
    def __init__(self, knowledge: Knowledge, before: CuratedGraph, after: CuratedGraph) -> None:
        self._graphs = {False: before, True: after}
        self._ontology = knowledge.ontology
        term = knowledge.namespaces.term
        statements = knowledge.ontology.statements
        self._hops = {
            statements.text(pattern, term("derives"))
            for pattern in statements.of_type([term("EdgePattern")], RDF_TYPE)
            if statements.text(pattern, term("hop")) == "true"
        }

    def edge(self, triple: ox.Triple, *, appears: bool) -> EdgeChange:
        """Say a link in words: “KPMG is now partner of Nexus”."""
        graph = self._graphs[appears]
        subject, predicate, value = key(triple.subject), triple.predicate.value, key(triple.object)
        named = isinstance(triple.object, ox.NamedNode)
        ends = graph.label(subject), graph.label(value) if named else f"“{value}”"
        label = self._ontology.label(predicate) or predicate
        words = f"{ends[0]} {_verb(label, appears=appears)} {ends[1]}"
        return EdgeChange(subject, ends[0], predicate, value, ends[1], words, appears, predicate in self._hops)


def _verb(label: str, *, appears: bool) -> str:
    """Turn a property's label into a predicate: “now funds”, “is no longer partner of”, “now has the purpose”."""
    now = "now" if appears else "no longer"
    first, _, more = label.partition(" ")
    if first.endswith("s"):
        return f"{now} {label}"
    if more or label == "within":
        return f"is {now} {label}"
    return f"{now} has the {label}"


#: A body with more relationships than this is joined only with those that it has with others of the contribution.
_MANY = 40


class Surroundings:
    """Gathers the statements around a change, in both states at once."""

    def __init__(self, change: ChangedGraph, namespaces: Namespaces) -> None:
        self._change = change
        self._namespaces, self._term = namespaces, namespaces.term
        self._participant = PathStep(self._term("participant"))
        self._part = PathStep(self._term("hasParticipation"))
        self._role = PathStep(self._term("role"))
        self.read: set[ox.Triple] = set()
        self._described: set[Term] = set()

    def gather(self) -> set[ox.Triple]:
        """Gather the changed records, what they refer to, relationships beside, places around and figures like them."""
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
                for about in self._to(record, PathStep(self._term(predicate))):
                    self._describe(self._from(about, self._term(predicate)), depth=1)
        return self.read

    def _to(self, node: Term, step: PathStep) -> list[Term]:
        return [triple.object for triple in self._change.step(node, step)]

    def _from(self, node: Term, predicate: str) -> list[Term]:
        return [triple.subject for triple in self._change.step(node, PathStep(predicate, inverse=True))]

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
        """Note relationships that may derive the same edges: between the same bodies, or all of a body with few."""
        having: dict[Term, int] = {}
        for who in people:
            relationships = dict.fromkeys(self._relationships_of(who))
            if len(relationships) <= _MANY:
                self._with_parts(relationships)
            for relationship in relationships:
                having[relationship] = having.get(relationship, 0) + 1
        need = PathStep(self._term("need"))
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
        """Return where the places of changed locations lie in turn, and what lies in the things that they locate."""
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
        """Return who has one of these roles in a relationship."""
        return [
            who
            for part in self._to(relationship, self._part)
            if roles & set(self._to(part, self._role))
            for who in self._to(part, self._participant)
        ]

    def _across(self, who: Term, here: set[Term], there: set[Term]) -> list[Term]:
        """Return who is at the other end of the locations in which `who` has a role of `here`."""
        found = []
        for part in self._from(who, self._participant.predicate):
            if here & set(self._to(part, self._role)):
                owners = self._from(part, self._part.predicate)
                self._with_parts(owners)
                found += [other for owner in owners for other in self._playing(owner, there)]
        return found

    def _role_term(self, name: str) -> Term:
        return ox.NamedNode(self._namespaces.concept("role", name))
