"""Who waits for whom: `python -m tests.benchmarks.fairness`. Small queries of eight clients, beside what is rude.

Beside nothing, and beside one, two and six runaways, from the same address (colleagues behind one proxy) or another
one; with workers killed; with queries cancelled. A runaway that is stopped or refused is asked again a moment later.
The share that is refused counts as much as the wait.
"""

from __future__ import annotations

import argparse
import http.client
import os
import secrets
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import pyoxigraph as ox

from leedskg.store.generations import current_generation
from tests.benchmarks import kinds, load, servers
from tests.benchmarks.generator import publish_made_up
from tests.served import WORKER

CLIENTS = 8
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.9"


class Rude:
    """What is asked, killed and cancelled beside the small queries."""

    def __init__(self, running: servers.Running) -> None:
        self._port = running.address.port
        self._process = psutil.Process(running.process.pid)
        self.stop = threading.Event()

    def _send(self, method: str, path: str, client: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60, source_address=(client, 0))
        with suppress(OSError, http.client.HTTPException):
            connection.request(method, path)
            connection.getresponse().read()
        connection.close()

    def runaway(self, client: str) -> None:
        self._send("GET", f"/sparql?timeout=5&query={quote(kinds.RUNAWAY)}", client)
        self.stop.wait(0.1)

    def kill(self) -> None:
        self.stop.wait(0.5)
        workers = [each for each in self._process.children(recursive=True) if each.name() == WORKER]
        with suppress(ProcessLookupError, IndexError):
            os.kill(secrets.choice(workers).pid, signal.SIGKILL)

    def cancel(self) -> None:
        name = secrets.token_hex(16)
        timer = threading.Timer(0.5, self._send, ("DELETE", f"/sparql/queries/{name}", ELSEWHERE))
        timer.start()
        self._send("GET", f"/sparql?queryId={name}&query={quote(kinds.RUNAWAY)}", ELSEWHERE)
        timer.join()

    @contextmanager
    def doing(self, acts: list[Callable[[], None]]) -> Iterator[None]:
        """Each act again and again, in a thread of its own, while the block runs."""
        self.stop.clear()
        threads = [threading.Thread(target=self._again, args=(act,)) for act in acts]
        for each in threads:
            each.start()
        time.sleep(1)
        try:
            yield
        finally:
            self.stop.set()
            for each in threads:
                each.join()

    def _again(self, act: Callable[[], None]) -> None:
        while not self.stop.is_set():
            with suppress(psutil.NoSuchProcess):
                act()


def beside(rude: Rude) -> dict[str, list[Callable[[], None]]]:
    """What there is to be measured beside."""
    here, elsewhere = (lambda: rude.runaway(HERE)), (lambda: rude.runaway(ELSEWHERE))
    return {
        "nothing": [],
        "1 runaway": [elsewhere],
        "2 runaways": [elsewhere] * 2,
        "6 runaways": [elsewhere] * 6,
        "2 runaways from the same address": [here] * 2,
        "12 runaways from the same address": [here] * 12,
        "workers killed, two a second": [rude.kill],
        "queries cancelled, four a second": [rude.cancel] * 2,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.fairness", description=__doc__)
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=6, help="of each measurement")
    parser.add_argument("--state", type=Path, help="a state folder that holds them already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leedskg-fairness-") as name:
        state = options.state or Path(name)
        if not options.state:
            publish_made_up(state, options.statements)
        store = ox.Store.read_only(str(current_generation(state).path))
        queries = [
            query for group in zip(*(each.queries(store) for each in kinds.SMALL), strict=False) for query in group
        ]
        del store
        with servers.leedskg(state) as running:
            rude = Rude(running)
            print(f"{'beside':>36}  a second  median ms   p99 ms  worst ms  refused  load")
            for what, acts in beside(rude).items():
                with rude.doing(acts):
                    seen = load.measure(running.address, queries, clients=CLIENTS, seconds=options.seconds)
                print(
                    f"{what:>36}  {seen.a_second:8,.0f}  {seen.median:9.1f} {seen.p99:8.1f} {seen.worst:9.1f}"
                    f"  {seen.refused:7}  {os.getloadavg()[0]:4.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
