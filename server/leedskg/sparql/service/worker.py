"""A query worker: a process that answers from one generation, or the scratch store, and does one job at a time.

Its supervisor forks it and hands it the sockets of clients, one at a time, which it answers straight. It is a process
because the engine has no timeout and no cancel: to stop a query one has to end the process it runs in.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO, Any, Protocol

from leedskg.sparql.protocol import position
from leedskg.sparql.protocol.written import TripleTermError
from leedskg.sparql.service import frames, sandbox
from leedskg.sparql.service.frames import JobError

#: Seconds after its supervisor's deadline at which a worker ends itself, should it not have been ended.
BACKSTOP = 0.3
#: Seconds that the end of an answer may wait for its client, when the supervisor counts on the worker again.
_LAST = struct.pack("ll", 2, 0)
_NO_LIMIT = struct.pack("ll", 0, 0)
#: What comes with a socket: the first of what its client sent, of so many bytes at most, behind its length, and whether
#: it has been heavy before.
HEAD = struct.Struct("!I?")
BEGINNING = 32_768
#: The bytes that a worker and its supervisor share: whether it has taken the client that it was sent last; whether one
#: that it has taken still waits for the end of its answer; whether it is done with the query that it was sent last; and
#: whether the supervisor wants to be woken for that, as it does not for a small query while nobody waits for a worker.
TAKEN, ANSWERING, FINISHED, WANTED = range(4)
#: What a worker tells its supervisor: that it can begin, without sockets or with; that it is done; that it cannot open.
READY, READY_UNSANDBOXED, DONE, FAILED = b"r", b"u", b"d", b"x"
#: Bytes of stack for what answers, which is what a program has to itself; what nests deeply takes it.
_STACK = 8 * 2**20

#: The descriptor of a client, the first of what it sent, and whether it is to have a low priority from the beginning.
_Client = tuple[int, bytes, bool]


class Graph(Protocol):
    """What a worker answers from: a generation, the scratch store, or a server elsewhere."""

    @property
    def is_spent(self) -> bool:
        """Whether it can answer nothing more."""

    def open(self) -> None:
        """Open what can be opened only here. Raises OSError when it cannot be read."""

    def enter_sandbox(self, *, plain: bool) -> sandbox.SandboxState:
        """Keep the engine from opening sockets, for good; with `plain` by nothing that only Linux has."""

    def answer(self, job: dict[str, Any], parts: list[bytes], result: IO[bytes]) -> str:
        """Do what a job says and return the kind of what came of it. Raises JobError, or what the engine raises."""


class _Result:
    """The file that the engine serialises into: collects its small writes into frames, and counts them."""

    def __init__(self, client: socket.socket, limit: int) -> None:
        self._client = client
        self._limit = limit
        self._pending = bytearray()
        self._written = 0

    def write(self, data: bytes) -> int:
        self._written += len(data)
        if self._written > self._limit:
            raise JobError("too-large")
        self._pending += data
        if len(self._pending) >= frames.CHUNK:
            self._client.sendall(frames.frame(frames.DATA, bytes(self._pending)))
            self._pending.clear()
        return len(data)

    def flush(self) -> None:
        """Do nothing: the frames are sent when they are full, and the last one with the end."""

    def end(self, kind: str) -> bytes:
        """Return what is still to be sent."""
        last = frames.frame(frames.DATA, bytes(self._pending)) if self._pending else b""
        return last + frames.json_frame(frames.END, {"kind": kind})


def work(graph: Graph, control: socket.socket, shared: mmap.mmap, *, plain: bool) -> None:
    """Open the graph, shut the doors, and answer the clients that come by `control` until it closes.

    What is `shared` with the supervisor tells how far it is: who was sent to a worker that had died before is sent to
    another one, and whose answer lacks its end is hung up on.
    """
    sandbox.name_process("query-worker")
    sandbox.raise_oom_score()
    try:
        graph.open()
    except (OSError, ValueError, MemoryError) as error:
        control.sendall(FAILED + str(error).encode())
        return
    sandboxed = graph.enter_sandbox(plain=plain)
    control.sendall(READY if sandboxed.sockets_denied else READY_UNSANDBOXED + sandboxed.reason.encode())
    threading.stack_size(_STACK)
    handed: _Client | None = None
    while True:
        with ThreadPoolExecutor(1) as thread:
            handed = thread.submit(_answer_clients, graph, control, shared, handed).result()
        if handed is None:
            return


def _answer_clients(graph: Graph, control: socket.socket, shared: mmap.mmap, client: _Client | None) -> _Client | None:
    """Answer from this client on, in a thread; return the first one that is for another, as this has been lowered."""
    ordinary = sandbox.priority()
    while True:
        if client is None:
            begun, descriptors, _, _ = socket.recv_fds(control, HEAD.size + BEGINNING, 1)
            if not begun:
                return None
            shared[TAKEN] = shared[ANSWERING] = 1
            client = descriptors[0], *_rest(control, begun)
        if sandbox.priority() > ordinary:
            return client
        if client[2]:
            sandbox.lower_own_priority()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, client[0]) as connection:
            _serve(graph, connection, client[1], control, shared)
        shared[ANSWERING] = 0
        client = None
        if graph.is_spent:
            os._exit(0)


def _rest(control: socket.socket, begun: bytes) -> tuple[bytes, bool]:
    """Return what a client sent, all of which has come unless it is much, and whether it has been heavy before."""
    while len(begun) < HEAD.size or len(begun) - HEAD.size < HEAD.unpack_from(begun)[0]:
        piece = control.recv(BEGINNING)
        if not piece:
            os._exit(0)
        begun += piece
    return begun[HEAD.size :], HEAD.unpack_from(begun)[1]


def _serve(graph: Graph, client: socket.socket, begun: bytes, control: socket.socket, shared: mmap.mmap) -> None:
    """Do the job of a client and say that it is done, a moment before the client can know and ask again."""
    reader = frames.FrameReader(client, begun)
    last = b""
    try:
        request = reader.read()
        if request is not None:
            job = json.loads(request[1])
            parts = [(reader.read() or (b"", b""))[1] for _ in job.get("parts", ())]
            last = _answer(graph, job, parts, client)
    except ConnectionError:
        last = b""
    shared[FINISHED] = 1
    if shared[WANTED]:
        control.sendall(DONE)
    if not (last and _send_last(client, last)):  # the supervisor has the connection too, and would let it wait
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


def _send_last(client: socket.socket, last: bytes) -> bool:
    """Send a client the end of its answer; whether it has taken it. Another may be sent on the same connection."""
    try:
        with suppress(BlockingIOError):
            last = last[client.send(last, socket.MSG_DONTWAIT) :]
        if last:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _LAST)
            client.sendall(last)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _NO_LIMIT)
    except OSError:  # it is gone, or reads nothing
        return False
    return True


def _answer(graph: Graph, job: dict[str, Any], parts: list[bytes], client: socket.socket) -> bytes:
    """Do a job and return the last of what its client is sent."""
    signal.setitimer(signal.ITIMER_REAL, job["seconds"] + BACKSTOP)
    result = _Result(client, job["limit"])
    try:
        return result.end(graph.answer(job, parts, result))  # type: ignore[arg-type]
    except JobError as error:
        return error.frame
    except TripleTermError:
        return JobError("triple-term").frame
    except SyntaxError as error:
        at = position.of_error(job["written"], base=job["base"], update=job["do"] == "update")
        return JobError("syntax", str(error), at=at).frame
    except MemoryError:
        return JobError("memory").frame
    except ConnectionError:
        raise
    except Exception as error:  # the engine raises what it likes; its client logs it
        return JobError("engine", f"{type(error).__name__}: {error}").frame
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
