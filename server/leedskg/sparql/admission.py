"""Who may ask now: how many queries are taken on at once, and which of them a client can call off by its id."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from leedskg.errors import LimitReachedError, RequestError
from leedskg.settings import Settings
from leedskg.sparql.process import WorkerProcess

_BUSY = "no more than {} queries{} are taken on at once; try again in a moment"


class CancelledError(RequestError):
    """A query that was called off by its id. Not a 503: nobody should ask it again by themselves."""

    status = 409
    title = "The query was cancelled"

    def __init__(self) -> None:
        super().__init__("the query was cancelled, as was asked by its id")


class SameIdError(RequestError):
    """A query whose id another one has that is under way."""

    status = 409
    title = "This id is in use"


@dataclass(eq=False)
class Running:
    """One query or change from its arrival to its answer. What changes, changes under the lock of the workers."""

    client: str = ""
    id: str = ""
    #: Tells one query from another, by its text.
    asked: int = 0
    begun: float = field(default_factory=time.monotonic)
    worker: WorkerProcess | None = None
    is_cancelled: bool = False
    is_heavy: bool = False
    #: Ends what is done for it before a worker has it: a wait in the queue, or a call to another endpoint.
    call_off: Callable[[], None] | None = None

    def check(self) -> None:
        """Raise CancelledError when it was called off."""
        if self.is_cancelled:
            raise CancelledError


class Admission:
    """Lets queries in up to a number, each client up to half of it, and remembers them by their ids.

    A client is an address, behind which there may be a campus. So its heavy queries do not count towards its half:
    they have a bound of their own (`sparql.heavy`), and must not use up the room of its small ones.

    `lock` is that of the workers: a worker must not be ended for a query that it has just finished.
    """

    def __init__(self, settings: Settings, lock: threading.RLock) -> None:
        self._most = settings.queries_in_flight
        self._share = max(1, self._most // 2)
        self._lock = lock
        self._under_way: set[Running] = set()

    @contextmanager
    def admitted(self, client: str = "", query_id: str = "", text: str = "") -> Iterator[Running]:
        """Let one in, or raise LimitReachedError; SameIdError when its id is that of another one under way."""
        running = Running(client, query_id, hash(text) if text else 0)
        with self._lock:
            own = sum(each.client == client and not each.is_heavy for each in self._under_way)
            if len(self._under_way) >= self._most:
                raise LimitReachedError(_BUSY.format(self._most, ""))
            if client and own >= self._share:
                raise LimitReachedError(_BUSY.format(self._share, " of one client"))
            if query_id and any(each.id == query_id for each in self._under_way):
                raise SameIdError("a query of this id is under way; give each query an id of its own")
            self._under_way.add(running)
        try:
            yield running
        finally:
            with self._lock:
                self._under_way.remove(running)

    @contextmanager
    def calling_off(self, running: Running, how: Callable[[], None]) -> Iterator[None]:
        """What `cancel` does for a query while the block runs. Raises CancelledError when it was called off before."""
        with self._lock:
            running.check()
            running.call_off = how
        try:
            yield
        finally:
            with self._lock:
                running.call_off = None
                running.check()

    def cancel(self, query_id: str) -> bool:
        """Call a query off; False when none of this id is under way."""
        with self._lock:
            running = next((each for each in self._under_way if each.id == query_id), None)
            if not query_id or running is None or running.is_cancelled:
                return False
            running.is_cancelled = True
            if running.worker:
                running.worker.kill("cancelled")
            if running.call_off:
                running.call_off()
            return True
