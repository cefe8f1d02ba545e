"""Running queries: a pool of worker processes, deadlines that hold, and results that are whole or an error.

The pool keeps `worker_count` workers on the current generation. One thread, the keeper, kills the workers whose
deadline has come, replaces the dead, and moves to a new generation when one is published. Starting a worker takes
a moment, so that is done in threads of its own, and nobody waits for it while another worker is free.
"""

from __future__ import annotations

import json
import logging
import signal
import threading
import time
from collections import deque
from types import TracebackType
from typing import Any, Self

from leedskg.errors import KnowledgeError, LeedskgError, LimitReachedError
from leedskg.settings import Settings
from leedskg.sparql import frames, jobs
from leedskg.sparql.failure import failure
from leedskg.sparql.negotiation import JSON, Chosen
from leedskg.sparql.process import WorkerProcess, death
from leedskg.sparql.request import QueryRequest
from leedskg.sparql.result import Result, read_rows
from leedskg.sparql.tokens import outline
from leedskg.store import Row
from leedskg.store.generations import Generation, Lease, lease_current

#: Seconds between the keeper's rounds: how late a deadline may be kept, and a new generation noticed.
_ROUND = 0.1
#: Seconds before a worker that could not be started is tried again.
_PAUSE = 5.0
#: Seconds within which a worker that is killed was not killed for its query: it had died idle, so ask another.
_MOMENT = 0.1

_log = logging.getLogger(__name__)


class _KilledError(Exception):
    """A worker was killed by somebody else."""

    def __init__(self, shown: LeedskgError) -> None:
        super().__init__(str(shown))
        self.shown = shown


class QueryPool:
    """Answers queries on the current generation. A `Reader`; every method may be called from any thread.

    Raises KnowledgeError at once when nothing is published or no worker can open it. Close it, or use it in a
    `with` block: then no process, file or lease is left.
    """

    is_writable = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._changed = threading.Condition()
        self._seen = self._pointer()  # the pointer file as it was before it was last read
        self._lease = self._open()  # the generation that is served
        self._next: Lease | None = None  # a newer one, whose workers are being started
        self._idle: deque[WorkerProcess] = deque()
        self._busy: dict[WorkerProcess, float] = {}  # and the time at which each is to be stopped
        self._starters: dict[threading.Thread, WorkerProcess | None] = {}
        self._not_before = 0.0
        self._failure: LeedskgError | None = None
        self._closed = threading.Event()
        with self._changed:
            self._fill()
            self._changed.wait_for(lambda: self._idle or self._failure)
            failed = self._failure
        self._keeper = threading.Thread(target=self._keep, name="query-keeper", daemon=True)
        self._keeper.start()
        if failed:
            self.close()
            raise failed

    # Reading

    def generation(self) -> Generation:
        """The generation that new queries are answered from."""
        return self._lease.generation

    def rows(self, query: str) -> list[Row]:
        """The rows of a SELECT query, read whole; an unbound variable has no key in its row."""
        with self.run(QueryRequest(query), table=Chosen(JSON, JSON.media_types[0])) as result:
            return read_rows(result)

    def ask(self, query: str) -> bool:
        """The answer of an ASK query."""
        with self.run(QueryRequest(query), table=Chosen(JSON, JSON.media_types[0])) as result:
            return bool(json.loads(result.read())["boolean"])

    def run(
        self, request: QueryRequest, *, table: Chosen | None = None, graph: Chosen | None = None, gzip: bool = False
    ) -> Result:
        """Run a query and give its whole result, in the format given for its shape; close the result after use.

        Raises QueryRefusedError, RequestError (syntax, with the place), NotAcceptableError when the result is of
        the shape for which no format is given, and LimitReachedError (no free worker, time, memory, size).
        """
        outline(request.query)
        return self._do(jobs.query_job(request, self._settings, table=table, graph=graph, gzip=gzip))

    def graph(self, name: str | None, chosen: Chosen, *, gzip: bool = False) -> Result:
        """A named graph as it stands, or for None the default graph. Raises NoGraphError when it is not there."""
        return self._do(jobs.get_job(name, chosen, self._settings, gzip=gzip))

    def _do(self, job: jobs.Job) -> Result:
        while True:
            worker = self._take(job.seconds)
            begun = time.monotonic()
            if not worker.send(job.sent):
                code = self._lose(worker)
                if worker.stopped_for:  # while it was still being told
                    raise death(worker.stopped_for, code, job.seconds)
                continue
            try:
                return self._collect(worker, job)
            except _KilledError as error:
                if job.changes or time.monotonic() - begun > _MOMENT:
                    raise error.shown from None

    def _collect(self, worker: WorkerProcess, job: jobs.Job) -> Result:
        result = Result(worker.generation, gzip=job.gzip)
        try:
            while (frame := worker.read()) is not None and frame[0] == frames.DATA:
                result.add(frame[1])
        except BaseException:
            result.close()
            self._lose(worker)
            raise
        if frame is None:
            result.close()
            code = self._lose(worker)
            shown = death(worker.stopped_for, code, job.seconds)
            raise shown if worker.stopped_for or code != -signal.SIGKILL else _KilledError(shown)
        self._give_back(worker)
        kind, payload = frame
        said: dict[str, Any] = json.loads(payload)
        if kind == frames.END:
            result.finish(said["kind"])
            return result
        result.close()
        raise failure(said, job.text, self._settings)

    # Workers

    def _take(self, seconds: float) -> WorkerProcess:
        until = time.monotonic() + self._settings.queue_timeout
        with self._changed:
            while True:
                if self._closed.is_set():
                    raise LimitReachedError("the server is shutting down")
                if self._idle:
                    worker = self._idle.pop()
                    self._busy[worker] = time.monotonic() + seconds
                    return worker
                if not self._changed.wait(until - time.monotonic()):
                    waited = self._settings.queue_timeout
                    raise LimitReachedError(f"every query worker is busy, and none was free within {waited:g} seconds")

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._changed:
            del self._busy[worker]
            retired = worker.generation is not self._lease.generation or self._closed.is_set()
            if not retired:
                self._idle.append(worker)
            self._changed.notify()
        if retired:
            worker.end()

    def _lose(self, worker: WorkerProcess) -> int:
        """Take a worker out that was busy, end it and have it replaced; what it ended with.

        It is gone before the next one starts: a scratch store is open in one process at a time.
        """
        code = worker.end()
        with self._changed:
            del self._busy[worker]
            self._fill()
            self._changed.notify_all()
        return code

    def _fill(self) -> None:
        """Start as many workers as are missing. Holds the lock."""
        lease = self._next or self._lease
        have = len(self._starters)
        have += sum(worker.generation is lease.generation for worker in (*self._idle, *self._busy))
        if self._closed.is_set() or time.monotonic() < self._not_before:
            return
        for _ in range(self._settings.worker_count - have):
            starter = threading.Thread(target=self._start, args=(lease,), name="query-starter", daemon=True)
            self._starters[starter] = None
            starter.start()

    def _start(self, lease: Lease) -> None:
        worker: WorkerProcess | None = None
        failed: LeedskgError | None = None
        try:
            worker = WorkerProcess(lease, self._settings)
            with self._changed:
                self._starters[threading.current_thread()] = worker
                if self._closed.is_set():
                    worker.kill("closing")
            worker.wait_until_ready()
        except LeedskgError as error:
            failed, worker = error, None
        outdated: list[WorkerProcess] = []
        with self._changed:
            del self._starters[threading.current_thread()]
            if failed:
                self._note_failure(lease, failed)
            elif worker is not None:
                outdated = self._welcome(worker, lease)
            self._changed.notify_all()
        for each in outdated:
            each.end()

    def _welcome(self, worker: WorkerProcess, lease: Lease) -> list[WorkerProcess]:
        """Let a new worker serve, and its generation with it; give the workers to end. Holds the lock."""
        if self._closed.is_set() or lease not in (self._lease, self._next):
            return [worker]
        outdated = []
        if lease is self._next:
            self._lease.close()  # the workers that still read it hold the lease too
            self._lease, self._next = lease, None
            outdated = list(self._idle)
            self._idle.clear()
            _log.info("now serving generation %d", lease.generation.number)
        self._failure = None
        self._idle.append(worker)
        return outdated

    def _note_failure(self, lease: Lease, error: LeedskgError) -> None:
        self._failure = error
        if self._closed.is_set():
            return
        if lease is self._next:
            _log.error("%s; generation %d stays in service", error, self._lease.generation.number)
            self._next, self._seen = None, None  # look again after the pause
            lease.close()
        elif lease is self._lease:
            _log.error("%s", error)
        self._not_before = time.monotonic() + _PAUSE

    # Keeping

    def _keep(self) -> None:
        while not self._closed.wait(_ROUND):
            dead: list[WorkerProcess] = []
            with self._changed:
                now = time.monotonic()
                for worker in [each for each, deadline in self._busy.items() if deadline <= now]:
                    worker.kill("deadline")  # the thread that reads from it sees it end, and has it replaced
                for worker in [each for each in self._idle if not each.is_alive()]:
                    self._idle.remove(worker)
                    dead.append(worker)
                self._follow()
                self._fill()
            for worker in dead:
                worker.end()

    def _follow(self) -> None:
        """Turn to a newer generation when the pointer names one. Holds the lock."""
        pointer = self._pointer()
        if pointer == self._seen or time.monotonic() < self._not_before:
            return
        self._seen = pointer
        try:
            lease = lease_current(self._settings.state_path)
        except KnowledgeError as error:
            _log.error("%s; generation %d stays in service", error, self._lease.generation.number)
            return
        if lease.generation == (self._next or self._lease).generation:
            lease.close()
            return
        if self._next:
            self._next.close()
        self._next = lease

    def _open(self) -> Lease:
        return lease_current(self._settings.state_path)

    def _pointer(self) -> tuple[int, int] | None:
        """What tells one state of the pointer file from another, for the price of a stat."""
        try:
            status = (self._settings.state_path / "current").stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    def close(self) -> None:
        """End every worker and release everything. A query under way ends with an error. Twice does nothing more."""
        self._closed.set()
        with self._changed:
            idle = list(self._idle)
            self._idle.clear()
            for worker in self._busy:
                worker.kill("closing")
            for starting in self._starters.values():
                if starting:
                    starting.kill("closing")
            starters = list(self._starters)
            self._changed.notify_all()
        for worker in idle:
            worker.end()
        for thread in (*starters, self._keeper):
            thread.join()
        with self._changed:
            self._changed.wait_for(lambda: not self._busy, timeout=5)
        for lease in (self._lease, self._next):
            if lease:
                lease.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
