"""pySHACL, asked about chosen records: its own shapes, held ready, and its results as values.

`pyshacl.validate` reads the shapes anew at every call, and looks for every record itself. Its `focus_nodes` option is
no way round that: it also hides the nodes that nested shapes look at. What is called here is the step below: one shape,
given its focus nodes. `tests/test_incremental.py` holds the results to those of `pyshacl.validate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import rdflib
from pyshacl import ShapesGraph
from pyshacl.monkey import apply_patches
from pyshacl.pytypes import SHACLExecutor
from rdflib.namespace import SH
from rdflib.term import Node


@dataclass(frozen=True)
class ShapeResult:
    """One result of a shape, such as pySHACL reports it; `path` is None for one that is not about one property."""

    focus: Node
    shape: Node
    severity: Node | None
    message: str
    value: Node | None = None
    path: Node | None = None
    component: Node | None = None


class Shapes:
    """A graph of shapes, loaded once."""

    def __init__(self, graph: rdflib.Graph) -> None:
        apply_patches()
        self.graph = graph
        self.loaded = ShapesGraph(graph)
        self._executor = SHACLExecutor(allow_infos=True, allow_warnings=True)
        for _ in self.loaded.shapes:
            break  # the first look at them loads them all

    def judge(self, data: rdflib.Graph, records: Mapping[Node, Iterable[Node]]) -> Iterator[ShapeResult]:
        """The results of each shape at the records that are given for it."""
        for node, focus in records.items():
            _, reports = self.loaded.lookup_shape_from_node(node).validate(self._executor, data, focus=list(focus))
            for _, result, triples in reports:
                yield _read(result, triples)


def read_results(report: rdflib.Graph) -> Iterator[ShapeResult]:
    """The results in a report of pySHACL, without those that only explain another (sh:detail)."""
    for whole in report.subjects(rdflib.RDF.type, SH.ValidationReport):
        for result in report.objects(whole, SH.result):
            yield _read(result, report.triples((result, None, None)))


def _read(result: Node, triples: Iterable[tuple[Node, Node, object]]) -> ShapeResult:
    said: dict[Node, Node] = {}
    messages: list[str] = []
    for subject, predicate, value in triples:
        if subject != result:
            continue
        node = value[1] if isinstance(value, tuple) else value  # a result that is in no report yet says where from
        if predicate == SH.resultMessage:
            messages.append(str(node))
        else:
            said[predicate] = node
    return ShapeResult(
        said[SH.focusNode],
        said[SH.sourceShape],
        said.get(SH.resultSeverity),
        min(messages, default=""),
        said.get(SH.value),
        said.get(SH.resultPath),
        said.get(SH.sourceConstraintComponent),
    )
