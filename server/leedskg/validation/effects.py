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

from leedskg.graph import CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.publishing import derive
from leedskg.statements import key
from leedskg.validation.change import Change
from leedskg.validation.checks import run_checks_on
from leedskg.validation.findings import Finding
from leedskg.validation.surroundings import Surroundings

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
        """The link for JSON."""
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
    change: Change, before: CuratedGraph, after: CuratedGraph, knowledge: Knowledge, *, whole: bool
) -> Effect:
    """Derive and check both states, and compare. `before` and `after` give the labels and places.

    Raises KnowledgeError for a rule or check that cannot be run.
    """
    if whole:
        around = set(change.view.pattern(None, None, None)) | change.added
    else:
        around = Surroundings(change, knowledge.namespaces).gather()
    stated = {triple for file in knowledge.ontology.statements.files for triple in file.triples}
    derived: list[set[ox.Triple]] = []
    found: list[Counter[Finding]] = []
    for graph, triples in ((before, around - change.added), (after, around - change.removed)):
        store = ox.Store()
        store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples | stated)
        derive(knowledge, store)
        inferred = ox.NamedNode(knowledge.namespaces.graph("inferred"))
        derived.append({quad.triple for quad in store.quads_for_pattern(None, None, None, inferred)})
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
    """One of each link and its inverse; no types, which follow from what is stated; no conflicts, shown apart."""
    ontology = knowledge.ontology.statements
    own = knowledge.namespaces.term("")
    hidden = {RDF_TYPE, knowledge.namespaces.term("conflictsWith")}
    hidden |= {subject for subject in ontology.subjects() if ontology.values(subject, _INVERSE)}
    shown: dict[tuple[str, frozenset[str]], ox.Triple] = {}
    symmetric = set(ontology.of_type([REUSED["owl"] + "SymmetricProperty"], RDF_TYPE))
    for triple in sorted(triples, key=str):
        predicate = triple.predicate.value
        if predicate in hidden or not predicate.startswith(own):
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
        """A link in words: “KPMG is now partner of Nexus”."""
        graph = self._graphs[appears]
        subject, predicate, value = key(triple.subject), triple.predicate.value, key(triple.object)
        named = isinstance(triple.object, ox.NamedNode)
        ends = graph.label(subject), graph.label(value) if named else f"“{value}”"
        label = self._ontology.label(predicate) or predicate
        words = f"{ends[0]} {_verb(label, appears=appears)} {ends[1]}"
        return EdgeChange(subject, ends[0], predicate, value, ends[1], words, appears, predicate in self._hops)


def _verb(label: str, *, appears: bool) -> str:
    """A property's label as a predicate: “now funds”, “is no longer partner of”, “now has the purpose”."""
    now = "now" if appears else "no longer"
    first, _, more = label.partition(" ")
    if first.endswith("s"):
        return f"{now} {label}"
    if more or label == "within":
        return f"is {now} {label}"
    return f"{now} has the {label}"
