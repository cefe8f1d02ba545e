"""Which records have to be checked again for a change, and against which shapes."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import chain

import pyoxigraph as ox

from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import Term
from leedskg.validation.paths import PathStep
from leedskg.validation.shacl import to_ox
from leedskg.validation.shape_reads import Read, ReadEnd, Reading, WayBack
from leedskg.validation.views import ChangedGraph, ShapeInput, Walk

SUBCLASS = REUSED["rdfs"] + "subClassOf"
_TYPE = PathStep(RDF_TYPE)

#: Roots with the records to check against each.
Pairs = dict[int, list[Term]]


class Hierarchy:
    """Which class is a kind of which, as the graph states it."""

    def __init__(self, view: ShapeInput) -> None:
        self.triples = list(view.pattern(None, ox.NamedNode(SUBCLASS), None))
        self._above: dict[str, list[str]] = {}
        for triple in self.triples:
            if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode):
                self._above.setdefault(triple.subject.value, []).append(triple.object.value)
        self._wider: dict[str, frozenset[str]] = {}

    def wider(self, kind: str) -> frozenset[str]:
        """Return the class and every class that it is a kind of."""
        if kind not in self._wider:
            found, waiting = {kind}, [kind]
            while waiting:
                above = [each for each in self._above.get(waiting.pop(), ()) if each not in found]
                found.update(above)
                waiting += above
            self._wider[kind] = frozenset(found)
        return self._wider[kind]


@dataclass(frozen=True)
class Affected:
    """The records to check in either state, by the number of the root to check each against."""

    before: Pairs
    after: Pairs

    @property
    def records(self) -> set[Term]:
        """Every record that is checked."""
        return {record for pairs in (self.before, self.after) for records in pairs.values() for record in records}

    @property
    def roots(self) -> set[int]:
        """The numbers of the roots that are checked."""
        return self.before.keys() | self.after.keys()

    def parts(self, size: int) -> Iterator[Affected]:
        """Give the same in parts of at most so many records, each record with all that it is checked against."""
        records = list(
            dict.fromkeys(each for pairs in (self.before, self.after) for some in pairs.values() for each in some)
        )
        for start in range(0, len(records), size):
            wanted = set(records[start : start + size])
            yield Affected(_only(self.before, wanted), _only(self.after, wanted))


def _only(pairs: Pairs, wanted: set[Term]) -> Pairs:
    chosen = {number: [each for each in records if each in wanted] for number, records in pairs.items()}
    return {number: records for number, records in chosen.items() if records}


class TargetIndex:
    """Which roots look for a record, in one state."""

    def __init__(self, reading: Reading) -> None:
        self._by_class: dict[str, set[int]] = {}
        self._by_subject: dict[str, set[int]] = {}
        self._by_object: dict[str, set[int]] = {}
        self._by_node: dict[Term, set[int]] = {}
        for number, root in enumerate(reading.roots):
            for index, names in (
                (self._by_class, root.target.classes),
                (self._by_subject, root.target.subjects_of),
                (self._by_object, root.target.objects_of),
            ):
                for name in names:
                    index.setdefault(name, set()).add(number)
            for node in root.target.nodes:
                self._by_node.setdefault(to_ox(node), set()).add(number)
        self._with_classes = set().union(*self._by_class.values())
        self._object_steps = [PathStep(name, inverse=True) for name in self._by_object]
        self._subject_steps = [PathStep(name) for name in self._by_subject]

    def reached(self, ends: frozenset[ReadEnd]) -> set[int]:
        """Return the roots whose record something is as the object of statements; of the subjects all are asked."""
        return set().union(*(self._by_object.get(name, ()) for name, is_object in ends if is_object))

    def of(
        self, record: Term, wanted: set[int], change: ChangedGraph, hierarchy: Hierarchy
    ) -> Iterator[tuple[int, bool, bool]]:
        """Return those of the wanted roots that look for a record: before the change, after it, or both."""
        before, after = set(self._by_node.get(record, ())), set(self._by_node.get(record, ()))
        if wanted & self._with_classes:
            for triple in change.step(record, _TYPE):
                if isinstance(triple.object, ox.NamedNode):
                    self._note(triple, self._of_class(triple.object.value, hierarchy), change, before, after)
        for steps, index in ((self._subject_steps, self._by_subject), (self._object_steps, self._by_object)):
            for step in steps:
                roots = index[step.predicate] & wanted
                if not roots <= before & after:
                    for triple in change.step(record, step, enough=1):
                        self._note(triple, roots, change, before, after)
        for number in wanted & (before | after):
            yield number, number in before, number in after

    @staticmethod
    def _note(triple: ox.Triple, roots: set[int], change: ChangedGraph, before: set[int], after: set[int]) -> None:
        if triple not in change.added:
            before |= roots
        if triple not in change.removed:
            after |= roots

    def _of_class(self, kind: str, hierarchy: Hierarchy) -> set[int]:
        return {number for each in hierarchy.wider(kind) for number in self._by_class.get(each, ())}


def find_affected(reading: Reading, targets: TargetIndex, change: ChangedGraph, hierarchy: Hierarchy) -> Affected:
    """Walk back from every changed statement to the records whose check reads it, in either state.

    What is said of a changed record itself is checked whole, so that a report can say what was wrong with it before.
    """
    candidates: dict[Term, set[int]] = {}
    for record, found in _reached(reading, targets, change):
        if record not in change.touched:  # those are checked against everything anyway
            candidates.setdefault(record, set()).update(found)
    before: Pairs = {}
    after: Pairs = {}
    everything = set(range(len(reading.roots)))
    for record in chain(candidates, change.touched):
        wanted = candidates.get(record, everything)
        for number, was, becomes in targets.of(record, wanted, change, hierarchy):
            if was:
                before.setdefault(number, []).append(record)
            if becomes:
                after.setdefault(number, []).append(record)
    return Affected(before, after)


def _reached(reading: Reading, targets: TargetIndex, change: ChangedGraph) -> Iterator[tuple[Term, Set[int]]]:
    """Yield what a changed statement may say something new of, with the roots that read it; one may come again.

    All statements of a thing are followed back at once: most of it is new, and next to nothing points at it.
    """
    walk = Walk(change)
    starts: dict[Term, set[ReadEnd]] = {}
    for triple in change.changed:
        predicate = triple.predicate.value
        starts.setdefault(triple.subject, set()).add((predicate, False))
        starts.setdefault(triple.object, set()).add((predicate, True))
    ways: dict[frozenset[ReadEnd], list[WayBack]] = {}  # of most things the same is said
    for start, its in starts.items():
        ends = frozenset(its)
        if ends not in ways:
            ways[ends] = reading.ways_back(ends)
        if roots := targets.reached(ends):
            yield start, roots
        pointing = change.pointing(start) if start in change.touched else None
        for way in ways[ends]:
            first = way.first
            if pointing is not None and first is not None and first.inverse and first.predicate not in pointing:
                continue
            for record in walk.ends(start, way.path):
                yield record, way.roots


class Extract:
    """What checking the affected records reads, in both states."""

    def __init__(self, reading: Reading, change: ChangedGraph) -> None:
        self._reading, self._change = reading, change
        self._walk = Walk(change)
        self._done: set[tuple[int, Term]] = set()

    def of(self, affected: Affected) -> set[ox.Triple]:
        """Return every statement that the roots read of the records that they are to check."""
        for pairs in (affected.before, affected.after):
            for number, records in pairs.items():
                for read in self._reading.roots[number].reads:
                    for record in records:
                        self._read(read, record)
        return self._walk.read

    def _read(self, read: Read, node: Term) -> None:
        if (id(read), node) in self._done:
            return
        self._done.add((id(read), node))
        for end in self._walk.ends(node, read.path, read.enough):
            if read.everything:
                self._walk.read.update(self._change.about(end))
            for then in read.then:
                self._read(then, end)
