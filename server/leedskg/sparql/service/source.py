"""What is to be served: the generation that is current, and how a supervisor is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from leedskg.sparql.service.serving import Served
from leedskg.store.generations import Lease, lease_current


class Held(Protocol):
    """The right to read a generation, for as long as its `descriptor` is open in any process, where it has one."""

    @property
    def generation(self) -> Served:
        """What may be read."""

    @property
    def descriptor(self) -> int:
        """What is handed to a supervisor; below 0 for nothing."""

    def close(self) -> None:
        """Give it back. Doing so again does nothing."""


class ServedSource(Protocol):
    """What is to be served."""

    def lease(self) -> Held:
        """Return the right to read what is to be served now. Raises KnowledgeError when there is nothing."""

    def mark(self) -> object:
        """Return what differs from before when something newer may be there to be served; cheap."""

    def close(self) -> None:
        """Look for nothing newer any more."""


class CurrentGeneration:
    """The current generation of a state folder."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def lease(self) -> Lease:
        """Return a lease on the current generation."""
        return lease_current(self._state)

    def mark(self) -> object:
        """Return what tells one state of the pointer file from another, for the price of a stat."""
        try:
            status = (self._state / "current").stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    def close(self) -> None:
        """Do nothing: nothing is open."""
