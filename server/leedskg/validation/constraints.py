"""The SHACL shapes, judged by pySHACL, and its results as findings with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox
import rdflib
from pyshacl import validate
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from leedskg.errors import KnowledgeError
from leedskg.knowledge import Knowledge
from leedskg.namespaces import REUSED
from leedskg.statements import Statements
from leedskg.validation.findings import Finding, Severity

_XSD_STRING = REUSED["xsd"] + "string"
_SEVERITIES: dict[Node | None, Severity] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}


def to_rdflib(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """The triples as an rdflib graph in memory.

    rdflib holds that `"x"^^xsd:string` and `"x"` differ, where RDF 1.1 and pyoxigraph hold them equal: they are given
    the form without a datatype, or pySHACL would report what is not there.
    """
    graph = rdflib.Graph()
    for triple in triples:
        graph.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    return graph


def _node(term: object) -> Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        return rdflib.Literal(term.value, datatype=None if datatype == _XSD_STRING else rdflib.URIRef(datatype))
    raise KnowledgeError("a triple about a triple cannot be validated; write it as an assertion")


def check_shapes(knowledge: Knowledge) -> Iterator[Finding]:
    """Every result of the shapes over the curated graph and the ontology."""
    data = to_rdflib(_triples(knowledge.graph.statements, knowledge.ontology.statements))
    shapes = to_rdflib(_triples(knowledge.shapes))
    _, results, _ = validate(data, shacl_graph=shapes, inference="none", allow_infos=True, allow_warnings=True)
    if not isinstance(results, rdflib.Graph):
        raise KnowledgeError(f"the shapes cannot be used: {results}", path=knowledge.root / "shapes")
    for report in results.subjects(RDF.type, SH.ValidationReport):
        for result in results.objects(report, SH.result):  # not every result: some only explain another (sh:detail)
            yield _finding(knowledge, results, shapes, result)


def count_shapes(knowledge: Knowledge) -> int:
    """How many property and node shapes there are."""
    kinds = [REUSED["sh"] + "NodeShape", REUSED["sh"] + "PropertyShape"]
    return len(set(knowledge.shapes.of_type(kinds, REUSED["rdf"] + "type")))


def _triples(*statements: Statements) -> Iterator[ox.Triple]:
    for each in statements:
        for file in each.files:
            yield from file.triples


def _finding(knowledge: Knowledge, results: rdflib.Graph, shapes: rdflib.Graph, result: Node) -> Finding:
    record = str(results.value(result, SH.focusNode))
    shape = results.value(result, SH.sourceShape)
    path = results.value(result, SH.resultPath)
    value = results.value(result, SH.value)
    predicate = str(path) if isinstance(path, rdflib.URIRef) else None
    name = shapes.value(shape, SH.name) if shape is not None else None
    field = str(name or "") or (knowledge.graph.label(predicate) if predicate else "")
    place = knowledge.graph.statements.place(record, predicate, _ox(value)) or knowledge.ontology.statements.place(
        record
    )
    file, line = place or ("", None)
    shown = knowledge.namespaces.shorten(value) if isinstance(value, rdflib.URIRef) else str(value or "")
    return Finding(
        _SEVERITIES.get(results.value(result, SH.resultSeverity), Severity.VIOLATION),
        record,
        knowledge.graph.label(record),
        str(results.value(result, SH.resultMessage) or "This does not fit the shape."),
        knowledge.namespaces.shorten(str(shape)),
        field,
        "" if value is None or str(value) == record else shown,
        file,
        line,
        predicate or "",
    )


def _ox(value: Node | None) -> ox.NamedNode | ox.Literal | None:
    if isinstance(value, rdflib.URIRef):
        return ox.NamedNode(str(value))
    if isinstance(value, rdflib.Literal):
        if value.language:
            return ox.Literal(str(value), language=value.language)
        return ox.Literal(str(value), datatype=ox.NamedNode(str(value.datatype)) if value.datatype else None)
    return None
