"""Running queries: a pool of worker processes, deadlines that hold, and results that are whole or an error.

This is the face of it. `sparql.workforce` keeps the workers, `sparql.heavy` says which long queries have their turn,
`sparql.admission` how many are taken on and which are called off, `sparql.federation` asks other endpoints.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self

from leedskg.errors import LeedskgError, TooHeavyError
from leedskg.settings import Settings
from leedskg.sparql import frames, jobs
from leedskg.sparql.admission import Admission, Running
from leedskg.sparql.failure import death, failure
from leedskg.sparql.federation import Call, answered, plan
from leedskg.sparql.negotiation import JSON, Chosen
from leedskg.sparql.process import WorkerProcess
from leedskg.sparql.recruitment import Published, Source
from leedskg.sparql.remote_call import UNIT, RemoteCall, RemoteError, UnusableAnswerError
from leedskg.sparql.request import QueryRequest
from leedskg.sparql.result import Result, read_rows
from leedskg.sparql.slowness import slow_because
from leedskg.sparql.workforce import Workforce
from leedskg.store import Row
from leedskg.store.generations import Generation

#: Seconds within which a worker that is killed was not killed for its query: it had died idle, so ask another.
_MOMENT = 0.1
#: What part of the time that is left an endpoint may take that a query calls.
_SHARE = 0.8


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
    queries are answered while long ones run; an answer is whole or an error; a query can be cancelled by the id that
    its client gave it; nothing is left when it is closed.

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
        self, request: QueryRequest, *, table: Chosen | None = None, graph: Chosen | None = None, gzip: bool = False
    ) -> Result:
        """Run a query and give its whole result, in the format given for its shape; close the result after use.

        Raises QueryRefusedError, RequestError (syntax, with the place), NotAcceptableError when the result is of
        the shape for which no format is given, TooHeavyError (time, memory, size), LimitReachedError (no room or no
        free worker), CancelledError and SameIdError.
        """
        planned = plan(request.query, self._settings.service_endpoints)
        with self._admission.admitted(request.client, request.id, request.query) as running:
            asked = self._with_answers(request, planned.calls, running) if planned.calls else request
            job = jobs.query_job(asked, self._settings, table=table, graph=graph, gzip=gzip)
            try:
                return self._answer(job, running)
            except TooHeavyError as error:
                raise error.explained(slow_because(request.query, self._settings.base)) from None

    async def run_soon(
        self,
        request: QueryRequest,
        aside: Aside,
        *,
        table: Chosen | None = None,
        graph: Chosen | None = None,
        gzip: bool = False,
    ) -> Result:
        """As `run`, in an event loop, which a small query never leaves: handing it to a thread costs more than it does.

        What may take long is done `aside`.
        """
        planned = plan(request.query, self._settings.service_endpoints)
        job = jobs.query_job(request, self._settings, table=table, graph=graph, gzip=gzip)
        if planned.calls or len(job.sent) > _SMALL_JOB:
            result: Result = await aside(partial(self.run, request, table=table, graph=graph, gzip=gzip))
            return result
        with self._admission.admitted(request.client, request.id, request.query) as running:
            try:
                return await self._answer_soon(job, running, aside)
            except TooHeavyError as error:
                reasons = await aside(partial(slow_because, request.query, self._settings.base))
                raise error.explained(reasons) from None

    def _with_answers(self, request: QueryRequest, calls: tuple[Call, ...], running: Running) -> QueryRequest:
        """The query with the answers of the endpoints that it calls in it, and the time that they have left it."""
        end = running.begun + jobs.seconds_for(request, self._settings)

        def ask(call: Call) -> str:
            seconds = max(0.0, end - time.monotonic()) * _SHARE
            most = self._settings.service_limit * 2**20
            asking = RemoteCall(call, base=self._settings.base, seconds=seconds, most_bytes=most)
            with self._admission.calling_off(running, asking.abort):
                try:
                    return asking.values()
                except RemoteError as error:
                    if call.is_silent and not isinstance(error, UnusableAnswerError):
                        return UNIT
                    raise

        query = answered(request.query, calls, ask)
        return replace(request, query=query, written=request.query, timeout=max(0.1, round(end - time.monotonic(), 1)))

    def cancel(self, query_id: str) -> bool:
        """Stop the query of this id, which ends with CancelledError; False when none such is under way."""
        return self._admission.cancel(query_id)

    def graph(self, name: str | None, chosen: Chosen, *, gzip: bool = False) -> Result:
        """A named graph as it stands, or for None the default graph. Raises NoGraphError when it is not there."""
        return self._do(jobs.get_job(name, chosen, self._settings, gzip=gzip))

    def _do(self, job: jobs.Job) -> Result:
        with self._admission.admitted() as running:
            return self._answer(job, running)

    def _answer(self, job: jobs.Job, running: Running) -> Result:
        while True:
            result = self._asked(self.workforce.take(running, job.seconds), job)
            if result is not None:
                return result

    def _asked(self, worker: WorkerProcess, job: jobs.Job) -> Result | None:
        """What a worker answers; None when it was dead before, so that another is to be asked."""
        begun = time.monotonic()
        if worker.send(job.sent):
            return self._collected(worker, job, begun)
        self._not_taken(worker, job)
        return None

    def _not_taken(self, worker: WorkerProcess, job: jobs.Job) -> None:
        """A worker could not be told of the job. Raises why, when we stopped it ourselves meanwhile."""
        code, waited = self.workforce.lose(worker)
        if worker.stopped_for:
            raise death(worker.stopped_for, code, job.seconds, waited)

    def _collected(self, worker: WorkerProcess, job: jobs.Job, begun: float) -> Result | None:
        try:
            return self._collect(worker, job)
        except _KilledError as error:
            if job.changes or time.monotonic() - begun > _MOMENT:
                raise error.shown from None
        return None

    async def _answer_soon(self, job: jobs.Job, running: Running, aside: Aside) -> Result:
        longest = _WORTH_SQUEEZING if job.gzip else frames.CHUNK
        while True:
            worker = await self.workforce.take_soon(running, job.seconds)
            begun = time.monotonic()
            if not worker.send(job.sent):
                await aside(partial(self._not_taken, worker, job))
                continue
            try:
                is_there = await worker.answers(longest)
            except BaseException:  # we are being ended
                self.workforce.lose_soon(worker)
                raise
            collected = partial(self._collected, worker, job, begun)
            is_kept = not worker.stopped_for and worker.generation is self.generation()
            result = collected() if is_there and is_kept else await aside(collected)
            if result is not None:
                return result

    def _collect(self, worker: WorkerProcess, job: jobs.Job) -> Result:
        result = Result(worker.generation, gzip=job.gzip)
        try:
            while (frame := worker.read()) is not None and frame[0] == frames.DATA:
                result.add(frame[1])
        except BaseException:
            result.close()
            self.workforce.lose(worker)
            raise
        if frame is None:
            result.close()
            code, waited = self.workforce.lose(worker)
            shown = death(worker.stopped_for, code, job.seconds, waited)
            raise shown if worker.stopped_for or code != -signal.SIGKILL else _KilledError(shown)
        self.workforce.give_back(worker)
        kind, payload = frame
        said: dict[str, Any] = json.loads(payload)
        if kind == frames.END:
            result.finish(said["kind"])
            return result
        result.close()
        raise failure(said, job.text, self._settings)

    def close(self) -> None:
        """End every worker and release everything. A query under way ends with an error. Twice does nothing more."""
        self.workforce.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
