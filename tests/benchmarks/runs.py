"""The measurements: the same queries to each server, taking turns, after their answers have been compared."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.error import HTTPError

from tests.benchmarks import answers, load, servers
from tests.benchmarks.kinds import RUNAWAY
from tests.benchmarks.servers import Address

#: Of each small kind so many queries have their answers compared.
_COMPARED = 40
#: Seconds that a peer may take over one heavy query; ours has its own limit.
PATIENCE = 60.0


@dataclass
class Bench:
    """The servers, by name, ours first; and what was noticed on the way."""

    addresses: dict[str, Address]
    seconds: float
    rounds: int
    say: Callable[[str], None]
    noticed: list[str] = field(default_factory=list)

    @property
    def ours(self) -> str:
        return next(iter(self.addresses))

    def note(self, text: str) -> None:
        self.noticed.append(text)
        self.say(f"  {text}")

    def agreeing(self, kind: str, queries: list[str]) -> dict[str, Address]:
        """The servers that answer as ours does; the others are not timed on this kind, and noted."""
        chosen = queries[:: max(1, len(queries) // _COMPARED)]
        ours = [answers.multiset(servers.bindings(self.addresses[self.ours], query)) for query in chosen]
        good = {}
        for name, address in self.addresses.items():
            try:
                pairs = zip(ours, (servers.bindings(address, query, timeout=PATIENCE) for query in chosen), strict=True)
                found = next(
                    filter(None, (answers.difference(one, answers.multiset(other)) for one, other in pairs)), ""
                )
            except HTTPError as error:
                said = error.read(300).decode("utf-8", "replace").strip().partition("\n")[0]
                found = f"it answers {error.code}: {said}"
            except (OSError, ValueError) as error:
                found = f"no answer in {PATIENCE:g} s ({error})" if isinstance(error, TimeoutError) else f"{error}"
            if found:
                self.note(f"{kind}: {name} is left out: {found}")
            else:
                good[name] = address
        return good

    def small(self, queries: list[str], clients: int, addresses: dict[str, Address]) -> dict[str, load.Measured | None]:
        """Throughput and waiting times of each server; None for one that fails under load."""
        seen: dict[str, list[load.Measured]] = {name: [] for name in addresses}
        for turn in range(self.rounds + 1):  # taking turns, so that a slow spell of the machine falls on all
            for name, address in addresses.items():
                try:
                    run = load.measure(address, queries, clients=clients, seconds=self.seconds if turn else 0.5)
                except load.NoAnswerError as error:
                    self.note(f"{name} at {clients} clients: {error}")
                    continue
                seen[name] += [run] if turn else []  # the first turn warms up
        return {name: _middle(runs) for name, runs in seen.items()}

    def heavy(self, query: str, addresses: dict[str, Address]) -> dict[str, float]:
        """The median seconds of each server over one query."""
        seen: dict[str, list[float]] = {name: [] for name in addresses}
        for _ in range(self.rounds + 1):
            for name, address in addresses.items():
                if sum(seen[name]) > PATIENCE / 2:
                    continue  # slow enough to be known well
                begun = time.perf_counter()
                with suppress(TimeoutError):
                    servers.ask(address, query, timeout=2 * PATIENCE)
                seen[name].append(time.perf_counter() - begun)
        return {name: statistics.median(times[1:] or times) for name, times in seen.items()}  # the first warms up

    def beside_runaways(self, queries: list[str], clients: int, runaways: int, name: str) -> load.Measured | None:
        """Small queries to one server while runaways run there; None when none is answered."""
        with _runaways(self.addresses[name], runaways):
            try:
                return load.measure(self.addresses[name], queries, clients=clients, seconds=3 * self.seconds)
            except load.NoAnswerError:
                return None


def _middle(runs: list[load.Measured]) -> load.Measured | None:
    """The run with the median throughput."""
    return sorted(runs, key=lambda run: run.a_second)[len(runs) // 2] if runs else None


@contextmanager
def _runaways(address: Address, number: int) -> Iterator[None]:
    """Keep so many runaway queries going: one that is stopped or refused is asked again."""
    over = threading.Event()

    def keep_asking() -> None:
        while not over.is_set():
            try:
                servers.ask(address, RUNAWAY, timeout=600)
            except OSError:
                over.wait(0.2)

    for _ in range(number):
        threading.Thread(target=keep_asking, daemon=True).start()
    time.sleep(1 if number else 0)
    try:
        yield
    finally:
        over.set()
