"""The priority of a heavy query, as nice(1) has it: low, and its worker's own again for the next one.

Linux gives each thread a priority of its own, and nobody without rights may raise one. So a worker answers in a thread,
that thread alone is lowered, and another takes its place when it has ended its query (see `worker`). Elsewhere the
process is lowered whole, and has to be replaced. Why so: docs/decisions/0042.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

#: By how much nicer a heavy query is: a third of the share of others, where they compete.
_LOW = 5


def of_this_thread() -> int:
    """The priority of the thread that asks: the higher the number, the less it gets."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def lower(pid: int) -> bool:
    """Give what a worker's process is at a low priority; whether the process keeps its own for what comes next."""
    low = min(19, of_this_thread() + _LOW)  # below ours, which may be low already
    answering = _threads(pid)
    with suppress(ProcessLookupError, PermissionError):  # it has ended; whoever reads from it will see
        for thread in answering:
            os.setpriority(os.PRIO_PROCESS, thread, low)
        if not answering:
            os.setpriority(os.PRIO_PGRP, pid, low)
    return bool(answering)


def _threads(pid: int) -> list[int]:
    """The threads of a process but for its first, which waits for the others; none where the system does not tell."""
    try:
        return [int(each.name) for each in Path(f"/proc/{pid}/task").iterdir() if each.name != str(pid)]
    except OSError:
        return []
