"""The web process's side of one query worker: start it, speak to it, end it."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from leedskg.errors import KnowledgeError, LeedskgError
from leedskg.settings import Settings
from leedskg.sparql import confinement, frames, priority
from leedskg.sparql.forking import Nursery
from leedskg.store.generations import Lease

#: Statements up to which a worker that is started by itself loads the graph into memory: each has to do it again.
_LOADED_ALONE = 500_000
#: The part of the memory that a worker may use which it may go on holding after a heavy query.
_KEPT = 8


class WorkerProcess:
    """A worker process and the connection to it. Used by one thread at a time.

    Forked by the nursery, when one is given and there, and otherwise started as a program of its own: a fork of a
    process with threads, as ours is, is not safe. It lives in its own process group, so that Ctrl-C reaches us alone,
    and it ends when our end of `lifeline` closes, however we end.

    Raises LeedskgError when no process can be started.
    """

    def __init__(self, lease: Lease, settings: Settings, nursery: Nursery | None = None) -> None:
        self.generation = lease.generation
        self.stopped_for = ""
        self.hello: dict[str, Any] = {}
        ours, theirs = socket.socketpair()
        their_lifeline, self._lifeline = os.pipe()
        self._is_suspended = False
        self._is_spent = False
        self._private_at_first = 0
        self._most_kept = settings.worker_memory * 2**20 // _KEPT
        self._connection = ours
        self._frames = frames.FrameReader(ours)
        try:
            forked = nursery.fork(theirs.fileno(), their_lifeline) if nursery else None
            self._process = forked or _started(theirs.fileno(), their_lifeline, lease, settings)
        except (OSError, ValueError) as error:  # ValueError: the lease was given back meanwhile
            self._close()
            raise LeedskgError(f"a query worker cannot be started: {error}") from None
        finally:
            theirs.close()
            os.close(their_lifeline)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Wait until it has opened its generation. Raises KnowledgeError when it cannot."""
        answer = self._frames.read()
        if answer is not None and answer[0] == frames.HELLO:
            self.hello = json.loads(answer[1])
            self._private_at_first = _private_memory(self.pid)
            return
        code = self.end()
        said = json.loads(answer[1])["message"] if answer else f"it ended with {code} while it was opening it"
        raise KnowledgeError(f"a query worker cannot open generation {self.generation.number}: {said}")

    def is_alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def send(self, job: bytes) -> bool:
        """Hand over a query; False when the worker is no longer there to take it."""
        try:
            self._connection.sendall(job)
        except OSError:
            return False
        return True

    async def answers(self, longest: int) -> bool:
        """Wait in an event loop until the answer is there, up to so many bytes; False when `read` has to wait for more.

        False, too, for an error, and when the worker has ended.
        """
        loop = asyncio.get_running_loop()
        over: asyncio.Future[bool] = loop.create_future()

        def receive() -> None:
            is_there = self._frames.receive(longest)
            if is_there is not None and not over.done():
                over.set_result(is_there)

        loop.add_reader(self._connection, receive)
        try:
            return await over
        finally:
            loop.remove_reader(self._connection)

    def read(self) -> tuple[bytes, bytes] | None:
        """The next frame of the answer; None when the worker has ended."""
        return self._frames.read()

    def lower(self) -> None:
        """Give the query that it is at a low priority."""
        if not priority.lower(self.pid):
            self._is_spent = True

    def is_spent(self) -> bool:
        """Whether it is of no use for another query: it is slow for good, or has kept much of the memory of the last.

        Costs a system call or two.
        """
        if not self._is_spent:
            self._is_spent = _private_memory(self.pid) > self._private_at_first + self._most_kept
        return self._is_spent

    def suspend(self) -> None:
        """Let the process rest where it is. It can be ended meanwhile, and ends with its parent."""
        if not self._is_suspended:
            self._is_suspended = True
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let the process go on, if it rests."""
        if self._is_suspended:
            self._is_suspended = False
            self._process.send_signal(signal.SIGCONT)

    def kill(self, reason: str) -> None:
        """End the process now. Whoever reads from it sees it end; `end` has still to be called."""
        self.stopped_for = self.stopped_for or reason
        self._process.kill()
        with suppress(OSError):  # a process of low priority takes its time to end; its reader need not wait for that
            self._connection.shutdown(socket.SHUT_RDWR)

    def end(self) -> int:
        """End the process if need be, release everything, and give its exit code."""
        self._process.kill()
        code = self._process.wait()
        self._close()
        return code

    def _close(self) -> None:
        self._connection.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


def _private_memory(pid: int) -> int:
    """Bytes that a process has reserved for itself and may write to; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[5]) * resource.getpagesize()
    except OSError:
        return 0


def _started(connection: int, lifeline: int, lease: Lease, settings: Settings) -> subprocess.Popen[bytes]:
    """A worker as a program of its own."""
    generation = lease.generation
    options = {
        "socket": connection,
        "lifeline": lifeline,
        "folder": str(generation.path),
        "in_memory": generation.statements < min(settings.in_memory_below, _LOADED_ALONE) and not generation.writable,
        "writable": generation.writable,
        "memory": settings.worker_memory,
    }
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", "leedskg.sparql.worker", json.dumps(options)],
        pass_fds=(connection, lifeline, lease.descriptor),
        stdin=subprocess.DEVNULL,
        env=os.environ | confinement.ONE_ARENA,
        process_group=0,
    )
