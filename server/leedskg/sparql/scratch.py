"""The scratch store: empty at first, writable, thrown away at the end, and never the published graph.

One worker process owns it, and does queries and changes one after the other; so it is the one writer, and what it
has confirmed every later request sees. It is killed at a deadline as any other worker is. The store is a folder and
not memory, so that this costs no more than the request that ran out of time: each change is one transaction of the
engine's log, the kernel keeps what a killed process has written, and the next worker opens the same folder. (A
generation for each update was the other way: it copies a graph to add a statement, and buys only parallel reading,
which a store for tests and lessons does without.)
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from leedskg.errors import LimitReachedError
from leedskg.settings import Settings
from leedskg.sparql import worker_protocol
from leedskg.sparql.execution import QueryPool, limits_of
from leedskg.sparql.protocol.request import UpdateRequest
from leedskg.sparql.protocol.tokens import refuse_calls
from leedskg.sparql.service.keeper import Keeper
from leedskg.store.generations import Generation, Lease

_WHOLE = "a change is made whole or not at all, so look whether this one was before you send it again"


class _Folder:
    """The store in a folder, which is the same from the beginning to the end."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        begun = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._generation = Generation(0, path, begun, 0, writable=True)

    def lease(self) -> Lease:
        return Lease(self._generation, os.open(self._generation.path, os.O_RDONLY | os.O_CLOEXEC))

    def mark(self) -> None:
        """Return nothing: no other generation follows."""

    def close(self) -> None:
        """Do nothing: nothing is open."""


class ScratchPool(QueryPool):
    """A pool of one worker over a store in `folder`, which the caller removes in the end."""

    is_writable = True

    def __init__(self, settings: Settings, folder: Path) -> None:
        # Its one worker is never counted as heavy: there could be no other meanwhile.
        alone = replace(
            limits_of(settings), workers=1, spare_workers=0, page_workers=0, heavy_after=settings.query_timeout,
            exclusive=True,
        )  # fmt: skip
        super().__init__(settings, keeper=Keeper(settings, _Folder(folder), alone, folder.parent))

    def update(self, request: UpdateRequest) -> None:
        """Do an update.

        Raises QueryRefusedError for SERVICE and LOAD, RequestError for a slip or for what cannot be done, and
        LimitReachedError.
        """
        refuse_calls(request.update)
        self._change(worker_protocol.update_job(request, self._settings))

    def write_graph(self, graph: str | None, parts: list[worker_protocol.SentRdf], *, replace: bool) -> bool:
        """Put statements into a graph, in the place of what it held or beside it; whether it is a new graph.

        Raises RequestError, with line and column, for data that cannot be read; then nothing is changed.
        """
        return self._change(worker_protocol.write_job(graph, parts, self._settings, replace=replace)) == "created"

    def delete_graph(self, graph: str | None) -> None:
        """Remove a graph; the default graph is emptied. Raises NoGraphError when it is not there."""
        self._change(worker_protocol.delete_job(graph, self._settings))

    def _change(self, job: worker_protocol.Job) -> str:
        try:
            with self._do(job) as result:
                return result.kind
        except LimitReachedError as error:
            raise LimitReachedError(f"{error.message}; {_WHOLE}", retry_after=error.retry_after) from None
