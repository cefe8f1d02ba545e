"""The measurements: the same queries to each server, taking turns, after their answers have been compared."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.error import HTTPError

from tests.benchmarks import answers, load, servers
from tests.benchmarks.fleet import OURS, Fleet
from tests.benchmarks.kinds import RUNAWAY
from tests.benchmarks.servers import Address

#: Of each small kind so many queries have their answers compared.
_COMPARED = 40
#: Seconds that a peer may take over one heavy query; ours has its own limit.
PATIENCE = 60.0


@dataclass
class Bench:
    """The servers, and what was noticed on the way."""

    fleet: Fleet
    seconds: float
    rounds: int
    noticed: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep a remark for the end, and show it now."""
        self.noticed.append(text)
        print(f"  {text}", flush=True)

    def agreeing(self, kind: str, queries: list[str]) -> list[str]:
        """The servers that answer as ours does; the others are not timed on this kind, and noted."""
        chosen = queries[:: max(1, len(queries) // _COMPARED)]
        ours = [answers.multiset(servers.bindings(self.fleet.addresses[OURS], query)) for query in chosen]
        good = []
        for name in list(self.fleet.addresses):
            try:
                differs = self._difference(name, chosen, ours)
            except (OSError, ValueError) as error:
                differs = self._failed(name, error)
            if differs:
                self.note(f"{kind}: {name} is left out: {differs}")
            else:
                good.append(name)
        return good

    def _difference(self, name: str, queries: list[str], ours: list[Counter[answers.Row]]) -> str:
        address = self.fleet.addresses[name]
        rows = (servers.bindings(address, query, timeout=PATIENCE) for query in queries)
        found = (answers.difference(one, answers.multiset(other)) for one, other in zip(ours, rows, strict=True))
        return next(filter(None, found), "")

    def _failed(self, name: str, error: Exception) -> str:
        """What a server said, or did not; one that still works on what nobody waits for is started anew."""
        if isinstance(error, HTTPError):
            return (
                f"it answers {error.code}: {error.read(300).decode('utf-8', 'replace').strip().partition(chr(10))[0]}"
            )
        if not isinstance(error, TimeoutError):
            return f"{error}"
        try:
            self.fleet.restart(name)
        except RuntimeError as failed:
            self.note(f"{name} could not be started again: {failed}")
        return f"no answer in {PATIENCE:g} s"

    def small(self, queries: list[str], clients: int, names: list[str]) -> dict[str, load.Measured | None]:
        """Throughput and waiting times of each server; None for one that fails under load."""
        seen: dict[str, list[load.Measured]] = {name: [] for name in names}
        for turn in range(self.rounds + 1):  # taking turns, so that a slow spell of the machine falls on all
            for name in names:
                address, seconds = self.fleet.addresses[name], self.seconds if turn else 0.5
                try:
                    run = load.measure(address, queries, clients=clients, seconds=seconds)
                except load.NoAnswerError as error:
                    self.note(f"{name} at {clients} clients: {error}")
                    continue
                seen[name] += [run] if turn else []  # the first turn warms up
        return {name: _middle(runs) for name, runs in seen.items()}

    def heavy(self, query: str, names: list[str]) -> dict[str, float]:
        """The median seconds of each server over one query."""
        seen: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(self.rounds + 1):
            for name in list(seen):
                if sum(seen[name]) > PATIENCE / 2:
                    continue  # slow enough to be known well
                begun = time.perf_counter()
                try:
                    servers.ask(self.fleet.addresses[name], query, timeout=2 * PATIENCE)
                except OSError as error:
                    self.note(f"{name} is left out of a heavy kind: {self._failed(name, error)}")
                    del seen[name]
                    continue
                seen[name].append(time.perf_counter() - begun)
        return {name: statistics.median(times[1:] or times) for name, times in seen.items()}  # the first warms up

    def beside_runaways(self, queries: list[str], clients: int, most: int) -> dict[str, list[load.Measured | None]]:
        """Small queries to each server beside none, one and more runaways; None where not one is answered.

        A server is stopped after its turn, for most go on with a runaway when its client is gone.
        """
        seen: dict[str, list[load.Measured | None]] = {}
        for name in list(self.fleet.addresses):
            address, over = self.fleet.addresses[name], threading.Event()
            seen[name] = []
            for number in range(most + 1):
                if number:
                    threading.Thread(target=_keep_asking, args=(address, over), daemon=True).start()
                    time.sleep(1)
                try:
                    run = load.measure(address, queries, clients=clients, seconds=3 * self.seconds)
                except load.NoAnswerError:
                    run = None
                seen[name].append(run)
            over.set()
            self.fleet.stop(name)
        return seen


def _middle(runs: list[load.Measured]) -> load.Measured | None:
    """The run with the median throughput."""
    return sorted(runs, key=lambda run: run.a_second)[len(runs) // 2] if runs else None


def _keep_asking(address: Address, over: threading.Event) -> None:
    """Keep a runaway query going: when it is stopped or refused it is asked again."""
    while not over.is_set():
        try:
            servers.ask(address, RUNAWAY, timeout=600)
        except OSError:
            over.wait(0.2)
