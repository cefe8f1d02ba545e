"""What answers queries, whichever store it reads: workers over the embedded store, or a server elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from leedskg.sparql.negotiation import Chosen
from leedskg.sparql.request import QueryRequest
from leedskg.sparql.result import Result
from leedskg.store import Reader


class Pool(Reader, Protocol):
    """Answers queries within limits. Every method may be called from any thread; close it, or use it in a `with`."""

    is_writable: bool

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

        It is whole; only a large one that takes long may be given while it comes, to who does not want it `whole`.
        """

    def graph(self, name: str | None, chosen: Chosen, *, gzip: bool = False, whole: bool = True) -> Result:
        """A named graph as it stands, or for None the default graph; given as by `run`."""

    def cancel(self, query_id: str) -> bool:
        """Stop the query of this id, which ends with CancelledError; False when none such is under way."""

    def close(self) -> None:
        """Release everything. Twice does nothing more."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...
