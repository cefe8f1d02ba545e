"""What steps of the ledger change of a published state: the quads that go and those that come."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from leedskg.ledger.model import RecordedStatement, Step
from leedskg.ledger.overlay import StoredStatements
from leedskg.namespaces import Namespaces


class PublishedDifference:
    """The quads that go and those that come by steps of the ledger, from one published state to another."""

    def __init__(self, store: ox.Store, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._stored = StoredStatements(store, namespaces, Path(), lambda *_: 0)
        self._added: dict[ox.Triple, ox.Quad] = {}
        self._removed: dict[ox.Quad, None] = {}

    @property
    def added(self) -> list[ox.Quad]:
        """The quads that come."""
        return list(self._added.values())

    @property
    def removed(self) -> list[ox.Quad]:
        """The quads that go."""
        return list(self._removed)

    def take(self, step: Step, statements: Iterable[RecordedStatement]) -> bool:
        """Add what a step changes; False where that cannot be told without replaying the ledger.

        Where a statement stood before it was taken out, and what the files say of a settled contribution, only the
        replay knows.
        """
        if step.kind == "settle":
            return False
        graph = ox.NamedNode(self._namespaces.graph(f"contribution/{step.contribution}"))
        for each in statements:
            there = self._quads(each.triple)
            if (each.action == "add") == (step.kind == "merge"):
                if step.kind == "undo":
                    return False
                if not there:
                    self._put(ox.Quad(each.triple.subject, each.triple.predicate, each.triple.object, graph))
                continue
            if step.kind == "undo" and any(quad.graph_name != graph for quad in there):
                return False
            for quad in there:
                self._drop(quad)
        return True

    def _quads(self, triple: ox.Triple) -> list[ox.Quad]:
        """Return the quads of a statement in the graphs of files and contributions as the steps so far leave them."""
        found = [quad for quad in self._stored.quads(triple) if quad not in self._removed]
        return [*found, self._added[triple]] if triple in self._added else found

    def _put(self, quad: ox.Quad) -> None:
        if quad in self._removed:
            del self._removed[quad]
        else:
            self._added[quad.triple] = quad

    def _drop(self, quad: ox.Quad) -> None:
        if self._added.get(quad.triple) == quad:
            del self._added[quad.triple]
        else:
            self._removed[quad] = None
