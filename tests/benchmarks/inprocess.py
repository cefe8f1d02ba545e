"""Heavy queries in a fresh process with the engine alone, over the same data: what an endpoint can at best come near.

The result is serialised as JSON in memory, as a server has to. Run as a program, it reads a job and prints seconds.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox


def seconds(folder: Path, queries: list[str], *, in_memory: bool, rounds: int) -> list[float]:
    """The median time of each query. A round before those that count warms up."""
    job = {"folder": str(folder), "queries": queries, "in_memory": in_memory, "rounds": rounds}
    command = [sys.executable, "-m", "tests.benchmarks.inprocess"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def _run(folder: str, queries: list[str], *, in_memory: bool, rounds: int) -> list[float]:
    store = ox.Store.read_only(folder)
    if in_memory:
        written = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        assert written is not None
        store = ox.Store()
        store.load(written, format=ox.RdfFormat.N_TRIPLES, lenient=True)
    taken = []
    for query in queries:
        times = []
        for _ in range(rounds + 1):
            begun = time.perf_counter()
            found = store.query(query)
            assert isinstance(found, ox.QuerySolutions)
            found.serialize(format=ox.QueryResultsFormat.JSON)
            times.append(time.perf_counter() - begun)
        taken.append(statistics.median(times[1:]))
    return taken


if __name__ == "__main__":
    print(json.dumps(_run(**json.load(sys.stdin))))
