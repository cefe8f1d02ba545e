"""The workers of a supervisor as its children: forked ahead of need, signalled, and reaped."""

from __future__ import annotations

import mmap
import os
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from leedskg.sparql.service import sandbox
from leedskg.sparql.service import worker as workers
from leedskg.sparql.service.fairness import Query, QueryLimits
from leedskg.sparql.service.watching import Watcher

#: Seconds before a fork is tried again that failed, or a worker is replaced that did not come to begin.
_PAUSE = 1.0

Work = Callable[[socket.socket, mmap.mmap], None]


@dataclass(eq=False)
class Worker:
    """A child process, our end of the socket to it, and what it is doing."""

    pid: int
    control: socket.socket
    shared: mmap.mmap
    query: Query | None = None
    #: Whom it answered last, and who may ask again on the same connection.
    answered: socket.socket | None = None
    state: str = "starting"  # idle, busy, or ending
    failed: str = ""
    #: Whether it has a low priority for good.
    is_slow: bool = False
    private_at_first: int = 0

    def hand_over(self, query: Query, *, was_heavy: bool) -> None:
        """Send the worker the client of a query. Raises OSError when it has died."""
        self.shared[workers.TAKEN] = self.shared[workers.FINISHED] = self.shared[workers.WANTED] = 0
        begun = workers.HEAD.pack(len(query.begun), was_heavy) + query.begun
        socket.send_fds(self.control, [begun], [query.connection.fileno()])

    def break_off(self, taken: Iterable[Query]) -> None:
        """Hang up on whom a worker that ends has answered, if the end of that answer may not have been sent.

        It has been where the client has asked again, be it that its query is `taken` or not read yet.
        """
        at, self.answered = self.answered, None
        has_its_end = (self.query and self.shared[workers.TAKEN]) or any(each.connection == at for each in taken)
        if at and self.shared[workers.ANSWERING] and not has_its_end:
            with suppress(OSError):
                try:
                    at.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
                except BlockingIOError:
                    at.shutdown(socket.SHUT_RDWR)

    def is_spent(self, most_kept: int) -> bool:
        """Return whether it can take no other query: it is slow for good, or keeps much of the memory of the last."""
        return self.is_slow or sandbox.private_memory(self.pid) > self.private_at_first + most_kept


class Children:
    """The workers that have not been reaped, by the numbers of their processes, which are their own until then.

    There are as many for quick queries as there should be. What one of them says is `heard`.
    """

    def __init__(self, work: Work, limits: QueryLimits, watch: Watcher, heard: Callable[[Worker], None]) -> None:
        self._work = work
        self._limits = limits
        self._watch = watch
        self._heard = heard
        self._workers: dict[int, Worker] = {}
        #: Those that have nothing to do, the one that was last busy last.
        self.idle: deque[Worker] = deque()
        #: When a fork is tried again.
        self.not_before = 0.0

    def __iter__(self) -> Iterator[Worker]:
        return iter(list(self._workers.values()))

    def __len__(self) -> int:
        return len(self._workers)

    def quick(self) -> int:
        """Return how many workers there are that are not at a heavy query, nor ending."""
        return sum(
            worker.state != "ending" and not (worker.query and worker.query.is_heavy)
            for worker in self._workers.values()
        )

    def fill(self) -> str:
        """Fork as many workers as are missing, and return what is wrong where the system has no process to give."""
        if time.monotonic() < self.not_before:
            return ""
        missing = self._limits.wanted - self.quick()
        if self._limits.exclusive and self._workers:
            missing = 0  # the one that ends still has the store
        for _ in range(missing):
            try:
                worker = self._fork()
            except OSError as error:
                self.pause()
                said = f"no process can be started to answer queries: {error.strerror or error}"
                print(said, file=sys.stderr, flush=True)
                return said
            self._watch.on_readable(worker.control, partial(self._heard, worker), 0)
        return ""

    def pause(self) -> None:
        """Fork nothing for a moment."""
        self.not_before = time.monotonic() + _PAUSE

    def drop_surplus(self) -> None:
        """Have idle workers end that are more than there should be, those first that have been idle the longest.

        A worker that has answered has copied the pages that its answers touch, which a fresh one has yet to do.
        """
        for _ in range(min(len(self.idle), self.quick() - self._limits.wanted)):
            self.dismiss(self.idle.popleft())

    def dismiss(self, worker: Worker) -> None:
        """Have a worker end that has done what it had to, once its client has the end of the answer."""
        worker.state = "ending"
        self.signal(worker, signal.SIGCONT)
        self.close(worker)

    def close(self, worker: Worker) -> None:
        """Listen to a worker no more."""
        self._watch.forget(worker.control)
        worker.control.close()

    def _fork(self) -> Worker:
        """Return a new worker. Raises OSError when the system has no process to give."""
        ours, theirs = socket.socketpair()
        shared = mmap.mmap(-1, 4)
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            shared.close()
            raise
        if not pid:
            _be_worker(partial(self._work, theirs, shared), theirs.fileno(), parent)
        theirs.close()
        worker = self._workers[pid] = Worker(pid, ours, shared)
        return worker

    def signal(self, worker: Worker, number: int) -> None:
        """Send a worker a signal, unless it has been reaped."""
        if worker.pid in self._workers:
            os.kill(worker.pid, number)

    def kill(self, worker: Worker) -> None:
        """End a worker now, whatever it is at."""
        worker.state = "ending"
        self.signal(worker, signal.SIGKILL)

    def reap(self) -> Iterator[tuple[Worker, int]]:
        """Give the workers that have ended, each with its exit code, or a signal below 0."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid in self._workers:
                yield self._workers.pop(pid), os.waitstatus_to_exitcode(status)

    def wait(self) -> None:
        """Wait until all have ended."""
        for pid in self._workers:
            os.waitpid(pid, 0)


def _be_worker(work: Callable[[], None], control: int, parent: int) -> NoReturn:
    """Be a worker, from the fork to the end; nothing of the supervisor is to run in it."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        sandbox.end_with_parent(parent)
        os.closerange(3, control)  # the clients of others are not ours to hold
        os.closerange(control + 1, os.sysconf("SC_OPEN_MAX"))
        work()
        code = 0
    except BaseException as error:
        print(f"a query worker has failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(code)
