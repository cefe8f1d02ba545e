"""SPARQL servers for the tests of another store: Oxigraph's and Virtuoso, and one that answers as a test tells it."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

OXIGRAPH = Path(sys.executable).with_name("oxigraph")
VIRTUOSO = shutil.which("virtuoso-t")

needs_oxigraph = pytest.mark.skipif(
    not OXIGRAPH.exists(), reason="the server oxigraph is not here: pip install oxigraph"
)
needs_virtuoso = pytest.mark.virtuoso

#: What leaves the engine's own limits out and keeps it small; `ResultSetMaxRows` is added where a test wants it.
_INI = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = {sql_port}
DisableUnixSocket = 1
ServerThreads = 20
CheckpointInterval = 0
NumberOfBuffers = 2000
MaxDirtyBuffers = 1200
DirsAllowed = {folder}
[HTTPServer]
ServerPort = {port}
ServerThreads = 10
MaxKeepAlives = 10
KeepAliveTimeout = 10
[SPARQL]
{limits}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(command: list[str], address: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server as a process, once it answers."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 60
            while True:
                try:
                    urlopen(address, timeout=5).close()
                    break
                except HTTPError as error:
                    error.close()
                    break
                except (URLError, OSError):
                    assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
                    assert time.monotonic() < until, f"{command[0]} does not answer"
                    time.sleep(0.05)
            yield process
        finally:
            process.kill()


@contextmanager
def oxigraph(folder: Path, port: int = 0) -> Iterator[str]:
    """Oxigraph's server; its address."""
    port = port or free_port()
    address = f"http://127.0.0.1:{port}/"
    command = [str(OXIGRAPH), "serve", "--location", str(folder / "oxigraph"), "--bind", f"127.0.0.1:{port}"]
    with started(command, address):
        yield address


@contextmanager
def virtuoso(folder: Path, limits: str = "") -> Iterator[str]:
    """Virtuoso with a new database; its address, with the name and password of a new database's administrator."""
    assert VIRTUOSO is not None
    with ExitStack() as stack:
        for attempt in range(3):
            database = folder / f"virtuoso{attempt}"
            database.mkdir()
            port = free_port()
            ini = database / "virtuoso.ini"
            ini.write_text(
                _INI.format(folder=database, port=port, sql_port=free_port(), limits=limits), encoding="ascii"
            )
            command = [VIRTUOSO, "+foreground", "+configfile", str(ini)]
            try:
                stack.enter_context(started(command, f"http://127.0.0.1:{port}/sparql"))
                break
            except AssertionError:  # another process may have taken a port that was free a moment ago
                if attempt == 2:
                    raise
        yield f"http://dba:dba@127.0.0.1:{port}/"


@contextmanager
def scripted(answer: Callable[[socket.socket, bytes], None], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that hands each connection, and the request that came on it, to `answer`; then closes it."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.settimeout(20)
        with suppress(OSError), connection, _secured(connection, context) as used:  # the client had enough
            answer(used, request(used))

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _secured(connection: socket.socket, context: ssl.SSLContext | None) -> socket.socket:
    return context.wrap_socket(connection, server_side=True) if context else connection


def request(connection: socket.socket) -> bytes:
    """A request, whole."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
