"""The servers that are measured, each started by its own command with its data loaded beforehand.

All hold the same statements in their default graph, without the named graphs: the union as a set, which is the kindest
to each. (`oxigraph serve --union-default-graph` over the named graphs gives a statement of two graphs twice.)
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

LONGEST_START = 600
COMMAND = "from leedskg.cli import main; main()"
VIRTUOSO = "/usr/bin/virtuoso-t"
ISQL = "/usr/bin/isql-vt"

#: What Virtuoso's own guide gives for 4 GB of free memory: buffers of 8 KiB, three quarters of them dirty.
_VIRTUOSO_INI = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
ServerThreads = 20
ThreadsPerQuery = 2
AsyncQueueMaxThreads = 2
DirsAllowed = {data}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 20
MaxKeepAlives = 20
KeepAliveTimeout = 60
MaxClientConnections = 20
[SPARQL]
ResultSetMaxRows = 10000000
"""


class Address(NamedTuple):
    """Where an endpoint is, on this machine."""

    port: int
    path: str


@dataclass(frozen=True)
class Running:
    """A server that has answered, and the seconds from starting the process until it had."""

    address: Address
    seconds: float
    process: subprocess.Popen[bytes]


@contextmanager
def leedskg(state: Path, *command: str) -> Iterator[Running]:
    """Our own: `leedskg serve`, or `run`, which builds first."""
    port = free_port()
    arguments = [*(command or ("serve",)), "--port", str(port)]
    command = (sys.executable, "-c", COMMAND, "--state", str(state), *arguments)
    with _started(command, Address(port, "/sparql")) as running:
        yield running


@contextmanager
def rdflib_endpoint(data: Path, store: str) -> Iterator[Running]:
    """rdflib-endpoint's own command, which serves by uvicorn; `store` is default or Oxigraph."""
    port = free_port()
    program = str(Path(sys.executable).with_name("rdflib-endpoint"))
    command = (program, "serve", "--host", "127.0.0.1", "--port", str(port), "--store", store, str(data))
    with _started(command, Address(port, "/")) as running:
        yield running


@contextmanager
def oxigraph(data: Path, folder: Path) -> Iterator[Running]:
    """Oxigraph's own server, read-only, over a store on disk that its own command has loaded and optimised."""
    port, program = free_port(), str(Path(sys.executable).with_name("oxigraph"))
    if not folder.exists():
        _do(program, "load", "--location", str(folder), "--file", str(data))
        _do(program, "optimize", "--location", str(folder))
    command = (program, "serve-read-only", "--location", str(folder), "--bind", f"127.0.0.1:{port}")
    with _started(command, Address(port, "/query")) as running:
        yield running


def has_virtuoso() -> bool:
    """Whether Debian's virtuoso-opensource-7 is installed."""
    return Path(VIRTUOSO).exists() and Path(ISQL).exists()


@contextmanager
def virtuoso(data: Path, folder: Path) -> Iterator[Running]:
    """Virtuoso with memory for all of it, loaded by its bulk loader into one graph; its default graph is the union."""
    is_loaded = folder.exists()
    folder.mkdir(exist_ok=True)
    port, sql_port = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(
        _VIRTUOSO_INI.format(folder=folder, data=data.parent, port=port, sql_port=sql_port)
    )
    command = (VIRTUOSO, "-f", "-c", str(folder / "virtuoso.ini"))
    with _started(command, Address(port, "/sparql")) as running:
        if not is_loaded:
            load = f"ld_dir('{data.parent}', '{data.name}', 'http://example.org/data'); rdf_loader_run(); checkpoint;"
            _do(ISQL, f"127.0.0.1:{sql_port}", "dba", "dba", f"exec={load}")
        yield running


def ask(
    address: Address, query: str, *, timeout: float = 120, accept: str = "application/sparql-results+json"
) -> bytes:
    """The whole answer to a query. Raises OSError when there is none in time."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{address.port}{address.path}?query={quote(query)}", headers={"Accept": accept}
    )
    with urllib.request.urlopen(request, timeout=timeout) as response:
        answer: bytes = response.read()
        return answer


def bindings(address: Address, query: str, *, timeout: float = 120) -> list[dict[str, Any]]:
    """The rows that a server gives for a query."""
    found: list[dict[str, Any]] = json.loads(ask(address, query, timeout=timeout))["results"]["bindings"]
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_START)
    if done.returncode or "*** Error" in done.stderr:
        raise RuntimeError(f"{' '.join(command)} failed: {(done.stderr or done.stdout)[-500:]}")


@contextmanager
def _started(command: tuple[str, ...], address: Address) -> Iterator[Running]:
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    ask(address, "SELECT * WHERE { ?s ?p ?o } LIMIT 1")
                    break
                except urllib.error.HTTPError as error:
                    raise RuntimeError(f"{error.code} from {' '.join(command)}") from None
                except OSError:
                    taken = time.perf_counter() - begun
                    if process.poll() is not None or taken > LONGEST_START:
                        raise RuntimeError(f"it does not answer: {' '.join(command)}") from None
                    time.sleep(0.01)
            yield Running(address, time.perf_counter() - begun, process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
