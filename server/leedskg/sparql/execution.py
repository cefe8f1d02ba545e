"""Running queries on what is published: each is a connection to a supervisor, and its answer whole, or an error.

Closing the connection stops the query, so that a client who has left, a query that is cancelled, a deadline and the end
of the server are one thing. `sparql.service` has the processes; this puts the question to them. Whether they hold the
graph themselves or forward queries to a server elsewhere (`sparql.forwarding`) is the same from here.
"""

from __future__ import annotations

import json
import zlib
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from leedskg.errors import QueryRefusedError, StoreError
from leedskg.settings import Settings
from leedskg.sparql import worker_protocol
from leedskg.sparql.federation.endpoints import Plan, plan
from leedskg.sparql.federation.remote_call import StoppedError
from leedskg.sparql.federation.service_calls import with_answers
from leedskg.sparql.forwarding.source import RemoteSource
from leedskg.sparql.pending_answer import InThread, PendingAnswer, ended
from leedskg.sparql.protocol.negotiation import JSON, N_TRIPLES, Chosen
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.sparql.protocol.result import Result, read_rows
from leedskg.sparql.service import frames
from leedskg.sparql.service.client import Client, Exchange
from leedskg.sparql.service.fairness import QueryLimits
from leedskg.sparql.service.keeper import Keeper
from leedskg.sparql.service.serving import Served
from leedskg.sparql.service.source import CurrentGeneration
from leedskg.store import Row

#: The part of the memory that a worker may use which it may go on holding after a heavy query.
_KEPT = 8
#: Letters of a query that a socket takes at once.
_SMALL_QUERY = 16_384


def limits_of(settings: Settings) -> QueryLimits:
    """Return what a supervisor of these settings may do at once."""
    limits = QueryLimits(
        workers=settings.worker_count,
        spare_workers=settings.spare_workers,
        page_workers=settings.page_workers,
        heavy_after=settings.heavy_after,
        heavy_running=settings.heavy_count,
        heavy_waiting=settings.heavy_waiting,
        most=settings.queries_in_flight,
        queue_timeout=settings.queue_timeout,
        most_kept=settings.worker_memory * 2**20 // _KEPT,
    )
    if not settings.store:
        return limits
    # What takes long on a server takes nothing of this machine, and to suspend who waits for it would help nobody: so
    # none is heavy, and a worker is a query that runs there. One of them is for another client than the busiest.
    spare = min(1, settings.store_connections - 1)
    return replace(
        limits, workers=settings.store_connections - spare, spare_workers=spare, heavy_after=settings.query_timeout
    )


def keep_supervisors(settings: Settings) -> Keeper:
    """Start what answers queries on what is published. Raises KnowledgeError when nothing is, and StoreError."""
    if settings.store:
        return Keeper(settings, RemoteSource(settings), limits_of(settings), None)
    return Keeper(settings, CurrentGeneration(settings.state_path), limits_of(settings), settings.state_path)


class QueryPool:
    """Answers queries on the current generation. A `Reader`; every method may be called from any thread.

    What a pool promises, whatever it asks: a query is stopped at its deadline, or half a second later at most; small
    queries are answered while long ones run; an answer is whole, or an error, or breaks off with one for who takes it
    as it comes; a query can be cancelled by the id that its client gave it; nothing is left when it is closed.

    Given the folder of a keeper it asks the supervisor that this one keeps, and any number of processes may; without
    one it has a keeper of its own. Pages ask with workers that no query of others takes.

    Raises KnowledgeError at once when nothing is published or no worker can open it, and StoreError for a server that
    fails. Close it, or use it in a `with` block: then no process, file or lease is left.
    """

    is_writable = False

    def __init__(
        self,
        settings: Settings,
        folder: Path | None = None,
        *,
        keeper: Keeper | None = None,
        for_pages: bool = False,
    ) -> None:
        self._settings = settings
        self._for_pages = for_pages
        self._keeper = keeper or (None if folder else keep_supervisors(settings))
        self._client = Client(folder or self._keeper.folder, settings.queue_timeout)  # type: ignore[union-attr]

    def generation(self) -> Served:
        """Return the generation that new queries are answered from."""
        return self._client.generation()

    def status(self) -> dict[str, Any]:
        """Return the numbers of the worker processes by what they do: idle, busy, heavy; and how many queries wait."""
        return self._client.status()

    def rows(self, query: str) -> list[Row]:
        """Return the rows of a SELECT query, read whole; an unbound variable has no key in its row."""
        with self._own(query) as result:
            return read_rows(result)

    def ask(self, query: str) -> bool:
        """Return the answer of an ASK query."""
        with self._own(query) as result:
            return bool(json.loads(result.read())["boolean"])

    def _own(self, query: str) -> Result:
        """Run a query of ours, which whoever opens a page did not write. Raises StoreError for one that is refused."""
        try:
            return self.run(QueryRequest(query), table=Chosen(JSON, JSON.media_types[0]))
        except QueryRefusedError as error:
            if not self._settings.store:
                raise
            raise StoreError(f"The store does not do what this page is made with: {error}.") from None

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
        free worker), CancelledError and SameIdError; and StoreError and StoreDownError of a server elsewhere.
        """
        planned = plan(request.query, self._settings.service_endpoints)
        exchange = self._client.open()
        if planned.calls:
            request = self._with_answers(exchange, request, planned)
        formats: dict[str, Any] = {"table": table, "graph": graph, "gzip": gzip, "whole": whole}
        job = worker_protocol.query_job(request, self._settings, planned, exchange.generation.id, **formats)
        return self._sent(exchange, job, self._header(exchange, request)).result()

    def _with_answers(self, exchange: Exchange, request: QueryRequest, planned: Plan) -> QueryRequest:
        """Return the query with the answers of other endpoints in it, which are asked while it counts as under way."""
        with ExitStack() as undone:
            undone.enter_context(exchange)
            exchange.send(self._header(exchange, request, later=True))
            try:
                asked = with_answers(request, planned.calls, self._settings, exchange.has_word)
            except StoppedError:
                raise ended(exchange.read(), request.query, self._settings) from None
            undone.pop_all()
            return asked

    async def run_async(self, request: QueryRequest, in_thread: InThread, **formats: Any) -> Result:
        """Do as `run`, in an event loop, which a small query never leaves: handing it to a thread costs more.

        What may take long is done `in_thread`.
        """
        planned = plan(request.query, self._settings.service_endpoints)
        is_small = not planned.calls and len(request.query) <= _SMALL_QUERY
        exchange = self._client.open_now() if is_small else None
        if exchange is None:
            result: Result = await in_thread(partial(self.run, request, **formats))
            return result
        job = worker_protocol.query_job(request, self._settings, planned, exchange.generation.id, **formats)
        return await self._sent(exchange, job, self._header(exchange, request)).result_async(in_thread)

    def cancel(self, query_id: str) -> bool:
        """Stop the query of this id, which ends with CancelledError; False when no such query is under way."""
        return self._client.cancel(query_id)

    def graph(self, name: str | None, chosen: Chosen, *, gzip: bool = False, whole: bool = True) -> Result:
        """Return a named graph as it stands, or for None the default graph. Raises NoGraphError."""
        generation = self.generation().id
        return self._do(worker_protocol.get_job(name, chosen, self._settings, generation, gzip=gzip, whole=whole))

    def n_triples(self, graph: str) -> bytes:
        """Return what the graph of this name holds, a statement a line, in any order."""
        with self.graph(graph, Chosen(N_TRIPLES, N_TRIPLES.media_types[0])) as result:
            return result.read()

    def _do(self, job: worker_protocol.Job) -> Result:
        exchange = self._client.open()
        return self._sent(exchange, job, self._header(exchange, seconds=job.seconds)).result()

    def _sent(self, exchange: Exchange, job: worker_protocol.Job, header: bytes) -> PendingAnswer:
        exchange.send(header + job.sent, again=not job.changes)
        return PendingAnswer(exchange, job, self._settings)

    def _header(
        self, exchange: Exchange, request: QueryRequest | None = None, *, seconds: float = 0, later: bool = False
    ) -> bytes:
        """Return what the supervisor is told of a query; `later` it is told again, and given the job."""
        said = {
            "do": "query",
            "mark": exchange.mark,
            "client": request.client if request else "",
            "id": request.id if request else "",
            "text": zlib.crc32((request.written or request.query).encode("utf-8", "replace")) if request else 0,
            "seconds": worker_protocol.seconds_for(request, self._settings) if request else seconds,
            "page": self._for_pages,
            "later": later,
        }
        return frames.json_frame(frames.ASK, said)

    def close(self) -> None:
        """Release everything. A query under way ends with an error. Twice does nothing more."""
        self._client.close()
        if self._keeper is not None:
            self._keeper.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
