"""The endpoint through its front door: every format, every form of request, every refusal."""

import csv
import io
import json

import pytest
import rdflib
from rdflib.plugins.sparql.results.tsvresults import TSVResultParser

from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.sample_graph import EX, LABEL, published, settings_for

LABELS = f"SELECT ?s ?l {{ ?s <{LABEL}> ?l }}"
KNOWN = f"CONSTRUCT {{ ?s <{EX}knows> ?o }} WHERE {{ ?s <{EX}knows> ?o }}"
KNOWS = {
    (rdflib.URIRef(EX + one), rdflib.URIRef(EX + "knows"), rdflib.URIRef(EX + other))
    for one, other in (("ada", "bea"), ("bea", "cy"))
}
LABEL_TEXT = "Ada, “the first”\nof three"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    published(state)
    settings = settings_for(state)
    with QueryPool(settings) as pool:
        yield create_app(settings, pool)


@pytest.fixture
def client(app):
    return app.test_client()


def get(client, query, **options):
    headers = {"Accept": options.pop("accept")} if "accept" in options else {}
    return client.get("/sparql", query_string={"query": query} | options, headers=headers)


@pytest.mark.parametrize("name", ["json", "xml", "tsv"])
def test_tables_are_read_back_by_rdflib(client, name):
    response = get(client, LABELS, format=name)
    assert response.status_code == 200
    if name == "tsv":
        result = TSVResultParser().parse(io.BytesIO(response.data))
    else:
        result = rdflib.query.Result.parse(io.BytesIO(response.data), format=name)
    [row] = result
    assert row.s == rdflib.URIRef(EX + "ada")
    assert row.l == rdflib.Literal(LABEL_TEXT, lang="en")


def test_csv_is_read_back(client):
    response = get(client, LABELS, accept="text/csv")
    assert response.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    header, row = csv.reader(io.StringIO(response.data.decode(), newline=""))
    assert dict(zip(header, row, strict=True)) == {"s": EX + "ada", "l": LABEL_TEXT}


@pytest.mark.parametrize(
    ("accept", "parser"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/ld+json", "json-ld"),
        ("application/rdf+xml", "xml"),
    ],
)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's JSON-LD parser uses its own
def test_graphs_are_read_back_by_rdflib(client, accept, parser):
    response = get(client, KNOWN, accept=accept)
    assert response.headers["Content-Type"].startswith(accept)
    assert set(rdflib.Graph().parse(data=response.data, format=parser)) == KNOWS


def test_describe(client):
    found = rdflib.Graph().parse(data=get(client, f"DESCRIBE <{EX}bea>").data, format="turtle")
    assert set(found) == {triple for triple in KNOWS if triple[0] == rdflib.URIRef(EX + "bea")}


@pytest.mark.parametrize(("name", "yes"), [("json", b'"boolean":true'), ("xml", b"<boolean>true"), ("csv", b"true")])
def test_ask(client, name, yes):
    assert yes in get(client, "ASK { ?s ?p ?o }", format=name).data


def test_the_three_ways_to_ask(client):
    def count(response):
        assert response.status_code == 200, response.data
        return json.loads(response.data)["results"]["bindings"][0]["n"]["value"]

    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert count(get(client, query)) == "4"
    assert count(client.post("/sparql", data={"query": query})) == "4"
    assert count(client.post("/sparql", data=query, content_type="application/sparql-query")) == "4"


@pytest.mark.parametrize(
    ("dataset", "parameters", "triples", "quads"),
    [
        ("", {}, 4, 5),
        (f"FROM <{EX}graph/two>", {}, 2, 0),
        (f"FROM NAMED <{EX}graph/one>", {}, 0, 3),
        (f"FROM <{EX}graph/two> FROM NAMED <{EX}graph/one>", {}, 2, 3),
        ("", {"default-graph-uri": f"{EX}graph/two"}, 2, 0),
        ("", {"named-graph-uri": f"{EX}graph/one"}, 0, 3),
        (f"FROM <{EX}graph/one>", {"default-graph-uri": f"{EX}graph/two"}, 2, 0),
        (f"FROM <{EX}nothing>", {}, 0, 0),
        (f"from<{EX}graph/two>", {}, 2, 0),
    ],
)
def test_the_dataset(client, dataset, parameters, triples, quads):
    for pattern, expected in (("?s ?p ?o", triples), ("GRAPH ?g { ?s ?p ?o }", quads)):
        response = get(client, f"SELECT ?s ?p ?o {dataset} WHERE {{ {pattern} }}", **parameters)
        assert len(json.loads(response.data)["results"]["bindings"]) == expected, pattern


@pytest.mark.parametrize(
    ("status", "query", "accept"),
    [
        (403, f"SELECT * {{ SERVICE <{EX}> {{ ?s ?p ?o }} }}", None),
        (403, "CLEAR ALL", None),
        (406, "SELECT * { ?s ?p ?o }", "image/png"),
        (406, KNOWN, "text/csv"),
        (400, "SELECT * { ?s ?p", "image/png, application/json;q=0.1"),
        (400, "", None),
        (400, "what is this", None),
    ],
)
def test_refusals(client, status, query, accept):
    response = get(client, query, **({"accept": accept} if accept else {}))
    assert response.status_code == status
    assert response.data
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" not in response.headers


def test_methods_and_bodies_that_are_not_read(client):
    assert client.put("/sparql", data="x").status_code == 405
    assert client.post("/sparql", data="ASK {}", content_type="text/plain").status_code == 415
    long = client.post("/sparql", data=b"#" * (2**20 + 1), content_type="application/sparql-query")
    assert long.status_code == 413
    assert b"1048576 bytes" in long.data


def test_an_error_is_text_or_a_problem_as_the_client_prefers(client):
    query = "SELECT *\n{ ?s foaf:name ?o }"
    text = get(client, query)
    assert text.headers["Content-Type"].startswith("text/plain")
    assert text.data.decode().startswith(
        "syntax error at line 2, column 6: the prefix foaf: is not declared; add PREFIX"
    )
    problem = get(client, query, accept="text/csv, application/problem+json;q=0.5")
    assert problem.headers["Content-Type"] == "application/problem+json"
    said = json.loads(problem.data)
    assert (said["status"], said["line"], said["column"]) == (400, 2, 6)


def test_a_result_that_has_not_changed_is_not_sent_again(client):
    first = get(client, LABELS)
    again = client.get("/sparql", query_string={"query": LABELS}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = get(client, LABELS, format="csv")
    assert other.headers["ETag"] != first.headers["ETag"]
    assert "ETag" not in get(client, "SELECT (RAND() AS ?r) {}").headers


def test_head_and_options(client):
    whole = get(client, LABELS)
    head = client.head("/sparql", query_string={"query": LABELS})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.data))
    options = client.options("/sparql", headers={"Origin": "https://example.org"})
    assert options.status_code == 204
    assert "POST" in options.headers["Access-Control-Allow-Methods"]


def test_without_a_query_a_program_gets_a_description_and_a_person_a_form(client):
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    described = rdflib.Graph().parse(data=client.get("/sparql").data, format="turtle")
    [service] = described.subjects(rdflib.RDF.type, sd.Service)
    assert described.value(service, sd.endpoint) == rdflib.URIRef("http://localhost/sparql")
    person = client.get("/sparql", headers={"Accept": "text/html,*/*;q=0.8"})
    assert b"<form" in person.data
    assert client.get("/sparql", headers={"Accept": "image/png"}).status_code == 406


def test_every_response_is_guarded(client):
    policies = set()
    for address in ("/sparql", "/nowhere", "/sparql?query=broken"):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        policies.add(policy)
    assert len(policies) == 3, "a fresh nonce each time"


def test_a_bug_is_logged_whole_and_answered_without_its_innards(app, caplog):
    def fails(*_args, **_options):
        raise ZeroDivisionError("the secret")

    client = app.test_client()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QueryPool, "run", fails)
        response = get(client, LABELS)
    assert response.status_code == 500
    assert b"secret" not in response.data
    assert "the secret" in caplog.text
    assert LABELS not in caplog.text
