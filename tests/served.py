"""A server started as a person starts it, with settings of the test's own, and what a rude client sends to it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
#: What the processes are called that answer queries, and those that fork them.
WORKER, SUPERVISOR = "query-worker", "query-service"


def below(pid: int) -> list[psutil.Process]:
    """Return the processes below one, to the last, that have a name still."""
    found = []
    for each in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has ended since
            found += [each] if each.name() and each.status() != psutil.STATUS_ZOMBIE else []
    return found


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Served:
    """A server that answers, and the log that it writes."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    def connect(self, timeout: float = 60) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def get(self, path: str, timeout: float = 60, **headers: str) -> Answer:
        return self.send("GET", path, timeout=timeout, headers=headers)

    def send(self, method: str, path: str, body=None, headers=None, *, timeout: float = 60) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def raw(self, request: bytes, timeout: float = 60) -> bytes:
        """What comes back for bytes as they stand, until the server closes or says nothing more for a moment."""
        with self.connect(timeout) as connection:
            with suppress(OSError):  # it may answer and close before it has everything
                connection.sendall(request)
            received = b""
            with suppress(OSError):
                while data := connection.recv(65536):
                    received += data
                    connection.settimeout(0.3)
            return received


def ended(server: subprocess.Popen[str]) -> int:
    """Wait for a server that was told to end; one that goes on is killed, or its test would wait for ever."""
    try:
        return server.wait(timeout=60)
    except subprocess.TimeoutExpired:
        server.kill()
        raise


@contextmanager
def served(state: Path, log: Path, *arguments: str, **settings: object) -> Iterator[Served]:
    """`leedskg serve` on a free port; it is told to end, and has to end well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEEDSKG_")}
    environment["LEEDSKG_LEDGER"] = str(state / "ledger")  # one server alone may serve a ledger
    environment |= {f"LEEDSKG_{name.upper()}": str(value) for name, value in settings.items()}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT / "server"), environment.get("PYTHONPATH"))))
    command = [sys.executable, "-c", "from leedskg.cli import main; main()", "--state", str(state), "serve"]
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*command, "--port", "0", *arguments],
            stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT, env=environment,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            said = ""
            while "leedskg answers at http://127.0.0.1:" not in said:
                said = process.stdout.readline()
                assert said, log.read_text()
            yield Served(process, int(said.strip().rstrip("/").rpartition(":")[2]), log)
        finally:
            process.terminate()
            process.stdout.close()
            code = ended(process)
    assert code == 0, log.read_text()[-2000:]
