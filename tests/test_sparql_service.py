"""SERVICE: refused unless allowed by name; then asked from here, joined there, and bounded in every way."""

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from leedskg.settings import SettingError, read_settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.sample_graph import EX, published, settings_for
from tests.w3c.client import Client, scratch_server

pytestmark = pytest.mark.slow

NOTE = 'say "no"\n\\'
#: As older endpoints write a literal with a datatype.
OLDER = {"type": "typed-literal", "value": "3", "datatype": "http://example.org/d"}
ANSWER = {
    "head": {"vars": ["note", "s", "none"]},
    "results": {
        "bindings": [
            {"s": {"type": "uri", "value": EX + "ada"}, "note": {"type": "literal", "value": NOTE, "xml:lang": "en"}},
            {"s": {"type": "uri", "value": EX + "bea"}, "note": OLDER},
            {"s": {"type": "uri", "value": EX + "stranger"}},
        ]
    },
}  # fmt: skip


class Peer(ThreadingHTTPServer):
    """Stands in for another endpoint: answers as it is told, and notes what it is asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []
        self.status, self.headers, self.body = 200, {}, json.dumps(ANSWER).encode()
        self.drip = 0.0

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/sparql"

    def handle_error(self, request, client_address):
        """Nothing: that the other side goes away is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        peer = self.server
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        peer.asked.append((self.path, form["query"][0], dict(self.headers)))
        self.send_response(peer.status)
        for name, value in peer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for place in range(0, len(peer.body), 1 if peer.drip else 2**20):
            self.wfile.write(peer.body[place : place + (1 if peer.drip else 2**20)])
            time.sleep(peer.drip)

    def log_message(self, *_arguments):
        """Nothing."""


@pytest.fixture
def peer():
    with Peer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    published(folder)
    return folder


@contextmanager
def endpoint(state, *allowed, **options):
    settings = settings_for(state, service_allowed=",".join(allowed), **options)
    with QueryPool(settings) as pool:
        yield create_app(settings, pool).test_client()


def ask(client, query, **options):
    return client.get("/sparql", query_string={"query": query, "format": "json"} | options)


def rows(response):
    assert response.status_code == 200, response.text
    found = response.json["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def test_the_answer_is_joined_with_what_is_here(state, peer):
    query = f"""PREFIX ex: <{EX}>
        SELECT * WHERE {{ ?s ex:knows ?o . SERVICE <{peer.address}> {{ ?s ex:note ?note . # a {{ comment
          OPTIONAL {{ ?s ex:odd "}}" }} }} }} ORDER BY ?s"""
    with endpoint(state, peer.address) as client:
        response = ask(client, query)
        assert rows(response) == [
            {"s": f"{EX}ada", "o": f"{EX}bea", "note": NOTE},
            {"s": f"{EX}bea", "o": f"{EX}cy", "note": "3"},
        ]
        assert response.json["head"]["vars"] == ["s", "o", "note", "none"]
        assert "ETag" not in response.headers
    [(path, asked, headers)] = peer.asked
    assert path == "/sparql"
    assert asked.startswith("BASE <https://w3id.org/leeds-health-innovation/>\n")
    assert f"PREFIX ex: <{EX}>" in asked
    assert 'OPTIONAL { ?s ex:odd "}" }' in asked
    assert "knows" not in asked
    assert headers["Accept"] == "application/sparql-results+json"
    assert headers["User-Agent"].startswith("leedskg/")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("?x <e:knows> ?y OPTIONAL {{ {call} FILTER(?s = ?x) }}", {"ada", "bea"}),
        ("{{ {call} }} UNION {{ ?x <e:knows> ?s }}", {"ada", "bea", "stranger", "cy"}),
        ("?s <e:knows> ?y FILTER EXISTS {{ {call} }}", {"ada", "bea"}),
        ("?y <e:knows> ?s MINUS {{ {call} }}", {"cy"}),
        ("{{ SELECT ?s {{ {call} }} }}", {"ada", "bea", "stranger"}),
        ("{call} {call} FILTER(BOUND(?note))", {"ada", "bea"}),
    ],
)
def test_it_stands_where_any_pattern_may(state, peer, pattern, expected):
    call = f"SERVICE <{peer.address}> {{ ?s <e:note> ?note }}"
    query = "SELECT DISTINCT ?s { " + pattern.format(call=call).replace("<e:", f"<{EX}") + " }"
    with endpoint(state, peer.address) as client:
        assert {row["s"].removeprefix(EX) for row in rows(ask(client, query)) if "s" in row} == expected


def test_another_leedskg_is_a_peer(state, tmp_path):
    with scratch_server(tmp_path / "log") as port:
        other = Client(port)
        data = f'<{EX}ada> <{EX}note> "one", "two" . <{EX}zoe> <{EX}note> "three" .'
        other.load(data.encode(), None)
        address = f"http://127.0.0.1:{port}/sparql"
        with endpoint(state, address) as client:
            query = (
                f"PREFIX e: <{address}> SELECT ?n {{ ?s <{EX}knows> ?o SERVICE e: {{ ?s <{EX}note> ?n }} }} ORDER BY ?n"
            )
            assert [row["n"] for row in rows(ask(client, query))] == ["one", "two"]
            construct = f"CONSTRUCT {{ ?s a ?n }} WHERE {{ SERVICE <{address}> {{ ?s <{EX}note> ?n FILTER(false) }} }}"
            assert ask(client, construct, format="nt").data == b""
            assert ask(client, f"ASK {{ SERVICE <{address}> {{ <{EX}zoe> <{EX}note> 'three' }} }}").json["boolean"]
            wrong = ask(client, f"SELECT * {{ SERVICE <{address}> {{ ?s ?p }} }}")
            assert wrong.status_code == 502
            assert "answered 400: syntax error" in wrong.text
        other.close()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * { SERVICE <http://other.example/> { ?s ?p ?o } }", "is not done here; allowed are <{}>"),
        ("SELECT * { SERVICE <{}/> { ?s ?p ?o } }", "is not done here; allowed"),
        ("SELECT * { SERVICE <{}?x=1> { ?s ?p ?o } }", "is not done here; allowed"),
        ("SELECT * { VALUES ?e { <{}> } SERVICE ?e { ?s ?p ?o } }", "name its endpoint by an IRI"),
        ("SELECT * { SERVICE <{}> { ?s ?p ?o SERVICE <{}> { ?a ?b ?c } } }", "SERVICE inside a SERVICE"),
        ("SELECT * { SERVICE <{}> { ?s ?p ?o SERVICE:x { ?a ?b ?c } } }", "SERVICE inside a SERVICE"),
        ("SELECT * { SERVICE:x { ?s ?p ?o } }", "SERVICE is not done here"),
        ("SELECT * { SERVICE <{}> { ?s ?p ?o } SERVICE:x { ?s ?p ?o } }", "SERVICE is not done here"),
        ("SELECT * { \\u0053ERVICE <{}> { ?s ?p ?o } }", "SERVICE is not done here"),
        ("SELECT * { SERVICE <{}> { ?s ?p ?o \\u007D } }", "without \\u escapes"),
        ("SELECT * { SERVICE <{}> { ?s ?p ?o } ", "SELECT"),
        ("SELECT * { SERVICE <{}> { ?s ?p 'o } }", "in its pattern"),
        ("SELECT * { SERVICE <{}>", "in its pattern"),
        ("SELECT * { SERVICE SILENT { ?s ?p ?o } }", "in its pattern"),
        ("SELECT * { " + "SERVICE <{}> { ?s ?p ?o } " * 9 + "}", "8 times"),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <{}> { ?s ?p ?o } }", "read-only"),
    ],
)
def test_what_is_not_allowed_by_name_is_not_asked(state, peer, query, words):
    with endpoint(state, peer.address) as client:
        response = ask(client, query.replace("{}", peer.address))
        assert response.status_code in {400, 403}, response.text
        if words != "SELECT":
            assert words.replace("{}", peer.address).replace("in its pattern", "its pattern in braces") in response.text
    assert response.status_code == 400 or not peer.asked


def test_nothing_is_allowed_by_default(state, peer):
    with endpoint(state) as client:
        response = ask(client, f"SELECT * {{ SERVICE SILENT <{peer.address}> {{ ?s ?p ?o }} }}")
        assert response.status_code == 403
    assert not peer.asked


def failing(peer, **how):
    for name, value in how.items():
        setattr(peer, name, value)


@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ({"status": 302, "headers": {"Location": "http://169.254.169.254/"}}, 502, "sends to http://169.254.169.254/"),
        ({"status": 500, "body": b"<p>\noh\x00 no</p>"}, 502, "answered 500: <p>"),
        ({"body": b"not json"}, 502, "not an answer to a SELECT"),
        ({"body": b"[" * 100_000}, 502, "not an answer to a SELECT"),
        ({"body": b'{"boolean": true}'}, 502, "not an answer to a SELECT"),
        ({"body": b'{"head": {"vars": ["a } { ?b"]}, "results": {"bindings": []}}'}, 502, "not an answer"),
        ({"body": json.dumps(ANSWER).replace("uri", "odd").encode()}, 502, "not an answer"),
        ({"body": json.dumps(ANSWER).replace(f"{EX}ada", "x:> } SERVICE <y").encode()}, 502, "not an answer"),
        ({"headers": {"Content-Encoding": "gzip"}}, 502, "compressed"),
        ({"body": b" " * (2**20 + 1)}, 502, "more than the 1 MiB"),
        ({"drip": 0.05}, 504, "has not answered within"),
    ],
)
def test_a_peer_that_fails_is_told_and_silent_passes_it_over(state, peer, how, status, words):
    failing(peer, **how)
    with endpoint(state, peer.address, service_limit=1, query_timeout=1.0) as client:
        taken = []
        while min(taken, default=9) > 1.5 and len(taken) < 4:  # a busy machine may be late, not each time
            began = time.monotonic()
            response = ask(client, f"SELECT * {{ ?s <{EX}knows> ?o SERVICE <{peer.address}> {{ ?s ?p ?x }} }}")
            taken.append(time.monotonic() - began)
            assert (response.status_code, words in response.text) == (status, True), response.text
        assert min(taken) < 1.5
        silent = ask(client, f"SELECT * {{ ?s <{EX}knows> ?o SERVICE SILENT <{peer.address}> {{ ?s ?p ?x }} }}")
        assert len(rows(silent)) == 2


def test_a_peer_that_answers_before_the_supervisor_has_looked(state, peer):
    """Both things that the query says come to the supervisor in one piece then, and the second is not lost."""
    settings = settings_for(state, service_allowed=peer.address)
    query = f"SELECT * {{ ?s <{EX}knows> ?o SERVICE <{peer.address}> {{ ?s ?p ?x }} }}"
    with QueryPool(settings) as pool, ThreadPoolExecutor() as others:
        client = create_app(settings, pool).test_client()
        supervisor = pool.status()["pid"]
        os.kill(supervisor, signal.SIGSTOP)
        try:
            asked = others.submit(ask, client, query)
            while not peer.asked:
                time.sleep(0.01)
            time.sleep(0.3)  # that a slow machine sends it later makes this test an easier one, and never a red one
        finally:
            os.kill(supervisor, signal.SIGCONT)
        assert len(rows(asked.result(timeout=60))) == 2


def test_a_peer_that_is_not_there_is_told(state, peer):
    peer.server_close()
    with endpoint(state, peer.address) as client:
        response = ask(client, f"SELECT * {{ SERVICE <{peer.address}> {{ ?s ?p ?x }} }}")
        assert (response.status_code, "cannot be asked" in response.text) == (502, True)


def test_blank_nodes_are_refused_with_silent_too(state, peer):
    peer.body = json.dumps(ANSWER).replace('"uri"', '"bnode"').encode()
    with endpoint(state, peer.address) as client:
        for silent in ("", "SILENT"):
            response = ask(client, f"SELECT * {{ SERVICE {silent} <{peer.address}> {{ ?s ?p ?x }} }}")
            assert (response.status_code, "blank nodes" in response.text) == (502, True)


def test_a_call_is_called_off_with_its_query(state, peer):
    peer.drip = 0.05
    query_id = "of-at-least-16-characters"
    with endpoint(state, peer.address) as client, ThreadPoolExecutor() as others:
        query = f"SELECT * {{ SERVICE SILENT <{peer.address}> {{ ?s ?p ?x }} }}"
        asked = others.submit(ask, client.application.test_client(), query, queryId=query_id)
        while not peer.asked:
            time.sleep(0.01)
        assert client.delete(f"/sparql/queries/{query_id}").status_code == 204
        assert asked.result(timeout=60).status_code == 409


def test_a_slip_around_the_call_has_its_place(state, peer):
    with endpoint(state, peer.address) as client:
        response = ask(client, f"SELECT * {{ SERVICE <{peer.address}> {{ ?s ?p ?x }}\n  ?s ?p }}")
        assert (response.status_code, "line 2, column 9" in response.text) == (400, True), response.text


def test_the_description_says_so(state, peer):
    with endpoint(state, peer.address) as client:
        assert b"BasicFederatedQuery" in client.get("/sparql", headers={"Accept": "text/turtle"}).data
    with endpoint(state) as client:
        assert b"BasicFederatedQuery" not in client.get("/sparql", headers={"Accept": "text/turtle"}).data


@pytest.mark.parametrize("text", ["example.org", "ftp://example.org/", "http://u:p@h/", "http://h/#f", "http://"])
def test_the_setting_takes_addresses_alone(text):
    with pytest.raises(SettingError, match="LEEDSKG_SERVICE_ALLOWED wants IRIs"):
        read_settings({"LEEDSKG_SERVICE_ALLOWED": f"https://one.example/sparql, {text}"})
