"""The quick answers of the endpoint are the application's own: same status, headers, body, and question to the pool."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from leedskg.web.quick import QuickAnswers
from tests.sample_graph import EX, RUNAWAY, numbers, people, published, settings_for

KNOWS = f"SELECT * {{ ?a <{EX}knows> ?b }} ORDER BY ?a ?b"
LONG = "SELECT * { VALUES ?a { 1 2 3 4 5 6 7 8 9 } VALUES ?b { 1 2 3 4 5 6 7 8 9 } VALUES ?c { 1 2 3 4 5 6 7 8 9 } }"
#: Enough rows for a result that is kept in a file.
LARGE = LONG.replace("} }", "} VALUES ?d { 1 2 3 4 5 6 7 8 9 } }")

REQUESTS = {
    "a table": ({"query": KNOWS}, {}),
    "a table in the form asked for": ({"query": KNOWS}, {"Accept": "text/csv;q=0.5, application/sparql-results+xml"}),
    "a table named by format": ({"query": KNOWS, "format": "tsv"}, {"Accept": "text/html"}),
    "ask": ({"query": f"ASK {{ <{EX}ada> ?p ?o }}"}, {"Accept": "*/*"}),
    "a graph": ({"query": f"DESCRIBE <{EX}ada>"}, {"Accept": "application/n-triples"}),
    "a graph constructed": ({"query": f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o ; <{EX}age> ?age }}"}, {}),
    "compressed": ({"query": LONG}, {"Accept-Encoding": "gzip, deflate"}),
    "not worth compressing": ({"query": KNOWS}, {"Accept-Encoding": "gzip"}),
    "compression refused": ({"query": LONG}, {"Accept-Encoding": "gzip;q=0"}),
    "large": ({"query": LARGE}, {}),
    "large and compressed": ({"query": LARGE}, {"Accept-Encoding": "gzip"}),
    "another each time": ({"query": "SELECT (1 AS ?one) { FILTER(NOW() > 0 || true) }"}, {}),
    "a dataset": ({"query": "SELECT * { ?s ?p ?o } ORDER BY ?s ?p", "default-graph-uri": f"{EX}graph/one"}, {}),
    "a time": ({"query": KNOWS, "timeout": "3"}, {}),
    "a query with letters": ({"query": 'SELECT ("Zoë ‘x’ & +%20" AS ?text) {}'}, {}),
    "a slip": ({"query": "SELECT * { ?s ?p }"}, {}),
    "a slip, as JSON": ({"query": "SELECT * { ?s ?p }"}, {"Accept": "application/json"}),
    "no query": ({"format": "json"}, {}),
    "an unknown parameter": ({"query": KNOWS, "limit": "3"}, {}),
    "a call to another server": ({"query": "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"}, {}),
    "an update": ({"query": "DROP ALL"}, {}),
    "LOAD behind a query": ({"query": "SELECT * {} LOAD <http://example.org/>"}, {}),
    "no format that fits": ({"query": KNOWS}, {"Accept": "image/png"}),
    "a wrong format": ({"query": KNOWS, "format": "turtle"}, {}),
    "a function nobody knows": ({"query": f"SELECT (<{EX}f>(1) AS ?x) {{}}"}, {}),
    "out of time": ({"query": RUNAWAY, "timeout": "0.2"}, {}),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    state: Path = tmp_path_factory.mktemp("state")
    published(state, lambda store: (people(store), numbers(20_000)(store)))
    settings = settings_for(state)
    with QueryPool(settings) as pool:
        yield create_app(settings, pool)


def asked(app: Flask, parameters: dict, headers: dict, *, quickly: bool, method: str = "GET"):
    """The response, and what the pool was asked; through Flask alone unless `quickly`."""
    quick = app.wsgi_app
    assert isinstance(quick, QuickAnswers)
    pool, seen = quick._reader, []
    run = pool.run
    try:
        pool.run = lambda request, **formats: seen.append((request, formats)) or run(request, **formats)
        app.wsgi_app = quick if quickly else quick._behind
        with app.test_client().open("/sparql", method=method, query_string=parameters, headers=headers) as response:
            said = {name: re.sub(r"nonce-[\w-]+", "nonce", value) for name, value in response.headers}
            return response.status_code, said, response.get_data(), seen
    finally:
        del pool.run
        app.wsgi_app = quick


@pytest.mark.parametrize("name", REQUESTS)
def test_a_quick_answer_is_the_applications_answer(app, name):
    parameters, headers = REQUESTS[name]
    assert asked(app, parameters, headers, quickly=True) == asked(app, parameters, headers, quickly=False)


def test_what_ends_in_an_error_is_run_once(app):
    status, _, body, seen = asked(app, {"query": RUNAWAY, "timeout": "0.2"}, {}, quickly=True)
    assert (status, len(seen)) == (503, 1)
    assert b"stopped after 0.2 seconds" in body


def test_a_bug_is_logged_and_shaped_as_any_other(app, monkeypatch, caplog):
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(app.wsgi_app._reader, "run", fails)
    response = app.test_client().get("/sparql", query_string={"query": KNOWS})
    assert response.status_code == 500
    assert "is ours to mend" in response.text
    assert "a bug" in caplog.text


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "PUT"])
def test_other_methods_are_the_applications(app, method):
    parameters = {"query": KNOWS}
    assert asked(app, parameters, {}, quickly=True, method=method) == asked(
        app, parameters, {}, quickly=False, method=method
    )


def test_a_request_without_a_query_is_described_to(app):
    response = app.test_client().get("/sparql", headers={"Accept": "application/n-triples"})
    assert (response.status_code, response.content_type) == (200, "application/n-triples")
    assert b"service-description#Service" in response.data


def test_a_client_that_has_the_answer_is_told_so(app):
    client = app.test_client()
    first = client.get("/sparql", query_string={"query": KNOWS})
    again = client.get("/sparql", query_string={"query": KNOWS}, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_the_nonce_is_new_each_time(app):
    client = app.test_client()
    policies = {client.get("/sparql", query_string={"query": KNOWS}).headers["Content-Security-Policy"] for _ in "ab"}
    assert len(policies) == 2
