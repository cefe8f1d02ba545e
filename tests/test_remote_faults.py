"""A store that is down, slow, or answers nonsense: a clear error within the deadline, and never a hang."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from leedskg.errors import StoreError
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol.negotiation import JSON, Chosen
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.store.remote.register import register_graph
from leedskg.web import create_app
from tests.engines import scripted
from tests.sample_knowledge import NAMESPACES
from tests.waiting import until

pytestmark = pytest.mark.slow

B = NAMESPACES.base
TABLE = Chosen(JSON, JSON.media_types[0])
TYPE = "application/sparql-results+json"
GOOD = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"http://example.org/"}}]}}'
PUBLISHED = {"number": 1, "built_at": "2026-11-21T00:00:00Z", "statements": 1, "metadata": {}, "graphs": {}}


def http(body, status="200 OK", content_type=TYPE, **headers):
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    length = "" if "Content_Length" in headers else f"Content-Length: {len(body)}\r\n"
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{length}{more}Connection: close\r\n\r\n".encode() + body
    )


def register(said=PUBLISHED, token="0123456789abcdef"):
    row = {
        "s": {"type": "uri", "value": register_graph(B) + token},
        "p": {"type": "uri", "value": f"{B}def#published"},
        "o": {"type": "literal", "value": json.dumps(said)},
    }
    return http(json.dumps({"head": {"vars": ["s", "p", "o"]}, "results": {"bindings": [row]}}).encode())


class Store:
    """A server that keeps a good register and answers queries as a test tells it."""

    def __init__(self, answer=None, registered=None):
        self.answer = answer or (lambda connection: connection.sendall(http(GOOD)))
        self.registered = registered or register()
        self.queries = self.looks = 0

    def __call__(self, connection, request):
        if request.startswith(b"POST") and b"generation%2F" in request.partition(b"named-graph")[0]:
            self.looks += 1
            connection.sendall(self.registered)
        else:
            self.queries += 1
            self.answer(connection)


def settings(at, **options):
    return Settings(**({"store": at, "store_kind": "oxigraph", "query_timeout": 1.0, "queue_timeout": 0.3} | options))


def asked(at, **options):
    """The endpoint's answer to a query on a store at an address, and how long it took."""
    with QueryPool(settings(at, **options)) as pool:
        client = create_app(Settings(), pool).test_client()
        client.get("/sparql", query_string={"query": "SELECT * {"})  # a worker is there
        begun = time.monotonic()
        answer = client.get("/sparql", query_string={"query": "SELECT ?s { ?s ?p ?o }"})
        return answer, time.monotonic() - begun


def drip(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(400):
        connection.sendall(b"X: y\r\n")
        time.sleep(0.05)


def drip_body(connection):
    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {TYPE}\r\n\r\n".encode())
    for _ in range(400):
        connection.sendall(b" ")
        time.sleep(0.05)


def silence(connection):
    time.sleep(15)


def sends(data):
    return lambda connection: connection.sendall(data)


@pytest.mark.parametrize("answer", [silence, drip, drip_body], ids=["silent", "drips headers", "drips the body"])
def test_a_store_that_is_slow_is_given_up_at_the_deadline(answer):
    taken = []
    with scripted(Store(answer)) as at:
        while min(taken, default=9) > 1 + 0.5 and len(taken) < 4:  # a busy machine may be late, not each time
            response, seconds = asked(at)
            taken.append(seconds)
            assert response.status_code == 503
            assert response.headers["Retry-After"]
            assert "stopped after 1 seconds" in response.text
    assert min(taken) < 1 + 0.5


NONSENSE = {
    "html": (http(b"<html>It works!</html>", content_type="text/html"), 502, "text/html"),
    "html in disguise": (http(b"<html>It works!</html>"), 502, "cut off"),
    "cut off in its text": (http(GOOD[:60]), 502, "cut off"),
    "cut off in its length": (http(GOOD[:60], Content_Length="900"), 502, "broke off"),
    "other columns": (http(GOOD.replace(b'["s"]', b'["s","t"]')), 502, "other columns"),
    "no columns": (http(b'{"head":{"vars":[]},"results":{"bindings":[{},{}]}}'), 502, "other columns"),
    "no object": (http(b"null"), 502, "cut off"),
    "too deep": (http(b"[" * 100_000), 502, "cut off"),
    "a number for a text": (http(GOOD.replace(b'"http://example.org/"', b"5")), 502, "cut off"),
    "no IRI for an IRI": (http(GOOD.replace(b"http://", b"<> ")), 502, "cut off"),
    "another kind": (http(b'{"head":{},"boolean":true}'), 502, "another kind"),
    "empty": (http(b""), 502, "cut off"),
    "no type": (http(GOOD, content_type=""), 502, "no type"),
    "status 500": (http(b"java.lang.SecretException at /srv/x", "500 No", "text/plain"), 502, "status 500"),
    "status 404": (http(b"", "404 No", "text/plain"), 502, "status 404"),
    "status 503": (http(b"", "503 No", "text/plain"), 503, "busy"),
    "status 401": (http(b"", "401 No", "text/plain"), 502, "LEEDSKG_STORE_PASSWORD"),
    "status 400": (http(b"", "400 No", "text/plain"), 403, "does not take this query"),
    "sends on": (http(b"", "302 Found", Location="http://example.org/"), 502, "sends us on"),
    "no http": (b"SSH-2.0-OpenSSH_9.9\r\n", 502, "no HTTP"),
    "hangs up": (b"", 502, "broke off"),
    "in an unknown packing": (http(b"abc", Content_Encoding="gzip"), 502, "broke off"),
    "no utf-8": (http(GOOD.replace(b"example", b"\xff\xfe")), 502, "cut off"),
}


@pytest.mark.parametrize(("data", "status", "said"), NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_said_to_be_nonsense(data, status, said):
    with scripted(Store(sends(data))) as at:
        response, _ = asked(at, query_timeout=10)
    assert response.status_code == status
    assert said in response.text
    assert "Secret" not in response.text, "what an engine says of its insides is for the log"
    assert response.status_code != 503 or response.headers["Retry-After"]


def test_a_query_of_our_own_that_a_store_declines_is_not_laid_to_the_reader():
    with scripted(Store(sends(http(b"", "400 No", "text/plain")))) as at, QueryPool(settings(at)) as pool:
        client = create_app(Settings(), pool).test_client()
        response = client.get("/search?q=leeds", headers={"Accept": "text/html"})
    assert response.status_code == 502
    assert "The store does not do what this page is made with" in response.text


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"<http://e/s> <http://e/p> <http://e/o> .\n", "application/n-triples"),
        (b"<http://e/s> <http://e/p> <http://e/o> .\n", "text/plain; charset=utf-8"),
        (b"@prefix e: <http://e/> . e:s e:p e:o .\n", "text/turtle"),
    ],
)
def test_a_graph_in_either_of_the_forms_that_products_write(data, content_type):
    answers = scripted(Store(sends(http(data, content_type=content_type))))
    with answers as at, QueryPool(settings(at, store_kind="qlever", query_timeout=10)) as pool:
        client = create_app(Settings(), pool).test_client()
        query = {"query": "CONSTRUCT WHERE { ?s ?p ?o }", "format": "nt"}
        assert client.get("/sparql", query_string=query).text == "<http://e/s> <http://e/p> <http://e/o> .\n"


def test_an_answer_that_is_too_large_is_an_error_and_not_a_part():
    row = b'{"s":{"type":"literal","value":"' + b"x" * 2**20 + b'"}},'

    def huge(connection):
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {TYPE}\r\n\r\n".encode())
        connection.sendall(b'{"head":{"vars":["s"]},"results":{"bindings":[')
        for _ in range(1000):
            connection.sendall(row)

    with scripted(Store(huge)) as at:
        response, _ = asked(at, result_limit=4, query_timeout=10)
    assert response.status_code == 503
    assert "larger than 4 MiB" in response.text


def test_a_store_that_is_not_there(tmp_path, caplog):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        at = f"http://somebody:secret@127.0.0.1:{gone.getsockname()[1]}/"
    with pytest.raises(Exception, match="cannot be reached") as caught:
        QueryPool(settings(at, store_kind=""))
    assert caught.type.__name__ == "StoreDownError"
    assert "secret" not in str(caught.value) + caplog.text


@pytest.mark.parametrize(
    ("registered", "said"),
    [
        (http(b'{"head":{"vars":["s","p","o"]},"results":{"bindings":[]}}'), "nothing is published"),
        (register({"number": "many"}), "not as leedskg writes it"),
        (register(token="another thing"), "not as leedskg writes it"),
        (http(b"[]"), "no result"),
        (http(b"<html>", content_type="text/html"), "text/html"),
    ],
)
def test_a_store_without_a_graph_of_ours(registered, said):
    with scripted(Store(registered=registered)) as at, pytest.raises(Exception, match=said) as caught:
        QueryPool(settings(at))
    assert caught.type.__name__ in {"KnowledgeError", "StoreError"}


def test_a_store_that_does_not_say_what_it_is():
    with scripted(Store()) as at, pytest.raises(Exception, match="LEEDSKG_STORE_KIND"):
        QueryPool(settings(at, store_kind=""))


def test_pages_that_are_known_stay_while_the_store_is_down_and_it_recovers_by_itself():
    def down(connection):
        connection.sendall(http(b"", "503 No", "text/plain"))

    store = Store()
    with scripted(store) as at, QueryPool(settings(at)) as pool:
        client = create_app(Settings(), pool).test_client()
        good, query = store.registered, {"query": "SELECT ?s { ?s ?p ?o }"}
        known = client.get("/sparql", query_string=query)
        assert known.status_code == 200
        store.answer, store.registered = down, http(b"", "503 No", "text/plain")
        time.sleep(1.1)  # what the register said is looked up again
        response = client.get("/sparql", query_string=query, headers={"Accept": "text/html, */*"})
        assert response.status_code == 503
        assert "The store of the graph cannot be reached" in response.text, "the error page does not need the store"
        etag = {"If-None-Match": known.headers["ETag"]}
        assert client.get("/sparql", query_string=query, headers=etag).status_code == 304
        store.answer = Store().answer
        os.utime(pool._keeper.folder / "seen", (1, 1))  # the last look at the register was long ago
        queries = store.queries
        response = client.get("/sparql", query_string=query)
        assert (response.status_code, store.queries) == (503, queries), "the generation may have been removed by now"
        store.registered = good
        until(lambda: client.get("/sparql", query_string=query).status_code == 200)


def test_no_more_run_at_once_than_the_setting_says():
    begun, free = threading.Event(), threading.Event()

    def wait(connection):
        begun.set()
        free.wait(5)
        connection.sendall(http(GOOD))

    with scripted(Store(wait)) as at, QueryPool(settings(at, store_connections=1, query_timeout=5)) as pool:
        found = []
        thread = threading.Thread(target=lambda: found.extend(pool.rows("SELECT ?s { ?s ?p ?o }")))
        thread.start()
        assert begun.wait(5)
        client = create_app(Settings(), pool).test_client()
        response = client.get("/sparql", query_string={"query": "SELECT ?s { ?s ?p ?o }"})
        assert response.status_code == 503
        assert "busy with other queries" in response.text
        free.set()
        thread.join(5)
        assert len(found) == 1


def test_a_query_that_computes_without_data_is_stopped_before_it_is_sent():
    many = " ".join(str(number) for number in range(3000))
    values = " ".join(f"VALUES ?{name} {{ {many} }}" for name in "abc")
    query = f"SELECT (COUNT(*) AS ?n) {{ {values} FILTER(?a + ?b + ?c < 0) }}"
    store = Store()
    with scripted(store) as at, QueryPool(settings(at)) as pool:
        with pytest.raises(Exception, match="before it reads the graph"):
            pool.run(QueryRequest(query), table=TABLE)
        assert store.queries == 0
        assert len(pool.rows("SELECT ?s { ?s ?p ?o }")) == 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here: apt-get install openssl")
def test_a_certificate_that_nobody_vouches_for_is_not_taken(tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with scripted(Store(), context) as plain:
        at = plain.replace("http://127.0.0.1", "https://localhost")
        with pytest.raises(StoreError, match="not trusted"):
            QueryPool(settings(at))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with QueryPool(settings(at)) as pool:
            assert len(pool.rows("SELECT ?s { ?s ?p ?o }")) == 1


def test_addresses_that_are_none():
    for at in ("localhost:7878", "ftp://example.org/", "http://", "http://x:y/", "http://example.org/?a=b"):
        with pytest.raises(Exception, match="has to be http"):
            QueryPool(settings(at))
    with pytest.raises(Exception, match="has to be one of oxigraph, virtuoso"):
        QueryPool(settings("http://127.0.0.1:9/", store_kind="fast"))


PAGES = [
    "/",
    "/search?q=nexus",
    "/routes?from=a&to=b",
    "/support",
    "/network",
    "/figures",
    "/disagreements",
    "/id/nexus",
]
PAGES += ["/query/terms.json", "/api/routes?from=a&to=b", "/graph-store?default", "/.well-known/void"]


@pytest.mark.parametrize("kind", ["html", "cut off in its text", "hangs up", "other columns", "no columns", "no utf-8"])
def test_no_page_is_made_of_nonsense(kind, tmp_path):
    answers = scripted(Store(sends(NONSENSE[kind][0])))
    with answers as at, QueryPool(settings(at, query_timeout=10)) as pool:
        client = create_app(Settings(ledger=str(tmp_path), store=at), pool).test_client()
        for page in PAGES:
            response = client.get(page, headers={"Accept": "text/html, */*;q=0.1"}, follow_redirects=True)
            assert (page, response.status_code) == (page, 502), response.text
            assert "The store of the graph does not answer as it should" in response.text
