"""The workers of a pool: who is free, who is at what, who has to stop.

So many workers are kept for quick queries, one a core and a spare. A worker whose query turns out heavy leaves that
number and is replaced at once (see `sparql.heavy`). One thread, the keeper, stops the queries whose deadline has
come, notices the heavy ones and the dead, and turns to a new generation when one is published.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from dataclasses import dataclass

from leedskg.errors import LeedskgError, LimitReachedError
from leedskg.settings import Settings
from leedskg.sparql.admission import Running
from leedskg.sparql.failure import crowded
from leedskg.sparql.heavy import HeavyQueries
from leedskg.sparql.process import WorkerProcess
from leedskg.sparql.recruitment import Recruitment, Source
from leedskg.sparql.waiting import Line, Waiter
from leedskg.store.generations import Generation

#: Seconds between the keeper's rounds: how late a deadline may be kept, and a new generation noticed.
_ROUND = 0.1


@dataclass(frozen=True)
class Task:
    """What a busy worker is at, and the moments at which it counts as heavy and has to stop."""

    running: Running
    heavy_at: float
    deadline: float


class Workforce:
    """Hands out workers, one query each, and keeps their number. Every method may be called from any thread.

    Raises KnowledgeError at once when there is nothing to serve, or no worker can open it.
    """

    def __init__(self, settings: Settings, source: Source) -> None:
        self._settings = settings
        self._wanted = settings.worker_count + settings.spare_workers
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self.idle: deque[WorkerProcess] = deque()
        self.busy: dict[WorkerProcess, Task] = {}
        self.heavy = HeavyQueries(settings)
        self._line = Line()
        self._leaving: list[WorkerProcess] = []
        self._closed = threading.Event()
        self._recruitment = Recruitment(settings, source, self._changed, self._welcome)
        with self.lock:
            self._fill()
            self._changed.wait_for(lambda: self.idle or self._recruitment.failure)
            failed: LeedskgError | None = self._recruitment.failure
        self._keeper = threading.Thread(target=self._keep, name="query-keeper", daemon=True)
        self._keeper.start()
        if failed:
            self.close()
            raise failed

    def generation(self) -> Generation:
        """The generation that new queries are answered from."""
        return self._recruitment.lease.generation

    def take(self, running: Running, seconds: float) -> WorkerProcess:
        """A worker for a query that may take so many seconds; waits for one if need be.

        Raises LimitReachedError when none is free in time, or heavy.has_no_place_for it;
        CancelledError when the query was called off.
        """
        ready = threading.Condition(self.lock)
        waiter = Waiter(running, seconds, ready.notify)
        until = time.monotonic() + self._settings.queue_timeout
        with self.lock:
            try:
                self._join(waiter)
                while not self._is_settled(waiter):
                    if not ready.wait(until - time.monotonic()):
                        break
            finally:
                self._line.leave(waiter)
        return waiter.given(self._settings.queue_timeout)

    async def take_soon(self, running: Running, seconds: float) -> WorkerProcess:
        """As `take`, in an event loop."""
        loop, thread = asyncio.get_running_loop(), threading.get_ident()
        changed = asyncio.Event()

        def notify() -> None:
            if threading.get_ident() == thread:
                changed.set()
            else:
                loop.call_soon_threadsafe(changed.set)

        waiter = Waiter(running, seconds, notify)
        try:
            with self.lock:
                self._join(waiter)
                is_settled = self._is_settled(waiter)
            async with asyncio.timeout(None if is_settled else self._settings.queue_timeout):
                while not is_settled:
                    await changed.wait()
                    changed.clear()
                    with self.lock:
                        is_settled = self._is_settled(waiter)
        except TimeoutError:
            pass
        except asyncio.CancelledError:  # we are being ended
            if waiter.worker is not None:
                self.lose_soon(waiter.worker)
            raise
        finally:
            with self.lock:
                self._line.leave(waiter)
        return waiter.given(self._settings.queue_timeout)

    def _join(self, waiter: Waiter) -> None:
        """Have one wait, who may have a worker at once. Raises LimitReachedError and CancelledError."""
        waiter.running.check()
        if self.heavy.has_no_place_for(waiter.running):
            raise crowded()
        self._line.join(waiter)
        self._hand_out()

    def _is_settled(self, waiter: Waiter) -> bool:
        """Whether one has a worker. It may have been killed since, when the query was called off.

        Raises CancelledError and LimitReachedError for one that will get none.
        """
        if waiter.worker is not None:
            return True
        waiter.running.check()
        if self._closed.is_set():
            raise LimitReachedError("the server is shutting down")
        return False

    def _hand_out(self) -> None:
        """Give free workers to those who wait.

        A client has at most as many quick workers as there are cores; so the spare one is there for another.
        """
        while self.idle and self._line:
            quick = (task.running for worker, task in self.busy.items() if worker not in self.heavy)
            waiter = self._line.next(quick, self._settings.worker_count)
            if waiter is None:
                return
            waiter.worker = worker = self.idle.pop()
            waiter.running.worker = worker
            now = time.monotonic()
            self.busy[worker] = Task(waiter.running, now + self._settings.heavy_after, now + waiter.seconds)
            waiter.notify()

    def give_back(self, worker: WorkerProcess) -> None:
        """Take a worker back whose query has ended. A heavy one had its place taken: then another may go for it."""
        with self.lock:
            outdated = worker.generation is not self.generation() or self._closed.is_set()
            is_heavy = worker in self.heavy
            is_kept = not (outdated or worker.stopped_for or (is_heavy and worker.is_spent()))
            self._put_down(worker)
            if is_kept:
                worker.resume()  # it may have been suspended with the answer on its way
                self.idle.append(worker)
                self._drop_surplus()
            elif is_heavy:
                self._let_go(worker)
            if not is_kept:
                self._fill()
            self._hand_out()
            self._changed.notify_all()
        if not is_kept and not is_heavy:
            worker.end()

    def lose(self, worker: WorkerProcess) -> tuple[int, float]:
        """Take a worker out that was busy, end it and have it replaced; what it ended with, and how long it waited.

        It is gone before the next one starts: a scratch store is open in one process at a time. Only a heavy one is
        not waited for, when we stopped it ourselves: it needs processor time to end, and is the last to get any.
        """
        with self.lock:
            is_leaving = bool(worker.stopped_for) and worker in self.heavy
        code = 0 if is_leaving else worker.end()
        with self.lock:
            if is_leaving:
                self._let_go(worker)
            waited = self.heavy.waited(worker)
            self._put_down(worker)
            self._fill()
            self._hand_out()
            self._changed.notify_all()
        return code, waited

    def lose_soon(self, worker: WorkerProcess) -> None:
        """As `lose`, without waiting for it."""
        worker.kill("closing")
        threading.Thread(target=self.lose, args=(worker,), name="query-loser", daemon=True).start()

    def _put_down(self, worker: WorkerProcess) -> None:
        self.busy.pop(worker).running.worker = None
        self.heavy.remove(worker)

    def _let_go(self, worker: WorkerProcess) -> None:
        worker.kill("leaving")
        self._leaving.append(worker)

    def _fill(self) -> None:
        """Have as many workers for quick queries as there should be."""
        self._recruitment.fill(self._quick(), self._wanted)

    def _quick(self) -> list[WorkerProcess]:
        """The workers that are idle, or at a query that is not heavy."""
        return [*self.idle, *(worker for worker in self.busy if worker not in self.heavy)]

    def _drop_surplus(self) -> None:
        """Let idle workers go that are more than there should be, those first that have rested the longest.

        A worker that has answered has copied the pages that its answers touch, which a fresh one has yet to do.
        """
        present = sum(worker.generation is self.generation() for worker in self._quick())
        for _ in range(min(len(self.idle), present - self._wanted)):
            self._let_go(self.idle.popleft())

    def _welcome(self, worker: WorkerProcess, *, is_first: bool) -> list[WorkerProcess]:
        """Let a new worker serve. The first of its generation has the idle ones of the last go: gives them."""
        outdated = list(self.idle) if is_first else []
        if is_first:
            self.idle.clear()
        self.idle.append(worker)
        self._hand_out()
        self._drop_surplus()  # the one whose place this takes may be back by now
        return outdated

    def _keep(self) -> None:
        while not self._closed.wait(_ROUND):
            with self.lock:
                now = time.monotonic()
                for worker, task in list(self.busy.items()):
                    if task.deadline <= now:
                        worker.kill("deadline")  # the thread that reads from it sees it end, and has it replaced
                    elif task.heavy_at <= now and worker not in self.heavy:
                        self.heavy.add(worker, task.running)
                dead = [worker for worker in self.idle if not worker.is_alive()]
                for worker in dead:
                    self.idle.remove(worker)
                dead += [worker for worker in self._leaving if not worker.is_alive()]
                self._leaving = [worker for worker in self._leaving if worker not in dead]
                self._recruitment.follow()
                self._fill()
                self._hand_out()  # a query that turned heavy may have held its client's last place
            for worker in dead:
                worker.end()

    def close(self) -> None:
        """End every worker and release everything. A query under way ends with an error. Twice does nothing more."""
        self._closed.set()
        with self.lock:
            idle = list(self.idle)
            self.idle.clear()
            for worker in self.busy:
                worker.kill("closing")
            starters = self._recruitment.stop()
            self._line.tell_all()
        for worker in idle:
            worker.end()
        for thread in (*starters, self._keeper):
            thread.join()
        with self.lock:
            self._changed.wait_for(lambda: not self.busy, timeout=5)
            leaving, self._leaving = self._leaving, []
        for worker in leaving:
            worker.end()
        self._recruitment.release()
