"""A process that is another's child: watched, ended, and asked how it ended.

A worker that was forked is the nursery's child and not ours. So it is watched and ended through a descriptor of it
(pidfd), which never means another process; and the nursery reaps it only when we ask how it ended, as we do for a
child of our own, so that its number is not given away before.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable
from contextlib import suppress


class Forked:
    """The process of a worker that a nursery has forked, with what is used of subprocess.Popen's face.

    `reap` has the nursery tell how it ended, once it has. Raises OSError when it is gone already.
    """

    def __init__(self, pid: int, reap: Callable[[int], int]) -> None:
        self.pid = pid
        self._reap = reap
        self._descriptor = os.pidfd_open(pid)
        self._code: int | None = None
        self._lock = threading.Lock()
        self._over = select.poll()
        self._over.register(self._descriptor, select.POLLIN)

    def poll(self) -> int | None:
        """None while it runs."""
        with self._lock:
            is_over = self._code is not None or self._over.poll(0)
        return self.wait() if is_over else None

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        with self._lock, suppress(ProcessLookupError):
            if self._code is None:
                signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def wait(self) -> int:
        """Wait until it has ended, and give its exit code, or a signal below 0."""
        if self._code is None:
            self._over.poll()
        with self._lock:
            if self._code is None:
                self._code = self._reap(self.pid)
                os.close(self._descriptor)
            return self._code
