"""A graph as a check of a contribution reads it: from files, from a store, or with a change laid upon it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Protocol

import pyoxigraph as ox

from leedskg.namespaces import SELF_DESCRIPTION, Namespaces
from leedskg.statements import Statements, Subject, Term, key
from leedskg.store.embedded import may_be_rewritten
from leedskg.validation.paths import Alternative, Path, PathStep, Repeat, Sequence

#: Named graphs that hold no data: what is derived, what judges, who did what, and links to other data sets.
NOT_DATA = ("inferred", "shapes", "provenance", "links", *SELF_DESCRIPTION)
#: So many statements that are no data are passed over before each graph of data is asked by itself.
_PATIENCE = 8
#: With more graphs of data than this, asking each by itself would cost more than passing over what is no data.
_MOST_GRAPHS = 64


class ShapeInput(Protocol):
    """Read access to the statements that the shapes judge."""

    def pattern(
        self, subject: Subject | None, predicate: ox.NamedNode | None, value: Term | None
    ) -> Iterator[ox.Triple]:
        """Yield the statements that fit, each once."""

    def canonical(self, triples: Iterable[ox.Triple]) -> set[ox.Triple]:
        """Return statements as this graph would hold them: a store writes `"01"^^xsd:integer` as `1`."""


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
        """Make a view of everything that these files state."""
        return cls(chain.from_iterable(file.triples for each in statements for file in each.files))

    def __len__(self) -> int:
        return len(self._all)

    def pattern(
        self, subject: Subject | None, predicate: ox.NamedNode | None, value: Term | None
    ) -> Iterator[ox.Triple]:
        """Yield the statements that fit, each once."""
        found: Iterable[ox.Triple] = self._all
        if subject is not None:
            found = self._by_subject.get(subject, ())
        if value is not None:
            pointing = self._by_object.get(value, ())
            found = (triple for triple in found if triple.object == value) if subject is not None else pointing
        return (triple for triple in found if predicate is None or triple.predicate == predicate)

    def canonical(self, triples: Iterable[ox.Triple]) -> set[ox.Triple]:
        """Return the statements as they are: files keep the spelling of a number."""
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
        """Yield the statements that fit, each once.

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

    def is_data(self, graph: object) -> bool:
        """Return whether this view shows what a graph holds."""
        return graph not in self._not_data

    def canonical(self, triples: Iterable[ox.Triple]) -> set[ox.Triple]:
        """Return the statements as the store writes them."""
        found = set(triples)
        rewritten = {triple for triple in found if may_be_rewritten(triple.object)}
        store = ox.Store()
        store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in rewritten)
        return (found - rewritten).union(quad.triple for quad in store)

    def _data_graphs(self) -> list[ox.NamedNode | ox.BlankNode]:
        if self._graphs is None:
            self._graphs = [graph for graph in self._store.named_graphs() if graph not in self._not_data]
        return self._graphs


#: How many statements one look-up follows before it stops and says so.
FAN_OUT = 1000
#: A thing with fewer statements is read whole at first sight; one with more is read property by property.
_FEW = 64
_NEXT_TO_NOTHING = 3

ByPredicate = dict[str, list[ox.Triple]]


@dataclass(frozen=True)
class Cap:
    """A look-up that was cut short: what is pointed at or described, by which property, and where it was cut."""

    node: str
    predicate: str
    inverse: bool
    limit: int


@dataclass
class ChangedGraph:
    """The statements of a view with those of a contribution: both states at once, and which state holds which."""

    view: ShapeInput
    added: set[ox.Triple]
    removed: set[ox.Triple]
    fan_out: int = FAN_OUT
    caps: dict[tuple[str, str, bool], Cap] = field(default_factory=dict)

    def __post_init__(self) -> None:
        removed = self.view.canonical(self.removed)
        added = self.view.canonical(self.added)
        subjects = {triple.subject for triple in (*added, *removed)}
        self._there = {each for each in subjects if next(self.view.pattern(each, None, None), None) is not None}
        self.removed = {triple for triple in removed - added if self._stated(triple)}
        self.added = {triple for triple in added if not self._stated(triple)}
        #: Every statement that one state has and the other has not.
        self.changed = self.added | self.removed if self.removed else self.added
        #: What the contribution says something new of; it is read whole, since most shapes will ask about it.
        self.touched: set[Term] = {triple.subject for triple in self.changed}
        self._added_about: dict[Subject, list[ox.Triple]] = {}
        self._added_into: dict[Term, list[ox.Triple]] = {}
        for triple in self.added:
            self._added_about.setdefault(triple.subject, []).append(triple)
            self._added_into.setdefault(triple.object, []).append(triple)
        self._about: dict[Subject, ByPredicate | None] = {}
        self._into: dict[Term, ByPredicate | None] = {}
        self._steps: dict[tuple[object, str, bool, int | None], list[ox.Triple]] = {}

    def forget(self) -> None:
        """Keep no longer what was looked up: it is as much as the change, and what is left to do asks for little."""
        for known in (self._about, self._into, self._steps):
            known.clear()

    def _stated(self, triple: ox.Triple) -> bool:
        if triple.subject not in self._there:  # of most that a contribution adds, nothing was said before
            return False
        return next(self.view.pattern(triple.subject, triple.predicate, triple.object), None) is not None

    def about(self, node: Term) -> list[ox.Triple]:
        """Return everything that either state says of a thing."""
        if isinstance(node, ox.Literal):
            return []
        known = self._described(node)
        if known is not None:
            return [triple for triples in known.values() for triple in triples]
        return self._bounded(self.view.pattern(node, None, None), self._added_about.get(node, ()), node, "", False)

    def step(self, node: Term, step: PathStep, enough: int | None = None) -> list[ox.Triple]:
        """Return the statements that one step follows from a node.

        With `enough`, so many that both states have are as good as all, since the shape only counts them.
        """
        if step.inverse:
            if node in self.touched and (pointing := self.pointing(node)) is not None:
                return pointing.get(step.predicate, [])
        elif isinstance(node, ox.Literal):
            return []
        elif node in self.touched and (known := self._described(node)) is not None:
            return known.get(step.predicate, [])
        key = (node, step.predicate, step.inverse, enough)
        if key not in self._steps:
            self._steps[key] = self._look_up(node, step, enough)
        return self._steps[key]

    def _look_up(self, node: Term, step: PathStep, enough: int | None) -> list[ox.Triple]:
        if step.inverse:
            stated = self.view.pattern(None, step.term, node)
            added = self._added_into.get(node, ())
        else:
            assert not isinstance(node, ox.Literal)
            stated = self.view.pattern(node, step.term, None)
            added = self._added_about.get(node, ())
        new = [triple for triple in added if triple.predicate == step.term]
        if enough is None:
            return self._bounded(stated, new, node, step.predicate, step.inverse)
        gone = [triple for triple in self.removed if triple.predicate == step.term and _start(triple, step) == node]
        kept = islice((triple for triple in stated if triple not in self.removed), enough)
        return [*kept, *gone, *new]

    def _bounded(
        self, stated: Iterator[ox.Triple], added: Iterable[ox.Triple], node: Term, predicate: str, inverse: bool
    ) -> list[ox.Triple]:
        found = list(islice(stated, self.fan_out + 1))
        if len(found) > self.fan_out:
            found.pop()
            self.caps.setdefault((str(node), predicate, inverse), Cap(key(node), predicate, inverse, self.fan_out))
            found += [triple for triple in self.removed if self._fits(triple, node, predicate, inverse)]
        return [*dict.fromkeys(found), *added]

    @staticmethod
    def _fits(triple: ox.Triple, node: Term, predicate: str, inverse: bool) -> bool:
        end = triple.object if inverse else triple.subject
        return end == node and predicate in ("", triple.predicate.value)

    def _described(self, node: Subject) -> ByPredicate | None:
        if node not in self._about:
            added = self._added_about.get(node, ())
            self._about[node] = _few(self.view.pattern(node, None, None), added, _FEW)
        return self._about[node]

    def pointing(self, node: Term) -> ByPredicate | None:
        """Return what points at a node, if it is next to nothing, as with a new one: one look, not one a property."""
        if node not in self._into:
            stated = self.view.pattern(None, None, node)
            self._into[node] = _few(stated, self._added_into.get(node, ()), _NEXT_TO_NOTHING)
        return self._into[node]


@dataclass
class Walk:
    """Walks along paths, which keep what they have read in `read`."""

    change: ChangedGraph
    read: set[ox.Triple] = field(default_factory=set)

    def ends(self, node: Term, path: Path, enough: int | None = None) -> list[Term]:
        """Return where a path leads from a node."""
        if isinstance(path, PathStep):
            triples = self.change.step(node, path, enough)
            self.read.update(triples)
            return [triple.subject if path.inverse else triple.object for triple in triples]
        if isinstance(path, Sequence):
            nodes = [node]
            for number, part in enumerate(path.parts, start=1):
                limit = enough if number == len(path.parts) else None
                found = [end for each in nodes for end in self.ends(each, part, limit)]
                nodes = found if len(found) < 2 else list(dict.fromkeys(found))
            return nodes
        if isinstance(path, Alternative):
            return self._any(node, path, enough)
        return self._repeated(node, path)

    def _any(self, node: Term, path: Alternative, enough: int | None) -> list[Term]:
        """Find where any of several paths leads; with `enough`, until so many are there that no state lacks one."""
        found: dict[Term, None] = {}
        for part in path.parts:
            found.update(dict.fromkeys(self.ends(node, part, enough)))
            if enough is not None and isinstance(part, PathStep):
                lasting = {
                    triple.subject if part.inverse else triple.object
                    for triple in self.change.step(node, part, enough)
                    if triple not in self.change.added and triple not in self.change.removed
                }
                if len(lasting) >= enough:
                    break
        return list(found)

    def _repeated(self, node: Term, path: Repeat) -> list[Term]:
        found: dict[Term, None] = {} if path.mode == "+" else {node: None}
        waiting = [node]
        while waiting:
            ends = dict.fromkeys(end for each in waiting for end in self.ends(each, path.part))
            waiting = [end for end in ends if end not in found]
            found.update(dict.fromkeys(waiting))
            if path.mode == "?":
                break
        return list(found)


def _few(stated: Iterator[ox.Triple], added: Iterable[ox.Triple], most: int) -> ByPredicate | None:
    """Return statements by property, or None when there are more than a few."""
    found = list(islice(stated, most + 1))
    if len(found) > most:
        return None
    grouped: ByPredicate = {}
    for triple in (*found, *added):
        grouped.setdefault(triple.predicate.value, []).append(triple)
    return grouped


def _start(triple: ox.Triple, step: PathStep) -> Term:
    return triple.object if step.inverse else triple.subject
