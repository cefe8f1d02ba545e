"""Keeps a supervisor running for what is to be served: the current generation, and the next when there is one.

    queries/<name>/         in the state folder, one for each that serves it; or below the folder for temporary files
      <number>.sock         where a supervisor listens
      serving               the name of the one to ask, and the generation that it holds

Any number of processes may ask. A supervisor that has been killed is started again, and all of them end with their
keeper, however that ends: its end of a socket closes.
"""

from __future__ import annotations

import logging
import os
import selectors
import shutil
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from leedskg.errors import KnowledgeError, LeedskgError
from leedskg.settings import Settings
from leedskg.sparql.service.fairness import QueryLimits
from leedskg.sparql.service.place import make_folder
from leedskg.sparql.service.running import Running
from leedskg.sparql.service.serving import confirm, write_serving, write_settings
from leedskg.sparql.service.source import Held, ServedSource
from leedskg.store.generations import Generation
from leedskg.store.remote.register import RemoteGeneration

#: Statements up to which a generation is loaded into memory before its first query. A larger one is served from disk
#: until it is loaded: a million statements take some nine seconds of one core, for which a merge waits.
LOADED_FIRST = 100_000
#: Seconds between two looks at whether something newer is published.
_ROUND = 0.1
#: Seconds before one that failed is tried again, and one that was killed.
_PAUSE, _MOMENT = 5.0, 0.2

_log = logging.getLogger(__name__)


class Keeper:
    """Keeps a supervisor for a source. Close it: then no process, file or lease is left.

    Raises KnowledgeError when there is nothing to serve or it cannot be opened, and LeedskgError when no process can
    be started.
    """

    def __init__(self, settings: Settings, source: ServedSource, limits: QueryLimits, home: Path | None) -> None:
        """Have the sockets below the folder `home`, or below the one for temporary files."""
        self._settings = settings
        self._source = source
        self._limits = limits
        self._number = 0
        self._leaving: list[Running] = []
        self._next: Running | None = None
        self._not_before = 0.0
        self._seen = source.mark()  # as it was before it was read
        with ExitStack() as undone:
            undone.callback(source.close)
            lease = source.lease()
            undone.callback(lease.close)
            self.folder, self._lock = make_folder(home)
            self._woken, self._waker = socket.socketpair()
            undone.callback(self._release)
            if settings.store:
                write_settings(self.folder, settings)
                confirm(self.folder)
            self._current = self._start(lease)
            failed = self._current.wait()
            if failed:
                self._current.close()
                raise KnowledgeError(f"a query worker cannot open generation {lease.generation.number}: {failed}")
            undone.pop_all()
        self._write()
        self._thread = threading.Thread(target=self._keep, name="query-keeper", daemon=True)
        self._thread.start()

    def _start(self, lease: Held, *, in_memory: bool | None = None) -> Running:
        """Start a supervisor, which has the graph in memory from the first where that takes no time, unless told."""
        generation = lease.generation
        most = min(self._settings.in_memory_below, LOADED_FIRST)
        is_small = _can_be_loaded(generation) and generation.statements < most
        try:
            return self._running(lease, in_memory=is_small if in_memory is None else in_memory)
        except BaseException:
            lease.close()
            raise

    def _running(self, lease: Held, *, in_memory: bool) -> Running:
        self._number += 1
        at = self.folder / f"{self._number}.sock"
        return Running(at, lease, self._settings, self._limits, in_memory=in_memory)

    def _write(self) -> None:
        write_serving(self.folder, self._current.at.name, self._current.lease.generation)

    def _keep(self) -> None:
        while True:
            with selectors.DefaultSelector() as selector:
                selector.register(self._woken, selectors.EVENT_READ)
                for each in filter(None, (self._next, self._current)):
                    selector.register(each.control, selectors.EVENT_READ)
                found = {key.fileobj for key, _ in selector.select(_ROUND)}
            if self._woken in found:
                return
            try:
                self._look()
            except (LeedskgError, OSError) as error:  # an empty process table, a full disk: it may pass
                _log.error("%s; generation %d stays in service", error, self._current.lease.generation.number)
                self._not_before = time.monotonic() + _PAUSE

    def _look(self) -> None:
        self._leaving = [each for each in self._leaving if not each.has_ended()]
        if self._current.has_ended():
            self._restart()
        if self._next is not None:
            self._take_over(self._next)
        if time.monotonic() >= self._not_before and not self._limits.exclusive:
            self._follow()
            self._load()

    def _restart(self) -> None:
        """Start the supervisor again, which somebody has killed, for the same generation."""
        if time.monotonic() < self._not_before:
            return
        _log.error("the process that answers queries has ended by itself and is started again")
        ended = self._current
        in_memory = ended.in_memory and ended.is_ready  # else there may be no room for it, and the disk serves too
        self._not_before = time.monotonic() + (_MOMENT if ended.is_ready else _PAUSE)
        self._current = self._running(ended.lease, in_memory=in_memory)
        ended.control.close()
        if not self._current.wait():
            self._write()

    def _take_over(self, coming: Running) -> None:
        """Let a new supervisor serve once it is ready."""
        failed = coming.wait(0)
        if failed is None:
            return
        self._next = None
        if failed:
            number = coming.lease.generation.number
            said = f"a query worker cannot open generation {number}: {failed}"
            _log.error("%s; generation %d stays in service", said, self._current.lease.generation.number)
            coming.close()
            if not coming.in_memory or number != self._current.lease.generation.number:
                self._seen = None  # look again after the pause
            else:
                self._is_too_large = number
            self._not_before = time.monotonic() + _PAUSE
            return
        old, self._current = self._current, coming
        self._write()
        old.drain()
        self._leaving.append(old)
        memory = " from memory" * (coming.in_memory and old.lease.generation == coming.lease.generation)
        _log.info("now serving generation %d%s", coming.lease.generation.number, memory)

    _is_too_large = 0

    def _follow(self) -> None:
        """Start a supervisor for a newer generation, when there is one."""
        mark = self._source.mark()
        is_coming = self._next is not None and self._next.lease.generation != self._current.lease.generation
        if mark == self._seen or is_coming:  # where one follows the other fast, each comes to serve
            return
        self._seen = mark
        try:
            lease = self._source.lease()
        except KnowledgeError as error:
            _log.error("%s; generation %d stays in service", error, self._current.lease.generation.number)
            return
        if isinstance(lease.generation, RemoteGeneration):
            self._follow_there(lease)
            return
        if lease.generation == (self._next or self._current).lease.generation:
            lease.close()
            return
        if self._next:
            self._next.close()
        self._next = self._start(lease)

    def _follow_there(self, lease: Held) -> None:
        """Serve what is current on a server elsewhere: workers hold nothing of it, and read which one it is."""
        confirm(self.folder)
        if lease.generation != self._current.lease.generation:
            self._current.lease = lease
            self._write()
            _log.info("now serving generation %d", lease.generation.number)

    def _load(self) -> None:
        """Have what is served from disk loaded into memory, where it is not too large, and served from there then."""
        generation = self._current.lease.generation
        is_large = LOADED_FIRST <= generation.statements < self._settings.in_memory_below
        is_due = is_large and _can_be_loaded(generation)
        if self._next or self._current.in_memory or not is_due or generation.number == self._is_too_large:
            return
        lease = self._source.lease()
        if lease.generation == generation:
            self._next = self._start(lease, in_memory=True)
        else:
            lease.close()

    def close(self) -> None:
        """End every supervisor and its workers. A query under way ends with an error. Twice does nothing more."""
        if self._waker.fileno() < 0:
            return
        self._waker.send(b"x")
        self._thread.join()
        self._source.close()
        for each in filter(None, (self._current, self._next, *self._leaving)):
            each.close()
        self._release()

    def _release(self) -> None:
        self._woken.close()
        self._waker.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def _can_be_loaded(generation: Generation | RemoteGeneration) -> bool:
    """Return whether a generation can be held in memory: it is here, and does not change."""
    return isinstance(generation, Generation) and not generation.writable
