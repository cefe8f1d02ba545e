"""A query read before it is sent to a server: is it SPARQL 1.1, what does it give, and which columns has it.

So that a slip is explained in the same words whichever engine answers, that no engine sees what is not SPARQL, and
that SELECT * has its columns in the same order. The embedded engine reads it, over nothing. As that engine may begin
to compute while it reads (VALUES can be multiplied without any data), it does so in a process that can be ended:
`python -m leedskg.sparql.proofreading`, a line of JSON for a line of JSON.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any

import pyoxigraph as ox

from leedskg.errors import LeedskgError, LimitReachedError
from leedskg.sparql import confinement, position, projection

#: Seconds that reading a query may take; a long one takes milliseconds.
_SECONDS = 2.0
_MEMORY = 2048
_LONGEST_REMEMBERED = 50_000


@dataclass(frozen=True)
class Proof:
    """What a valid query gives: `select`, `ask` or `graph`; its text with its columns written out; and those."""

    kind: str
    text: str
    columns: tuple[str, ...] = ()


class Proofreader:
    """Reads queries in a process of its own, which is replaced when it takes too long. Safe from several threads."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._read = lru_cache(maxsize=256)(self._asked)

    def read(self, query: str, written: str = "") -> Proof | dict[str, Any]:
        """The proof of a query, or what is wrong with it as `sparql.failure` takes it.

        A slip is placed in what its client has `written`, where the query has the answers of other endpoints in it;
        such a one is long, and not remembered. Raises LimitReachedError for a query that computes for long before it
        reads any data.
        """
        return (self._read if len(query) <= _LONGEST_REMEMBERED else self._asked)(query, written or query)

    def _asked(self, query: str, written: str) -> Proof | dict[str, Any]:
        sent = json.dumps({"query": query, "written": written, "base": self._base}).encode() + b"\n"
        with self._lock:
            answer = self._exchange(sent)
        if not answer:
            raise LimitReachedError("the query computes too much, or nests too deeply, before it reads the graph")
        said: dict[str, Any] = json.loads(answer)
        return Proof(said["kind"], said["text"], tuple(said.get("columns", ()))) if "text" in said else said

    def _exchange(self, sent: bytes) -> bytes:
        """The answer; nothing when the process died of the question or had to be ended."""
        process = self._process
        if process is None or process.poll() is not None:
            self._end()
            process = self._process = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(sent)
            process.stdin.flush()
            line = _line(process.stdout, _SECONDS)
        except OSError:
            line = b""
        if not line:
            self._end()
        return line

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "leedskg.sparql.proofreading"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0,
            )  # fmt: skip
        except OSError as error:
            raise LeedskgError(f"the process that reads queries cannot be started: {error}") from None
        assert process.stdout is not None
        if _line(process.stdout, 30.0) != b"ready\n":
            process.kill()
            process.wait()
            raise LeedskgError("the process that reads queries did not start")
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()


def _line(pipe: IO[bytes], seconds: float) -> bytes:
    """The next line; nothing when there is none in time."""
    line = b""
    until = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, until - time.monotonic())):
                return b""
            piece = os.read(pipe.fileno(), 2**20)
            if not piece:
                return b""
            line += piece
    return line


def _proof(query: str, written: str, base: str) -> dict[str, Any]:
    try:
        found = ox.Store().query(query, base_iri=base)
    except SyntaxError as error:
        return {"kind": "syntax", "message": str(error), "at": position.of_error(written, base=base)}
    except Exception as error:
        return {"kind": "engine", "message": f"{type(error).__name__}: {error}"}
    if isinstance(found, ox.QueryTriples):
        return {"kind": "graph", "text": query}
    if isinstance(found, ox.QueryBoolean):
        return {"kind": "ask", "text": query}
    names = [variable.value for variable in found.variables]
    return {"kind": "select", "text": projection.in_order_of_appearance(query, names), "columns": names}


def main() -> None:
    """Answer until the other side goes away."""
    confinement.limit_memory(_MEMORY)
    confinement.deny_sockets()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(_proof(asked["query"], asked["written"], asked["base"])) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
