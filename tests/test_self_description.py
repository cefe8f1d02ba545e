"""What the graph says of itself in itself: what SIB's query editor asks for, and which assertion states which edge."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from leedskg import selfdescription
from leedskg.files import knowledge_root
from leedskg.knowledge import read_knowledge
from leedskg.namespaces import REUSED
from leedskg.publishing import build, load
from leedskg.queries import read_queries
from leedskg.selfdescription import partitions
from leedskg.sparql.execution import QueryPool
from leedskg.store.embedded import count, replace_in_union, unite
from leedskg.web import create_app
from tests.sample_graph import settings_for
from tests.sample_knowledge import NAMESPACES, PROJECT, write_sample

VOID_GRAPH, REIFIED = (NAMESPACES.graph(each) for each in ("void", "reified"))

# The three questions of @sib-swiss/sparql-editor: without answers to them it calls an endpoint undescribed.
PREFIXES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix"""
CLASSES = """PREFIX void: <http://rdfs.org/ns/void#> PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype WHERE {
  { ?cp void:class ?subjectClass ; void:propertyPartition ?pp . ?pp void:property ?prop .
    OPTIONAL { { ?pp void:classPartition [ void:class ?objectClass ] }
               UNION { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] } } }
  UNION { ?ls void:subjectsTarget [ void:class ?subjectClass ] ; void:linkPredicate ?prop ;
          void:objectsTarget [ void:class ?objectClass ] } }"""
EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?sq ?comment ?query WHERE {
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query } ORDER BY ?sq"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("described")
    sample = write_sample(folder)
    for path in (PROJECT / "queries").glob("*.rq"):
        shutil.copy(path, sample.root / "queries" / path.name)
    build(sample.read(), folder / "state", keep=1)
    options = settings_for(folder / "state")
    with QueryPool(options) as pool:
        yield create_app(options, pool).test_client()


def asked(client: FlaskClient, query: str) -> list[dict[str, str]]:
    # As the editor sends it: with a parameter of its own, and nothing in the default graph named.
    answer = client.get(
        "/sparql", query_string={"ac": "1", "query": query}, headers={"Accept": "application/sparql-results+json"}
    )
    rows = answer.get_json(force=True)["results"]["bindings"]
    answer.close()
    return [{name: value["value"] for name, value in row.items()} for row in rows]


def test_the_editor_of_sib_finds_the_prefixes(client):
    assert {row["prefix"]: row["namespace"] for row in asked(client, PREFIXES)} == NAMESPACES.prefixes


def test_the_editor_of_sib_finds_which_class_has_which_property(client):
    rows = asked(client, CLASSES)
    found = {(row["subjectClass"], row["prop"], row.get("objectClass", row.get("objectDatatype"))) for row in rows}
    term = NAMESPACES.term
    assert (term("Charity"), term("funds"), term("Initiative")) in found
    assert (term("FundingAward"), term("amount"), f"{REUSED['xsd']}integer") in found
    assert not {kind for kind, _, _ in found if kind.startswith((REUSED["owl"], REUSED["sh"], REUSED["void"]))}


def test_the_editor_of_sib_finds_every_saved_query_and_each_runs_as_it_stands(client):
    rows = asked(client, EXAMPLES)
    saved = read_queries(knowledge_root())
    assert [row["sq"].rpartition("/")[2] for row in rows] == [each.name for each in saved]
    for row in rows:
        answer = client.get("/sparql", query_string={"query": row["query"]})
        assert answer.status_code == 200, row["sq"]
    told = asked(
        client, "PREFIX schema: <https://schema.org/> SELECT ?q ?t ?k { ?q schema:target ?t ; schema:keywords ?k }"
    )
    assert {row["t"] for row in told} == {f"{NAMESPACES.base}sparql"}
    assert "funding award" in {row["k"] for row in told if row["q"].endswith("01-choral-funders")}


def test_the_counts_are_those_of_the_graph(client):
    query = f"""PREFIX void: <http://rdfs.org/ns/void#> SELECT ?c ?e ?p ?n WHERE {{
      GRAPH <{VOID_GRAPH}> {{ ?cp void:class ?c ; void:entities ?e ; void:propertyPartition ?pp .
        ?pp void:property ?p ; void:triples ?n }} }}"""
    rows = [row for row in asked(client, query) if row["c"] in map(NAMESPACES.term, ("Charity", "Participation"))]
    assert rows
    for row in rows:
        here = f"SELECT (COUNT(DISTINCT ?s) AS ?e) (COUNT(*) AS ?n) {{ ?s a <{row['c']}> ; <{row['p']}> ?o }}"
        all_of = f"SELECT (COUNT(*) AS ?e) {{ ?s a <{row['c']}> }}"
        assert (asked(client, here)[0]["n"], asked(client, all_of)[0]["e"]) == (row["n"], row["e"])


def test_an_edge_leads_to_its_evidence_in_one_hop(client):
    loom = NAMESPACES.entity("loom-charity")
    for edge in (f"<{loom}> <{NAMESPACES.term('funds')}> ?b", f"?b <{NAMESPACES.term('fundedBy')}> <{loom}>"):
        rows = asked(
            client,
            f"SELECT ?b ?e {{ GRAPH <{REIFIED}> {{ ?a <{REUSED['rdf']}reifies> <<( {edge} )>> }} "
            f"?a <{NAMESPACES.term('hasEvidence')}> ?e }}",
        )
        assert [row["b"] for row in rows] == [NAMESPACES.entity("heartbeat-study")], edge
        assert rows[0]["e"].startswith(f"{NAMESPACES.base}evidence/")


def test_what_rdf_1_2_adds_is_asked_for_by_name_alone(client):
    assert asked(client, f"SELECT * {{ ?a <{REUSED['rdf']}reifies> ?t }}") == []
    for path in ("/dataset.nq", "/dataset.trig", "/id/loom-charity.nq", "/graph-store?default"):
        with client.get(path, headers={"Accept": "*/*"}) as answer:
            assert b"<<" not in answer.data, path
    with client.get("/graph-store", query_string={"graph": REIFIED}, headers={"Accept": "text/turtle"}) as answer:
        assert "<<(" in answer.text
    for any_graph in ("GRAPH ?g { ?a ?p ?t }", "GRAPH?g{?a ?p ?t} # reified\n"):
        assert asked(client, f"SELECT * {{ {any_graph} FILTER(isTRIPLE(?t)) }}") == [], any_graph
        assert asked(client, f"SELECT ?g {{ {any_graph} FILTER(?g = ?g && ?p = ?p) }} LIMIT 1"), any_graph
    named = f"VALUES ?g {{ <{REIFIED}> }} GRAPH ?g {{ ?a ?p ?t }}"
    for text in (f"SELECT * {{ {named} }}", f"SELECT * FROM NAMED <{REIFIED}> {{ GRAPH ?g {{ ?a ?p ?t }} }}",
                 f"PREFIX g: <{NAMESPACES.graph('')}> SELECT * {{ GRAPH g:reified {{ ?a ?p ?t }} }}"):  # fmt: skip
        assert asked(client, text), text
    page = client.get("/graph/reified", headers={"Accept": "text/html"})
    assert page.status_code == 200


def test_the_description_outside_the_endpoint_holds_what_stands_inside(client):
    with client.get("/.well-known/void", headers={"Accept": "application/n-triples"}) as answer:
        told = answer.text
    assert f"<{NAMESPACES.base}dataset> <http://rdfs.org/ns/void#classPartition> <{VOID_GRAPH}#" in told
    assert "<http://localhost/sparql>" in told


@pytest.mark.parametrize("seed", range(4))
def test_a_change_is_followed_to_what_a_count_of_everything_gives(tmp_path: Path, seed: int) -> None:
    knowledge = read_knowledge(write_sample(tmp_path).root, NAMESPACES)
    store = ox.Store()
    load(knowledge, store)
    unite(store)
    selfdescription.write(store, knowledge)
    numbers = random.Random(seed)
    own = (VOID_GRAPH, REIFIED, NAMESPACES.graph("queries"))
    stated = sorted((q for q in store if q.graph_name != ox.DefaultGraph() and q.graph_name.value not in own), key=str)
    town = [each for each in stated if "curated" in str(each.graph_name) or "inferred" in str(each.graph_name)]
    for _ in range(3):
        gone = numbers.sample(town, 20)
        come = [ox.Quad(a.subject, b.predicate, b.object, a.graph_name) for a, b in zip(gone, town[5:], strict=False)]
        before = ox.Store()
        before.extend(store)
        size = count(store)
        grown = replace_in_union(store, gone, come)
        changed = {each.triple for each in (*gone, *come)}
        _, more = selfdescription.follow(store, before, changed if numbers.random() < 0.8 else None, knowledge)
        grown += more
        held = {q.triple for q in store.quads_for_pattern(None, None, None, ox.NamedNode(VOID_GRAPH))}
        anew = set(partitions.statements(partitions.counted(store, NAMESPACES.base), NAMESPACES.base))
        assert {each for each in held if each.subject.value != f"{NAMESPACES.base}dataset"} == {
            each for each in anew if each.subject.value != f"{NAMESPACES.base}dataset"
        }
        assert count(store) == size + grown
