"""Who may ask, who is next, and which long queries run: the rules by which a supervisor shares its workers out.

A query is heavy when it has run for longer than `heavy_after`. So many run at a time, at a low priority; the others are
suspended where they are, which costs no work that is done, and go on when it is their turn. A client's second heavy
query comes behind the first ones of all others, also when it is running: so nobody holds every place while others
wait. When a client has filled the places, what it asks that has been heavy before is refused at once; all else has its
try, for a client is an address, and a colleague's small query may come from it. See docs/decisions/0013.
"""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leedskg.sparql.service.children import Worker

#: How many queries that were heavy are remembered.
_REMEMBERED = 1000


@dataclass(frozen=True)
class QueryLimits:
    """What a supervisor may do at once. `exclusive`: a store that one process at a time can have open."""

    workers: int
    spare_workers: int
    page_workers: int
    heavy_after: float
    heavy_running: int
    heavy_waiting: int
    most: int
    queue_timeout: float
    #: Bytes of the memory of a heavy query that its worker may go on holding.
    most_kept: int
    exclusive: bool = False

    @property
    def wanted(self) -> int:
        """How many workers there should be beside those with a heavy query."""
        return self.workers + self.spare_workers + self.page_workers


@dataclass(eq=False)
class Query:
    """What a client asks for, from its arrival to its answer."""

    connection: socket.socket
    mark: bytes
    client: str
    id: str
    #: Tells one query from another, by its text.
    text: int
    seconds: float
    is_page: bool
    #: What is sent on to the worker: the first of what the client sent.
    begun: bytes = b""
    arrived: float = field(default_factory=time.monotonic)
    worker: Worker | None = None
    due: float = 0.0
    heavy_at: float = 0.0
    is_heavy: bool = False
    #: When it is looked at whether it has ended; a small one has by then, or is found to have before that.
    look_at: float = 0.0
    #: How long it has been suspended, in seconds, and since when it is, if it is.
    suspended: float = 0.0
    suspended_since: float | None = None

    @classmethod
    def read(cls, connection: socket.socket, said: dict[str, Any], mark: bytes) -> Query:
        """Return what a client says that it asks for."""
        return cls(
            connection, mark, said["client"], said["id"], said["text"], said["seconds"], bool(said.get("page"))
        )  # fmt: skip

    def waited(self) -> float:
        """Return the seconds that it has been suspended up to now."""
        since = self.suspended_since
        return self.suspended + (time.monotonic() - since if since is not None else 0.0)


class Fairness:
    """The queries that a supervisor has taken on: those that wait, those that run, and those that run for long."""

    def __init__(self, limits: QueryLimits) -> None:
        self._limits = limits
        self._share = max(1, limits.most // 2)
        self.taken: set[Query] = set()
        self.waiting: list[Query] = []
        self.heavy: list[Query] = []
        self._known: dict[int, None] = {}  # the latest last

    def refusal(self, query: Query) -> dict[str, Any] | None:
        """Return why a query is not taken on, or None.

        A client is an address, behind which there may be a campus. So its heavy queries do not count towards its half:
        they have a limit of their own, and must not use up the room of its small ones.
        """
        if query.is_page:
            return None
        others = [each for each in self.taken if not each.is_page]
        own = sum(each.client == query.client and not each.is_heavy for each in others)
        if len(others) >= self._limits.most:
            return {"kind": "full", "most": self._limits.most}
        if query.client and own >= self._share:
            return {"kind": "share", "most": self._share}
        if query.id and any(each.id == query.id for each in others):
            return {"kind": "same-id"}
        return None

    def is_known(self, query: Query) -> bool:
        """Return whether a query has been heavy before, and so has a low priority from the beginning."""
        return query.text in self._known and not query.is_page

    def has_no_place_for(self, query: Query) -> bool:
        """Return whether a query was heavy before, and every place is taken, most by its client: it need not begin."""
        places = self._limits.heavy_running + self._limits.heavy_waiting
        own = sum(each.client == query.client for each in self.heavy)
        return len(self.heavy) >= places and own > places / 2 and query.text in self._known

    def next(self) -> Query | None:
        """Take out the one whose turn it is: pages, then the first to come of the clients with the fewest workers.

        A client has at most as many quick workers as there are cores, so the spare one is there for another; and pages
        have some that no query takes. None when each that waits has its share already.
        """
        quick = [each for each in self.taken if each.worker and not each.is_heavy and not each.is_page]
        found = next((each for each in self.waiting if each.is_page), None)
        if found is None and self.waiting and len(quick) < self._limits.workers + self._limits.spare_workers:
            held = Counter([each.client for each in quick])
            found = min(self.waiting, key=lambda each: held[each.client])
            if held[found.client] >= self._limits.workers:
                found = None
        if found is not None:
            self.waiting.remove(found)
        return found

    def add_heavy(self, query: Query) -> None:
        """Count a query as heavy from now on."""
        query.is_heavy = True
        self._known.pop(query.text, None)
        if query.text:  # what is no query has none
            self._known[query.text] = None
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        self.heavy.append(query)

    def remove(self, query: Query) -> None:
        """Forget a query, which has ended. Twice does nothing more."""
        self.taken.discard(query)
        for those in (self.waiting, self.heavy):
            if query in those:
                those.remove(query)

    def turns(self) -> tuple[list[Query], list[Query], list[Query]]:
        """Return the heavy queries that run, those that wait suspended, and those that have no place."""
        turn = in_turn(self.heavy)
        running, places = self._limits.heavy_running, self._limits.heavy_running + self._limits.heavy_waiting
        return turn[:running], turn[running:places], turn[places:]


def in_turn(heavy: Iterable[Query]) -> list[Query]:
    """Return the queries in the order in which they are served: the first of each client, then the second of each."""
    seen: Counter[str] = Counter()
    places = {}
    for query in heavy:
        places[query] = seen[query.client]
        seen[query.client] += 1
    return sorted(places, key=lambda query: places[query])
