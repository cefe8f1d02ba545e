"""Whoever waits for what is being done: work for them ends when they have left.

What serves requests says who asks, for a thread or an event loop's task; what may take long looks now and then whether
they are still there. Where nobody is named, somebody waits to the end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from leedskg.errors import LimitReachedError


class AskerLeftError(LimitReachedError):
    """Nobody waits for this any more."""

    def __init__(self) -> None:
        super().__init__("nobody waits for this any more")


class Asker:
    """One who waits, and what ends the work for them."""

    def __init__(self) -> None:
        self._has_left = False
        self._stops: set[Callable[[], object]] = set()
        self._lock = threading.Lock()

    @property
    def has_left(self) -> bool:
        """Whether nobody waits any more."""
        return self._has_left

    def leave(self) -> None:
        """Stop all that is being done. Twice does nothing more."""
        with self._lock:
            self._has_left = True
            stops, self._stops = self._stops, set()
        for stop in stops:
            stop()

    def stops(self, stop: Callable[[], object]) -> None:
        """Have something stopped, from another thread, should they leave; at once where they have."""
        with self._lock:
            if not self._has_left:
                self._stops.add(stop)
                return
        stop()

    def spares(self, stop: Callable[[], object]) -> None:
        """Have something stopped no more, for it is over."""
        with self._lock:
            self._stops.discard(stop)


_current: ContextVar[Asker | None] = ContextVar("asker", default=None)


def current() -> Asker | None:
    """Return who waits for what is being done here, where that is known."""
    return _current.get()


def check() -> None:
    """Raise AskerLeftError when who waits for what is being done here has left."""
    found = _current.get()
    if found is not None and found.has_left:
        raise AskerLeftError


@contextmanager
def asking(asker: Asker | None) -> Iterator[None]:
    """Have what is done in the block done for somebody."""
    token = _current.set(asker)
    try:
        yield
    finally:
        _current.reset(token)
