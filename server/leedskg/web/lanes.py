"""Threads that run the application for the event loop."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue


class Lane:
    """Threads that do what is added, in its order.

    The thread that was busy last is the first to be busy again, for what it needs is still at hand: as many threads
    as a rush takes are kept, and few of them do the work of a quiet hour.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._idle: list[SimpleQueue[Callable[[], None]]] = []
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def add(self, job: Callable[[], None]) -> None:
        """Have a job done, now or as soon as a thread is free."""
        with self._lock:
            if not self._idle:
                self._waiting.append(job)
                return
            desk = self._idle.pop()
        desk.put(job)

    def _work(self) -> None:
        desk: SimpleQueue[Callable[[], None]] = SimpleQueue()
        while True:
            with self._lock:
                job = self._waiting.popleft() if self._waiting else None
                if job is None:
                    self._idle.append(desk)
            (job or desk.get())()
