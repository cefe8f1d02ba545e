"""Running queries: a pool of worker processes, deadlines that hold, and no part of a result taken for the whole.

This is the face of it. `sparql.workforce` keeps the workers, `sparql.heavy` says which long queries have their turn,
`sparql.admission` how many are taken on and which are called off, `sparql.calling` asks other endpoints.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Any, Self

from leedskg.errors import LeedskgError, TooHeavyError
from leedskg.settings import Settings
from leedskg.sparql import frames, jobs
from leedskg.sparql.admission import Admission, Running
from leedskg.sparql.calling import with_answers
from leedskg.sparql.failure import death, failure
from leedskg.sparql.federation import plan
from leedskg.sparql.negotiation import JSON, Chosen
from leedskg.sparql.process import WorkerProcess
from leedskg.sparql.recruitment import Published, Source
from leedskg.sparql.request import QueryRequest
from leedskg.sparql.result import Result, read_rows
from leedskg.sparql.slowness import slow_because
from leedskg.sparql.workforce import Workforce
from leedskg.store import Row
from leedskg.store.generations import Generation

#: Seconds within which a worker that is killed was not killed for its query: it had died idle, so ask another.
_MOMENT = 0.1
#: Seconds for which a large result is waited for, so that it comes with its length, or an error with its words.
_WHOLE_WITHIN = 1.0
#: Bytes of a job that a socket takes at once.
_SMALL_JOB = 32_768
#: Bytes of an answer from which on compressing it would hold an event loop up.
_WORTH_SQUEEZING = 8192

#: Has something done in a thread.
Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


class _KilledError(Exception):
    """A worker was killed by somebody else."""

    def __init__(self, shown: LeedskgError) -> None:
        super().__init__(str(shown))
        self.shown = shown


class QueryPool:
    """Answers queries on the current generation. A `Reader`; every method may be called from any thread.

    What a pool promises, whatever it asks: a query is stopped at its deadline, or half a second later at most; small
    queries are answered while long ones run; an answer is whole, or an error, or breaks off with one for who takes it
    as it comes; a query can be cancelled by the id that its client gave it; nothing is left when it is closed.

    Raises KnowledgeError at once when nothing is published or no worker can open it. Close it, or use it in a
    `with` block: then no process, file or lease is left.
    """

    is_writable = False

    def __init__(self, settings: Settings, source: Source | None = None) -> None:
        self._settings = settings
        self.workforce = Workforce(settings, source or Published(settings.state_path))
        self._admission = Admission(settings, self.workforce.lock)

    def generation(self) -> Generation:
        """The generation that new queries are answered from."""
        return self.workforce.generation()

    def rows(self, query: str) -> list[Row]:
        """The rows of a SELECT query, read whole; an unbound variable has no key in its row."""
        with self.run(QueryRequest(query), table=Chosen(JSON, JSON.media_types[0])) as result:
            return read_rows(result)

    def ask(self, query: str) -> bool:
        """The answer of an ASK query."""
        with self.run(QueryRequest(query), table=Chosen(JSON, JSON.media_types[0])) as result:
            return bool(json.loads(result.read())["boolean"])

    def run(
        self,
        request: QueryRequest,
        *,
        table: Chosen | None = None,
        graph: Chosen | None = None,
        gzip: bool = False,
        whole: bool = True,
    ) -> Result:
        """Run a query and give its result, in the format given for its shape; close the result after use.

        It is whole, but that a large one which takes long is given while it comes to who does not want it `whole`.

        Raises QueryRefusedError, RequestError (syntax, with the place), NotAcceptableError when the result is of
        the shape for which no format is given, TooHeavyError (time, memory, size), LimitReachedError (no room or no
        free worker), CancelledError and SameIdError.
        """
        planned = plan(request.query, self._settings.service_endpoints)
        with ExitStack() as held:
            running = held.enter_context(self._admission.admitted(request.client, request.id, request.query))
            asked = with_answers(request, planned.calls, running, self._admission, self._settings)
            job = jobs.query_job(asked, self._settings, planned, table=table, graph=graph, gzip=gzip, whole=whole)
            try:
                return self._answer(job, running, held)
            except TooHeavyError as error:
                raise error.explained(slow_because(request.query, self._settings.base)) from None

    async def run_soon(  # noqa: PLR0913 - as `run`
        self,
        request: QueryRequest,
        aside: Aside,
        *,
        table: Chosen | None = None,
        graph: Chosen | None = None,
        gzip: bool = False,
        whole: bool = True,
    ) -> Result:
        """As `run`, in an event loop, which a small query never leaves: handing it to a thread costs more than it does.

        What may take long is done `aside`.
        """
        planned = plan(request.query, self._settings.service_endpoints)
        job = jobs.query_job(request, self._settings, planned, table=table, graph=graph, gzip=gzip, whole=whole)
        if planned.calls or len(job.sent) > _SMALL_JOB:
            result: Result = await aside(
                partial(self.run, request, table=table, graph=graph, gzip=gzip, whole=whole)
            )  # fmt: skip
            return result
        with ExitStack() as held:
            running = held.enter_context(self._admission.admitted(request.client, request.id, request.query))
            try:
                return await self._answer_soon(job, running, held, aside)
            except TooHeavyError as error:
                reasons = await aside(partial(slow_because, request.query, self._settings.base))
                raise error.explained(reasons) from None

    def cancel(self, query_id: str) -> bool:
        """Stop the query of this id, which ends with CancelledError; False when none such is under way."""
        return self._admission.cancel(query_id)

    def graph(self, name: str | None, chosen: Chosen, *, gzip: bool = False, whole: bool = True) -> Result:
        """A named graph as it stands, or for None the default graph. Raises NoGraphError when it is not there."""
        return self._do(jobs.get_job(name, chosen, self._settings, gzip=gzip, whole=whole))

    def _do(self, job: jobs.Job) -> Result:
        with ExitStack() as held:
            return self._answer(job, held.enter_context(self._admission.admitted()), held)

    def _answer(self, job: jobs.Job, running: Running, held: ExitStack) -> Result:
        """The answer of the first worker that lives to give it. Who goes on with it takes what is `held`."""
        while True:
            worker = self.workforce.take(running, job.seconds)
            begun = time.monotonic()
            if not worker.send(job.sent):
                self._not_told(worker, job)
                continue
            result = self._taken(worker, job, running, held, begun)
            if result is not None:
                return result

    async def _answer_soon(self, job: jobs.Job, running: Running, held: ExitStack, aside: Aside) -> Result:
        longest = _WORTH_SQUEEZING if job.gzip else frames.CHUNK
        while True:
            worker = await self.workforce.take_soon(running, job.seconds)
            begun = time.monotonic()
            if not worker.send(job.sent):
                await aside(partial(self._not_told, worker, job))
                continue
            try:
                is_there = await worker.answers(longest)
            except BaseException:  # we are being ended
                self.workforce.lose_soon(worker)
                raise
            taken = partial(self._taken, worker, job, running, held, begun)
            is_kept = not worker.stopped_for and worker.generation is self.generation()
            result = taken() if is_there and is_kept else await aside(taken)
            if result is not None:
                return result

    def _not_told(self, worker: WorkerProcess, job: jobs.Job) -> None:
        """A worker was gone when it was told of the job. Raises why, when we stopped it ourselves meanwhile."""
        code, waited = self.workforce.lose(worker)
        if worker.stopped_for:
            raise death(worker.stopped_for, code, job.seconds, waited)

    def _taken(
        self, worker: WorkerProcess, job: jobs.Job, running: Running, held: ExitStack, begun: float
    ) -> Result | None:
        """The answer of a worker; None when it had died idle, so that another is to be asked."""
        result = Result(worker.generation, gzip=job.gzip)
        try:
            kind = self._collect(worker, job, result)
            if kind:
                result.finish(kind)
            else:
                self._let_come(worker, job, result, running, held.pop_all())
        except _KilledError as error:
            result.close()
            if job.changes or time.monotonic() - begun > _MOMENT:
                raise error.shown from None
            return None
        except BaseException:
            result.close()
            raise
        return result

    def _collect(self, worker: WorkerProcess, job: jobs.Job, result: Result, *, rest: bool = False) -> str:
        """Put what a worker says into the result, and give its kind; nothing when it is large and may come by itself.

        Raises what the result ends with, if not well; the worker is given back or replaced by then.
        """
        try:
            while (frame := worker.read()) is not None and frame[0] == frames.DATA:
                result.add(frame[1])
                if job.coming and not rest and not result.is_small:
                    return ""
        except BaseException:
            self.workforce.lose(worker)
            raise
        if frame is None:
            code, waited = self.workforce.lose(worker)
            shown = death(worker.stopped_for, code, job.seconds, waited)
            raise shown if worker.stopped_for or code != -signal.SIGKILL else _KilledError(shown)
        self.workforce.give_back(worker)
        said: dict[str, Any] = json.loads(frame[1])
        if frame[0] != frames.END:
            raise failure(said, job.text, self._settings)
        return str(said["kind"])

    def _let_come(
        self, worker: WorkerProcess, job: jobs.Job, result: Result, running: Running, held: ExitStack
    ) -> None:
        """Have a thread collect the rest, and wait a moment for it. Raises what it breaks off with until then."""

        def stop() -> None:
            with self.workforce.lock:
                if running.worker:
                    running.worker.kill("cancelled")

        def collect() -> None:
            try:
                with held:
                    kind = self._collect(worker, job, result, rest=True)
                result.finish(kind)
            except _KilledError as error:
                result.fail(error.shown)
            except BaseException as error:  # it is raised for whoever reads the result
                result.fail(error)

        result.come(job.coming, stop)
        try:
            threading.Thread(target=collect, name="result-rest", daemon=True).start()
        except RuntimeError:  # the system has no thread to give
            collect()
        result.wait(_WHOLE_WITHIN)

    def close(self) -> None:
        """End every worker and release everything. A query under way ends with an error. Twice does nothing more."""
        self.workforce.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
