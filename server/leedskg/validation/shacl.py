"""The SHACL shapes, judged by pySHACL: held ready, asked about chosen records, their results as findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain
from typing import Any

import pyoxigraph as ox
import rdflib
from pyshacl import Shape, ShapesGraph, validate
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.shape_based_constraints import PropertyConstraintComponent
from pyshacl.errors import ReportableRuntimeError
from pyshacl.monkey import apply_patches
from pyshacl.pytypes import SHACLExecutor
from rdflib.namespace import SH
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from leedskg.algebra import algebra_of, quieten
from leedskg.errors import KnowledgeError
from leedskg.graph import CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.literals import fault_of_form, fault_of_tag
from leedskg.namespaces import REUSED
from leedskg.statements import Statements
from leedskg.validation.findings import Finding, Severity

_XSD_STRING = REUSED["xsd"] + "string"


def to_rdflib(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """Return the triples as an rdflib graph in memory.

    rdflib holds that `"x"^^xsd:string` and `"x"` differ, where RDF 1.1 and pyoxigraph hold them equal: they are given
    the form without a datatype, or pySHACL would report what is not there.
    """
    graph = rdflib.Graph()
    for triple in triples:
        graph.add((to_node(triple.subject), to_node(triple.predicate), to_node(triple.object)))
    return graph


def to_node(term: object) -> Node:
    """Return a term of pyoxigraph as rdflib has it. Raises KnowledgeError for a triple, which pySHACL cannot judge."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        return _to_literal(term)
    raise KnowledgeError("a triple about a triple cannot be validated; write it as an assertion")


def _to_literal(literal: ox.Literal) -> rdflib.Literal:
    """Make a literal of rdflib, which is not to fail, nor to work out a value, where there is none.

    rdflib raises for language tags that it does not know, and takes NaN for a decimal, which then cannot be compared.
    """
    quieten()
    if literal.language:
        language = literal.language if not fault_of_tag(literal.language) else None
        return rdflib.Literal(literal.value, lang=language)
    datatype = literal.datatype.value
    if datatype == _XSD_STRING:
        return rdflib.Literal(literal.value)
    made = rdflib.Literal(literal.value, datatype=rdflib.URIRef(datatype), normalize=not fault_of_form(literal))
    if made.value is not None and fault_of_form(literal):
        made._value, made._ill_typed = None, True
    return made


def to_ox(node: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return a term of rdflib as pyoxigraph has it."""
    if isinstance(node, rdflib.Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
    return ox.BlankNode(str(node)) if isinstance(node, rdflib.BNode) else ox.NamedNode(str(node))


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


class _HeldShapes(ShapesGraph):
    """Shapes that never change, so that what is asked of them again and again is looked up once.

    pySHACL reads a shape's parameters anew for each record that it judges; that took half the time.
    """

    def __init__(self, graph: rdflib.Graph) -> None:
        super().__init__(graph)
        self._objects = lru_cache(maxsize=None)(lambda node, path: tuple(graph.objects(node, path)))
        self._said = lru_cache(maxsize=None)(lambda node: tuple(graph.predicate_objects(node)))
        for shape in list(self.shapes):  # the first look at them loads them all
            path = shape.path() if shape.is_property_shape else None
            self._node_shape_cache[shape.node] = _HeldShape(
                self, shape.node, shape.is_property_shape, path, self.logger
            )

    def objects(self, s: Any, p: Any) -> Iterator[Any]:
        """Give the values of a property of a shape."""
        return iter(self._objects(s, p))

    def predicate_objects(self, s: Any) -> Iterator[tuple[Any, Any]]:
        """Give everything that is said of a shape."""
        return iter(self._said(s))


class _HeldShape(Shape):
    """A shape that reads its constraints once, where pySHACL's reads them anew for each record that it judges."""

    @cached_property
    def _constraints(self) -> list[Any]:
        stated = (predicate for predicate, _ in self.sg.predicate_objects(self.node))  # type: ignore[no-untyped-call]
        kinds = dict.fromkeys(CONSTRAINT_PARAMETERS_MAP[each] for each in stated if each in CONSTRAINT_PARAMETERS_MAP)
        return [_quick(kind)(self) for kind in kinds]

    def validate(
        self, executor: SHACLExecutor, target_graph: Any, focus: Any = None, _evaluation_path: list[Any] | None = None
    ) -> tuple[bool, list[Any]]:
        """Judge the records in `focus`: whether all conform, and the results."""
        path = [*(_evaluation_path or ()), self]
        if self.deactivated or self.sg.custom_constraints or len(path) // 2 >= executor.max_validation_depth:
            return super().validate(executor, target_graph, focus, _evaluation_path)  # type: ignore[no-any-return]
        values = self.value_nodes(target_graph, focus if isinstance(focus, list) else [focus])
        conforms, results = True, []
        for constraint in self._constraints:
            holds, found = constraint.evaluate(executor, target_graph, values, [*path, constraint])
            conforms = conforms and (holds or self.severity in _CONFORMING or all(map(_is_conforming, found)))
            results += found
        return conforms, results


#: Results of these severities leave a record conforming, as the executor says.
_CONFORMING = frozenset({SH.Info, SH.Warning})


def _is_conforming(report: tuple[str, Node, list[tuple[Node, Node, Any]]]) -> bool:
    _, result, triples = report
    return any(each[0] == result and each[1] == SH.resultSeverity and each[2] in _CONFORMING for each in triples)


@cache
def _quick(kind: type[Any]) -> type[Any]:
    """Make a kind of constraint that does not describe its results at length, which nobody reads here."""
    own: dict[str, Any] = {"make_v_result_description": lambda *_, **__: ""}
    if kind is PropertyConstraintComponent:
        own["_evaluate_property_shape"] = _evaluate_at_once
    return type(kind.__name__, (kind,), own)


def _evaluate_at_once(  # noqa: PLR0913, PLR0917 - as pySHACL calls it
    self: Any, executor: SHACLExecutor, node: Node, data: Any, values: dict[Node, Any], recursive: Any, path: list[Any]
) -> tuple[bool, list[Any]]:
    """Judge all values by a property shape at once, where pySHACL takes one after the other."""
    every = list(chain.from_iterable(values.values()))
    shape = self.shape.get_other_shape(node)
    known = isinstance(shape, _HeldShape) and shape.is_property_shape and not shape.deactivated
    if not known or recursive or len(set(every)) < len(every):
        each_alone: Any = PropertyConstraintComponent._evaluate_property_shape
        found: tuple[bool, list[Any]] = each_alone(self, executor, node, data, values, recursive, path)
        return found
    conforms, results = shape.validate(executor, data, every, path)
    return not conforms, results


class Shapes:
    """A graph of shapes, loaded once."""

    def __init__(self, graph: rdflib.Graph) -> None:
        apply_patches()  # type: ignore[no-untyped-call]
        self.graph = graph
        self.loaded = _HeldShapes(graph)
        self._executor = SHACLExecutor(allow_infos=True, allow_warnings=True)

    def judge(self, data: rdflib.Graph, records: Mapping[Node, Iterable[Any]]) -> Iterator[ShapeResult]:
        """Yield the results of each shape at the records that are given for it.

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

    def __bool__(self) -> bool:
        """Say that it is a graph, which pySHACL asks for each result: rdflib would count its statements."""
        return True

    def query(self, query_object: Any, *arguments: Any, **options: Any) -> rdflib.query.Result:
        """Run a query, parsed before if it was asked before."""
        if isinstance(query_object, str):
            query_object = _prepared(query_object)
        return super().query(query_object, *arguments, **options)


@lru_cache(maxsize=256)
def _prepared(text: str) -> Query:
    return algebra_of(text, namespaces=dict(rdflib.Graph().namespaces()))


def read_results(report: rdflib.Graph) -> Iterator[ShapeResult]:
    """Read the results in a report of pySHACL, without those that only explain another (sh:detail)."""
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


_SEVERITIES: dict[Node | None, Severity] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}


def check_shapes(knowledge: Knowledge) -> Iterator[Finding]:
    """Return every result of the shapes over the curated graph and the ontology."""
    data = to_rdflib(_triples(knowledge.graph.statements, knowledge.ontology.statements))
    shapes = to_rdflib(_triples(knowledge.shapes))
    for result in judge_all(data, shapes):
        yield as_finding(result, shapes, knowledge.graph)


def judge_all(data: rdflib.Graph, shapes: rdflib.Graph) -> Iterator[ShapeResult]:
    """Judge a whole graph by the shapes: every result. Raises KnowledgeError for shapes that pySHACL cannot use."""
    try:
        _, results, _ = validate(data, shacl_graph=shapes, inference="none", allow_infos=True, allow_warnings=True)
    except ReportableRuntimeError as error:
        raise KnowledgeError(f"the shapes cannot be used: {error}", path="shapes") from None
    if not isinstance(results, rdflib.Graph):
        raise KnowledgeError(f"the shapes cannot be used: {results}", path="shapes")
    return read_results(results)


def count_shapes(knowledge: Knowledge) -> int:
    """Return how many property and node shapes there are."""
    kinds = [REUSED["sh"] + "NodeShape", REUSED["sh"] + "PropertyShape"]
    return len(set(knowledge.shapes.of_type(kinds, REUSED["rdf"] + "type")))


def _triples(*statements: Statements) -> Iterator[ox.Triple]:
    for each in statements:
        for file in each.files:
            yield from file.triples


def as_finding(result: ShapeResult, shapes: rdflib.Graph, graph: CuratedGraph) -> Finding:
    """Put a result in the words of the graph that it is about."""
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
