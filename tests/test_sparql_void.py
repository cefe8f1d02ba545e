"""The VoID description, against what the store itself counts."""

from collections import Counter
from datetime import datetime

import pyoxigraph as ox
import pytest
import rdflib

from leedskg.namespaces import Namespaces
from leedskg.sparql.execution import QueryPool
from leedskg.store.generations import lease_current
from leedskg.web import create_app
from tests.sample_graph import name, people, published, settings_for

VOID = rdflib.Namespace("http://rdfs.org/ns/void#")
DCTERMS = rdflib.Namespace("http://purl.org/dc/terms/")
OURS = Namespaces()
A = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def a_town(store):
    """The people of the sample, two of them entities of ours."""
    people(store)
    graph = name("graph/three")
    for slug in ("ada", "bea"):
        store.add(ox.Quad(ox.NamedNode(OURS.entity(slug)), ox.NamedNode(A), ox.NamedNode(OURS.term("Entity")), graph))
    store.add(ox.Quad(ox.NamedNode(OURS.entity("ada")), ox.NamedNode(A), name("terms#Person"), graph))


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    published(folder, a_town)
    return folder


@pytest.fixture(scope="module")
def client(state):
    settings = settings_for(state)
    with QueryPool(settings) as pool:
        yield create_app(settings, pool).test_client()


@pytest.fixture
def void(client):
    response = client.get("/.well-known/void")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/turtle; charset=utf-8"
    return rdflib.Graph().parse(data=response.data, format="turtle")


DATASET = rdflib.URIRef(f"{OURS.base}dataset")


def test_its_counts_are_the_stores(void, state):
    with lease_current(state) as lease:
        store = ox.Store.read_only(str(lease.generation.path))
        triples = [quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())]
        generation = lease.generation
    kinds = [(triple.subject, triple.object) for triple in triples if triple.predicate.value == A]
    expected = {
        "triples": len(triples),
        "distinctSubjects": len({triple.subject for triple in triples}),
        "distinctObjects": len({str(triple.object) for triple in triples}),
        "properties": len({triple.predicate for triple in triples}),
        "classes": len({kind for _, kind in kinds}),
        "entities": sum(kind.value == OURS.term("Entity") for _, kind in kinds),
    }
    assert {each: void.value(DATASET, VOID[each]).toPython() for each in expected} == expected
    assert expected["entities"] == 2
    by_class = Counter(kind.value for _, kind in kinds)
    assert partitions(void, "class", "entities") == by_class
    assert partitions(void, "property", "triples") == Counter(triple.predicate.value for triple in triples)
    assert void.value(DATASET, DCTERMS.modified).toPython() == datetime.fromisoformat(generation.built_at)
    assert str(void.value(DATASET, rdflib.OWL.versionInfo)) == generation.id


def partitions(void, what, number):
    return {
        str(void.value(part, VOID[what])): void.value(part, VOID[number]).toPython()
        for part in void.objects(DATASET, VOID[f"{what}Partition"])
    }


def test_its_vocabularies_are_those_in_use(void):
    assert {str(each) for each in void.objects(DATASET, VOID.vocabulary)} == {
        "http://example.org/",
        "http://example.org/terms#",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "http://www.w3.org/2000/01/rdf-schema#",
        OURS.term(""),
    }


def test_the_places_it_names_are_there(void, client):
    assert client.get("/sparql?query=ASK{}").status_code == 200
    assert void.value(DATASET, VOID.sparqlEndpoint) == rdflib.URIRef("http://localhost/sparql")
    places = {str(each) for each in void.objects(DATASET, VOID.dataDump)}
    assert {each for each in places if each.endswith((".nq", ".trig"))} == {
        f"http://localhost/dataset.{suffix}" for suffix in ("nq", "trig")
    }
    dump = client.get(
        next(each for each in places if each.endswith("?default")), headers={"Accept": "application/n-triples"}
    )
    assert len(rdflib.Graph().parse(data=dump.data, format="nt")) == void.value(DATASET, VOID.triples).toPython()
    licence = void.value(DATASET, DCTERMS.license)
    assert licence == rdflib.URIRef("https://creativecommons.org/licenses/by/4.0/")
    service = client.get("/sparql")
    assert service.headers["Link"] == '</.well-known/void>; rel="describedby"'
    assert str(DATASET).encode() in service.data


def test_it_comes_in_every_graph_format_and_is_not_sent_twice(client):
    first = client.get("/.well-known/void", headers={"Accept": "application/ld+json"})
    assert first.headers["Content-Type"] == "application/ld+json"
    again = client.get(
        "/.well-known/void", headers={"Accept": "application/ld+json", "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert client.head("/.well-known/void").data == b""
    assert client.get("/.well-known/void", headers={"Accept": "image/png"}).status_code == 406


def test_it_follows_what_is_published(tmp_path):
    published(tmp_path)
    settings = settings_for(tmp_path)
    with QueryPool(settings) as pool:
        client = create_app(settings, pool).test_client()
        before = client.get("/.well-known/void").data
        published(tmp_path, a_town)
        while pool.generation().number == 1:
            pool.ask("ASK {}")
        after = rdflib.Graph().parse(data=client.get("/.well-known/void").data, format="turtle")
        assert after.value(DATASET, VOID.triples).toPython() == 7
        assert b"void:triples 4" in before


@pytest.mark.parametrize("path", ["/sparql", "/.well-known/void"])
@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]
)
def test_a_description_has_the_same_bytes_each_time(state, path, accept):
    seen = set()
    for _ in range(2):  # each as a server that was started anew
        settings = settings_for(state)
        with QueryPool(settings) as pool:
            response = create_app(settings, pool).test_client().get(path, headers={"Accept": accept})
            seen.add((response.headers["ETag"], response.data))
    assert len(seen) == 1
