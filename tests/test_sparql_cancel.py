"""Cancelling over HTTP, and what a query that is too heavy is told: through a started server and its log."""

import http.client
import json
import threading
import time
from urllib.parse import quote, urlencode

import pytest

from leedskg.sparql.advice.slowness import slow_because
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.sample_graph import EX, RUNAWAY, numbers, published, settings_for
from tests.test_serving import served

pytestmark = pytest.mark.slow

ID = "0123456789abcdef-of-a-query"
BASE = "https://example.org/"
PREFIX = f"PREFIX ex: <{EX}> "


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    published(folder, numbers(3000))
    return folder


@pytest.fixture(scope="module")
def app(state):
    settings = settings_for(state, query_timeout=0.5)
    with QueryPool(settings) as pool:
        yield create_app(settings, pool)


def send(port, method, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    try:
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_a_query_is_cancelled_and_its_id_is_not_in_the_log(state, tmp_path, method):
    with served(state, log=tmp_path / "log") as (_, port):
        answers = []
        asked = f"/sparql?{urlencode({'query': RUNAWAY, 'queryId': ID})}"
        asking = threading.Thread(target=lambda: answers.append(send(port, "GET", asked)))
        asking.start()
        while send(port, method, f"/sparql/queries/{ID}")[0] == 404:
            time.sleep(0.01)
        asking.join(timeout=60)
        assert answers == [(409, "the query was cancelled, as was asked by its id\n")]
        assert send(port, method, f"/sparql/queries/{ID}")[0] == 404
        assert send(port, "GET", "/sparql/queries/")[0] == 404
        assert send(port, "GET", f"/sparql/queries/{ID}")[0] == 405
        assert send(port, "GET", "/sparql?query=" + quote("ASK {}"))[0] == 200
    said = (tmp_path / "log").read_text()
    assert f'"{method} /sparql/queries/0123…" 204' in said
    assert ID not in said


@pytest.mark.parametrize("text", ["short", "x" * 129, "with a space in it, so", "ünïcödé-characters", "../" * 6])
def test_an_id_that_is_guessed_or_odd_is_refused(app, text):
    response = app.test_client().get("/sparql", query_string={"query": "ASK {}", "queryId": text})
    assert (response.status_code, "at random" in response.text) == (400, True)


def test_a_page_of_another_site_may_cancel_what_it_asked(app):
    response = app.test_client().options(f"/sparql/queries/{ID}", headers={"Origin": "https://elsewhere.example"})
    assert "DELETE" in response.headers["Access-Control-Allow-Methods"]
    assert "DELETE" not in app.test_client().options("/sparql").headers["Access-Control-Allow-Methods"]


def test_the_id_is_no_part_of_what_is_asked(app):
    client = app.test_client()
    tags = {
        client.get("/sparql", query_string={"query": "ASK {}", "queryId": ID + each}).headers["ETag"] for each in "ab"
    }
    assert len(tags) == 1


def test_what_makes_a_query_heavy_is_told_in_every_form(app):
    client, asked = app.test_client(), {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a LIMIT 1"}
    plain = client.get("/sparql", query_string=asked)
    assert plain.status_code == 503
    first, *causes = plain.text.splitlines()
    assert "stopped after 0.5 seconds" in first
    assert causes[0].startswith("- ?a ?b ?c, ?d ?e ?f and 1 more share no variable")
    assert causes[1] == (
        "- ORDER BY can give nothing before all of these combinations are made; LIMIT does not shorten that"
    )
    problem = client.get("/sparql", query_string=asked, headers={"Accept": "application/problem+json, */*;q=0.1"})
    told = json.loads(problem.data)
    assert (told["title"], [f"- {each}" for each in told["causes"]]) == ("The query is too heavy", causes)
    page = client.get("/sparql", query_string=asked | {"format": "json"}, headers={"Accept": "text/html"})
    assert "share no variable" in page.text


CROSS = "share no variable, so"
CAUSES = [
    (f"SELECT * {{ ?a <{EX}knows> ?b . ?c <{EX}age> ?d FILTER(?b = ?c) }}", f"?a <{EX}knows> ?b and"),
    (PREFIX + "SELECT * { ?a ex:knows ?b . ?c ex:age ?d }", "?a ex:knows ?b and ?c ex:age ?d share no variable"),
    (PREFIX + "SELECT * { ?a ex:p [ ex:q ?b ] . ?c ex:r 'x' }", '[] ex:q ?b and ?c ex:r "x" share no variable'),
    (PREFIX + "SELECT * { { SELECT ?a { ?a ex:p ?x . ?b ex:q ?y } } ?a ex:z ?v }", "?a ex:p ?x and ?b ex:q ?y share"),
    ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?a", "GROUP BY and an aggregate such as COUNT"),
    ("SELECT DISTINCT ?a { ?a ?b ?c . ?d ?e ?f }", "DISTINCT has to remember"),
    (PREFIX + "SELECT DISTINCT ?a { ?a ex:knows+ ?b }", "the path ?a ex:knows+ ?b has no end"),
    (PREFIX + "SELECT * { ?a (ex:p/ex:knows*) ?b }", "has no end"),
    ("SELECT ?s { ?s ?p ?o FILTER(CONTAINS(LCASE(STR(?o)), 'x')) } LIMIT 5", "CONTAINS is tried on every statement"),
    ("SELECT ?s { ?s ?p ?o FILTER REGEX(?o, 'x') } LIMIT 5", "REGEX is tried on every statement"),
    (PREFIX + "SELECT * { ?s ex:a ?o OPTIONAL { ?x ex:b ?y } }", "OPTIONAL { ?x ex:b ?y } shares no variable"),
    (PREFIX + "SELECT * { ?s ex:a ?o MINUS { ?x ex:b ?y } }", "it removes nothing"),
    (PREFIX + "SELECT * { ?s ex:a ?o FILTER NOT EXISTS { ?x ex:b ?y } }", "it is the same for all"),
    ("SELECT * { ?s ?p ?o }", "there is no LIMIT"),
    ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "there is no LIMIT"),
]
NO_CAUSES = [
    PREFIX + "SELECT * { ?a ex:knows ?b . ?b ex:age ?d }",
    PREFIX + "SELECT * { ?a ex:p ?x . BIND(STR(?x) AS ?y) ?b ex:q ?y }",
    PREFIX + "SELECT * { VALUES ?x { 1 2 } ?a ex:p ?b }",
    PREFIX + "SELECT * { { ?a ex:p ?b } UNION { ?c ex:q ?d } }",
    PREFIX + "SELECT * { ?a ex:p ?x SERVICE <http://e/> { ?x ex:q ?y } ?y ex:r ?z }",
    PREFIX + "SELECT * { GRAPH ?g { ?a ex:p ?b . ?c ex:q ?d } }",
    PREFIX + "SELECT ?a { ex:x ex:knows* ?a }",
    PREFIX + "SELECT ?a { ?a ex:knows* ?b . ?b ex:age 3 }",
    PREFIX + "SELECT ?s { ?s a ex:T ; ?p ?o FILTER CONTAINS(?o, 'x') }",
    PREFIX + "SELECT * { <a> ex:p 1 . ?s ex:q ?o }",
    "ASK { ?s ?p ?o }",
    "SELECT * { ?s ?p ?o } LIMIT 10",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "this is not SPARQL",
]


@pytest.mark.parametrize(("query", "words"), CAUSES)
def test_a_cause_is_named(query, words):
    assert any(words in cause for cause in slow_because(query, BASE)), slow_because(query, BASE)


@pytest.mark.parametrize("query", NO_CAUSES)
def test_nothing_is_named_that_cannot_be_told(query):
    assert slow_because(query, BASE) == ()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{ " * 5000 + "?s ?p ?o" + " }" * 5000,
        "SELECT * { ?s ?p ?o FILTER(" + "(" * 2000 + "?o" + ")" * 2000 + ") }",
        "SELECT * { ?s ?p ?o FILTER(" + "!" * 20000 + "?o) }",
        "SELECT * { ?s " + "/".join(["<p:p>"] * 5000) + " ?o }",
        "SELECT * { ?s ?p ?o " + "FILTER(?s != 1) " * 500 + "}",
        "SELECT * { ?s ?p '" + "x" * 10**6 + "' . ?a ?b ?c }",
    ],
)
def test_a_query_beyond_all_bounds_is_passed_over_quickly(query):
    began = time.thread_time()
    assert slow_because(query, BASE) == ()
    assert time.thread_time() - began < 1
