"""A contribution checked against the graph without checking the graph again.

From the shapes it is known what each of them reads. Every changed statement is followed back to the records whose
check reads it; only what those checks read is taken from the graph, as it was and as it would be; pySHACL judges both;
and what differs is what the contribution brings or fixes. The cost depends on the contribution and on what surrounds
it, not on the size of the graph.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import pyoxigraph as ox
import rdflib
from rdflib.plugins.stores.memory import SimpleMemory
from rdflib.term import Node

from leedskg.graph import CuratedGraph
from leedskg.namespaces import REUSED
from leedskg.ontology import Ontology
from leedskg.statements import Statements, Term, key
from leedskg.validation.affected import SUBCLASS, Affected, Extract, Hierarchy, Pairs, TargetIndex, find_affected
from leedskg.validation.findings import Finding
from leedskg.validation.shacl import Judged, ShapeResult, Shapes, as_finding, judge_all, to_node, to_rdflib
from leedskg.validation.shape_reads import read_shapes
from leedskg.validation.states import Background, State
from leedskg.validation.views import FAN_OUT, Cap, ChangedGraph, ShapeInput

#: Records that are judged at once.
_AT_ONCE = 1_000


@dataclass
class ResultDifference:
    """The results that a change brings, those that it ends, and those that stay as they were."""

    new: list[ShapeResult]
    fixed: list[ShapeResult]
    already: list[ShapeResult]
    affected: int = 0
    shapes: int = 0
    caps: tuple[Cap, ...] = ()
    whole: str = ""

    def add(self, other: ResultDifference) -> None:
        """Take in what was found of other records."""
        self.new += other.new
        self.fixed += other.fixed
        self.already += other.already


@dataclass
class Delta:
    """What the shapes say of a contribution: findings that are new, fixed, or were there already.

    `affected` records were checked against `rules` shapes. `capped` says in sentences where so much hangs on one thing
    that not all of it was checked; `whole` says why the whole graph was checked, or is empty.
    """

    new: list[Finding] = field(default_factory=list)
    fixed: list[Finding] = field(default_factory=list)
    already: list[Finding] = field(default_factory=list)
    affected: int = 0
    rules: int = 0
    capped: list[str] = field(default_factory=list)
    whole: str = ""

    @property
    def full(self) -> bool:
        """Whether the whole graph was checked."""
        return bool(self.whole)


class IncrementalCheck:
    """The shapes, ready to check one contribution after another. Not for several threads at once."""

    def __init__(self, shapes: Statements, ontology: Ontology, *, fan_out: int = FAN_OUT) -> None:
        self._ontology = ontology
        self._fan_out = fan_out
        self._engine = _engine(shapes, threading.get_ident())

    def check(
        self,
        view: ShapeInput,
        added: set[ox.Triple],
        removed: set[ox.Triple],
        background: Background | None = None,
    ) -> Delta:
        """Return what the shapes say of adding and removing these statements; what is both is added.

        `background` says where statements stand. Raises KnowledgeError for statements that pySHACL cannot judge.
        """
        change = ChangedGraph(view, added, removed, self._fan_out)
        return self.check_change(change, background or Background(ontology=self._ontology.statements))

    def check_change(self, change: ChangedGraph, background: Background) -> Delta:
        """Do the same for a change that is at hand already."""
        found = self._engine.compare(change)
        namespaces = self._ontology.namespaces
        scope = [key(triple.subject) for triple in change.changed]
        states = {
            after: CuratedGraph(State(change, background, after=after, scope=scope), self._ontology, namespaces)
            for after in (False, True)
        }
        return Delta(
            self._findings(found.new, states[True]),
            self._findings(found.fixed, states[False]),
            self._findings(found.already, states[True]),
            found.affected,
            found.shapes,
            [cap_words(cap, states[True]) for cap in found.caps],
            found.whole,
        )

    def _findings(self, results: Iterable[ShapeResult], graph: CuratedGraph) -> list[Finding]:
        state = graph.statements
        assert isinstance(state, State)
        return [state.at_its_place(as_finding(result, self._engine.shapes.graph, graph)) for result in results]


class Engine:
    """Finds what a change does to the results of a graph of shapes."""

    def __init__(self, shapes: rdflib.Graph) -> None:
        self.shapes = Shapes(shapes)
        self.reading = read_shapes(self.shapes.loaded)
        self.targets = TargetIndex(self.reading)
        self._untied = [root for root in self.reading.roots if root.untied]
        self._hierarchy: tuple[ShapeInput, Hierarchy] | None = None
        self._nodes: dict[Term, Node] = {}

    def compare(self, change: ChangedGraph) -> ResultDifference:
        """Return the results before and after, of the records that the change can have touched; or of all, and why."""
        whole = self.needs_whole(change)
        if whole:
            return self._compare_whole(change, whole)
        hierarchy = self.hierarchy(change.view)
        affected = find_affected(self.reading, self.targets, change, hierarchy)
        found = ResultDifference([], [], [])
        for part in affected.parts(_AT_ONCE):  # what is judged at once is in memory as rdflib's objects
            found.add(self.judge(change, part, Extract(self.reading, change).of(part), hierarchy))
        found.affected = len(affected.records)
        found.shapes = len({shape for number in affected.roots for shape in self.reading.roots[number].shapes})
        found.caps = tuple(change.caps.values())
        return found

    def hierarchy(self, view: ShapeInput) -> Hierarchy:
        """Return the classes of a view, read once as long as the same view is asked about."""
        if self._hierarchy is None or self._hierarchy[0] is not view:
            self._hierarchy = (view, Hierarchy(view))
        return self._hierarchy[1]

    def needs_whole(self, change: ChangedGraph) -> str:
        """Return why a change cannot be checked with less than the whole graph, or nothing."""
        if self.reading.whole:
            return self.reading.whole
        predicates = {triple.predicate.value for triple in change.changed}
        if SUBCLASS in predicates:
            return "the contribution changes which class is a kind of which"
        if any(predicate.startswith(REUSED["sh"]) for predicate in predicates):
            return "the contribution changes shapes"
        for root in self._untied:
            reads = {
                edge.predicate for edges in self.reading.by_predicate.values() for edge in edges if edge.root is root
            }
            reads |= {*root.untied, *root.target.subjects_of, *root.target.objects_of, REUSED["rdf"] + "type"}
            if None in reads or reads & predicates:
                return f"{root.node} has a SPARQL constraint that does not start at $this"
        return ""

    def judge(
        self, change: ChangedGraph, affected: Affected, extract: set[ox.Triple], hierarchy: Hierarchy
    ) -> ResultDifference:
        """Judge the extract as it was and as it would be, and compare."""
        data = Judged(SimpleMemory())  # rdflib's other store keeps contexts and tells listeners, for each statement
        for triple in (*hierarchy.triples, *(extract - change.changed)):
            data.add(self._triple(triple))
        gone = [triple for triple in map(self._triple, extract & change.removed) if triple not in data]
        for each in gone:
            data.add(each)
        was = self._results(data, affected.before)
        for each in gone:
            data.remove(each)
        for triple in extract & change.added:
            data.add(self._triple(triple))
        return _difference(was, self._results(data, affected.after))

    def _results(self, data: rdflib.Graph, pairs: Pairs) -> Counter[ShapeResult]:
        return Counter(self.shapes.judge(data, self._records(pairs)))

    def _compare_whole(self, change: ChangedGraph, why: str) -> ResultDifference:
        stated = set(change.view.pattern(None, None, None))
        after = (stated - change.removed) | change.added
        was, becomes = (Counter(judge_all(to_rdflib(state), self.shapes.graph)) for state in (stated, after))
        found = _difference(was, becomes)
        found.affected, found.shapes = len({triple.subject for triple in after}), len(self.shapes.loaded.shapes)
        found.whole = why
        return found

    def _records(self, pairs: Pairs) -> dict[Node, list[Node]]:
        return {
            self.reading.roots[number].node: [self._node(record) for record in records]
            for number, records in pairs.items()
        }

    def _triple(self, triple: ox.Triple) -> tuple[Node, Node, Node]:
        return self._node(triple.subject), self._node(triple.predicate), self._node(triple.object)

    def _node(self, term: Term) -> Node:
        node = self._nodes.get(term)
        if node is None:
            if len(self._nodes) > 20_000:
                self._nodes.clear()
            node = self._nodes[term] = to_node(term)
        return node


@lru_cache(maxsize=2)
def _engine(shapes: Statements, _thread: int) -> Engine:
    """Compile the shapes, once for each thread, for pySHACL keeps notes while it judges."""
    return Engine(to_rdflib(triple for file in shapes.files for triple in file.triples))


def _difference(before: Counter[ShapeResult], after: Counter[ShapeResult]) -> ResultDifference:
    return ResultDifference(
        list((after - before).elements()), list((before - after).elements()), list((before & after).elements())
    )


def cap_words(cap: Cap, graph: CuratedGraph) -> str:
    """Say in a sentence which look-up was cut short."""
    name = graph.label(cap.node)
    field = graph.label(cap.predicate) if cap.predicate else "any property"
    verb = f"point at {name} by “{field}”" if cap.inverse else f"are made about {name} with “{field}”"
    return (
        f"More than {cap.limit:,} statements {verb}: {cap.limit:,} of them were followed, and the records behind the "
        "others were not checked again. Run `leedskg check` for all of them."
    )
