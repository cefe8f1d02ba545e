"""A gate before costly work, so that a crowd at it leaves the rest of the site its threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from leedskg.errors import LimitReachedError


class Gate:
    """Lets so many in at once and so many wait; any more are sent away at once.

    The web process answers with a fixed number of threads. If each could wait here, a crowd would hold them all and
    no other page would be answered.
    """

    def __init__(self, inside: int, waiting: int, seconds: float) -> None:
        self._free = inside
        self._may_wait = waiting
        self._seconds = seconds
        self._changed = threading.Condition()

    @property
    def is_open(self) -> bool:
        """Whether one more would be let in, or may wait."""
        with self._changed:
            return bool(self._free or self._may_wait)

    @contextmanager
    def pass_through(self) -> Iterator[None]:
        """Wait for a place and keep it for the block. Raises LimitReachedError when too many do."""
        with self._changed:
            if not self._free:
                if not self._may_wait:
                    raise LimitReachedError(
                        "Very many ask for routes, pictures or long lists just now. Try again in a few seconds.",
                        retry_after=2,
                    )
                self._may_wait -= 1
                try:
                    if not self._changed.wait_for(lambda: self._free, self._seconds):
                        raise LimitReachedError(
                            f"Very many ask for such pages: no place was free within {self._seconds:g} seconds.",
                            retry_after=5,
                        )
                finally:
                    self._may_wait += 1
            self._free -= 1
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify()
