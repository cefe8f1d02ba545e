"""A graph as a check of a contribution reads it: by pattern, from files in memory or from a store on disk.

A view holds what the shapes see: the curated statements and the ontology, without what is derived from them, without
the shapes and without the record of who did what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

import pyoxigraph as ox

from leedskg.namespaces import Namespaces
from leedskg.statements import Statements, Subject, Term

#: Named graphs that hold no data: what is derived, what judges, who did what, and links to other data sets.
NOT_DATA = ("inferred", "shapes", "provenance", "links")
#: So many statements that are no data are passed over before each graph of data is asked by itself.
_PATIENCE = 8
#: With more graphs of data than this, asking each by itself would cost more than passing over what is no data.
_MOST_GRAPHS = 64


class View(Protocol):
    """Read access to the statements that the shapes judge."""

    def pattern(
        self, subject: Subject | None, predicate: ox.NamedNode | None, value: Term | None
    ) -> Iterator[ox.Triple]:
        """The statements that fit, each once."""

    def canonical(self, triples: Iterable[ox.Triple]) -> set[ox.Triple]:
        """Statements as this graph would hold them: a store writes `"01"^^xsd:integer` as `1`."""


class MemoryView:
    """Statements in memory, such as those of the knowledge files."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._all = dict.fromkeys(triples)
        self._by_subject: dict[Subject, list[ox.Triple]] = {}
        self._by_object: dict[Term, list[ox.Triple]] = {}
        for triple in self._all:
            self._by_subject.setdefault(triple.subject, []).append(triple)
            self._by_object.setdefault(triple.object, []).append(triple)

    @classmethod
    def of(cls, *statements: Statements) -> MemoryView:
        """A view of everything that these files state."""
        return cls(chain.from_iterable(file.triples for each in statements for file in each.files))

    def __len__(self) -> int:
        return len(self._all)

    def pattern(
        self, subject: Subject | None, predicate: ox.NamedNode | None, value: Term | None
    ) -> Iterator[ox.Triple]:
        """The statements that fit, each once."""
        found: Iterable[ox.Triple] = self._all
        if subject is not None:
            found = self._by_subject.get(subject, ())
        if value is not None:
            pointing = self._by_object.get(value, ())
            found = (triple for triple in found if triple.object == value) if subject is not None else pointing
        return (triple for triple in found if predicate is None or triple.predicate == predicate)

    def canonical(self, triples: Iterable[ox.Triple]) -> set[ox.Triple]:
        """The statements as they are: files keep the spelling of a number."""
        return set(triples)


class StoreView:
    """A store, such as a published generation: its named graphs, without those that hold no data.

    A published store's default graph repeats everything, derived statements too, and is passed over.
    """

    def __init__(self, store: ox.Store, namespaces: Namespaces, without: Iterable[str] = NOT_DATA) -> None:
        self._store = store
        self._not_data: set[object] = {ox.NamedNode(namespaces.graph(name)) for name in without}
        self._not_data.add(ox.DefaultGraph())
        self._graphs: list[ox.NamedNode | ox.BlankNode] | None = None

    def pattern(
        self, subject: Subject | None, predicate: ox.NamedNode | None, value: Term | None
    ) -> Iterator[ox.Triple]:
        """The statements that fit, each once.

        Reading a statement from the disk costs about as much as looking for one, and the store gives those of the
        default graph first. A few are passed over; where there are more, each graph of data is asked by itself.
        """
        seen: set[ox.Triple] = set()
        patience = _PATIENCE
        for quad in self._store.quads_for_pattern(subject, predicate, value):
            if quad.graph_name in self._not_data:
                patience -= 1
                if not patience and len(self._data_graphs()) <= _MOST_GRAPHS:
                    break
            elif (triple := quad.triple) not in seen:
                seen.add(triple)
                yield triple
        else:
            return
        for graph in self._data_graphs():
            for quad in self._store.quads_for_pattern(subject, predicate, value, graph):
                if (triple := quad.triple) not in seen:
                    seen.add(triple)
                    yield triple

    def canonical(self, triples: Iterable[ox.Triple]) -> set[ox.Triple]:
        """The statements as the store writes them, by way of a store in memory."""
        store = ox.Store()
        store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
        return {quad.triple for quad in store}

    def _data_graphs(self) -> list[ox.NamedNode | ox.BlankNode]:
        if self._graphs is None:
            self._graphs = [graph for graph in self._store.named_graphs() if graph not in self._not_data]
        return self._graphs
