"""What is readied once the site is up, so that the first who asks does not wait for it."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from leedskg.errors import LimitReachedError
from leedskg.ledger.desk import Desk
from leedskg.settings import Settings

#: Bytes of memory that have to be free: the process takes some 170 MB with the project's graph, and more with a larger.
_ENOUGH = 2**30


def warm_later(settings: Settings, desk: Desk) -> None:
    """Start the process that tells histories, `warm_after` seconds from now, where there is memory for it.

    It reads the knowledge files, a second or two of one core; until then pages have the machine to themselves.
    """
    if not settings.warm_after or settings.store:
        return
    timer = threading.Timer(settings.warm_after, _warm, (desk,))
    timer.daemon = True
    timer.start()


def _warm(desk: Desk) -> None:
    if free_memory() >= _ENOUGH:
        with suppress(LimitReachedError):  # the site is ending just now
            desk.begin_looking()


def free_memory(system: Path = Path("/")) -> int:
    """Bytes that the system, and the group of processes that we are in, have free; 0 where it cannot be told."""
    try:
        lines = (system / "proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return 0
    try:
        group = system / "sys/fs/cgroup"
        limit, used = ((group / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current"))
        return min(free, int(limit) - int(used)) if limit != "max" else free
    except (OSError, ValueError):
        return free
