"""Large results that take long: sent as they come, to their end or broken off so that nobody takes a part for all."""

import http.client
import socket
import zlib
from urllib.parse import urlencode

import pytest

from leedskg.sparql.protocol.result import Result
from leedskg.sparql.service.frames import CHUNK
from leedskg.store.generations import Generation
from tests.sample_graph import numbers, published
from tests.served import served
from tests.waiting import until

pytestmark = pytest.mark.slow

#: Twenty-five million rows, far more than come within its time, which is enough for the first on a busy machine.
ENDLESS = "SELECT * { ?s ?p ?o . ?a ?b ?c }"
TIME = 4.0
#: Rows that take seconds of processor time, for each has a digest of a digest of a digest; 24 MB.
ROWS = 150_000
LONG = "SELECT ?o ?h { ?s ?p ?o . ?a ?b ?c BIND(" + "SHA512(" * 25 + "CONCAT(?o, ?c)" + ")" * 25 + " AS ?h) } "
LONG += f"LIMIT {ROWS}"
ENOUGH = 100_000


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("streaming")
    published(folder, numbers(5000))
    # One query at a time, so that one which is not over yet shows.
    with served(
        folder, folder / "log", workers=1, queries_in_flight=1, queue_timeout=5, client_timeout=60, query_timeout=300
    ) as running:
        yield running
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def ask(server):
    """Asks, and gives the response before its body is read; every connection is closed in the end."""
    connections = []

    def asked(query, method="GET", version=11, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection._http_vsn, connection._http_vsn_str = version, f"HTTP/1.{version - 10}"
        connections.append(connection)
        parameters = urlencode({"query": query, "format": "csv", "timeout": TIME if "LIMIT" not in query else 30})
        connection.request(method, f"/sparql?{parameters}", headers=headers)
        return connection.getresponse()

    until(lambda: server.get("/sparql?query=ASK%7B%7D").status == 200)  # what the last test left may be ending still
    yield asked
    for connection in connections:
        connection.close()


def test_what_is_large_and_quick_comes_with_its_length(ask):
    response = ask("SELECT * { ?s ?p ?o } LIMIT 5000")
    body = response.read()
    assert len(body) > 2 * CHUNK
    assert int(response.headers["Content-Length"]) == len(body)


def test_what_takes_long_comes_bit_by_bit_and_whole(ask):
    response = ask(LONG)
    assert response.status == 200
    assert "Content-Length" not in response.headers
    assert response.headers["ETag"].startswith("W/")
    lines = 0
    while piece := response.read(CHUNK):
        lines += piece.count(b"\n")
    assert lines == ROWS + 1


def test_what_breaks_off_cannot_be_taken_for_the_whole(ask, server):
    response = ask(ENDLESS)
    assert response.status == 200, "it has begun, so it came before anybody knew its end"
    with pytest.raises(http.client.IncompleteRead) as broken:
        response.read()
    assert len(broken.value.partial) > ENOUGH
    assert "broke off while it was sent: the query was stopped after 4 seconds" in server.log.read_text()


def test_a_compressed_one_breaks_off_as_well(ask):
    response = ask(ENDLESS, **{"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    with pytest.raises(http.client.IncompleteRead) as broken:
        response.read()
    unpacked = zlib.decompressobj(31)
    assert unpacked.decompress(broken.value.partial).startswith(b"s,p,o,a,b,c\r\n")
    assert not unpacked.eof


def test_a_client_that_could_not_tell_gets_whole_results_only(ask):
    response = ask(ENDLESS, version=10)
    assert response.status == 503, "HTTP/1.0 ends an answer by closing the connection, whole or not"
    assert b"stopped after 4 seconds" in response.read()


def test_the_head_of_a_result_is_that_of_a_whole_one(ask):
    assert ask(ENDLESS, method="HEAD").status == 503


def test_a_query_ends_when_its_client_hangs_up(ask, server):
    parameters = urlencode({"query": ENDLESS, "timeout": 300})
    with server.connect() as connection:
        connection.sendall(f"GET /sparql?{parameters} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert connection.recv(100)
        busy = server.get("/sparql?query=ASK%7B%7D")
        assert (busy.status, b"no more than 1 queries" in busy.body) == (503, True)
    # It has far longer than this waits, and nobody wants it.
    until(lambda: server.get("/sparql?query=ASK%7B%7D").status == 200)


def test_a_cancelled_query_breaks_off(ask, server):
    name = "an-id-of-sixteen-letters"
    with server.connect(60) as connection:
        parameters = urlencode({"query": ENDLESS, "timeout": 300, "queryId": name})
        connection.sendall(f"GET /sparql?{parameters} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = connection.recv(CHUNK)
        assert b"200 OK" in received
        assert server.send("DELETE", f"/sparql/queries/{name}").status == 204
        while piece := connection.recv(CHUNK):
            received = received[-10:] + piece
    assert not received.endswith(b"0\r\n\r\n"), "the last chunk would say that it is whole"


def test_a_slow_reader_keeps_no_worker_and_gets_everything(ask, server):
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(60)
        slow.connect(("127.0.0.1", server.port))
        parameters = urlencode({"query": LONG, "format": "csv"})
        slow.sendall(f"GET /sparql?{parameters} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert slow.recv(10)
        until(lambda: server.get("/sparql?query=ASK%7B%7D").status == 200, 120)  # only its reader is slow
        end = b""
        while piece := slow.recv(2**20):
            end = (end + piece)[-10:]
    assert end.endswith(b"0\r\n\r\n")


def result(**options):
    return Result(Generation(1, None, "", 0), **options)


def test_a_result_that_is_read_along_raises_what_it_broke_off_with():
    with result() as coming:
        coming.add(b"x" * (CHUNK + 1))
        coming.stream("select", lambda: None)
        pieces = iter(coming)
        assert next(pieces) + next(pieces) == b"x" * (CHUNK + 1)
        coming.fail(ZeroDivisionError("why"))
        with pytest.raises(ZeroDivisionError):
            next(pieces)


def test_a_result_that_is_closed_early_stops_what_it_comes_from_and_does_not_seem_to_end():
    stopped = []
    coming = result()
    coming.add(b"x" * (CHUNK + 1))
    coming.stream("select", lambda: stopped.append(True))
    pieces = iter(coming)
    next(pieces)
    coming.close()
    assert stopped
    coming.add(b"y")
    with pytest.raises(ValueError, match="closed"):
        next(pieces)


def test_whoever_reads_along_a_compressed_result_waits_for_no_more_than_was_written():
    with result(gzip=True) as coming:
        coming.add(b"x" * (CHUNK + 1))
        coming.stream("select", lambda: None)
        coming.add(b"y" * 100)
        unpacked, pieces, seen = zlib.decompressobj(31), iter(coming), b""
        while len(seen) < CHUNK + 101:
            seen += unpacked.decompress(next(pieces))
        coming.finish("select")
        assert unpacked.decompress(b"".join(pieces)) == b""
        assert unpacked.eof
