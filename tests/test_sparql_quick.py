"""The quick answers of the endpoint are the application's own: same status, headers, body, and question to the pool."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from leedskg.errors import LimitReachedError, RequestError, TooHeavyError
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol.failure import CancelledError
from leedskg.sparql.protocol.negotiation import negotiate
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.web import create_app
from leedskg.web.serving.gateway import Gateway
from leedskg.web.serving.quick import QuickAnswers
from tests.event_loop import run as run_in_loop
from tests.sample_graph import EX, RUNAWAY, numbers, people, published, settings_for
from tests.waiting import until

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


def through_the_gateway(app: Flask, parameters: dict, headers: dict, *, in_loop: bool, method: str = "GET"):
    """As `asked`, through the gateway, which answers the plain case in its loop; through Flask unless `in_loop`."""
    quick = app.wsgi_app
    pool, seen, sent = quick._reader, [], []
    run, run_async = pool.run, pool.run_async
    arriving = EnvironBuilder("/sparql", query_string=parameters, headers=headers, method=method).get_environ()
    named = {name[5:].replace("_", "-").lower(): value for name, value in arriving.items() if name.startswith("HTTP_")}
    scope = {
        "type": "http",
        "method": method,
        "path": "/sparql",
        "raw_path": b"/sparql",
        "query_string": arriving["QUERY_STRING"].encode("latin-1"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 40_000),
        "scheme": "http",
        "http_version": "1.1",
    }

    async def receive() -> dict:
        return {"type": "http.request", "body": b""}

    async def send(message: dict) -> None:
        sent.append(message)

    async def noted(request, in_thread, **formats):
        seen.append((request, formats))
        return await run_async(request, in_thread, **formats)

    try:
        pool.run = lambda request, **formats: seen.append((request, formats)) or run(request, **formats)
        pool.run_async = noted
        limits = {"threads": 2, "patience": 5, "wait": 5, "longest_body": lambda _: 1000}
        gateway = (
            Gateway(quick, **limits, answer_async=quick.answer_async) if in_loop else Gateway(quick._behind, **limits)
        )
        run_in_loop(gateway(scope, receive, send))
    finally:
        del pool.run, pool.run_async
    start, *bodies = sent
    said = {
        name.decode(): re.sub(r"nonce-[\w-]+", "nonce", value.decode("latin-1"))
        for name, value in start["headers"]
        if name != b"x-request-id"  # another for each
    }
    return start["status"], said, b"".join(each["body"] for each in bodies), seen


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_from_the_event_loop_is_the_applications_answer(app, name):
    parameters, headers = REQUESTS[name]
    expected = through_the_gateway(app, parameters, headers, in_loop=False)
    assert through_the_gateway(app, parameters, headers, in_loop=True) == expected


def test_many_in_one_event_loop_wait_their_turn_and_each_has_its_own_answer(app):
    """More at once than there are workers, small and large ones, one that ends in an error, and one that is killed."""
    pool = app.wsgi_app._reader
    asked_for = [
        f"SELECT ({number} AS ?n) {{ VALUES ?x {{ {'1 ' * (1 + 700 * (number % 3))} }} }}" for number in range(14)
    ]
    table = negotiate("text/csv", "table", None)

    async def in_thread(job):
        return await asyncio.to_thread(job)

    async def one(query: str):
        result = await pool.run_async(QueryRequest(query), in_thread, table=table)
        with result:
            return result.read().decode().split()

    async def all_of_them():
        return await asyncio.gather(
            *map(one, asked_for),
            one("SELECT * { ?s ?p }"),
            pool.run_async(QueryRequest(RUNAWAY, timeout=0.3), in_thread, table=table),
            return_exceptions=True,
        )

    *whole, slip, late = run_in_loop(all_of_them())
    assert whole == [["n", *[str(number)] * (1 + 700 * (number % 3))] for number in range(14)]
    assert isinstance(slip, RequestError)
    assert isinstance(late, TooHeavyError)
    until(lambda: not pool.status()["busy"])


def test_one_that_waits_in_an_event_loop_can_be_cancelled_and_is_told_when_it_waits_in_vain(tmp_path):
    published(tmp_path, numbers(20_000))
    table = negotiate("text/csv", "table", None)

    async def in_thread(job):
        return await asyncio.to_thread(job)

    async def ask(pool: QueryPool):
        running = [
            asyncio.create_task(pool.run_async(QueryRequest(RUNAWAY, timeout=2), in_thread, table=table)) for _ in "ab"
        ]
        while len(pool.status()["busy"]) < 2:
            await asyncio.sleep(0.01)
        called = QueryRequest(KNOWS, id="a-query-that-is-called-off")
        waiting = asyncio.create_task(pool.run_async(called, in_thread, table=table))
        late = asyncio.create_task(pool.run_async(QueryRequest(KNOWS), in_thread, table=table))
        await asyncio.sleep(0.1)
        assert pool.cancel(called.id)
        return await asyncio.gather(waiting, late, *running, return_exceptions=True)

    settings = settings_for(tmp_path, workers=2, spare_workers=0, heavy_after=60, queue_timeout=0.5)
    with QueryPool(settings) as pool:
        called_off, late, *_ = run_in_loop(ask(pool))
        assert isinstance(called_off, CancelledError)
        assert isinstance(late, LimitReachedError)
        assert "none was free" in str(late)
        until(lambda: not pool.status()["busy"])


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
    assert "is ours to fix" in response.text
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
