"""A load generator that costs little: ready-made requests over kept connections, from a few processes."""

from __future__ import annotations

import multiprocessing
import re
import socket
import statistics
import time
from dataclasses import dataclass
from urllib.parse import quote

from tests.benchmarks.servers import Address

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Measured:
    """What one run saw: answers a second, and milliseconds an answer."""

    a_second: float
    median: float
    p99: float


def measure(address: Address, queries: list[str], *, clients: int, seconds: float) -> Measured:
    """Send the queries, each client one after the other, for some seconds; every answer has to be a 200."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(clients) as pool:
        jobs = [(address, queries[place:] + queries[:place], seconds) for place in range(clients)]
        runs = pool.map(_client, jobs)
    times = sorted(time for run in runs for time in run)
    return Measured(len(times) / seconds, statistics.median(times) * 1000, times[int(len(times) * 0.99)] * 1000)


def _client(job: tuple[Address, list[str], float]) -> list[float]:
    address, queries, seconds = job
    requests = [
        f"GET {address.path}?query={quote(query)} HTTP/1.1\r\nHost: 127.0.0.1:{address.port}\r\n"
        "Accept: application/sparql-results+json\r\n\r\n".encode()
        for query in queries
    ]
    taken: list[float] = []
    with socket.create_connection(("127.0.0.1", address.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while True:
            for request in requests:
                begun = time.perf_counter()
                if begun >= end:
                    return taken
                connection.sendall(request)
                _read(connection)
                taken.append(time.perf_counter() - begun)


def _read(connection: socket.socket) -> None:
    received = bytearray()
    while (head := received.find(b"\r\n\r\n")) < 0:
        received += _some(connection)
    length = _LENGTH.search(received, 0, head + 2)
    if not received.startswith(b"HTTP/1.1 200") or length is None:
        raise RuntimeError(f"not the answer that was expected: {bytes(received[:300])!r}")
    missing = head + 4 + int(length[1]) - len(received)
    while missing > 0:
        missing -= len(_some(connection))


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise RuntimeError("the server closed the connection")
    return data
