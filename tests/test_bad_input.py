"""Bad input by hand, through real sockets: its 4xx and one sentence, on every route, and never a traceback."""

import gzip
import json
import re
import zlib
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.sample_site import publish_sample
from tests.served import served

QUERY, FORM = "application/sparql-query", "application/x-www-form-urlencoded"
ASK = "/sparql?query=ASK%20%7B%7D"
MIB = 2**20


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return publish_sample(tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="module")
def server(state, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "log"
    with served(state, log, workers=1, client_timeout=5) as running:
        yield running
        assert running.get(ASK).status == 200, "it has come through all of it"
    said = log.read_text()
    assert "Traceback" not in said
    assert not re.findall(r"ERROR.*", said)


@pytest.fixture(scope="module")
def routes(state):
    """Each route with something in the place of its names, and what it answers to."""
    options = Settings(state=str(state), workers=1)
    with QueryPool(options) as pool:
        rules = list(create_app(options, pool).url_map.iter_rules())
    found = {}
    for rule in rules:  # a page and the form on it are two rules of one path
        found.setdefault(re.sub(r"<[^>]*>", "something", rule.rule), set()).update(rule.methods)
    return list(found.items())


def is_a_sentence(text):
    """One sentence or two for a person; nothing of the program's insides."""
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert 5 < len(text) < 400, text
    assert not re.search(r"Traceback|\.py|<class|Error\(|object at 0x", text), text


def status_of(response):
    assert response.startswith(b"HTTP/1."), response[:100]
    return int(response.split(b" ", 2)[1])


def refused(answer, status, words):
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    is_a_sentence(answer.text)
    assert words.lower() in answer.text.lower()


@pytest.mark.parametrize(
    ("status", "words", "path"),
    [
        (400, "2 times", f"{ASK}&query=ASK%20%7B%7D"),
        (400, "is query meant", "/sparql?querry=ASK%20%7B%7D"),
        (400, "%", "/sparql?query=ASK%20%7B%7D%"),
        (400, "%", "/sparql?query=ASK%2"),
        (400, "%", "/sparql?query=%u0041"),
        (400, "NUL", "/sparql?query=ASK%00"),
        (400, "not UTF-8", "/sparql?query=%E9"),
        (400, "not UTF-8", "/sparql?query=%C0%AF"),
        (400, "whole IRI", f"{ASK}&default-graph-uri=a%20b"),
        (400, "whole IRI", f"{ASK}&default-graph-uri=http://a/%20b"),
        (400, "whole IRI", f"{ASK}&named-graph-uri=x"),
        (400, "IRI", "/graph-store?graph=http://a/%20b"),
        (400, "timeout", f"{ASK}&timeout=1e999"),
        (400, "empty", "/sparql?query="),
        (400, "missing", "/sparql?format=csv"),
        (400, "format", f"{ASK}&format=parquet"),
        (406, "format", f"{ASK}&format=turtle"),
        (403, "SERVICE", "/sparql?query=" + quote("ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }")),
        (403, "read-only", "/sparql?query=" + quote("DROP ALL")),
        (403, "read-only", "/sparql?update=" + quote("DROP ALL")),
        (400, "syntax error", "/sparql?query=" + quote("SELECT * { <http://a b> ?p ?o }")),
        (400, "syntax error", "/sparql?query=" + quote("\ufeff\u2028SELECT")),
        (400, "which graph", "/graph-store"),
        (400, "one graph", "/graph-store?default&graph=http://a/b"),
        (400, "parameter", "/graph-store?default&default2"),
        (404, "graph", "/graph-store?graph=http://a/nobody"),
        (404, "", "/assertion/..%2f..%2fetc%2fpasswd"),
        (404, "", "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd"),
        (404, "", "/assets/%2e%2e/%2e%2e/settings.py"),
        (404, "", "/../../../../etc/passwd"),
        (404, "", "/id/%00"),
        (404, "", "/id/%ff%fe"),
        (404, "", "/def/%3Cscript%3E"),
        (404, "", "/query/..%2fchecks%2fx"),
        (404, "", "/no/such/place"),
        (400, "“steps”", "/routes?steps=99999999999999999999"),
        (400, "no more than", "/search?q=" + "x" * 5000),
    ],
)  # fmt: skip
def test_addresses_that_ask_for_what_cannot_be(server, status, words, path):
    refused(server.get(path), status, words)


@pytest.mark.parametrize(
    ("status", "words", "headers", "body"),
    [
        (406, "accepts none", {"Accept": "image/png"}, None),
        (406, "accepts none", {"Accept": "*/*;q=0"}, None),
        (406, "accepts none", {"Accept": ",;=q\"'"}, None),
        (415, "text/plain", {"Content-Type": "text/plain"}, b"ASK {}"),
        (415, "json", {"Content-Type": "application/json"}, b'{"query": "ASK {}"}'),
        (415, "multipart", {"Content-Type": "multipart/form-data; boundary=x"}, b"--x--"),
        (415, "no Content-Type", {}, b"ASK {}"),
        (415, "latin-1", {"Content-Type": f"{QUERY}; charset=latin-1"}, "ASK { ?s ?p 'é' }".encode("latin-1")),
        (400, "not UTF-8", {"Content-Type": QUERY}, "ASK { ?s ?p 'é' }".encode("latin-1")),
        (400, "not UTF-8", {"Content-Type": FORM}, "query=ASK { ?s ?p 'é' }".encode("latin-1")),
        (400, "NUL", {"Content-Type": QUERY}, b"ASK {}\0"),
        (400, "empty", {"Content-Type": QUERY}, b""),
        (400, "2 times", {"Content-Type": FORM}, b"query=ASK+%7B%7D&query=ASK+%7B%7D"),
        # The time of packing would stand in the test's name, and workers that collect in different seconds disagree.
        (415, "gzip", {"Content-Type": QUERY, "Content-Encoding": "gzip"}, gzip.compress(b"ASK {}", mtime=0)),
        (415, "deflate", {"Content-Type": QUERY, "Content-Encoding": "deflate"}, zlib.compress(b"ASK {}")),
        (413, "longer", {"Content-Type": QUERY}, b"ASK {" + b" " * (10 * MIB) + b"}"),
        (413, "longer", {"Content-Type": FORM}, b"query=" + b"A" * (10 * MIB)),
        (403, "read-only", {"Content-Type": "application/sparql-update"}, b"DROP ALL"),
    ],
)
def test_what_cannot_be_read_or_given(server, status, words, headers, body):
    method, path = ("GET", ASK) if body is None else ("POST", "/sparql")
    refused(server.send(method, path, body, headers), status, words)


def test_a_query_in_the_address_and_another_in_the_body(server):
    refused(server.send("POST", ASK, b"ASK {}", {"Content-Type": QUERY}), 400, "2 times")


def test_a_bomb_is_not_unpacked(server):
    """60 MiB of zeros in 60 KiB: refused by what it says that it is, on every route that takes a body."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(MIB)) for _ in range(60)) + packer.flush()
    for path in ("/sparql", "/graph-store?default", "/query/snippets.json"):
        answer = server.send("POST", path, bomb, {"Content-Type": QUERY, "Content-Encoding": "gzip"})
        assert answer.status in {200, 403, 415}, answer.text  # 200: a page that has no use for it


def test_a_body_longer_than_anything_is_refused_before_it_is_there(server):
    opening = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: "
    said = server.raw(opening + b"99999999999\r\n\r\nASK", timeout=10)
    assert status_of(said) in {408, 413}


LONG = b"x" * 500_000
RAW = [
    ("a line that is none", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"),
    ("no version", b"GET /\r\n\r\n"),
    ("another version", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
    ("bytes in the address", b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a space in the address", b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a very long address", b"GET /" + LONG + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a header of half a megabyte", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + LONG + b"\r\n\r\n"),
    ("ten thousand headers", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: 1\r\n" * 10_000 + b"\r\n"),
    ("a header without a name", b"GET / HTTP/1.1\r\n: x\r\n\r\n"),
    ("a header with a NUL", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: \0\r\n\r\n"),
    ("two lengths", b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    ("a length below nothing", b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
    ("a length that is none", b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n"),
    ("chunks that are none", b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ("an unknown coding", b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: br\r\n\r\n"),
    ("an unknown method", b"BREW /sparql HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a method of odd letters", b"G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("TRACE", b"TRACE /sparql HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("CONNECT", b"CONNECT elsewhere:80 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a Host with markup", b"GET /sparql HTTP/1.1\r\nHost: <script>\r\n\r\n"),
    ("a Host with a path", b"GET /sparql HTTP/1.1\r\nHost: a/b?c#d@e\r\n\r\n"),
    ("a Host with an odd port", b"GET /sparql HTTP/1.1\r\nHost: a:999999\r\n\r\n"),
    ("a Host in other letters", b"GET /sparql HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n"),
]


@pytest.mark.parametrize(("request_"), [each for _, each in RAW], ids=[name for name, _ in RAW])
def test_what_is_hardly_http_is_refused_or_hung_up_on(server, request_):
    said = server.raw(request_)
    assert not said or 400 <= status_of(said) < 500, said[:300]
    assert b"Traceback" not in said


FINE = [
    ("HTTP/1.0", f"GET {ASK} HTTP/1.0\r\n\r\n".encode()),
    ("no Host", f"GET {ASK} HTTP/1.1\r\n\r\n".encode()),
    ("a whole address", f"GET http://elsewhere{ASK} HTTP/1.1\r\nHost: x\r\n\r\n".encode()),
    ("two Accepts", f"GET {ASK} HTTP/1.1\r\nHost: x\r\nAccept: image/png\r\nAccept: */*\r\n\r\n".encode()),
    ("two Hosts", f"GET {ASK} HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n".encode()),
    ("bytes in a header", f"GET {ASK} HTTP/1.1\r\nHost: x\r\nUser-Agent: \xe9\r\n\r\n".encode("latin-1")),
    ("our own name with an underscore", f"GET {ASK} HTTP/1.1\r\nHost: x\r\nContent_Length: 9\r\n\r\n".encode()),
    ("a folded range", f"GET {ASK} HTTP/1.1\r\nHost: x\r\nRange: bytes=9-1,-,a\r\n\r\n".encode()),
    ("an odd tag", f"GET {ASK} HTTP/1.1\r\nHost: x\r\nIf-None-Match: W/\",\\\"\r\n\r\n".encode()),
    ("an odd date", f"GET {ASK} HTTP/1.1\r\nHost: x\r\nIf-Modified-Since: 99 Foo 99999\r\n\r\n".encode()),
]  # fmt: skip


def test_an_old_client_that_names_no_host_is_answered(server):
    said = server.raw(f"GET {ASK} HTTP/1.0\r\n\r\n".encode())
    assert status_of(said) == 200
    assert said.endswith(b'{"head":{},"boolean":true}')


@pytest.mark.parametrize(("request_"), [each for _, each in FINE], ids=[name for name, _ in FINE])
def test_what_is_only_unusual_is_answered_or_refused(server, request_):
    status = status_of(server.raw(request_))
    assert status < 500
    assert status == 200 or status >= 400


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "LONGMETHOD" * 9)


def test_every_route_takes_a_careless_client_well(server, routes):
    """With methods it may not have, an Accept it cannot meet, a body it did not ask for, and nonsense behind it."""
    for path, methods in routes:
        for method in METHODS:
            opening = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
            said = server.raw(opening.encode() + b"\xff\0")
            status = status_of(said)
            assert status < 500, (method, path, said[:300])
            if method not in methods:
                assert status >= 400, (method, path)
        for tail in ("?%", "?a=%ff&a=%00", "/%00", "/..%2f..", "%ff", "?" + "&".join("abcdefgh") * 500, ";x=1", "//"):
            said = server.raw(f"GET {path}{tail} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert status_of(said) < 500, (path, tail, said[:300])
        for accept in (
            "image/png",
            "*/*;q=0",
            "text/html;q=x",
            "text/turtle",
            "application/problem+json",
            "é",
            "," * 5000,
        ):
            said = server.raw(
                f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nConnection: close\r\n\r\n".encode()
            )
            assert status_of(said) < 500, (path, accept[:20], said[:300])


@pytest.mark.parametrize("accept", ["application/problem+json", "application/json", "text/html"])
def test_the_sentence_comes_in_the_shape_that_is_asked_for(server, accept):
    answer = server.get("/sparql?query=ASK", Accept=f"{accept}, */*;q=0.1")
    assert answer.status == 400
    if "json" in accept:
        told = json.loads(answer.body)
        assert (told["status"], told["line"], told["column"]) == (400, 1, 4)
        is_a_sentence(told["detail"] + "\n")
    else:
        assert "syntax error at line 1, column 4" in answer.text


def test_numbers_for_monitoring_and_a_log_for_programs_with_an_id_that_the_answer_has(state, tmp_path):
    """Where the settings say so, and told of no query or secret."""
    log = tmp_path / "log"
    with served(state, log, workers=1, metrics="yes", log_format="json", ledger=tmp_path / "ledger") as running:
        answers = [running.get("/help?secret=1"), running.get("/id/nothing", **{"X-Request-Id": "from-the-proxy-1"})]
        odd = running.get("/help", **{"X-Request-Id": "a b\"'" + "x" * 200})
        numbers = running.get("/metrics").text
    ids = [each.headers["X-Request-Id"] for each in (*answers, odd)]
    assert ids[1] == "from-the-proxy-1"
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in (ids[0], ids[2]))
    said = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    told = {each["request"]: (each["method"], each["path"], each["status"]) for each in said}
    assert told[ids[0]] == ("GET", "/help", 200)
    assert told[ids[1]] == ("GET", "/id/nothing", 404)
    assert "secret" not in log.read_text()
    samples = {each.name: each for family in text_string_to_metric_families(numbers) for each in family.samples}
    assert {"leedskg_generation", "leedskg_generation_age_seconds", "leedskg_workers"} <= set(samples)
    counted = {each: float(number) for each, number in re.findall(r'responses_total{status="(\d+)"} (\S+)', numbers)}
    assert counted == {"200": 2, "404": 1}
