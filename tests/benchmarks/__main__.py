"""Measure leedskg beside rdflib-endpoint, `oxigraph serve` and Virtuoso, on the same data and in one run."""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox

from leedskg.settings import Settings
from leedskg.store.generations import Generation
from tests.benchmarks import data, inprocess, kinds, report
from tests.benchmarks.fleet import OURS, PEERS, Fleet
from tests.benchmarks.runs import Bench
from tests.benchmarks.servers import VIRTUOSO, has_virtuoso


def main() -> None:
    options = _options()
    begun = time.perf_counter()
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        print(text, flush=True)

    with tempfile.TemporaryDirectory(prefix="leedskg-bench-") as name:
        folder = Path(name)
        built = data.built_from(options.data, options.statements, folder / "state")
        say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before; {_versions()}.\n")
        say(f"Data: {options.data}, {built.generation.statements:,} statements; published in {built.seconds:.1f} s.\n")
        with Fleet(built.generation, folder) as fleet:
            for server in (OURS, *options.peers):
                fleet.start(server, say)
            _measure(Bench(fleet, options.seconds, options.rounds), built.generation, options, say)
    say(f"Load average {os.getloadavg()[0]:.1f} after; {(time.perf_counter() - begun) / 60:.0f} minutes in all.")
    if options.write:
        options.write.write_text("\n".join(said) + "\n", encoding="utf-8")


def _measure(bench: Bench, generation: Generation, options: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Small queries, heavy ones, and runaways last; before each kind is timed, its answers are compared."""
    store = ox.Store.read_only(str(generation.path))
    small = {kind.name: kind.queries(store) for kind in kinds.SMALL}
    heavy = kinds.heavy_queries(store)
    del store
    servers = list(bench.fleet.addresses)
    rows: list[list[str]] = []
    for name, queries in small.items():
        agreeing = bench.agreeing(name, queries)
        seen = {clients: bench.small(queries, clients, agreeing) for clients in options.clients}
        rows.extend(report.small(name, OURS, seen))
    say("\n" + report.table(report.SMALL_HEAD, rows))

    alone = {
        f"the engine in process, {where}": dict(
            zip(
                heavy,
                inprocess.seconds(
                    generation.path, list(heavy.values()), in_memory=where == "in memory", rounds=options.rounds
                ),
                strict=True,
            )
        )
        for where in ("in memory", "on disk")
    }
    # What it is compared with is what ours has as well.
    base = list(alone)[generation.statements >= Settings().in_memory_below]
    taken = {}
    for name, query in heavy.items():
        agreeing = bench.agreeing(name, [query])
        taken[name] = {where: seconds[name] for where, seconds in alone.items()} | bench.heavy(query, agreeing)
    say(report.heavy([*alone, *servers], taken, base))

    mixed = [query for group in zip(*small.values(), strict=False) for query in group]
    say(report.runaways(bench.beside_runaways(mixed, 8, options.runaways)))
    for text in bench.noticed:
        say(f"* {text}")
    say("")


def _versions() -> str:
    packages = ("leedskg", "granian", "pyoxigraph", "rdflib-endpoint", "rdflib", "oxrdflib", "uvicorn", "oxigraph")
    found = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)]
    if has_virtuoso():
        said = subprocess.run([VIRTUOSO, "-?"], capture_output=True, text=True, check=False)
        number = re.search(r"Version ([\w.-]+)", said.stdout + said.stderr)
        found.append(f"Virtuoso {number[1] if number else '7'}")
    return ", ".join(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--data", default="generated", help="generated (default), knowledge, or a folder of RDF files")
    parser.add_argument("--statements", type=int, default=1_000_000, help="how many to make up, about")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 8], help="default: 1 4 8")
    parser.add_argument("--seconds", type=float, default=2, help="of each run of small queries (default: 2)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts (default: 3)")
    parser.add_argument("--runaways", type=int, default=2, help="none, one, and so on up to so many (default: 2)")
    parser.add_argument(
        "--peers", nargs="*", choices=PEERS, default=["rdflib-endpoint", "oxigraph serve", "Virtuoso"], help="beside us"
    )
    parser.add_argument("--write", type=Path, help="a file for the Markdown that is printed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
