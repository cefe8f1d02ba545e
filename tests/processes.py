"""What the system says of processes, read from /proc."""

import os
from contextlib import suppress
from pathlib import Path


def lowest_priority(pid: int) -> int:
    """The highest number, as nice(1) has it, that any thread of a process has."""
    lowest = os.getpriority(os.PRIO_PROCESS, pid)
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended since
            lowest = max(lowest, os.getpriority(os.PRIO_PROCESS, int(thread.name)))
    return lowest
