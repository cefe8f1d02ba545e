"""The graph on a server elsewhere, as a worker answers from it: it forwards each query there.

What is refused is refused before anything is sent, and a query is proofread first. The worker holds no graph; that it
is stopped, by its client or at the deadline, closes its connection to the server. The engine is told the deadline where
it can be.
"""

from __future__ import annotations

import time
from typing import IO, Any

from leedskg.errors import LimitReachedError, QueryRefusedError, StoreDownError, StoreError
from leedskg.namespaces import Namespaces
from leedskg.sparql.forwarding.conversion import convert
from leedskg.sparql.forwarding.dataset import compose
from leedskg.sparql.forwarding.dialect import in_dialect
from leedskg.sparql.forwarding.proof import Proof, Proofreader
from leedskg.sparql.protocol.written import declared
from leedskg.sparql.service.frames import JobError
from leedskg.sparql.service.graph import format_for
from leedskg.sparql.service.sandbox import SandboxState
from leedskg.sparql.service.serving import Serving
from leedskg.store.remote.connection import Server, connect
from leedskg.store.remote.register import RemoteGeneration
from leedskg.store.remote.transport import OutOfTimeError, RemoteResponse

#: Seconds after which a generation is not read that the register has not confirmed, for it may have been removed: then
#: reading it would find nothing, and say so as if it were true.
_OLD = 5.0
#: Statements above which a graph is compared with the most that the engine gives.
_MANY = 1000
#: How many generations a worker remembers: one who asks may have seen the one before.
_MOST_KNOWN = 3


class RemoteGraph:
    """A generation on a server, as a worker reads it. It is made before the workers are forked, which share it."""

    def __init__(self, serving: Serving) -> None:
        """Read what is `serving`, there and now and with each query."""
        self._serving = serving
        self._settings = serving.settings()
        self._server: Server = connect(self._settings)
        #: The generations that were current when this worker looked, the latest last.
        self._known: dict[str, RemoteGeneration] = {}
        self._proofreader: Proofreader | None = None
        self._most: int | None = None

    def open(self) -> None:
        """Do nothing: a connection is made with the first query."""

    def enter_sandbox(self, *, plain: bool) -> SandboxState:
        """Keep the thread that the engine reads in from opening sockets, for good; this one opens those to the server.

        What this thread connects to is the address of the settings and nothing that a query names.
        """
        self._proofreader = Proofreader(self._settings.base, plain=plain)
        return self._proofreader.sandboxed

    @property
    def is_spent(self) -> bool:
        """Whether reading a query has no end, so that nothing more can be read."""
        return self._proofreader is not None and self._proofreader.is_stuck

    def answer(self, job: dict[str, Any], _parts: list[bytes], result: IO[bytes]) -> str:
        """Answer a query, or write a graph out, and return the kind of what came of it. Raises JobError."""
        try:
            return self._graph(job, result) if job["do"] == "get" else self._query(job, result)
        except OutOfTimeError:
            raise JobError("deadline", seconds=job["seconds"], waited=0.0) from None
        except QueryRefusedError as error:
            place = {"line": error.line, "column": error.column}
            raise JobError("store", error.message, error=type(error).__name__, **place) from None
        except (StoreError, LimitReachedError) as error:
            raise JobError("store", error.message, error=type(error).__name__) from None

    def _query(self, job: dict[str, Any], result: IO[bytes]) -> str:
        assert self._proofreader is not None
        begun = time.monotonic()
        proof = self._proofreader.read(job["query"], job["written"], job["seconds"])
        wanted = format_for(proof.kind, job)
        generation = self._read_for(job)
        composed = compose(proof.text, job["default"], job["named"], generation, job["base"])
        answer = self._server.query(
            in_dialect(composed.text, proof.kind, self._server.product),
            default=composed.default, named=composed.named, graph=proof.kind == "graph",
            seconds=max(0.05, job["seconds"] - (time.monotonic() - begun)),
        )  # fmt: skip
        prefixes = declared(job["query"], Namespaces(job["base"]).prefixes)
        return self._converted(answer, proof, wanted, result, generation, prefixes=prefixes)

    def _graph(self, job: dict[str, Any], result: IO[bytes]) -> str:
        generation, name = self._read_for(job), job["of"]
        if name is not None and name not in generation.graphs:
            raise JobError("no-graph", name)
        stored = generation.union if name is None else generation.stored(name)
        count = generation.statements if name is None else generation.graphs[name]
        answer = self._server.read_graph(stored, job["seconds"])
        proof = Proof("graph", "")
        return self._converted(
            answer, proof, job["graph"], result, generation, count=count, prefixes=job["prefixes"]
        )  # fmt: skip

    def _read_for(self, job: dict[str, Any]) -> RemoteGeneration:
        """Return the generation that whoever asks means, or the one that has followed since.

        Raises StoreDownError when the one that was current last may no longer be there.
        """
        found = self._serving.now()
        if found is None or not isinstance(found[1], RemoteGeneration) or self._serving.age() > _OLD:
            raise StoreDownError("the store cannot be reached")
        current = found[1]
        self._known[current.id] = current
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return self._known.get(job["generation"], current)

    def _converted(  # noqa: PLR0913 - these are the parts of a result
        self,
        answer: RemoteResponse,
        proof: Proof,
        wanted: str,
        result: IO[bytes],
        generation: RemoteGeneration,
        *,
        count: int | None = None,
        prefixes: dict[str, str] | None = None,
    ) -> str:
        product = self._server.product
        with answer:
            found = convert(
                answer, proof.kind, wanted, result,
                mark=generation.mark, fixes=product.fixes, columns=proof.columns,
                asked_by_select=proof.kind == "ask" and product.asked_by_select, prefixes=prefixes,
            )  # fmt: skip
        if proof.kind == "graph":
            self._check_whole(found, count, generation)
        return proof.kind

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
        """Find the most rows that the engine gives: it says so of a table that is longer."""
        query = "SELECT (1 AS ?one) WHERE { ?s ?p ?o }"
        try:
            rows = self._server.rows(query, generation.union, self._settings.query_timeout)
        except LimitReachedError as error:
            return int(next(word for word in error.message.split() if word.isdecimal()))
        return max(len(rows) + 1, 2**31)
