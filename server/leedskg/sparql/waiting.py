"""The line of those who wait for a worker: whose turn it is, and how each is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from leedskg.errors import LimitReachedError
from leedskg.sparql.admission import Running
from leedskg.sparql.process import WorkerProcess


@dataclass(eq=False)
class Waiter:
    """A query that waits for a worker, and how it is told that something has changed: under the lock of the workers."""

    running: Running
    seconds: float
    notify: Callable[[], None]
    worker: WorkerProcess | None = None

    def given(self, waited: float) -> WorkerProcess:
        """The worker that it has been given. Raises LimitReachedError when it has waited so many seconds for none."""
        if self.worker is None:
            raise LimitReachedError(f"every query worker is busy, and none was free within {waited:g} seconds")
        return self.worker


class Line:
    """Waiters in order of arrival. Its caller holds the lock of the workers."""

    def __init__(self) -> None:
        self._waiting: list[Waiter] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def join(self, waiter: Waiter) -> None:
        """Wait, at the end of the line."""
        self._waiting.append(waiter)
        waiter.running.call_off = waiter.notify

    def leave(self, waiter: Waiter) -> None:
        """Wait no more. Twice does nothing more."""
        waiter.running.call_off = None
        if waiter in self._waiting:
            self._waiting.remove(waiter)

    def next(self, busy: Iterable[Running], share: int) -> Waiter | None:
        """Take out the one whose turn it is: the first to come of the clients that have the fewest workers.

        None when each that waits is of a client that has its share of workers already.
        """
        held = Counter(running.client for running in busy)
        waiter = min(self._waiting, key=lambda each: held[each.running.client])
        if held[waiter.running.client] >= share:
            return None
        self._waiting.remove(waiter)
        return waiter

    def tell_all(self) -> None:
        """Have all of them look."""
        for waiter in self._waiting:
            waiter.notify()
