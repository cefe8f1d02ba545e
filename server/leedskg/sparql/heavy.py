"""Heavy queries: which of them run, which wait their turn, and which have to go.

A query is heavy when it has run for longer than `heavy_after`. So many run at a time, at the lowest priority; the
others are suspended where they are, which costs no work that is done, and go on when it is their turn. A client's
second heavy query comes behind the first ones of all others, also when it is running: so nobody holds every place
while others wait. See docs/decisions/0013.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from leedskg.settings import Settings
from leedskg.sparql.process import WorkerProcess


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

    def __contains__(self, worker: WorkerProcess) -> bool:
        return worker in self._clients

    def add(self, worker: WorkerProcess, client: str) -> None:
        """Count a worker's query as heavy from now on; its priority cannot be raised again."""
        worker.lower()
        self._clients[worker] = client
        self._waits[worker] = Wait()
        self._take_turns()

    def remove(self, worker: WorkerProcess) -> None:
        """Forget a worker, whose query has ended, and let another go on. One that is not heavy is passed over."""
        if worker in self._clients:
            del self._clients[worker], self._waits[worker]
            self._take_turns()

    def is_full_of(self, client: str) -> bool:
        """Whether every place is taken, most of them by this client: then it need not begin another query."""
        places = self._running + self._waiting
        return len(self._clients) >= places and list(self._clients.values()).count(client) > places / 2

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
