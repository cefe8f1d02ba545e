"""A load generator that costs little: ready-made requests over kept connections, all from one process.

Each client has one connection and asks one query after the other. One process for all of them waits for whichever
answer comes first (epoll), so that the generator takes little from the servers that share its cores, and the same
from each. Run as a program of its own, it reads a job on standard input and prints what it saw.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from urllib.parse import quote

from tests.benchmarks.servers import Address

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_LAST_CHUNK = b"0\r\n\r\n"
_LONGEST_WAIT = 20.0


class NoAnswerError(Exception):
    """A server that does not answer as it should under load."""


@dataclass(frozen=True)
class Measured:
    """What one run saw: answers a second, and milliseconds an answer."""

    a_second: float
    median: float
    p99: float
    worst: float
    refused: int = 0


def measure(address: Address, queries: Sequence[str], *, clients: int, seconds: float) -> Measured:
    """Send the queries from some clients for some seconds. An answer is a 200, or a 503 that is counted as refused."""
    job = {"port": address.port, "path": address.path, "queries": queries, "clients": clients, "seconds": seconds}
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    done = subprocess.run(
        command, input=json.dumps(job), capture_output=True, text=True, check=False, timeout=seconds + _LONGEST_WAIT
    )
    if done.returncode:
        raise NoAnswerError(done.stderr.strip().rpartition("\n")[2])
    return Measured(**json.loads(done.stdout))


class _Client:
    """One connection, and the requests that it sends in turn."""

    def __init__(self, port: int, requests: Sequence[bytes], start: int) -> None:
        self._port = port
        self.connect()
        self._requests = islice(cycle(requests), start, None)
        self._received = bytearray()
        self._expected: int | None = None
        self._begun = 0.0

    def connect(self) -> None:
        self.connection = socket.create_connection(("127.0.0.1", self._port))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        self._received.clear()
        self._expected = None
        self._request = next(self._requests)
        self._begun = time.perf_counter()
        self.connection.sendall(self._request)

    def ask_again(self) -> None:
        """On a new connection, after the server has closed the old one; the time runs on."""
        self.connection.close()
        self.connect()
        self.connection.sendall(self._request)

    def take(self) -> tuple[float, bool] | None:
        """Read what has come; the seconds that the answer took and whether it was one, when it is whole."""
        data = self.connection.recv(262_144)
        if not data:
            if self._received:
                raise RuntimeError(f"the server closed the connection after {bytes(self._received[:300])!r}")
            raise ConnectionResetError
        self._received += data
        if self._expected is None and (head := self._received.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._received, 0, head + 2)
            self._expected = head + 4 + int(length[1]) if length else -1
            if length is None and not _CHUNKED.search(self._received, 0, head + 2):
                raise RuntimeError(f"an answer without an end: {bytes(self._received[:300])!r}")
        if self._expected is None or not self._is_whole(self._expected):
            return None
        status = bytes(self._received[9:12])
        if status not in {b"200", b"503"}:
            raise RuntimeError(f"not the answer that was expected: {bytes(self._received[:500])!r}")
        return time.perf_counter() - self._begun, status == b"200"

    def _is_whole(self, expected: int) -> bool:
        return self._received.endswith(_LAST_CHUNK) if expected < 0 else len(self._received) >= expected


def _run(job: dict[str, object]) -> Measured:
    queries, clients, seconds = job["queries"], int(str(job["clients"])), float(str(job["seconds"]))
    assert isinstance(queries, list)
    requests = [
        f"GET {job['path']}?query={quote(query)} HTTP/1.1\r\nHost: 127.0.0.1:{job['port']}\r\n"
        "Accept: application/sparql-results+json\r\n\r\n".encode()
        for query in queries
    ]
    waiting = selectors.DefaultSelector()
    taken: list[float] = []
    refused = 0
    for number in range(clients):
        client = _Client(int(str(job["port"])), requests, number * len(requests) // clients)
        waiting.register(client.connection, selectors.EVENT_READ, client)
        client.ask()
    begun = time.perf_counter()
    open_clients = clients
    while open_clients:
        ready = waiting.select(_LONGEST_WAIT)
        if not ready:
            raise RuntimeError(f"no answer to any client for {_LONGEST_WAIT:g} seconds")
        for key, _ in ready:
            client = key.data
            try:
                answer = client.take()
            except ConnectionResetError:  # between two requests, as a server may
                waiting.unregister(client.connection)
                client.ask_again()
                waiting.register(client.connection, selectors.EVENT_READ, client)
                continue
            if answer is None:
                continue
            took, was_answered = answer
            taken.append(took) if was_answered else None
            refused += not was_answered
            if time.perf_counter() - begun >= seconds:
                waiting.unregister(client.connection)
                client.connection.close()
                open_clients -= 1
            else:
                client.ask()
    lasted = time.perf_counter() - begun
    times = sorted(taken) or [float("inf")]
    median, p99, worst = (1000 * each for each in (statistics.median(times), times[int(len(times) * 0.99)], times[-1]))
    return Measured(len(taken) / lasted, median, p99, worst, refused)


if __name__ == "__main__":
    print(json.dumps(asdict(_run(json.load(sys.stdin)))))
