"""The graph before or after a contribution, read as if it were files: with labels, places and a scope.

What checks a whole knowledge folder asks for all assertions, or all entities. Given a state, it gets those of the
contribution and no others, while everything that they refer to can still be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice

import pyoxigraph as ox

from leedskg.statements import Statements, Subject, Term, key
from leedskg.validation.findings import Finding, Place
from leedskg.validation.paths import PathStep
from leedskg.validation.views import ChangedGraph

Places = Mapping[ox.Triple, Place]


@dataclass(frozen=True)
class Background:
    """What is known beside the statements.

    `places` says where each statement of the contribution stands; `known` where others do, such as the knowledge files;
    `ontology` has the terms, which are in the graph and are no records; `others` are further subjects, for whoever
    looks for one that was meant.
    """

    places: Places = field(default_factory=dict)
    known: Statements | None = None
    ontology: Statements | None = None
    others: Iterable[str] = ()

    @cached_property
    def placed(self) -> Mapping[str, list[tuple[ox.Triple, Place]]]:
        """The statements with a place, by subject; read once for all states of a change."""
        found: dict[str, list[tuple[ox.Triple, Place]]] = {}
        for triple, place in self.places.items():
            found.setdefault(key(triple.subject), []).append((triple, place))
        return found

    @cached_property
    def mentioned(self) -> Mapping[str, Place]:
        """Where each value is first named."""
        found: dict[str, Place] = {}
        for triple, place in self.places.items():
            found.setdefault(key(triple.object), place)
        return found


class State(Statements):
    """One state of a change as `Statements`: any subject can be read, those in scope are gone through."""

    def __init__(self, change: ChangedGraph, background: Background, *, after: bool, scope: Iterable[str]) -> None:
        super().__init__()
        self._change, self._after = change, after
        self._not_in = change.removed if after else change.added
        self._scope = list(dict.fromkeys(scope))
        self._background = background

    def widened(self, scope: Iterable[str]) -> State:
        """Return the same state with another scope."""
        state = State(self._change, self._background, after=self._after, scope=scope)
        state.files = self.files
        return state

    def __contains__(self, subject: str) -> bool:
        terms = self._background.ontology
        is_term = terms is not None and subject in terms
        return not is_term and bool(self.about(subject))

    def __len__(self) -> int:
        return sum(len(values) for subject in self._scope for values in self.about(subject).values())

    def subjects(self) -> Iterator[str]:
        """Return the subjects in scope, and the others."""
        return chain(self._scope, self._background.others)

    def about(self, subject: str) -> Mapping[str, list[Term]]:
        """Return the properties of a subject and their values."""
        grouped: dict[str, list[Term]] = {}
        node = _node(subject)
        for triple in self._change.about(node) if node else ():
            if triple not in self._not_in:
                grouped.setdefault(triple.predicate.value, []).append(triple.object)
        return grouped

    def values(self, subject: str, predicate: str) -> list[Term]:
        """Return the values of one property."""
        node = _node(subject)
        triples = self._change.step(node, PathStep(predicate)) if node else []
        return [triple.object for triple in triples if triple not in self._not_in]

    def pointing(self, value: str, predicate: str) -> list[str]:
        """Return the subjects that have this value of a property."""
        node = _node(value)
        triples = self._change.step(node, PathStep(predicate, inverse=True)) if node else []
        return [key(triple.subject) for triple in triples if triple not in self._not_in]

    def of_type(self, kinds: Iterable[str], type_iri: str) -> Iterator[str]:
        """Return the subjects in scope that have one of the types."""
        wanted = set(kinds)
        return (subject for subject in self._scope if wanted & set(self.texts(subject, type_iri)))

    def place(self, subject: str, predicate: str | None = None, value: Term | None = None) -> tuple[str, int] | None:
        """Return file and line of a statement; a cell has its file alone."""
        found = self.placed(subject, predicate, value)
        return (found.file, found.line or 0) if found else None

    def placed(self, subject: str, predicate: str | None = None, value: Term | None = None) -> Place | None:
        """Return where a statement is, as precisely as known: itself, its property, its subject, what names it."""
        mine = self._background.placed.get(subject, ())
        for triple, place in mine:
            if triple.predicate.value == predicate and (value is None or triple.object == value):
                return place
        for triple, place in mine:
            if triple.predicate.value == predicate:
                return place
        if mine:
            return mine[0][1]
        files = self._background.known
        known = files.place(subject, predicate, value) if files is not None else None
        return Place(known[0], known[1]) if known else self._background.mentioned.get(subject)

    def at_its_place(self, finding: Finding) -> Finding:
        """Return the finding with where it is, sheet and cell included."""
        for triple, place in islice(self._background.placed.get(finding.record, ()), 1000):
            if triple.predicate.value == finding.property_iri and _is_shown_as(triple.object, finding.value):
                return finding.at(place)
        found = self.placed(finding.record, finding.property_iri or None)
        return finding.at(found) if found and (found.cell or not finding.file) else finding


def _is_shown_as(value: Term, shown: str) -> bool:
    """Return whether a finding that shows this text is about this value; an IRI is shown with a prefix."""
    if isinstance(value, ox.NamedNode):
        return value.value.endswith(shown.strip("<>").rpartition(":")[2])
    return shown in ("", key(value))


def _node(subject: str) -> Subject | None:
    """Return the node of this name, or None for a text that names none: some records hold one where an IRI belongs."""
    try:
        return ox.BlankNode(subject[2:]) if subject.startswith("_:") else ox.NamedNode(subject)
    except ValueError:
        return None
