"""The graph store protocol: reading the published graph, and what a scratch store lets one write."""

import gzip

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leedskg.sparql.execution import QueryPool
from leedskg.sparql.scratch import ScratchPool
from leedskg.web import create_app
from leedskg.web.scratch import create_scratch_app
from tests.sample_graph import EX, published, settings_for

TURTLE = "text/turtle"
GRAPH = "/graph-store?graph=http://e/g"


@pytest.fixture(scope="module")
def published_client(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    published(state)
    in_force = settings_for(state)
    with QueryPool(in_force) as pool:
        yield create_app(in_force, pool).test_client()


@pytest.fixture(scope="module")
def scratch_client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scratch")
    in_force = settings_for(folder, upload_limit=1)
    with ScratchPool(in_force, folder / "store") as pool:
        yield create_scratch_app(in_force, pool).test_client()


@pytest.fixture
def client(scratch_client):
    scratch_client.post("/sparql", data={"update": "DROP ALL"})
    return scratch_client


def triples(response, form=ox.RdfFormat.TURTLE):
    assert response.status_code == 200, response.data
    return {str(quad.triple) for quad in ox.parse(response.data, form)}


def put(client, address, data, content_type=TURTLE):
    return client.put(address, data=data, content_type=content_type)


# The published graph


@pytest.mark.parametrize(
    ("target", "number"), [("default", 4), (f"graph={EX}graph/one", 3), (f"graph={EX}graph/two", 2)]
)
def test_a_graph_of_the_published_is_read_whole(published_client, target, number):
    response = published_client.get(f"/graph-store?{target}", headers={"Accept": "application/n-triples"})
    assert len(triples(response, ox.RdfFormat.N_TRIPLES)) == number
    head = published_client.head(f"/graph-store?{target}", headers={"Accept": "application/n-triples"})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(response.data))
    again = published_client.get(
        f"/graph-store?{target}",
        headers={"Accept": "application/n-triples", "If-None-Match": response.headers["ETag"]},
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("text/turtle;q=0.1, application/ld+json;q=0.9", ox.RdfFormat.JSON_LD),
    ],
)
def test_a_graph_comes_in_every_format(published_client, accept, form):
    assert len(triples(published_client.get("/graph-store?default", headers={"Accept": accept}), form)) == 4


def test_a_graph_comes_by_its_formats_name_and_compressed(published_client):
    response = published_client.get("/graph-store?default&format=ttl", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert response.headers["Content-Encoding"] == "gzip"
    assert b"@prefix" in gzip.decompress(response.data)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/graph-store?default", "/graph-store", "/graph-store/a/b"])
def test_the_published_graph_is_not_written(published_client, method, address):
    response = published_client.open(address, method=method, data=b"<a:b> <a:b> 1 .", content_type=TURTLE)
    assert response.status_code == 403
    assert b"changes come through contributions" in response.data
    update = published_client.post("/sparql", data={"update": "CLEAR ALL"})
    assert update.status_code == 403
    assert b"changes come through contributions" in update.data


def test_what_may_be_done_is_said(published_client, scratch_client):
    reading = published_client.options("/graph-store")
    assert (reading.status_code, reading.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    writing = scratch_client.options("/graph-store")
    assert writing.headers["Allow"] == "GET, HEAD, OPTIONS, PUT, POST, DELETE"
    assert "PUT" not in writing.headers["Access-Control-Allow-Methods"], "pages of other sites may read, not write"


@pytest.mark.parametrize(
    ("status", "says", "address"),
    [
        (404, "there is no graph http://e/none", "/graph-store?graph=http://e/none"),
        (404, "there is no graph http://localhost/graph-store/a", "/graph-store/a"),
        (400, "say which graph", "/graph-store"),
        (400, "one graph", "/graph-store?default&graph=http://e/g"),
        (400, "one graph", "/graph-store?graph=http://e/g&graph=http://e/h"),
        (400, "by its address and another", "/graph-store/a?default"),
        (400, "whole IRI", "/graph-store?graph=g"),
        (400, "not a whole IRI", "/graph-store?graph=http://[x"),
        (400, "not a whole IRI", "/sparql?query=ASK%7B%7D&default-graph-uri=http://[x"),
        (400, "is graph meant", "/graph-store?default&grph=http://e/1"),
        (400, "%", "/graph-store?graph=http://e/%2"),
        (400, "is not known", "/graph-store?default&format=parquet"),
        (406, "does not fit", "/graph-store?default&format=csv"),
    ],
)
def test_requests_that_cannot_be_answered(published_client, status, says, address):
    response = published_client.get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "text/plain; charset=utf-8")
    assert says in response.data.decode()


# A scratch store


def test_put_replaces_post_adds_delete_removes(client):
    assert put(client, GRAPH, "<a:a> <a:b> 1 .").status_code == 201
    assert put(client, GRAPH, "<a:a> <a:b> 2 .").status_code == 204
    assert client.post(GRAPH, data="<a:a> <a:b> 3 .", content_type=TURTLE).status_code == 204
    assert len(triples(client.get(GRAPH))) == 2
    assert client.get(GRAPH).headers.get("ETag") is None
    assert client.delete(GRAPH).status_code == 204
    assert client.get(GRAPH).status_code == client.delete(GRAPH).status_code == 404


def test_the_default_graph_is_its_own(client):
    put(client, GRAPH, "<a:a> <a:b> 1 .")
    assert put(client, "/graph-store?default", "<a:c> <a:b> 1 .").status_code == 204
    assert triples(client.get("/graph-store?default")) == {
        '<a:c> <a:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    }
    assert client.delete("/graph-store?default").status_code == 204
    assert triples(client.get("/graph-store?default")) == set()
    assert triples(client.get(GRAPH))


def test_a_graph_may_be_empty(client):
    assert put(client, GRAPH, "").status_code == 201
    assert triples(client.get(GRAPH)) == set()


def test_blank_nodes_of_two_documents_stay_apart(client):
    for _ in range(2):
        client.post(GRAPH, data="_:x <a:b> _:x .", content_type=TURTLE)
    assert len(triples(client.get(GRAPH))) == 2


def test_names_in_the_data_are_resolved_against_the_graphs(client):
    put(client, "/graph-store?graph=http://e/folder/g", "<x> <#y> <> .")
    assert triples(client.get("/graph-store?graph=http://e/folder/g")) == {
        "<http://e/folder/x> <http://e/folder/g#y> <http://e/folder/g>"
    }


def test_a_graph_by_its_address_and_one_that_the_store_names(client):
    assert put(client, "/graph-store/people/ada", "<a:a> <a:b> 1 .").status_code == 201
    assert triples(client.get("/graph-store?graph=http://localhost/graph-store/people/ada"))
    made = client.post("/graph-store", data="<a:a> <a:b> 5 .", content_type=TURTLE)
    assert made.status_code == 201
    assert len(triples(client.get(made.headers["Location"]))) == 1


@pytest.mark.parametrize("content_type", ["text/turtle; charset=utf-8", "application/n-triples", "text/turtle"])
def test_awkward_values_come_back_as_they_went(client, content_type):
    data = '<http://e/é> <a:b> "q\\"\\\\ \\n\\t} é 😀"@en-GB .'
    put(client, GRAPH, data.encode(), content_type)
    assert triples(client.get(GRAPH)) == {str(quad.triple) for quad in ox.parse(data, ox.RdfFormat.TURTLE)}


@pytest.mark.parametrize(
    ("status", "says", "options"),
    [
        (400, "line 2 column", {"data": "<a:a> <a:b> 1 .\n<a:a> <a:b> .", "content_type": TURTLE}),
        (400, "line 1 column", {"data": b"<a:a> <a:b> '\xe9' .", "content_type": TURTLE}),
        (413, "1048576 bytes", {"data": b"#" * (2**20 + 1), "content_type": TURTLE}),
        (415, "latin-1", {"data": b"", "content_type": "text/turtle; charset=latin-1"}),
        (415, "not image/png", {"data": b"", "content_type": "image/png"}),
        (415, "not application/trig", {"data": b"", "content_type": "application/trig"}),
        (415, "no Content-Type", {"data": b"x"}),
        (415, "compressed", {"data": b"", "content_type": TURTLE, "headers": {"Content-Encoding": "gzip"}}),
        (400, "files", {"data": {"a": "b"}, "content_type": "multipart/form-data"}),
        (411, "Content-Length", {"headers": {"Transfer-Encoding": "chunked"}, "content_type": TURTLE}),
    ],
)
def test_data_that_cannot_be_read_changes_nothing(client, status, says, options):
    put(client, GRAPH, "<a:a> <a:b> 1 .")
    response = client.put(GRAPH, **options)
    assert (response.status_code, says in response.data.decode()) == (status, True), response.data
    assert len(triples(client.get(GRAPH))) == 1


def test_a_name_that_is_no_iri_is_said_to_be_none(client):
    response = put(client, "/graph-store?graph=http://[x", "<a:a> <a:b> 1 .")
    assert (response.status_code, b"not a whole IRI" in response.data) == (400, True)
    response = client.post("/sparql?using-graph-uri=http://[x", data={"update": "INSERT { <a:a> <a:b> 1 } WHERE { }"})
    assert response.status_code == 400


def test_a_patch_is_an_update_elsewhere(client):
    response = client.patch(GRAPH, data="x", content_type="application/sparql-update")
    assert response.status_code == 405
    assert b"SPARQL endpoint" in response.data


# Updates in a scratch store


@pytest.mark.parametrize(
    ("status", "says", "update"),
    [
        (400, "line 1, column 23: } cannot stand here", "INSERT DATA { <a> <b> }"),
        (400, "add PREFIX lhi:", "INSERT DATA { lhi:a lhi:b 1 }"),
        (403, "LOAD is not done here", "LOAD <http://e/x>"),
        (403, "LOAD is not done here", "LOAD SILENT <file:///etc/passwd>"),
        (403, "SERVICE is not done here", "INSERT { ?a ?b ?c } WHERE { SERVICE <a:b> { ?a ?b ?c } }"),
        (403, "<a:f> is not known", "INSERT { <a:a> <a:b> ?c } WHERE { BIND(<a:f>(1) AS ?c) }"),
        (409, "does not exist", "INSERT DATA { <a:a> <a:b> 2 } ; DROP GRAPH <a:g>"),
        (409, "already exists", "INSERT DATA { <a:a> <a:b> 2 } ; CREATE GRAPH <a:g> ; CREATE GRAPH <a:g>"),
    ],
)
def test_an_update_that_fails_changes_nothing(client, status, says, update):
    client.post("/sparql", data={"update": "INSERT DATA { <a:a> <a:b> 1 }"})
    response = client.post("/sparql", data=update.encode(), content_type="application/sparql-update")
    assert (response.status_code, says in response.data.decode()) == (status, True), response.data
    assert len(triples(client.get("/graph-store?default"))) == 1


def test_an_update_sent_as_a_query_is_told_how(client):
    response = client.post("/sparql", data={"query": "CLEAR ALL"})
    assert response.status_code == 400
    assert b"send it by POST as `update`" in response.data
    by_link = client.get("/sparql?update=CLEAR%20ALL")
    assert (by_link.status_code, b"by POST" in by_link.data) == (400, True)


def test_a_person_is_told_what_a_scratch_store_is(client):
    home = client.get("/", headers={"Accept": "text/html"})
    assert home.headers["Location"] == "/sparql"
    page = client.get("/sparql", headers={"Accept": "text/html"}).data.decode()
    assert "thrown away when the server stops" in page
    assert page.count("<form") == 2
    nowhere = client.get("/search", headers={"Accept": "text/html"})
    assert (nowhere.status_code, b"query form" in nowhere.data) == (404, True)
    assert client.get("/.well-known/void").status_code == 404


PIECES = ["graph=", "default", "&", "=", "http://e/g", "%", "%00", "%2", "?", "[", "{", "é", "\\", "format=", "nt", " "]


METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"]
BODIES = st.binary(max_size=40) | st.sampled_from([b"<a:a> <a:b> 1 .", b"{}", b"[]", b"<r/>"])
TYPES = ["text/turtle", "application/ld+json", "application/rdf+xml", "multipart/form-data; boundary=x", ""]
PATHS = ["/graph-store", "/graph-store/a%00b", "/graph-store/a b", "/.well-known/void", "/sparql"]


@given(
    st.tuples(st.sampled_from(PATHS), st.lists(st.sampled_from(PIECES), max_size=6).map("".join)).map("?".join),
    st.fixed_dictionaries({"method": st.sampled_from(METHODS), "data": BODIES, "content_type": st.sampled_from(TYPES)}),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_sent_is_the_servers_fault(scratch_client, published_client, address, sent):
    for client in (scratch_client, published_client):
        response = client.open(address, **sent)
        assert response.status_code < 500, (address, sent, response.data)
        response.close()
