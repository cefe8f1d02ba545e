"""Threads that compute for an event loop, so that nothing in the loop takes long."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

_T = TypeVar("_T")


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
            inbox = self._idle.pop()
        inbox.put(job)

    def done(self, job: Callable[[], _T]) -> asyncio.Future[_T]:
        """Return what a job gives, for an event loop to wait for; or its exception. It is done for who asks here."""
        loop = asyncio.get_running_loop()
        context = copy_context()
        settled: asyncio.Future[_T] = loop.create_future()

        def run() -> None:
            try:
                tell = partial(_settle, settled, context.run(job))
            except BaseException as error:
                tell = partial(_fail, settled, error)
            loop.call_soon_threadsafe(tell)

        self.add(run)
        return settled

    def _work(self) -> None:
        inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        while True:
            with self._lock:
                job = self._waiting.popleft() if self._waiting else None
                if job is None:
                    self._idle.append(inbox)
            (job or inbox.get())()


def _settle(settled: asyncio.Future[_T], value: _T) -> None:
    if not settled.done():
        settled.set_result(value)
        return
    close: Callable[[], Any] = getattr(value, "close", lambda: None)
    close()  # nobody is left to take it


def _fail(settled: asyncio.Future[_T], error: BaseException) -> None:
    if not settled.done():
        settled.set_exception(error)
