"""A query worker: a process that holds one generation, or the scratch store, and does one thing at a time.

Forked by a nursery (`sparql.nursery`), or, where there is none, `python -m leedskg.sparql.worker` with a JSON object as
its argument; `sparql.process` has either. It is a process because the engine has no timeout and no cancel: to stop a
query one has to end the process it runs in. It imports little, so that a replacement is there soon.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from leedskg.sparql import confinement, frames, graphs, position, priority, projection

#: Seconds after the parent's deadline at which the worker ends itself, should the parent not have ended it.
BACKSTOP = 0.3
#: Bytes of stack for what answers, which is what a program has to itself; what nests deeply takes it.
_STACK = 8 * 2**20
_LONGEST_REMEMBERED = 50_000


class _TooLargeError(Exception):
    pass


class _Result:
    """The file that the engine serialises into: collects its small writes into frames, and counts them."""

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self._connection = connection
        self._limit = limit
        self._pending = bytearray()
        self._written = 0

    def write(self, data: bytes) -> int:
        self._written += len(data)
        if self._written > self._limit:
            raise _TooLargeError
        self._pending += data
        if len(self._pending) >= frames.CHUNK:
            self._connection.sendall(frames.frame(frames.DATA, bytes(self._pending)))
            self._pending.clear()
        return len(data)

    def flush(self) -> None:
        """Nothing: the frames are sent when they are full, and the last one with the end."""

    def end(self, kind: str) -> None:
        last = frames.frame(frames.DATA, bytes(self._pending)) if self._pending else b""
        self._connection.sendall(last + frames.json_frame(frames.END, {"kind": kind}))


def main(argument: str) -> None:
    """A worker that is started by itself: open the generation and answer until the parent goes away."""
    options: dict[str, Any] = json.loads(argument)
    confinement.limit_memory(options["memory"])
    confinement.end_with(options["lifeline"])

    def opened() -> Graph:
        stored = ox.Store(options["folder"]) if options["writable"] else ox.Store.read_only(options["folder"])
        return Graph(options["folder"], stored=stored, union=_union(stored) if options["in_memory"] else None)

    work(options["socket"], opened)


def work(descriptor: int, opened: Callable[[], Graph]) -> None:
    """Open the graph, shut the doors, say hello, and answer what comes by the socket until it closes."""
    confinement.name_process("query-worker")
    confinement.be_first_to_go()
    with socket.socket(fileno=descriptor) as connection:
        try:
            graph = opened()
        except (OSError, ValueError, MemoryError) as error:
            connection.sendall(frames.json_frame(frames.ERROR, {"kind": "open", "message": str(error)}))
            return
        confined = confinement.deny_sockets()
        hello = {"pid": os.getpid(), "sockets_denied": confined.sockets_denied, "reason": confined.reason}
        connection.sendall(frames.json_frame(frames.HELLO, hello))
        _serve(graph, connection)


def _serve(graph: Graph, connection: socket.socket) -> None:
    """Answer until the connection closes, in a thread that is replaced when it has been lowered for a heavy query."""
    reader = frames.FrameReader(connection)

    def answer(request: tuple[bytes, bytes] | None) -> tuple[bytes, bytes] | None:
        """Answer from this request on; gives the first one that is for another thread."""
        ordinary = priority.of_this_thread()
        while request := request or reader.read():
            if priority.of_this_thread() > ordinary:
                return request
            job = json.loads(request[1])
            parts = [(reader.read() or (b"", b""))[1] for _ in job.get("parts", ())]
            request = None
            try:
                _answer(graph, job, parts, connection)
            except ConnectionError:
                break
        return None

    threading.stack_size(_STACK)
    request = None
    while True:
        with ThreadPoolExecutor(1) as thread:
            request = thread.submit(answer, request).result()
        if request is None:
            return


def _union(stored: ox.Store) -> ox.Store:
    """The union graph of a generation, in memory."""
    written = stored.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    assert written is not None
    union = ox.Store()
    union.load(written, format=ox.RdfFormat.N_TRIPLES, lenient=True)
    return union


class Graph:
    """The generation on disk, and its union graph in memory besides where that is small enough.

    Most queries ask the union, and in memory joins over it took a third of the time. A query that may name
    graphs goes to the disk: to hold the named graphs too doubles the memory, and made small queries 13 times
    slower, for Oxigraph then walks past their statements. Beside a union the disk is opened when it is first needed.
    """

    def __init__(self, folder: str, *, stored: ox.Store | None = None, union: ox.Store | None = None) -> None:
        self._folder = folder
        self._union = union
        self._stored = ox.Store.read_only(folder) if stored is None and union is None else stored

    def store_for(self, job: dict[str, Any]) -> ox.Store:
        """The store that a job is for. Raises OSError when the disk cannot be read any more."""
        if self._union is not None and job["do"] == "query" and not job["graphs"]:
            return self._union
        if self._stored is None:
            self._stored = ox.Store.read_only(self._folder)
        return self._stored


def _answer(graph: Graph, job: dict[str, Any], parts: list[bytes], connection: socket.socket) -> None:
    signal.setitimer(signal.ITIMER_REAL, job["seconds"] + BACKSTOP)
    result = _Result(connection, job["limit"])
    try:
        result.end(_do(graph.store_for(job), job, parts, result))
    except SyntaxError as error:
        at = position.of_error(job["written"], base=job["base"], update=job["do"] == "update")
        _fail(connection, "syntax", str(error), at=at)
    except graphs.GraphError as error:
        _fail(connection, error.kind, str(error), line=error.line, column=error.column)
    except _TooLargeError:
        _fail(connection, "too-large", "")
    except _WrongKindError as error:
        _fail(connection, "not-acceptable", str(error))
    except MemoryError:
        _fail(connection, "memory", "")
    except ConnectionError:
        raise
    except Exception as error:  # the engine raises what it likes; the parent logs it
        _fail(connection, "engine", f"{type(error).__name__}: {error}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _do(store: ox.Store, job: dict[str, Any], parts: list[bytes], result: _Result) -> str:
    """Do what the job says and give the kind of what came of it."""
    if job["do"] == "query":
        return _query(store, job, result)
    if job["do"] == "update":
        return graphs.update(store, job)
    if job["do"] == "get":
        return graphs.get(store, job, result)  # type: ignore[arg-type]
    if job["do"] == "delete":
        return graphs.delete(store, job)
    return graphs.write(store, job, parts)


def _query(store: ox.Store, job: dict[str, Any], result: _Result) -> str:
    found = store.query(
        _with_columns(job["query"], job["base"]),
        base_iri=job["base"],
        default_graph=_graphs(job["default"]),  # type: ignore[arg-type]
        named_graphs=_graphs(job["named"]),  # type: ignore[arg-type]
    )
    if isinstance(found, ox.QueryTriples):
        kind, name = "graph", job["graph"]
    else:
        kind, name = ("ask" if isinstance(found, ox.QueryBoolean) else "select"), job["table"]
    if name is None:
        raise _WrongKindError(kind)
    if isinstance(found, ox.QueryTriples):
        found.serialize(result, getattr(ox.RdfFormat, name))  # type: ignore[arg-type]
    else:
        found.serialize(result, getattr(ox.QueryResultsFormat, name))  # type: ignore[arg-type]
    return kind


def _with_columns(query: str, base: str) -> str:
    """The query with the columns of its SELECT * in order; a long one is not remembered: it holds a called answer."""
    return (_ordered if len(query) <= _LONGEST_REMEMBERED else _ordered.__wrapped__)(query, base)


@lru_cache(maxsize=64)
def _ordered(query: str, base: str) -> str:
    """The engine knows the names of the columns without any data."""
    if projection.star(query) is None:
        return query
    variables = getattr(ox.Store().query(query, base_iri=base), "variables", [])
    return projection.in_order_of_appearance(query, [each.value for each in variables])


class _WrongKindError(Exception):
    pass


def _graphs(names: list[str] | None) -> list[ox.NamedNode] | None:
    return None if names is None else [graphs.named(name) for name in names]


def _fail(connection: socket.socket, kind: str, message: str, **more: Any) -> None:
    connection.sendall(frames.json_frame(frames.ERROR, {"kind": kind, "message": message, **more}))


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    main(sys.argv[1])
