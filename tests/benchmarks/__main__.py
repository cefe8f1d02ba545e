"""Measure leedskg beside rdflib-endpoint, on the same data and in one run."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks import data, load, servers

OURS = "leedskg"
THEIRS = {"rdflib-endpoint, Oxigraph": "Oxigraph", "rdflib-endpoint, memory": "default"}


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="leedskg-bench-") as name:
        folder = Path(name)
        built = data.built_from(options.data, options.statements, folder / "state")
        generation = built.generation
        packages = ("leedskg", "granian", "pyoxigraph", "rdflib", "rdflib-endpoint", "uvicorn")
        print(f"{os.cpu_count()} cores, Python {platform.python_version()},", end=" ")
        print(", ".join(f"{name} {version(name)}" for name in packages))
        print(f"data: {options.data}, {generation.statements:,} statements\n")
        print(f"build (read, derive, publish)  {built.seconds:6.2f} s")
        _starts(options, folder)
        file = data.union_file(generation, folder)
        queries = data.small_queries(generation)
        with ExitStack() as running:
            addresses = {OURS: running.enter_context(servers.leedskg(folder / "state")).address}
            for label, store in THEIRS.items():
                addresses[label] = running.enter_context(servers.rdflib_endpoint(file, store)).address
            _same_answers(addresses, queries)
            _throughput(addresses, queries, options)


def _starts(options: argparse.Namespace, folder: Path) -> None:
    """From starting the process to its first answer: with nothing built yet, and with everything there."""
    if options.data == "knowledge":
        with servers.leedskg(folder / "fresh", "run") as running:
            print(f"start with nothing built       {running.seconds:6.2f} s  (leedskg run: check, build, serve)")
    warm = []
    for _ in range(3):
        with servers.leedskg(folder / "state") as running:
            warm.append(running.seconds)
    print(f"start with the store built     {statistics.median(warm):6.2f} s  (leedskg serve, median of 3)\n")


def _same_answers(addresses: dict[str, servers.Address], kinds: dict[str, list[str]]) -> None:
    """The comparison means nothing unless all give the same rows."""
    for queries in kinds.values():
        for query in queries[::10]:
            counts = {label: servers.rows(address, query) for label, address in addresses.items()}
            if len(set(counts.values())) != 1:
                raise SystemExit(f"the servers differ on {query}: {counts}")


def _throughput(
    addresses: dict[str, servers.Address], kinds: dict[str, list[str]], options: argparse.Namespace
) -> None:
    print(f"small queries over HTTP, {options.clients} clients, median of {options.rounds} x {options.seconds:g} s")
    print(f"{'':50}  a second   median ms   p99 ms   leedskg is")
    for kind, queries in kinds.items():
        seen: dict[str, list[load.Measured]] = {label: [] for label in addresses}
        for turn in range(options.rounds + 1):  # taking turns, so that a slow spell of the machine falls on all
            for label, address in addresses.items():
                seconds = options.seconds if turn else 0.5
                run = load.measure(address, queries, clients=options.clients, seconds=seconds)
                seen[label] += [run] if turn else []  # the first turn warms up
        ours = statistics.median(run.a_second for run in seen[OURS])
        for label, runs in seen.items():
            each = statistics.median(run.a_second for run in runs)
            median, p99 = (statistics.median(getattr(run, name) for run in runs) for name in ("median", "p99"))
            print(f"{kind:22} {label:26}  {each:8,.0f}   {median:9.2f}   {p99:6.2f}   {ours / each:8.1f} x")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--data", default="knowledge", help="knowledge (default), generated, or a folder of RDF files")
    parser.add_argument("--statements", type=int, default=100_000, help="how many to make up, about")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
