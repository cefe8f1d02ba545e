"""Mixed load for as long as one likes: `python -m tests.benchmarks.endurance --minutes 30`.

Small queries, heavy ones, runaways, cancelled ones, slow clients, bad input, killed workers and new generations, all
at once, against a started server. What its processes hold is sampled, and must not grow once it has warmed up.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import random
import secrets
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil

from tests.benchmarks.generator import NAMES, publish_made_up
from tests.served import SUPERVISOR, WORKER, Served, served

SETTINGS = {"query_timeout": 3, "client_timeout": 5, "worker_memory": 768, "result_limit": 64, "workers": 2}
RUNAWAYS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i",
    "SELECT ?a ?d (GROUP_CONCAT(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?a ?d",
)
HEAVY = "SELECT ?p (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o } GROUP BY ?p"
LARGE = "SELECT * { ?s ?p ?o }"
SMALL = "SELECT ?s ?l { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } LIMIT 10"
BAD = ("/sparql?query=%", "/sparql?query=SELECT", "/nowhere", "/sparql?colour=red", "/id/%00", "/graph-store")
#: Of what is sampled, by how much the last third of the time may lie above the first: a part of it, and a number.
#: Up to ten heavy queries run and wait, and each has a process: how many there are goes up and down by that.
GROWTH = {"MiB": (0.15, 100), "processes": (0.0, 6), "descriptors": (0.0, 40), "threads": (0.0, 12)}
#: And by how much it may be above what it was before the load, when all is quiet again. Memory is warm by then; the
#: gateway has its threads for large answers, and each worker those of the store on disk, once they were needed.
LEFT = {"processes": 1, "descriptors": 15, "threads": 12}


@dataclass
class Seen:
    """What the clients saw, by kind of client and outcome; the samples, and the waits of small queries in seconds."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    samples: list[tuple[float, dict[str, int]]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


class Load:
    """The clients, each a method that does one thing once."""

    def __init__(self, server: Served, state: Path, statements: int, seen: Seen) -> None:
        self._server, self._state, self._statements, self._seen = server, state, statements, seen
        self._chance = random.Random(3)
        self._seed = 1

    def _ask(self, query: str, client: str, **parameters: str) -> tuple[int, bytes]:
        more = "".join(f"&{name}={value}" for name, value in parameters.items())
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._server.port, timeout=30, source_address=(client, 0)
        )  # fmt: skip
        try:
            connection.request("GET", f"/sparql?query={quote(query)}{more}")
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def small(self) -> str:
        begun = time.monotonic()
        status, _ = self._ask(SMALL, "127.0.0.2")
        self._seen.waits.append(time.monotonic() - begun)
        time.sleep(0.05)
        return str(status)

    def page(self) -> str:
        time.sleep(0.5)
        return str(self._server.get("/search?q=leeds", Accept="text/html").status)

    def heavy(self) -> str:
        return str(self._ask(HEAVY, "127.0.0.3")[0])

    def runaway(self) -> str:
        return str(self._ask(self._chance.choice(RUNAWAYS), "127.0.0.4")[0])

    def cancelled(self) -> str:
        name = secrets.token_hex(16)
        timer = threading.Timer(0.7, lambda: self._server.send("DELETE", f"/sparql/queries/{name}"))
        timer.start()
        status, _ = self._ask(RUNAWAYS[0], "127.0.0.5", queryId=name)
        timer.join()
        return str(status)

    def bad(self) -> str:
        time.sleep(0.1)
        return str(self._server.get(self._chance.choice(BAD)).status)

    def slow(self) -> str:
        """One of four kinds of rude client, which goes when the server has hung up on it, or after a while."""
        opening = self._chance.choice(
            [
                b"",
                b"GET / HTTP/1.1\r\nHost: x\r\nX: ",
                b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nA",
                f"GET /sparql?query={quote(LARGE)} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
            ]
        )
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(10)
            connection.connect(("127.0.0.1", self._server.port))
            connection.sendall(opening)
            until = time.monotonic() + self._chance.uniform(0.1, 9)
            while time.monotonic() < until and not self._seen.stop.wait(0.5):
                with contextlib.suppress(OSError):
                    connection.send(b"x") if opening.startswith((b"GET / ", b"POST")) else None
        return "gone"

    def kill(self) -> str:
        time.sleep(6)
        workers = [each for each in tree(self._server) if _or_nothing(each.name, "") in {WORKER, SUPERVISOR}]
        if workers and not self._seen.stop.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._chance.choice(workers).pid, signal.SIGKILL)
            return "killed"
        return "none"

    def publish(self) -> str:
        self._seen.stop.wait(12)
        if self._seen.stop.is_set():
            return "stopped"
        self._seed += 1
        publish_made_up(self._state, self._statements, self._seed)
        return "published"


#: How many clients of each kind, and what may come of it; a worker that is killed takes its query with it.
CLIENTS = {
    "small": (2, {"200", "503"}),
    "page": (1, {"200", "503"}),
    "heavy": (2, {"200", "503"}),
    "runaway": (3, {"503"}),
    "cancelled": (1, {"409", "503"}),
    "bad": (1, {"400", "404", "503"}),
    "slow": (12, {"gone"}),
    "kill": (1, {"killed", "none"}),
    "publish": (1, {"published", "stopped"}),
}


def run(minutes: float, statements: int, folder: Path, *, answered: float = 0.98) -> Seen:
    """Put the load on a server for so long, and say what was seen; `problems` are what must not be.

    `answered` is the part of the small queries that has to be answered; the others are told to come back.
    """
    state, seen = folder / "state", Seen()
    publish_made_up(state, statements)
    with served(state, folder / "log", **SETTINGS) as server:
        load = Load(server, state, statements, seen)
        for _ in range(20):
            load.small()
        seen.waits.clear()
        before = _settled(server)
        threads = [
            threading.Thread(target=_client, args=(seen, kind, getattr(load, kind)), name=kind)
            for kind, (number, _) in CLIENTS.items()
            for _ in range(number)
        ]
        for each in threads:
            each.start()
        begun = time.monotonic()
        while time.monotonic() - begun < minutes * 60:
            seen.samples.append((time.monotonic() - begun, sample(server)))
            time.sleep(1)
        seen.stop.set()
        for each in threads:
            each.join()
        time.sleep(SETTINGS["query_timeout"] + SETTINGS["client_timeout"] + 2)
        load.small()
        _judge(seen, before, _settled(server), answered)
    said = (folder / "log").read_text()
    if "Traceback" in said or "This should not have happened" in said:
        seen.problems.append(f"the log has a traceback: {said[said.find('Traceback') :][:2000]}")
    return seen


def _settled(server: Served) -> dict[str, int]:
    """What is held once the number of processes has not changed for three seconds: then no worker is being started."""
    same, last = 0, 0
    while same < 6:
        time.sleep(0.5)
        now = len(tree(server))
        same, last = (same + 1 if now == last else 0), now
    return sample(server)


def _client(seen: Seen, kind: str, act: Callable[[], str]) -> None:
    while not seen.stop.is_set():
        try:
            outcome = act()
        except (OSError, http.client.HTTPException) as error:
            outcome = type(error).__name__
        seen.outcomes[kind, outcome] += 1


def _judge(seen: Seen, before: dict[str, int], after: dict[str, int], least: float) -> None:
    third = max(1, len(seen.samples) // 3)
    for name, (part, number) in GROWTH.items():
        # The first third is for warming up; a median, for a worker more or less comes and goes.
        early = statistics.median(values[name] for _, values in seen.samples[third : 2 * third] or seen.samples)
        late = statistics.median(values[name] for _, values in seen.samples[-third:])
        if late > early * (1 + part) + number:
            seen.problems.append(f"{name} grew from {early:,.0f} to {late:,.0f}")
    for name, number in LEFT.items():
        if after[name] > before[name] + number:
            seen.problems.append(f"{name}: {before[name]} before the load, {after[name]} when it was quiet again")
    seen.samples.append((float("inf"), after))
    for (kind, outcome), times in seen.outcomes.items():
        if outcome not in CLIENTS[kind][1]:
            seen.problems.append(f"{kind}: {outcome}, {times} times")
    answered = seen.outcomes["small", "200"]
    if answered < least * len(seen.waits):
        seen.problems.append(f"only {answered} of {len(seen.waits)} small queries were answered")


def tree(server: Served) -> list[psutil.Process]:
    """The server's processes, the first one first."""
    root = psutil.Process(server.process.pid)
    return [root, *root.children(recursive=True)]


def sample(server: Served) -> dict[str, int]:
    """What all of the server's processes hold now."""
    processes = tree(server)
    return {
        "MiB": sum(_or_nothing(lambda each=each: each.memory_info().rss, 0) for each in processes) // 2**20,
        "processes": len(processes),
        "descriptors": sum(_or_nothing(each.num_fds, 0) for each in processes),
        "threads": sum(_or_nothing(each.num_threads, 0) for each in processes),
    }


def _or_nothing(look, nothing):
    try:
        return look()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return nothing


def table(seen: Seen, rows: int = 12) -> str:
    """The samples by spans of time, the outcomes, and how long small queries waited."""
    timed = [each for each in seen.samples if each[0] != float("inf")]
    lines = [f"{'minutes':>12} {'MiB':>8} {'processes':>10} {'descriptors':>12} {'threads':>8}   (medians)"]
    size = max(1, -(-len(timed) // rows))
    for start in range(0, len(timed), size):
        span = timed[start : start + size]
        values = [statistics.median(each[name] for _, each in span) for name in GROWTH]
        shown = f"{span[0][0] / 60:5.1f}-{span[-1][0] / 60:5.1f}"
        lines.append(f"{shown:>12} {values[0]:8,.0f} {values[1]:10.0f} {values[2]:12.0f} {values[3]:8.0f}")
    quiet = seen.samples[-1][1]
    lines.append(
        "quiet again  " + f"{quiet['MiB']:8,} {quiet['processes']:10} {quiet['descriptors']:12} {quiet['threads']:8}"
    )
    lines.append("")
    for kind in CLIENTS:
        outcomes = {outcome: times for (each, outcome), times in sorted(seen.outcomes.items()) if each == kind}
        lines.append(f"{kind:>12}  " + ", ".join(f"{outcome}: {times:,}" for outcome, times in outcomes.items()))
    waits = sorted(seen.waits)
    lines.append(
        f"\nsmall queries: median {statistics.median(waits) * 1000:.0f} ms, "
        f"p99 {waits[int(len(waits) * 0.99)] * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms"
    )
    return "\n".join([*lines, *(f"PROBLEM: {each}" for each in seen.problems)])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--statements", type=int, default=100_000, help="about how many (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leedskg-endurance-") as name:
        seen = run(options.minutes, options.statements, Path(name))
    print(f"{options.minutes:g} minutes on {options.statements:,} statements of {NAMES.base}\n")
    print(table(seen))
    sys.exit(bool(seen.problems))


if __name__ == "__main__":
    main()
