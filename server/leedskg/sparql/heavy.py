"""Heavy queries: which of them run, which wait their turn, and which have to go.

A query is heavy when it has run for longer than `heavy_after`. So many run at a time, at a low priority; the
others are suspended where they are, which costs no work that is done, and go on when it is their turn. A client's
second heavy query comes behind the first ones of all others, also when it is running: so nobody holds every place
while others wait. When a client has filled the places, what it asks that has been heavy before is refused at once; all
else has its try, for a client is an address, and a colleague's small query may come from it. See docs/decisions/0013.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from leedskg.settings import Settings
from leedskg.sparql.admission import Running
from leedskg.sparql.process import WorkerProcess

#: How many queries that were heavy are remembered.
_REMEMBERED = 1000


@dataclass
class Wait:
    """How long a heavy query has been suspended, in seconds, and since when it is, if it is."""

    seconds: float = 0.0
    since: float | None = None

    def so_far(self) -> float:
        """All of it, up to now."""
        return self.seconds + (time.monotonic() - self.since if self.since is not None else 0.0)


class HeavyQueries:
    """The workers with heavy queries, in the order in which they became so. Its caller holds the workers' lock."""

    def __init__(self, settings: Settings) -> None:
        self._running = settings.heavy_count
        self._waiting = settings.heavy_waiting
        self._clients: dict[WorkerProcess, str] = {}
        self._waits: dict[WorkerProcess, Wait] = {}
        self._known: dict[int, None] = {}  # the latest last

    def __contains__(self, worker: WorkerProcess) -> bool:
        return worker in self._clients

    def add(self, worker: WorkerProcess, running: Running) -> None:
        """Count a worker's query as heavy from now on."""
        worker.lower()
        running.is_heavy = True
        self._known.pop(running.asked, None)
        self._known[running.asked] = None
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        self._clients[worker] = running.client
        self._waits[worker] = Wait()
        self._take_turns()

    def remove(self, worker: WorkerProcess) -> None:
        """Forget a worker, whose query has ended, and let another go on. One that is not heavy is passed over."""
        if worker in self._clients:
            del self._clients[worker], self._waits[worker]
            self._take_turns()

    def has_no_place_for(self, running: Running) -> bool:
        """Whether a query has been heavy before, and every place is taken, most by its client: it need not begin."""
        places = self._running + self._waiting
        is_full = len(self._clients) >= places and list(self._clients.values()).count(running.client) > places / 2
        return is_full and running.asked in self._known

    def waited(self, worker: WorkerProcess) -> float:
        """Seconds that a worker's query has been suspended."""
        return self._waits[worker].so_far() if worker in self._waits else 0.0

    def _take_turns(self) -> None:
        turn = [worker for worker in in_turn(self._clients) if not worker.stopped_for]
        for worker in turn[: self._running]:
            wait = self._waits[worker]
            wait.seconds, wait.since = wait.so_far(), None
            worker.resume()
        for worker in turn[self._running :]:
            wait = self._waits[worker]
            wait.since = time.monotonic() if wait.since is None else wait.since
            worker.suspend()
        for worker in turn[self._running + self._waiting :]:
            worker.kill("crowded")


def in_turn(clients: dict[WorkerProcess, str]) -> list[WorkerProcess]:
    """The workers in the order in which they are served: the first of each client, then the second of each."""
    seen: Counter[str] = Counter()
    places = {}
    for worker, client in clients.items():
        places[worker] = seen[client]
        seen[client] += 1
    return sorted(clients, key=lambda worker: places[worker])
