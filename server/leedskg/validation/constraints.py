"""The SHACL shapes, judged by pySHACL, and its results as findings with file and line."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import rdflib
from pyshacl import validate
from pyshacl.errors import ReportableRuntimeError
from rdflib.namespace import SH
from rdflib.term import Node

from leedskg.errors import KnowledgeError
from leedskg.graph import CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.namespaces import REUSED
from leedskg.statements import Statements
from leedskg.validation.findings import Finding, Severity
from leedskg.validation.rdf import to_ox, to_rdflib
from leedskg.validation.shacl import ShapeResult, read_results

_SEVERITIES: dict[Node | None, Severity] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}


def check_shapes(knowledge: Knowledge) -> Iterator[Finding]:
    """Every result of the shapes over the curated graph and the ontology."""
    data = to_rdflib(_triples(knowledge.graph.statements, knowledge.ontology.statements))
    shapes = to_rdflib(_triples(knowledge.shapes))
    for result in judge_all(data, shapes):
        yield as_finding(result, shapes, knowledge.graph)


def judge_all(data: rdflib.Graph, shapes: rdflib.Graph) -> Iterator[ShapeResult]:
    """Every result of the shapes over a whole graph. Raises KnowledgeError for shapes that pySHACL cannot use."""
    try:
        _, results, _ = validate(data, shacl_graph=shapes, inference="none", allow_infos=True, allow_warnings=True)
    except ReportableRuntimeError as error:
        raise KnowledgeError(f"the shapes cannot be used: {error}", path="shapes") from None
    if not isinstance(results, rdflib.Graph):
        raise KnowledgeError(f"the shapes cannot be used: {results}", path="shapes")
    return read_results(results)


def count_shapes(knowledge: Knowledge) -> int:
    """How many property and node shapes there are."""
    kinds = [REUSED["sh"] + "NodeShape", REUSED["sh"] + "PropertyShape"]
    return len(set(knowledge.shapes.of_type(kinds, REUSED["rdf"] + "type")))


def _triples(*statements: Statements) -> Iterator[ox.Triple]:
    for each in statements:
        for file in each.files:
            yield from file.triples


def as_finding(result: ShapeResult, shapes: rdflib.Graph, graph: CuratedGraph) -> Finding:
    """A result in the words of the graph that it is about."""
    record = str(result.focus)
    predicate = str(result.path) if isinstance(result.path, rdflib.URIRef) else None
    name = shapes.value(result.shape, SH.name)
    field = str(name or "") or (graph.label(predicate) if predicate else "")
    value = result.value
    term = to_ox(value) if isinstance(value, rdflib.URIRef | rdflib.Literal) else None
    place = graph.statements.place(record, predicate, term) or graph.ontology.statements.place(record)
    file, line = place or ("", None)
    shorten = graph.namespaces.shorten
    shown = shorten(value) if isinstance(value, rdflib.URIRef) else str(value or "")
    return Finding(
        _SEVERITIES.get(result.severity, Severity.VIOLATION),
        record,
        graph.label(record),
        result.message or "This does not fit the shape.",
        shorten(str(result.shape)),
        field,
        "" if value is None or str(value) == record else shown,
        file,
        line,
        predicate or "",
        component=str(result.component or ""),
    )
