"""pySHACL, asked about chosen records: its own shapes, held ready, and its results as values.

`pyshacl.validate` reads the shapes anew at every call, and looks for every record itself. Its `focus_nodes` option is
no way round that: it also hides the nodes that nested shapes look at. What is called here is the step below: one shape,
given its focus nodes. `tests/test_incremental.py` holds the results to those of `pyshacl.validate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import rdflib
from pyshacl import ShapesGraph
from pyshacl.errors import ReportableRuntimeError
from pyshacl.monkey import apply_patches
from pyshacl.pytypes import SHACLExecutor
from rdflib.namespace import SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from leedskg.errors import KnowledgeError


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
        apply_patches()  # type: ignore[no-untyped-call]
        self.graph = graph
        self.loaded = ShapesGraph(graph)
        self._executor = SHACLExecutor(allow_infos=True, allow_warnings=True)
        for _ in self.loaded.shapes:
            break  # the first look at them loads them all

    def judge(self, data: rdflib.Graph, records: Mapping[Node, Iterable[Any]]) -> Iterator[ShapeResult]:
        """The results of each shape at the records that are given for it.

        Raises KnowledgeError for a shape that pySHACL cannot use.
        """
        for node, focus in records.items():
            try:
                _, reports = self.loaded.lookup_shape_from_node(node).validate(self._executor, data, focus=list(focus))
            except ReportableRuntimeError as error:
                raise KnowledgeError(f"the shape {node} cannot be used: {error}", path="shapes") from None
            for _, result, triples in reports:
                yield _read(result, triples)


class Judged(rdflib.Graph):
    """A graph for pySHACL that parses each SPARQL constraint once, where pySHACL would for every record (0.05 s)."""

    def query(self, query_object: Any, *arguments: Any, **options: Any) -> rdflib.query.Result:
        """Run a query, parsed before if it was asked before."""
        if isinstance(query_object, str):
            query_object = _prepared(query_object)
        return super().query(query_object, *arguments, **options)


@lru_cache(maxsize=256)
def _prepared(text: str) -> Query:
    return prepareQuery(text, initNs=dict(rdflib.Graph().namespaces()))


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
        node: Any = value[1] if isinstance(value, tuple) else value  # a result that is in no report yet says where from
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
