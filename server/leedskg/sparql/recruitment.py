"""Where workers come from: started for the generation that is served, and for a newer one when there is one.

Each generation has a nursery, which forks them. Starting a worker takes a moment, so that is done in threads of its
own, and nobody waits for it while another worker is free.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from leedskg.errors import KnowledgeError, LeedskgError
from leedskg.settings import Settings
from leedskg.sparql import forking
from leedskg.sparql.forking import Nursery
from leedskg.sparql.process import WorkerProcess
from leedskg.store.generations import Lease, lease_current

#: Statements up to which a generation is loaded into memory before its first query. A larger one is served from disk
#: until it is loaded: a million statements take some nine seconds of one core.
LOADED_FIRST = 200_000
#: Seconds before a worker that could not be started is tried again.
_PAUSE = 5.0

_log = logging.getLogger(__name__)


class Source(Protocol):
    """What workers open."""

    def lease(self) -> Lease:
        """A lease on what is to be served now. Raises KnowledgeError when there is nothing."""

    def mark(self) -> object:
        """Differs from what it was when something newer may be there to be served; cheap."""


class Published:
    """The current generation of a state folder."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def lease(self) -> Lease:
        """A lease on the current generation."""
        return lease_current(self._state)

    def mark(self) -> object:
        """What tells one state of the pointer file from another, for the price of a stat."""
        try:
            status = (self._state / "current").stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns


class Welcome(Protocol):
    """What takes a new worker in, and gives those that have to go for it."""

    def __call__(self, worker: WorkerProcess, *, is_first: bool) -> list[WorkerProcess]:
        """`is_first` of a new generation."""


class Recruitment:
    """Starts workers, and moves to a newer generation when its first worker is ready.

    Its caller holds the lock of `changed`, but for `release`; so does it when it calls `welcome`.
    """

    def __init__(self, settings: Settings, source: Source, changed: threading.Condition, welcome: Welcome) -> None:
        self._settings = settings
        self._source = source
        self._changed = changed
        self._greet = welcome
        self._seen = source.mark()  # as it was before it was last read
        self.lease = source.lease()  # the generation that is served
        self._next: Lease | None = None  # a newer one, or this one in memory, whose workers are being started
        self._loaded: Lease | None = None  # one that is loaded into memory besides being served from disk
        self._starters: dict[threading.Thread, Lease] = {}
        self._starting: set[WorkerProcess] = set()
        self._nurseries: dict[Lease, Nursery] = {}
        self._leaving: list[Nursery] = []  # those of generations that are not served any more
        self._not_before = 0.0
        self.failure: LeedskgError | None = None
        self._closed = False

    def fill(self, present: Iterable[WorkerProcess], wanted: int) -> None:
        """Start workers until each generation has as many as wanted, those that are `present` counted.

        The one that is served too, while a newer one is being opened: that can take as long as it likes.
        """
        self._leaving = [nursery for nursery in self._leaving if not nursery.has_ended()]
        if self._closed or time.monotonic() < self._not_before:
            return
        workers = list(present)
        for lease in filter(None, (self.lease, self._next)):
            nursery = self._nursery(lease)
            if lease is self._next is self._loaded and nursery and not nursery.is_open:
                continue  # the disk serves as long as loading takes
            have = sum(worker.generation is lease.generation for worker in workers)
            have += list(self._starters.values()).count(lease)
            for _ in range(wanted - have):
                starter = threading.Thread(
                    target=self._start, args=(lease, nursery), name="query-starter", daemon=True
                )  # fmt: skip
                self._starters[starter] = lease
                starter.start()

    def _nursery(self, lease: Lease) -> Nursery | None:
        if not forking.is_possible(lease):
            return None
        if lease not in self._nurseries:
            most = self._settings.in_memory_below
            in_memory = lease.generation.statements < (most if lease is self._loaded else min(most, LOADED_FIRST))
            self._nurseries[lease] = Nursery(
                lease, self._settings, in_memory=in_memory, is_waited_for=lease is not self._loaded
            )
        self._nurseries[lease].tend()
        return self._nurseries[lease]

    def _start(self, lease: Lease, nursery: Nursery | None) -> None:
        worker: WorkerProcess | None = None
        failed: LeedskgError | None = None
        try:
            worker = started = WorkerProcess(lease, self._settings, nursery)
            with self._changed:
                self._starting.add(started)
                if self._closed:
                    started.kill("closing")
            try:
                worker.wait_until_ready()
            finally:
                with self._changed:
                    self._starting.remove(started)
        except LeedskgError as error:
            failed, worker = error, None
        outdated: list[WorkerProcess] = []
        with self._changed:
            del self._starters[threading.current_thread()]
            if failed:
                self._note_failure(lease, failed)
            elif worker is not None:
                outdated = self._welcome(worker, lease)
            self._changed.notify_all()
        for each in outdated:
            each.end()

    def _welcome(self, worker: WorkerProcess, lease: Lease) -> list[WorkerProcess]:
        """Let a new worker serve, and its generation with it; give the workers to end."""
        if self._closed or lease not in (self.lease, self._next):
            return [worker]
        is_first = lease is self._next
        if is_first:
            self._drop(self.lease)  # the workers that still read it hold the lease too
            self.lease, self._next = lease, None
            _log.info("now serving generation %d%s", lease.generation.number, " from memory" * (lease is self._loaded))
        self.failure = None
        self._load()
        return self._greet(worker, is_first=is_first)

    def _load(self) -> None:
        """Have what is served from disk loaded into memory, where it is not too large, and served from there then."""
        lease = self.lease
        is_due = LOADED_FIRST <= lease.generation.statements < self._settings.in_memory_below
        if self._next or lease is self._loaded or not is_due or not forking.is_possible(lease):
            return
        try:
            again = self._source.lease()
        except KnowledgeError:
            return  # whoever looks for a newer one says it
        if again.generation == lease.generation:
            self._next = self._loaded = again
        else:
            again.close()

    def _note_failure(self, lease: Lease, error: LeedskgError) -> None:
        if lease not in (self.lease, self._next):
            return
        self.failure = error
        if self._closed:
            return
        if lease is self._next:
            _log.error("%s; generation %d stays in service", error, self.lease.generation.number)
            self._next, self._seen = None, None  # look again after the pause
            self._drop(lease)
        elif lease is self.lease:
            _log.error("%s", error)
        self._not_before = time.monotonic() + _PAUSE

    def follow(self) -> None:
        """Turn to a newer generation when there is one."""
        mark = self._source.mark()
        if mark == self._seen or time.monotonic() < self._not_before:
            return
        self._seen = mark
        try:
            lease = self._source.lease()
        except KnowledgeError as error:
            _log.error("%s; generation %d stays in service", error, self.lease.generation.number)
            return
        if lease.generation == (self._next or self.lease).generation:
            lease.close()
            return
        if self._next:
            self._drop(self._next)
        self._next = lease

    def _drop(self, lease: Lease) -> None:
        """Give a lease back; its nursery ends when its last worker has."""
        lease.close()
        if lease in self._nurseries:
            self._nurseries[lease].retire()
            self._leaving.append(self._nurseries.pop(lease))

    def stop(self) -> list[threading.Thread]:
        """Start none any more, and end those that are being started; gives the threads to wait for."""
        self._closed = True
        for starting in self._starting:
            starting.kill("closing")
        for nursery in (*self._nurseries.values(), *self._leaving):
            nursery.retire()
        return list(self._starters)

    def release(self) -> None:
        """Give the leases back, and end the nurseries. Twice does nothing more."""
        for nursery in (*self._nurseries.values(), *self._leaving):
            nursery.end()
        for lease in (self.lease, self._next):
            if lease:
                lease.close()
