"""The web process's side of a nursery: start it, have it fork workers, ask it how each of them ended.

Only on Linux, which has what `sparql.forked` needs; elsewhere, and where no nursery can be started, each worker is
started as a program.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any

from leedskg.settings import Settings
from leedskg.sparql.confinement import ONE_ARENA
from leedskg.sparql.forked import Forked
from leedskg.store.generations import Lease

#: Seconds in which a nursery forks or tells; one that takes longer is given up and started again.
_LONGEST = 10.0
#: Seconds before a nursery that could not be started is tried again, and one that was killed meanwhile.
_PAUSE, _MOMENT = 60.0, 1.0
#: Seconds that a worker waits for a nursery that is being started; that takes as long as to start a worker.
_PATIENCE = 15.0
_LONGEST_WORD = 1024
_PROGRAM = "leedskg.sparql.nursery"

_log = logging.getLogger(__name__)


def is_possible(lease: Lease) -> bool:
    """Whether workers for this can be forked. A store that is written to is open in one process at a time."""
    return sys.platform == "linux" and not lease.generation.writable


class Nursery:
    """A nursery for one generation. Every method may be called from any thread."""

    def __init__(self, lease: Lease, settings: Settings, *, in_memory: bool, is_waited_for: bool = True) -> None:
        """For a lease; a worker waits for it while it loads if it `is_waited_for`, and is else started as a program."""
        self._lease = os.dup(lease.descriptor)
        generation = lease.generation
        self._options = {
            "folder": str(generation.path),
            "in_memory": in_memory,
            "memory": settings.worker_memory,
        }
        self._lock = threading.Lock()
        self._program: _Program | None = None
        self._thread: threading.Thread | None = None
        self._settled = threading.Event()
        self._patience = _PATIENCE if is_waited_for else 0.0
        self._not_before = 0.0
        self._unreaped = 0
        self._is_retired = False

    def tend(self) -> None:
        """Have it started, in a thread of its own, where it is not there; to be called every so often."""
        with self._lock:
            self._tend()

    @property
    def is_open(self) -> bool:
        """Whether it has loaded what it is for, and can fork."""
        with self._lock:
            return self._program is not None and self._program.is_open

    def _tend(self) -> None:
        is_resting = time.monotonic() < self._not_before
        if self._is_retired or self._is_starting() or self._is_there() or is_resting:
            return
        if self._program:
            self._let_go("the process for it has ended, and is started again")
        self._settled.clear()
        self._thread = threading.Thread(target=self._start, name="nursery-starter", daemon=True)
        self._thread.start()

    def _is_starting(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _is_there(self) -> bool:
        return self._program is not None and self._program.process.poll() is None

    def _let_go(self, why: str) -> None:
        assert self._program is not None
        self._program.end()
        self._program = None
        if not self._is_retired:
            _log.warning("no query worker can be forked now: %s", why)

    def _start(self) -> None:
        try:
            with self._lock:
                if self._is_retired:
                    return
                self._program = program = _Program(self._options, self._lease)
            said = program.first_word()
            with self._lock:
                program.is_open = bool(said)
                if not said:
                    was_killed = program.process.wait() == -signal.SIGKILL
                    self._not_before = time.monotonic() + (_MOMENT if was_killed else _PAUSE)
                    if not was_killed:
                        self._options["in_memory"] = False  # there may be no room for it, and the disk serves too
                    self._let_go("the process for it ended before it was ready")
        except OSError as error:
            _log.warning("no process can be started to fork query workers: %s", error)
            self._not_before = time.monotonic() + _PAUSE
        finally:
            self._settled.set()

    def fork(self, *descriptors: int) -> Forked | None:
        """A new worker with a socket and a lifeline; None when there can be none now.

        Waits while the process is being started: that takes no longer than to start a worker, and is done once.
        """
        self.tend()
        self._settled.wait(self._patience)
        with self._lock:
            if self._is_retired or self._program is None or not self._program.is_open:
                return None
            try:
                pid = self._program.ask({"do": "fork"}, *descriptors)["pid"]
                worker = Forked(pid, partial(self._reap, self._program))
            except OSError as error:
                self._let_go(str(error))
                return None
            self._unreaped += 1
            return worker

    def _reap(self, parent: _Program, pid: int) -> int:
        """How a worker ended that has; 0 when nobody knows any more, for the process that forked it is gone."""
        with self._lock:
            self._unreaped -= 1
            if parent is not self._program:
                return 0
            try:
                return int(parent.ask({"do": "reap", "pid": pid})["code"])
            except OSError as error:
                self._let_go(str(error))
                return 0

    def retire(self) -> None:
        """Fork no more, and give up what is being loaded."""
        with self._lock:
            self._is_retired = True
            if self._program and not self._program.is_open:
                self._program.process.kill()

    def has_ended(self) -> bool:
        """End it, once it has retired and no worker of it is left, without waiting for that; whether it has."""
        with self._lock:
            if self._unreaped:
                return False
            if self._program:
                self._program.process.kill()
            if self._is_starting() or self._is_there():
                return False
        self.end()
        return True

    def end(self) -> None:
        """End it and release everything. Its workers live on. Twice does nothing more."""
        self.retire()
        if self._thread:
            self._thread.join()
        with self._lock:
            if self._program:
                self._let_go("")
            if self._lease >= 0:
                os.close(self._lease)
                self._lease = -1


class _Program:
    """The process of a nursery and the socket to it; like a worker it ends when our end of its lifeline closes."""

    def __init__(self, options: dict[str, Any], lease: int) -> None:
        self.is_open = False
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        their_lifeline, self._lifeline = os.pipe()
        given = options | {"control": theirs.fileno(), "lifeline": their_lifeline}
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", _PROGRAM, json.dumps(given)],
                pass_fds=(theirs.fileno(), their_lifeline, lease),
                stdin=subprocess.DEVNULL,
                env=os.environ | ONE_ARENA,
                process_group=0,
            )
        except OSError:
            self.control.close()
            os.close(self._lifeline)
            raise
        finally:
            theirs.close()
            os.close(their_lifeline)

    def first_word(self) -> bytes:
        """What it says when it has loaded everything; nothing when it has ended."""
        said = b""
        with suppress(ConnectionError):
            said = self.control.recv(_LONGEST_WORD)
        self.control.settimeout(_LONGEST)
        return said

    def ask(self, said: dict[str, Any], *descriptors: int) -> dict[str, Any]:
        """Say something, and give what it answers. Raises OSError when it does not."""
        socket.send_fds(self.control, [json.dumps(said).encode()], descriptors)
        answer = self.control.recv(_LONGEST_WORD)
        if not answer:
            raise OSError("it has ended")
        answered: dict[str, Any] = json.loads(answer)
        if "error" in answered:
            raise OSError(answered["error"])
        return answered

    def end(self) -> None:
        """End the process and release everything."""
        self.process.kill()
        self.process.wait()
        self.control.close()
        os.close(self._lifeline)
