"""The answers of saved queries that are followed: looked at once for each state of the graph, then remembered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from leedskg.changes.answers import AnswerChange, AnswerLog
from leedskg.errors import LimitReachedError, NotAcceptableError, RequestError
from leedskg.sparql.protocol.negotiation import JSON, Chosen
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.sparql.protocol.result import Result, read_rows
from leedskg.store import Published

#: Times that an answer is asked for again because the graph was published meanwhile.
_TRIES = 3


class Asked(Protocol):
    """What answers queries, such as a pool of workers."""

    def generation(self) -> Published:
        """Return the state of the graph that answers."""

    def run(self, request: QueryRequest, *, table: Chosen | None = None) -> Result:
        """Run a query."""


class AnswerReader:
    """Looks at the answers of queries."""

    def __init__(self, pool: Asked, state: Path) -> None:
        self._pool, self._log = pool, AnswerLog(state)

    def states(self, query: str, *, followed: bool = False, seconds: float | None = None) -> list[AnswerChange]:
        """Return what a query's answer was, as far as somebody looked, the latest first and as it is now.

        `followed` says that somebody with an account follows it. Raises RequestError for a query that cannot be
        answered as rows, and LimitReachedError where it takes longer than `seconds`, or than any query may.
        """
        day = datetime.now(UTC).date().isoformat() if followed else ""
        for _ in range(_TRIES):
            published = self._pool.generation()
            known = self._log.known(query, published, followed=day)
            if known is not None:
                return known
            rows = self._rows(QueryRequest(query, timeout=seconds))
            if self._pool.generation().id == published.id:
                return self._log.note(query, rows, published, followed=day)
        raise LimitReachedError("The graph is being published just now; try again in a moment.", retry_after=1)

    def _rows(self, request: QueryRequest) -> list[str]:
        try:
            with self._pool.run(request, table=Chosen(JSON, JSON.media_types[0])) as result:
                return [" | ".join(f"{key}: {term}" for key, term in sorted(row.items())) for row in read_rows(result)]
        except NotAcceptableError:
            raise RequestError("The query gives a graph and no rows, and only rows can be followed.") from None
