"""Clients that are slow to send, slow to read, or only sit there: others do not wait for them, and they are let go."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from tests.sample_graph import RUNAWAY, numbers, published
from tests.served import WORKER, served

pytestmark = pytest.mark.slow

MANY = 40
PATIENCE = 2.0
SMALL = "/sparql?query=" + quote("ASK {}")
LARGE = "/sparql?query=" + quote("SELECT * { ?s ?p ?o . ?s ?q ?r . ?s ?t ?u }")
#: In place of bytes to send: read a few.
SIP = b"sip"
POST = "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow")
    published(folder, numbers(5000))
    # Fewer threads than slow clients of any kind, so that one who held a thread would show.
    with served(folder, folder / "log", web_threads=4, workers=1, client_timeout=PATIENCE) as running:
        yield running
    assert "Traceback" not in (folder / "log").read_text()


class Slow:
    """Clients of one kind, each with its connection, and one thread that keeps them going for all."""

    def __init__(self, server, opening, drip=b"", number=MANY):
        self._drip = drip
        self._stop = threading.Event()
        self.connections = [socket.socket() for _ in range(number)]
        for each in self.connections:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that a large answer does not fit
            each.settimeout(10)
            each.connect(("127.0.0.1", server.port))
            each.sendall(opening)
        self._thread = threading.Thread(target=self._keep_going)
        self._thread.start()

    def _keep_going(self):
        while not self._stop.wait(0.5):
            for each in self.connections:
                with suppress(OSError):
                    _ = each.recv(100) if self._drip == SIP else each.send(self._drip)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        for each in self.connections:
            each.close()


KINDS = {
    "says nothing": (b"", b""),
    "headers, a byte at a time": (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"x"),
    "a body that does not come": (f"{POST}Content-Length: 100\r\n\r\nASK".encode(), b""),
    "a body, a byte at a time": (f"{POST}Content-Length: 100\r\n\r\nASK".encode(), b" "),
    "a body in chunks, one at a time": (f"{POST}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\nA\r\n"),
    "never reads a large answer": (f"GET {LARGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), b""),
    "reads a large answer in sips": (f"GET {LARGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), SIP),
    "never reads, keeps asking": (f"GET {SMALL} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 200, b""),
    "sits there after its answer": (f"GET {SMALL} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), b""),
}


def open_connections(server):
    """The connections that the server's processes hold, by the port of the other end."""
    found = set()
    for process in psutil.Process(server.process.pid).children(recursive=True):
        try:
            held = process.net_connections(kind="tcp")
        except psutil.NoSuchProcess:  # a worker, that has been replaced meanwhile
            continue
        for each in held:
            if each.status == psutil.CONN_ESTABLISHED and each.laddr.port == server.port:
                found.add(each.raddr.port)
    return found


def test_letting_go_of_clients_leaves_no_descriptor(server):
    def held():
        processes = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children()]
        return sum(each.num_fds() for each in processes)

    before = held()
    for _ in range(3):
        with Slow(server, *KINDS["never reads a large answer"], number=4) as slow:
            ports = {each.getsockname()[1] for each in slow.connections}
            until = time.monotonic() + 30
            while open_connections(server) & ports:
                assert time.monotonic() < until
                time.sleep(0.1)
    time.sleep(0.5)
    assert held() < before + 12


@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients_keep_nobody_waiting_and_are_let_go(server, kind):
    opening, drip = KINDS[kind]
    assert server.get(SMALL).status == 200
    with Slow(server, opening, drip) as slow:
        ports = {each.getsockname()[1] for each in slow.connections}
        if "large" not in kind:  # those have the only worker run forty queries first
            passed = False
            for _ in range(20):
                assert server.get(SMALL).status == 200
                passed = passed or bool(open_connections(server) & ports)
            assert passed, f"others waited until they had gone, clients whose kind is: {kind}"
        until = time.monotonic() + 60
        while open_connections(server) & ports:
            assert time.monotonic() < until, f"still there: {kind}"
            assert server.get(SMALL, timeout=30).status in {200, 503}
            time.sleep(0.1)
    assert server.get(SMALL).status == 200


def test_a_slow_body_is_told_why(server):
    with server.connect() as connection:
        connection.sendall(f"{POST}Content-Length: 100\r\n\r\nASK".encode())
        said = connection.recv(65536)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"did not come within 2 seconds" in said


def test_idle_connections_by_the_hundred_keep_nobody_out(server):
    with ExitStack() as idle:
        ports = {idle.enter_context(server.connect()).getsockname()[1] for _ in range(400)}
        assert server.get(SMALL).status == 200
        assert open_connections(server) & ports, "it was answered before they had gone"


def test_a_slow_reader_that_goes_on_reading_gets_everything(server):
    """Slow, and longer about it than the patience that each piece has; so it is the pieces that count."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(f"GET {LARGE} HTTP/1.0\r\n\r\n".encode())
        received, begun, pause = bytearray(), time.monotonic(), 0.05
        while data := connection.recv(65536):
            received += data
            if time.monotonic() - begun < 2 * PATIENCE:
                time.sleep(pause)
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200")
    assert len(json.loads(body)["results"]["bindings"]) == 80_000
    assert time.monotonic() - begun > PATIENCE


def test_half_a_body_is_not_taken_for_the_whole(server, tmp_path):
    before = Path(server.log).read_text().count("POST /sparql")
    with server.connect() as connection:
        connection.sendall(f"{POST}Transfer-Encoding: chunked\r\n\r\n6\r\nASK {{}}\r\n".encode())
    assert server.get(SMALL).status == 200
    lines = [line for line in Path(server.log).read_text().splitlines() if "POST /sparql" in line][before:]
    assert not any(" 200 " in line for line in lines)


def test_a_body_in_chunks_is_read(server):
    answer = server.send("POST", "/sparql", iter([b"ASK ", b"{}"]), {"Content-Type": "application/sparql-query"})
    assert (answer.status, json.loads(answer.body)["boolean"]) == (200, True)


def test_a_page_does_not_wait_for_threads_that_wait_for_a_worker(server):
    """More runaways than the endpoint has threads; a page has others."""
    runaway = "/sparql?timeout=2&query=" + quote(RUNAWAY)
    with ThreadPoolExecutor(12) as clients:
        asked = [clients.submit(server.get, runaway) for _ in range(12)]
        time.sleep(0.5)
        assert server.get("/nowhere").status == 404
        assert not all(each.done() for each in asked)
        assert {each.result().status for each in asked} == {503}


def test_workers_are_replaced_while_a_thousand_connections_are_open(server):
    """Their descriptors have high numbers then, which not every way to wait for one can take."""
    with ExitStack() as idle:
        for _ in range(1100):
            idle.enter_context(server.connect())
        for process in psutil.Process(server.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if process.name() == WORKER:
                    process.kill()
        time.sleep(0.3)
        assert server.get(SMALL).status == 200
    assert "Traceback" not in Path(server.log).read_text()


def test_half_sent_forms_leave_nothing_on_the_disk(tmp_path, monkeypatch):
    published(tmp_path, numbers(10))
    kept = tmp_path / "temporary"
    kept.mkdir()
    monkeypatch.setenv("TMPDIR", str(kept))
    with served(tmp_path, tmp_path / "log", client_timeout=30) as running:
        megabytes = b"x" * 2**20 * 4
        opening = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        declared = opening + f"Content-Length: {60 * 2**20}\r\n\r\n".encode()
        chunked = opening + b"Transfer-Encoding: chunked\r\n\r\n" + f"{len(megabytes):x}\r\n".encode()
        with ExitStack() as connections:
            for begin in (declared, chunked):
                for _ in range(5):
                    client = connections.enter_context(running.connect(5))
                    with suppress(OSError):
                        client.sendall(begin + megabytes)
            assert running.get(SMALL).status == 200
            assert sum(opened.stat().st_size for opened in held_files(running, kept)) == 0


def test_a_stranger_is_told_to_sign_in_before_a_large_file_is_read(tmp_path):
    published(tmp_path, numbers(10))
    with served(tmp_path, tmp_path / "log") as running:
        turtle = {"Content-Type": "text/turtle"}
        assert running.send("POST", "/api/contributions", b"#" * 2**20, turtle).status == 401
        bearer = turtle | {"Authorization": "Bearer leedskg_wrong"}
        assert running.send("POST", "/api/contributions", b"#" * 2**20, bearer).status == 401
        assert running.send("POST", "/nowhere", b"#" * 2**20).status == 404
        assert (
            running.send("POST", "/sparql", b"#" * (3 * 2**20), {"Content-Type": "application/sparql-query"}).status
            == 413
        )


def held_files(running, folder):
    """Temporary files have no name, but their descriptors do."""
    for process in [psutil.Process(running.process.pid), *psutil.Process(running.process.pid).children(recursive=True)]:
        for descriptor in (Path("/proc") / str(process.pid) / "fd").iterdir():
            with suppress(OSError):
                if str(descriptor.readlink()).startswith(str(folder)):
                    yield descriptor
