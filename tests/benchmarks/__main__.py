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
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox

from leedskg.settings import Settings
from leedskg.store.generations import Generation
from tests.benchmarks import data, inprocess, kinds, report, servers
from tests.benchmarks.runs import Bench

OURS = "leedskg"
PEERS = ("rdflib-endpoint", "rdflib-endpoint, memory", "oxigraph serve", "Virtuoso")


def main() -> None:
    options = _options()
    begun = time.perf_counter()
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        print(text, flush=True)

    with tempfile.TemporaryDirectory(prefix="leedskg-bench-") as name, ExitStack() as running:
        folder = Path(name)
        built = data.built_from(options.data, options.statements, folder / "state")
        say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before; {_versions()}.\n")
        say(f"Data: {options.data}, {built.generation.statements:,} statements; published in {built.seconds:.1f} s.\n")
        addresses = _started(options.peers, built.generation, folder, running, say)
        bench = Bench(addresses, options.seconds, options.rounds, lambda text: print(text, flush=True))
        _measure(bench, built.generation, options, say)
    say(f"The whole took {(time.perf_counter() - begun) / 60:.0f} minutes.")
    if options.write:
        options.write.write_text("\n".join(said) + "\n", encoding="utf-8")


def _started(
    peers: list[str], generation: Generation, folder: Path, running: ExitStack, say: Callable[[str], None]
) -> dict[str, servers.Address]:
    """Start ours and the peers; give their addresses."""
    file = data.union_file(generation, folder)
    state = folder / "state"
    commands = {
        OURS: lambda: servers.leedskg(state),
        "rdflib-endpoint": lambda: servers.rdflib_endpoint(file, "Oxigraph"),
        "rdflib-endpoint, memory": lambda: servers.rdflib_endpoint(file, "default"),
        "oxigraph serve": lambda: servers.oxigraph(file, folder / "oxigraph"),
        "Virtuoso": lambda: servers.virtuoso(file, folder / "virtuoso"),
    }
    addresses, starts = {}, []
    for name in (OURS, *peers):
        if name == "Virtuoso" and not servers.has_virtuoso():
            say("Virtuoso is left out: it is not installed (Debian: virtuoso-opensource-7).\n")
            continue
        begun = time.perf_counter()
        addresses[name] = running.enter_context(commands[name]()).address
        starts.append(f"{name} {time.perf_counter() - begun:.1f} s")
    say(f"From nothing to the first answer, loading included: {', '.join(starts)}.\n")
    return addresses


def _measure(bench: Bench, generation: Generation, options: argparse.Namespace, say: Callable[[str], None]) -> None:
    store = ox.Store.read_only(str(generation.path))
    small = {kind.name: kind.queries(store) for kind in kinds.SMALL}
    heavy = kinds.heavy_queries(store)
    del store
    # Answers are compared before anything is timed.
    agreeing = {name: bench.agreeing(name, queries) for name, queries in small.items()}
    agreeing |= {name: bench.agreeing(name, [query]) for name, query in heavy.items()}
    rows: list[list[str]] = []
    for name, queries in small.items():
        seen = {clients: bench.small(queries, clients, agreeing[name]) for clients in options.clients}
        rows.extend(report.small(name, OURS, seen))
    say(report.table(report.SMALL_HEAD, rows))

    in_memory = generation.statements < Settings().in_memory_below
    base = f"the engine in process, {'in memory' if in_memory else 'on disk'}"
    folder = generation.path
    alone = inprocess.seconds(folder, list(heavy.values()), in_memory=in_memory, rounds=options.rounds)
    taken = {}
    for (name, query), seconds in zip(heavy.items(), alone, strict=True):
        taken[name] = {base: seconds} | bench.heavy(query, agreeing[name])
    say(report.heavy([base, *bench.addresses], taken, base))

    mixed = [query for group in zip(*small.values(), strict=False) for query in group]
    beside = {
        name: {number: bench.beside_runaways(mixed, 8, number, name) for number in options.runaways}
        for name in bench.addresses
    }
    say(report.runaways(beside))
    for text in bench.noticed:
        say(f"* {text}")
    say(f"\nLoad average {os.getloadavg()[0]:.1f} after.")


def _versions() -> str:
    packages = ("leedskg", "granian", "pyoxigraph", "rdflib-endpoint", "rdflib", "oxrdflib", "uvicorn", "oxigraph")
    found = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)]
    if servers.has_virtuoso():
        said = subprocess.run([servers.VIRTUOSO, "-?"], capture_output=True, text=True, check=False)
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
    parser.add_argument("--runaways", type=int, nargs="*", default=[0, 1, 2], help="default: 0 1 2")
    parser.add_argument(
        "--peers", nargs="*", choices=PEERS, default=["rdflib-endpoint", "oxigraph serve", "Virtuoso"], help="beside us"
    )
    parser.add_argument("--write", type=Path, help="a file for the Markdown that is printed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
