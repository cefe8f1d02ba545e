"""The web process's side of one query worker: start it, speak to it, end it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import Any

from leedskg.errors import KnowledgeError, LeedskgError, LimitReachedError
from leedskg.settings import Settings
from leedskg.sparql import frames
from leedskg.store.generations import Lease


class WorkerProcess:
    """A worker process and the connection to it. Used by one thread at a time.

    Started as a program of its own, for a fork of a process with threads is not safe. It lives in its own
    process group, so that Ctrl-C reaches us alone, and it ends when our end of `lifeline` closes, however we end.
    """

    def __init__(self, lease: Lease, settings: Settings) -> None:
        self.generation = lease.generation
        self.stopped_for = ""
        self.hello: dict[str, Any] = {}
        ours, theirs = socket.socketpair()
        their_lifeline, self._lifeline = os.pipe()
        self._connection = ours
        self._frames = frames.FrameReader(ours)
        options = {
            "socket": theirs.fileno(),
            "lifeline": their_lifeline,
            "folder": str(self.generation.path),
            "in_memory": self.generation.statements < settings.in_memory_below and not self.generation.writable,
            "writable": self.generation.writable,
            "memory": settings.worker_memory,
        }
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "leedskg.sparql.worker", json.dumps(options)],
                pass_fds=(theirs.fileno(), their_lifeline, lease.descriptor),
                stdin=subprocess.DEVNULL,
                # Each arena reserves 64 MiB of address space, which would count against the cap unused.
                env=os.environ | {"MALLOC_ARENA_MAX": "2"},
                process_group=0,
            )
        except OSError as error:
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

    def read(self) -> tuple[bytes, bytes] | None:
        """The next frame of the answer; None when the worker has ended."""
        return self._frames.read()

    def kill(self, reason: str) -> None:
        """End the process now. Whoever reads from it sees it end; `end` has still to be called."""
        self.stopped_for = self.stopped_for or reason
        self._process.kill()

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


def out_of_time(seconds: float) -> LimitReachedError:
    """What to say of a query that was stopped at its deadline."""
    return LimitReachedError(
        f"the query was stopped after {seconds:g} seconds, which is as long as it may take; "
        "ask for less, or add conditions that narrow it early"
    )


def death(stopped_for: str, code: int, seconds: float) -> LimitReachedError:
    """What to say of a worker that ended in the middle of a query."""
    if stopped_for == "deadline" or code == -signal.SIGALRM:
        return out_of_time(seconds)
    if stopped_for == "closing":
        return LimitReachedError("the server is shutting down")
    if code in {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS}:
        return LimitReachedError(
            "the query was stopped because it needs more memory than a query may use, or nests too deeply"
        )
    return LimitReachedError("the process that ran this query was ended from outside; it has been replaced: try again")
