"""Queries on a SPARQL server elsewhere, with our own limits in front of it: the sibling of `execution.QueryPool`.

What is refused is refused before anything is sent, and a query is proofread first. At most so many run on the server
at once; each has our deadline, which the engine is told too where it can be. The generation that is read is looked up
again after a second, so that several web servers follow one store; when the store is down, pages that need nothing of
it go on, and queries say so until it is back.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from leedskg.errors import (
    KnowledgeError,
    LeedskgError,
    LimitReachedError,
    NotAcceptableError,
    QueryRefusedError,
    StoreError,
    TooHeavyError,
)
from leedskg.settings import Settings
from leedskg.sparql.admission import Admission, Running
from leedskg.sparql.calling import with_answers
from leedskg.sparql.conversion import convert
from leedskg.sparql.dataset import compose
from leedskg.sparql.dialect import in_dialect
from leedskg.sparql.failure import failure, out_of_time
from leedskg.sparql.federation import plan
from leedskg.sparql.jobs import seconds_for
from leedskg.sparql.negotiation import JSON, Chosen
from leedskg.sparql.proofreading import Proof, Proofreader
from leedskg.sparql.request import QueryRequest
from leedskg.sparql.result import Result, read_rows
from leedskg.sparql.slowness import slow_because
from leedskg.store import Row
from leedskg.store.remote import RemoteGeneration, connect, read_current
from leedskg.store.remote.transport import Answer, OutOfTimeError

#: Seconds for which what the register said is taken to hold; after which a store that was down is asked again; and
#: after which a generation is not read without a new look, for it may have been removed.
_FRESH = 1.0
_PAUSE = 1.0
_OLD = 5.0
#: Seconds that looking it up may take while somebody waits for a page.
_LOOKING = 3.0
#: Seconds beside a query's own for the engine to say that the time is over, and for what is left to be written.
_SLACK = 0.4
#: Statements above which a graph is compared with the most that the engine gives.
_MANY = 1000

_TABLE = Chosen(JSON, JSON.media_types[0])
_log = logging.getLogger(__name__)


class RemotePool:
    """Answers queries from the current generation on a server. Every method may be called from any thread.

    Raises KnowledgeError when nothing is published there, and StoreError or StoreDownError when it cannot be asked.
    """

    is_writable = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server = connect(settings)
        self._proofreader = Proofreader(settings.base)
        self._admission = Admission(settings, threading.RLock())
        self._slots = threading.BoundedSemaphore(settings.store_connections)
        self._looking = threading.Lock()
        self._closed = False
        self._most: int | None = None
        try:
            self._generation = read_current(self._server, settings.base)
        except BaseException:
            self.close()
            raise
        self._seen_at = time.monotonic()
        self._failed: LeedskgError | None = None
        self._again_at = 0.0

    def generation(self) -> RemoteGeneration:
        """The generation that new queries are answered from; the last that was known while the store is down."""
        try:
            return self._current()
        except (StoreError, KnowledgeError, LimitReachedError):
            return self._generation

    def _current(self) -> RemoteGeneration:
        """The generation to read. Raises StoreDownError and its like when it may no longer be there.

        For a moment the last look at the register is good. For some moments more nobody waits for another's look, and
        a look that fails is passed over. After that a generation may have been removed, and reading it would find
        nothing and say so as if it were true.
        """
        if self._age() < _FRESH or self._closed:
            return self._generation
        is_old = self._age() > _OLD
        if not self._looking.acquire(blocking=is_old):
            return self._generation
        try:
            if self._age() >= _FRESH:
                self._look()
        except (StoreError, KnowledgeError, LimitReachedError):
            if is_old:
                raise
        finally:
            self._looking.release()
        return self._generation

    def _age(self) -> float:
        return time.monotonic() - self._seen_at

    def _look(self) -> None:
        """Look at the register, unless that failed just now: then it is said again, and nobody waits."""
        if self._failed is not None and time.monotonic() < self._again_at:
            raise self._failed.with_traceback(None)
        try:
            self._generation = read_current(self._server, self._settings.base, _LOOKING)
        except (StoreError, KnowledgeError, LimitReachedError) as error:
            _log.error("%s; generation %d is the last that was seen", error, self._generation.number)
            self._failed, self._again_at = error, time.monotonic() + _PAUSE
            raise
        self._failed, self._seen_at = None, time.monotonic()

    def rows(self, query: str) -> list[Row]:
        """The rows of a SELECT query, read whole; an unbound variable has no key in its row."""
        with self._own(query) as result:
            return read_rows(result)

    def ask(self, query: str) -> bool:
        """The answer of an ASK query."""
        with self._own(query) as result:
            return bool(json.loads(result.read())["boolean"])

    def _own(self, query: str) -> Result:
        """The result of a query of ours, which whoever opens a page did not write. Raises StoreError as well."""
        try:
            return self.run(QueryRequest(query), table=_TABLE)
        except QueryRefusedError as error:
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
        """Run a query and give its whole result, in the format given for its shape; close the result after use.

        It is never given before, whatever `whole` says: a server's answer is good when it has been read to its end.
        Raises what QueryPool.run does, and besides StoreDownError and StoreError.
        """
        planned = plan(request.query, self._settings.service_endpoints)
        with self._admission.admitted(request.client, request.id) as running:
            asked = with_answers(request, planned.calls, running, self._admission, self._settings)
            try:
                return self._run(asked, running, table=table, graph=graph, gzip=gzip)
            except TooHeavyError as error:
                raise error.explained(slow_because(request.query, self._settings.base)) from None

    def _run(
        self, request: QueryRequest, running: Running, *, table: Chosen | None, graph: Chosen | None, gzip: bool
    ) -> Result:
        seconds = seconds_for(request, self._settings)
        with self._slot(), self._server.stoppable() as stop, self._admission.calling_off(running, stop):
            begun = time.monotonic()
            proof = self._proofreader.read(request.query, request.written)
            if not isinstance(proof, Proof):
                raise failure(proof, request.written or request.query, self._settings)
            chosen = graph if proof.kind == "graph" else table
            if chosen is None:
                shape = "graph" if proof.kind == "graph" else "table"
                raise NotAcceptableError(f"this query gives a {shape}, which the request does not accept")
            generation = self._current()
            composed = compose(request, proof.text, generation, self._settings.base)
            left = max(0.05, seconds - (time.monotonic() - begun))
            try:
                answer = self._server.query(
                    in_dialect(composed.text, proof.kind, self._server.product),
                    default=composed.default, named=composed.named, graph=proof.kind == "graph", seconds=left,
                )  # fmt: skip
                return self._result(answer, proof, chosen, generation, begun + seconds + _SLACK, gzip=gzip)
            except OutOfTimeError:
                raise out_of_time(seconds) from None

    def cancel(self, query_id: str) -> bool:
        """Stop the query of this id, which ends with CancelledError; False when none such is under way.

        We stop waiting for it at once; the engine stops when it notices that nobody listens, or at the deadline.
        """
        return self._admission.cancel(query_id)

    def graph(
        self,
        name: str | None,
        chosen: Chosen,
        *,
        gzip: bool = False,
        whole: bool = True,
    ) -> Result:
        """A named graph as it stands, or for None the default graph. Raises NoGraphError when it is not there."""
        generation, seconds = self._current(), self._settings.query_timeout
        if name is not None and name not in generation.graphs:
            raise failure({"kind": "no-graph", "message": name}, "", self._settings)
        stored = generation.union if name is None else generation.stored(name)
        count = generation.statements if name is None else generation.graphs[name]
        with self._slot():
            due = time.monotonic() + seconds + _SLACK
            try:
                answer = self._server.read_graph(stored, seconds)
                return self._result(answer, Proof("graph", ""), chosen, generation, due, gzip=gzip, count=count)
            except OutOfTimeError:
                raise out_of_time(seconds) from None

    def _result(  # noqa: PLR0913 - these are the parts of a result
        self,
        answer: Answer,
        proof: Proof,
        chosen: Chosen,
        generation: RemoteGeneration,
        due: float,
        *,
        gzip: bool,
        count: int | None = None,
    ) -> Result:
        result, kind = Result(generation, gzip=gzip), proof.kind
        try:
            found = convert(
                answer, kind, chosen, result,
                mark=generation.mark, mends=self._server.product.mends, columns=proof.columns,
                asked_by_select=kind == "ask" and self._server.product.asked_by_select,
                limit=self._settings.result_limit * 2**20, due=due,
                prefixes=self._settings.namespaces.prefixes if count is not None else None,
            )  # fmt: skip
            if kind == "graph":
                self._check_whole(found, count, generation)
            result.finish(kind)
        except BaseException:
            result.close()
            raise
        finally:
            answer.close()
        return result

    def _check_whole(self, found: int, count: int | None, generation: RemoteGeneration) -> None:
        """Raise LimitReachedError for a graph that the engine has cut off without a word, as Virtuoso does."""
        if count is not None:
            if found != count:
                raise LimitReachedError(f"the store gave {found:,} of the {count:,} statements of this graph")
        elif self._server.product.name == "virtuoso" and found >= min(_MANY, self._most or _MANY):
            if self._most is None:
                self._most = self._most_rows(generation)
            if found >= self._most:
                raise LimitReachedError(
                    f"the store gives no more than {self._most:,} statements at once; ask for less, or for the whole "
                    "graph by the graph store protocol"
                )

    def _most_rows(self, generation: RemoteGeneration) -> int:
        """The most rows that the engine gives: it says so of a table that is longer."""
        query = "SELECT (1 AS ?one) WHERE { ?s ?p ?o }"
        try:
            rows = self._server.rows(query, generation.union, self._settings.query_timeout)
        except LimitReachedError as error:
            return int(next(word for word in error.message.split() if word.isdecimal()))
        return max(len(rows) + 1, 2**31)

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Hold the right to have one query on the server."""
        waited = self._settings.queue_timeout
        if not self._slots.acquire(timeout=waited):
            raise LimitReachedError(f"the store is busy with other queries, and not free within {waited:g} seconds")
        try:
            yield
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close every connection. A query under way ends with an error. Twice does nothing more."""
        self._closed = True
        self._proofreader.close()
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
