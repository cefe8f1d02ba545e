"""What is made up for measurements keeps to the model: the shapes, the rules and the names say so."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pyoxigraph as ox
import pytest

from leedskg.files import knowledge_root
from leedskg.graph import CuratedGraph
from leedskg.identity import expected_name
from leedskg.knowledge import Knowledge, read_knowledge
from leedskg.namespaces import REUSED, Namespaces
from leedskg.statements import Statements, parse_turtle
from leedskg.validation.findings import Severity
from leedskg.validation.shacl import check_shapes
from tests.benchmarks.generator import fill, publish_made_up, quads, records

pytestmark = pytest.mark.slow

NAMES = Namespaces()
MANY, FEW = 20_000, 2_500


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return read_knowledge(knowledge_root(), NAMES)


@pytest.fixture(scope="module")
def many() -> list[ox.Quad]:
    return list(quads(MANY))


def stated(found: list[ox.Quad], knowledge: Knowledge) -> Knowledge:
    """Return the knowledge with the made-up statements in the place of the curated ones."""
    text = "\n".join(f"{quad.triple} ." for quad in found)
    graph = CuratedGraph(Statements.of([parse_turtle(text.encode(), "made-up.ttl")]), knowledge.ontology, NAMES)
    return replace(knowledge, graph=graph)


def test_a_seed_gives_the_same_statements_again_and_another_seed_others():
    assert list(records(FEW)) == list(records(FEW))
    assert list(records(FEW, seed=2)) != list(records(FEW))


def test_it_stops_at_the_number_asked_for_and_says_nothing_twice(many):
    assert MANY <= len(many) < MANY + 100
    assert len({(quad.subject, quad.predicate, quad.object) for quad in many}) == len(many)


def test_the_shapes_have_nothing_against_it(knowledge):
    findings = [f for f in check_shapes(stated(list(quads(FEW)), knowledge)) if f.severity is not Severity.INFO]
    assert not findings, findings[:3]


def test_its_assertions_and_evidence_have_the_names_that_their_content_gives(knowledge, many):
    statements = stated(many, knowledge).graph.statements
    named = [s for s in statements.subjects() if s.startswith((f"{NAMES.base}assertion/", f"{NAMES.base}evidence/"))]
    whole = [subject for subject in named if "#" not in subject]
    assert len(whole) > 500
    assert [s for s in whole if not s.endswith(f"/{expected_name(statements, s, NAMES)}")] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_the_checks_over_the_whole_graph_find_nothing(knowledge, seed):
    store = ox.Store()
    fill(store, MANY, seed)
    of_the_model = {ox.NamedNode(NAMES.graph(name)) for name in ("ontology", "shapes")}
    assert 0.9 * MANY < sum(1 for quad in store if quad.graph_name not in of_the_model) < 1.1 * MANY
    for query in knowledge.checks:
        found = store.query(query.text, use_default_graph_as_union=True)
        assert list(found) == [], query.name


def test_it_has_hubs_and_every_kind_of_relationship(many):
    participant = ox.NamedNode(NAMES.term("participant"))
    parts = Counter(quad.object for quad in many if quad.predicate == participant)
    assert parts.most_common(1)[0][1] > 10 * sorted(parts.values())[len(parts) // 2]
    kinds = {quad.object.value.rpartition("#")[2] for quad in many if quad.predicate.value == REUSED["rdf"] + "type"}
    relationships = {"Partnership", "Involvement", "FundingAward", "SpinOut", "Hosting", "Membership", "Composition"}
    relationships |= {
        "Operation",
        "Leadership",
        "Location",
        "Support",
        "Development",
        "Usage",
        "Founding",
        "Succession",
    }
    assert relationships | {"Association"} <= kinds


def test_it_is_published_as_a_generation_with_the_ontology(tmp_path):
    generation = publish_made_up(tmp_path, FEW)
    store = ox.Store.read_only(str(generation.path))
    graphs = {graph.value.removeprefix(NAMES.base) for graph in store.named_graphs()}
    assert {"graph/ontology", "graph/shapes", "graph/inferred", "graph/curated/made-up-bodies"} <= graphs
    assert generation.statements > FEW
