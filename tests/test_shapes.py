"""The shapes judged by their examples in `tests/shapes/`: `*.valid.ttl` has no finding, `*.invalid.ttl` the promised.

An example is added to the ontology and to `world.ttl`, a few records that any example may refer to. An invalid one is
named after the shape that it is about, and promises each finding in a comment:

    # finding: Violation lhsh:amount-currency at assertion:new-award
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import RDF, RDFS, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

PROJECT = Path(__file__).parents[1]
EXAMPLES = Path(__file__).parent / "shapes"
BASE = "https://w3id.org/leeds-health-innovation/"
LHI = BASE + "def#"
LHSH = BASE + "shape/"

VALID = sorted(EXAMPLES.rglob("*.valid.ttl"))
INVALID = sorted(EXAMPLES.rglob("*.invalid.ttl"))

PROMISE = re.compile(r"^# finding: (Violation|Warning|Info) lhsh:(\S+) at (\w+):(\S+)$", re.MULTILINE)
#: The parameters that constrain, and the component that reports each; pySHACL gives sh:path and the like no component.
COMPONENTS = {
    SH[name]: SH[f"{name[0].upper()}{name[1:]}ConstraintComponent"]
    for name in (
        "minCount", "maxCount", "datatype", "class", "nodeKind", "pattern", "in", "hasValue", "minInclusive",
        "maxInclusive", "minExclusive", "maxExclusive", "minLength", "maxLength", "languageIn", "uniqueLang",
        "lessThan", "disjoint", "not", "or", "xone", "node", "closed", "qualifiedMinCount", "qualifiedMaxCount",
    )
} | {SH.sparql: SH.SPARQLConstraintComponent}  # fmt: skip
#: Parameters that constrain nothing by themselves.
OTHER_PARAMETERS = {
    SH[name]
    for name in (
        "name", "path", "property", "severity", "message", "targetClass", "targetSubjectsOf", "targetObjectsOf",
        "ignoredProperties", "qualifiedValueShape", "select", "inversePath", "alternativePath", "description", "order",
    )
}  # fmt: skip
#: An example is a fragment: not everything in it is referred to. These count where an example promises them.
ABOUT_FRAGMENTS = {"mentioned-somewhere", "evidence-cited"}
IMPERATIVES = (
    "Add|Ask|Check|Choose|Cite|Copy|Describe|Fix|Get|Give|Join|Keep|Make|Mark|Move|Paste|Point|Raise|Remove|Rename|"
    "Shorten|Swap|Use|Write|keep|make|fix|write|add|remove|use|swap|paste|describe|give|retire"
)


class Found(NamedTuple):
    severity: str
    shape: str
    focus: str


class Result(NamedTuple):
    found: Found
    component: Node | None
    message: str


def load(*paths: Path) -> Graph:
    """Turtle files as one graph, plain texts alike: rdflib holds that "x" and "x"^^xsd:string differ."""
    graph = Graph()
    for path in paths:
        for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE):
            graph.add((_node(quad.subject), _node(quad.predicate), _node(quad.object)))
    return graph


def _node(term: object) -> Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    assert isinstance(term, ox.Literal)
    if term.language or term.datatype.value.endswith("#string"):
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=URIRef(term.datatype.value))


@cache
def shapes() -> Graph:
    return load(*sorted((PROJECT / "shapes").glob("*.ttl")))


@cache
def ontology() -> Graph:
    return load(*sorted((PROJECT / "ontology").glob("*.ttl")))


@cache
def world() -> Graph:
    return load(EXAMPLES / "world.ttl")


@cache
def vocabulary() -> Graph:
    return load(PROJECT / "ontology" / "core.ttl")


@cache
def schemes() -> Graph:
    return load(PROJECT / "ontology" / "schemes.ttl")


@contextmanager
def with_ontology(data: Graph) -> Iterator[Graph]:
    """The data with classes, properties and the concepts that it mentions, for as long as the block lasts.

    To check every concept each time, or to copy the vocabulary, would take most of the time.
    """
    graph = vocabulary()
    added = list(data)
    for concept in set(data.objects()) & set(schemes().subjects()):
        for node in (concept, schemes().value(concept, SKOS.inScheme)):
            added += schemes().triples((node, None, None))
    added = [triple for triple in set(added) if triple not in graph]
    for triple in added:
        graph.add(triple)
    try:
        yield graph
    finally:
        for triple in added:
            graph.remove(triple)


def check(data: Graph) -> list[Result]:
    """Every result of the shapes, without those that only explain another."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes(), inference="none")
    assert isinstance(report, Graph), report
    root = report.value(predicate=RDF.type, object=SH.ValidationReport)
    return [
        Result(
            Found(
                str(report.value(result, SH.resultSeverity)).removeprefix(str(SH)),
                str(report.value(result, SH.sourceShape)).removeprefix(LHSH),
                str(report.value(result, SH.focusNode)),
            ),
            report.value(result, SH.sourceConstraintComponent),
            " ".join(str(message) for message in report.objects(result, SH.resultMessage)),
        )
        for result in report.objects(root, SH.result)
    ]


@cache
def check_example(path: Path) -> list[Result]:
    counted = {found.shape for found in promised(path)} | reporting_names() - ABOUT_FRAGMENTS
    with with_ontology(world() + load(path)) as data:
        return [result for result in check(data) if result.found.shape in counted]


def promised(path: Path) -> list[Found]:
    text = path.read_text(encoding="utf-8")
    prefixes = dict(re.findall(r"^@prefix (\w+): <([^>]+)>", text, re.MULTILINE))
    return [
        Found(severity, shape, prefixes[prefix] + local.replace("\\", ""))
        for severity, shape, prefix, local in PROMISE.findall(text)
    ]


def name_of(path: Path) -> str:
    return path.relative_to(EXAMPLES).as_posix()


def test_the_records_that_examples_refer_to_have_no_finding() -> None:
    with with_ontology(world()) as data:
        assert check(data) == []


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_a_valid_example_has_no_finding(path: Path) -> None:
    assert [(result.found, result.message) for result in check_example(path)] == []


@pytest.mark.parametrize("path", INVALID, ids=name_of)
def test_an_invalid_example_has_the_findings_it_promises_and_no_other(path: Path) -> None:
    results = check_example(path)
    assert Counter(result.found for result in results) == Counter(promised(path))
    assert all(result.message for result in results)
    assert path.name.removesuffix(".invalid.ttl") in {result.found.shape for result in results}


# What the shapes say of themselves


def targeted() -> Iterator[URIRef]:
    """The node shapes that look for their own focus nodes."""
    for shape in shapes().subjects(RDF.type, SH.NodeShape, unique=True):
        if {SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf} & set(shapes().predicates(shape)):
            assert isinstance(shape, URIRef)
            yield shape


def reporting() -> set[URIRef]:
    """The shapes whose results are findings: those with targets and their property shapes."""
    found = set(targeted())
    for shape in list(found):
        found.update(part for part in shapes().objects(shape, SH.property) if isinstance(part, URIRef))
    return found


@cache
def reporting_names() -> set[str]:
    return {local(shape) for shape in reporting()}


def local(shape: Node) -> str:
    return str(shape).removeprefix(LHSH)


def constraints() -> set[tuple[str, Node]]:
    return {
        (local(shape), component)
        for shape in reporting()
        for parameter, component in COMPONENTS.items()
        if (shape, parameter, None) in shapes()
    }


def test_every_constraint_has_an_example_that_breaks_it() -> None:
    broken = {(result.found.shape, result.component) for path in INVALID for result in check_example(path)}
    missing = sorted(f"{shape}: {str(component).removeprefix(str(SH))}" for shape, component in constraints() - broken)
    assert missing == [], "write an example that breaks each of these into tests/shapes/"


def test_every_parameter_of_a_shape_is_one_that_the_examples_are_counted_by() -> None:
    used = {predicate for predicate in shapes().predicates(unique=True) if str(predicate).startswith(str(SH))}
    assert used - set(COMPONENTS) - OTHER_PARAMETERS == set()


def values(data: Graph, focus: Node, path: Node) -> set[Node]:
    if isinstance(path, URIRef):
        return set(data.objects(focus, path))
    inverse = shapes().value(path, SH.inversePath)
    if inverse is not None:
        return {subject for step in steps(inverse) for subject in data.subjects(step, focus)}
    if (path, SH.alternativePath, None) in shapes():
        return {value for step in steps(path) for value in values(data, focus, step)}
    found = {focus}
    for step in Collection(shapes(), path):
        found = {value for node in found for value in values(data, node, step)}
    return found


def steps(path: Node) -> list[Node]:
    alternatives = shapes().value(path, SH.alternativePath)
    return [path] if alternatives is None else list(Collection(shapes(), alternatives))


def focus_nodes(data: Graph, shape: URIRef) -> set[Node]:
    found: set[Node] = set()
    for kind in shapes().objects(shape, SH.targetClass):
        for narrower in data.transitive_subjects(RDFS.subClassOf, kind):
            found.update(data.subjects(RDF.type, narrower))
    for predicate in shapes().objects(shape, SH.targetSubjectsOf):
        found.update(data.subjects(predicate))
    return found


def reached(data: Graph) -> Iterator[Node]:
    """The shapes that have something to look at: a focus node, and a value unless they forbid one."""
    for shape in targeted():
        focused = focus_nodes(data, shape)
        if focused:
            yield shape
        for part in shapes().objects(shape, SH.property):
            path = shapes().value(part, SH.path)
            forbids = shapes().value(part, SH.maxCount) == Literal(0)
            if path is not None and focused and (forbids or any(values(data, focus, path) for focus in focused)):
                yield part


def test_the_valid_examples_reach_every_shape() -> None:
    """No result is no proof where nothing was looked at."""
    unreached = {local(shape) for shape in reporting()}
    for example in VALID:
        with with_ontology(world() + load(example)) as data:
            unreached -= {local(shape) for shape in reached(data)}
    forbidding = {"no-copied-text", "no-copied-text-property"}  # the focus nodes are what may not be
    forbidding |= {"joint-projects", "joint-projects-stated", "joint-projects-roles"}
    assert sorted(unreached - forbidding) == [], "let a valid example show these"


def test_property_shapes_have_a_name_a_message_and_a_severity() -> None:
    property_shapes = set(shapes().subjects(RDF.type, SH.PropertyShape))
    assert set(shapes().subjects(SH.path)) == property_shapes
    wanted = (SH.name, SH.message, SH.severity)
    assert {local(s) for s in property_shapes for p in wanted if len(set(shapes().objects(s, p))) != 1} == set()


def test_node_shapes_have_a_label_and_a_sentence_on_what_they_guard() -> None:
    for shape in shapes().subjects(RDF.type, SH.NodeShape, unique=True):
        assert len(set(shapes().objects(shape, RDFS.label))) == 1, shape
        assert re.match(r"(Guards|Finds|Recognises) .+\.$", str(shapes().value(shape, RDFS.comment))), shape


def test_a_node_shape_that_reports_has_a_message_and_a_severity() -> None:
    """One message only: it is about the one constraint that the shape has beside its property shapes."""
    for shape in targeted():
        own = [parameter for parameter in COMPONENTS if (shape, parameter, None) in shapes()]
        assert len(own) <= 1, shape
        assert bool(own) == bool(shapes().value(shape, SH.message)) == bool(shapes().value(shape, SH.severity)), shape


def test_messages_say_how_to_fix() -> None:
    for shape, message in shapes().subject_objects(SH.message):
        assert re.search(rf"(^|[.:,;] |\bor |\band |\bso\b|\bbe )({IMPERATIVES})\b", str(message)), shape


def test_shapes_are_named_and_only_lists_and_paths_are_blank() -> None:
    allowed = {RDF.type, RDF.first, RDF.rest, SH.inversePath, SH.alternativePath}
    for path in (PROJECT / "shapes").glob("*.ttl"):
        for subject, predicate in load(path).subject_predicates():
            if isinstance(subject, BNode):
                assert predicate in allowed, path
            else:
                assert str(subject).startswith(LHSH), path


def test_shapes_use_only_terms_that_the_ontology_declares() -> None:
    used = {str(term) for triple in shapes() for term in triple if str(term).startswith((LHI, BASE + "scheme/"))}
    declared = {str(subject) for subject in ontology().subjects()}
    assert used - declared == set()


def test_patterns_avoid_what_engines_read_differently() -> None:
    for shape, pattern in shapes().subject_objects(SH.pattern):
        assert not re.search(r"\\p\{|\(\?", str(pattern)), shape
        re.compile(str(pattern))


# The shapes and the ontology agree


def kinds_of_relationship() -> set[Node]:
    return set(ontology().subjects(RDFS.subClassOf, URIRef(LHI + "Relationship")))


def test_every_kind_of_relationship_has_its_shape() -> None:
    listed = shapes().value(URIRef(LHSH + "assertion-kind"), SH["in"])
    assert listed is not None
    others = {URIRef(LHI + "IndicatorObservation"), URIRef(LHI + "AttributeStatement")}
    assert set(Collection(shapes(), listed)) - others == kinds_of_relationship()
    for kind in kinds_of_relationship():
        assert roles_of(kind), f"give {kind} a shape with its roles"


def roles_of(kind: Node) -> set[Node]:
    for shape in shapes().subjects(SH.targetClass, kind):
        for part in shapes().objects(shape, SH.property):
            listed = shapes().value(part, SH["in"])
            if str(part) == f"{shape}-roles" and listed is not None:
                return set(Collection(shapes(), listed))
    return set()


def test_edges_read_only_roles_that_the_shapes_admit() -> None:
    for pattern in ontology().subjects(RDF.type, URIRef(LHI + "EdgePattern")):
        kind = ontology().value(pattern, URIRef(LHI + "relationshipType"))
        ends = {ontology().value(pattern, URIRef(LHI + name)) for name in ("fromRole", "toRole")}
        assert isinstance(kind, URIRef)
        assert ends <= roles_of(kind), pattern


def test_every_register_has_a_form() -> None:
    for register in schemes().subjects(SKOS.inScheme, URIRef(BASE + "scheme/identifier")):
        name = str(register).rpartition("/")[2]
        assert (URIRef(f"{LHSH}{name}-form"), RDF.type, SH.NodeShape) in shapes(), f"give {name} a form"


# The knowledge itself


@pytest.mark.slow
def test_the_curated_graph_has_no_violation() -> None:
    results = check(ontology() + load(*sorted((PROJECT / "graph").rglob("*.ttl"))))
    assert [result for result in results if result.found.severity == "Violation"] == []
