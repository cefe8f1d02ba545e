"""Who uses a ledger: one server at a time, and a restore only where there is none.

The lock is the kernel's, on the folder itself: it goes with its holder however that ends, and needs no file of its own,
so that it works in a folder that cannot be written.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from leedskg.errors import RequestError

#: Seconds that a server waits for the one before it to end.
_PATIENCE = 10.0


@contextmanager
def sole_server(folder: Path) -> Iterator[None]:
    """Hold a ledger for a server. Raises RequestError when another server has it.

    The folder is made where there is none yet: what comes into it later would be nobody's.
    """
    why = (
        f"Another leedskg serves the ledger in {folder}. Two would not see what is merged through the other: stop it "
        "first, or give this one a ledger of its own with LEEDSKG_LEDGER."
    )
    with suppress(OSError):
        folder.mkdir(0o700, parents=True, exist_ok=True)
    with _held(folder, _PATIENCE, why):
        yield


@contextmanager
def sole_user(folder: Path) -> Iterator[None]:
    """Hold a ledger that is to be replaced. Raises RequestError when a server has it."""
    why = f"A server uses the ledger in {folder}. Stop it first: nothing was changed."
    with _held(folder, 0.0, why):
        yield


@contextmanager
def _held(folder: Path, patience: float, why: str) -> Iterator[None]:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # there is none, so that nobody uses it
        yield
        return
    try:
        until = time.monotonic() + patience
        while not _taken(descriptor):
            if time.monotonic() >= until:
                raise RequestError(why)
            time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
