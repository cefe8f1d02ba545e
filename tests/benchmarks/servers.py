"""The servers that are measured, each started the way its makers tell one to."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

LONGEST_START = 120
COMMAND = "from leedskg.cli import main; main()"


class Address(NamedTuple):
    """Where an endpoint is, on this machine."""

    port: int
    path: str


@dataclass(frozen=True)
class Running:
    """A server that has answered, and the seconds from starting the process until it had."""

    address: Address
    seconds: float


@contextmanager
def leedskg(state: Path, *command: str) -> Iterator[Running]:
    """Our own: `leedskg serve`, or `run`, which builds first."""
    port = free_port()
    arguments = [*(command or ("serve",)), "--port", str(port)]
    with _started(
        [sys.executable, "-c", COMMAND, "--state", str(state), *arguments], Address(port, "/sparql")
    ) as running:
        yield running


@contextmanager
def rdflib_endpoint(data: Path, store: str) -> Iterator[Running]:
    """rdflib-endpoint's own command, which serves by uvicorn; `store` is default or Oxigraph."""
    port = free_port()
    program = Path(sys.executable).with_name("rdflib-endpoint")
    command = [str(program), "serve", "--host", "127.0.0.1", "--port", str(port), "--store", store, str(data)]
    with _started(command, Address(port, "/")) as running:
        yield running


def rows(address: Address, query: str) -> int:
    """How many rows a server gives for a query."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{address.port}{address.path}?query={quote(query)}",
        headers={"Accept": "application/sparql-results+json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return len(json.loads(response.read())["results"]["bindings"])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def _started(command: list[str], address: Address) -> Iterator[Running]:
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    if rows(address, "SELECT * WHERE { ?s ?p ?o } LIMIT 1") == 1:
                        break
                except OSError:
                    taken = time.perf_counter() - begun
                    if process.poll() is not None or taken > LONGEST_START:
                        raise RuntimeError(f"it does not answer: {' '.join(command)}") from None
                    time.sleep(0.01)
            yield Running(address, time.perf_counter() - begun)
        finally:
            process.terminate()
            process.wait(timeout=20)
