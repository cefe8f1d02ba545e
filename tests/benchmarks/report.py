"""What was measured, as Markdown that can be pasted into tests/benchmarks/README.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.benchmarks.load import Measured


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; the first column is text and the others are numbers."""
    columns = list(head)
    lines = [columns, ["---", *("---:" for _ in columns[1:])], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def small(kind: str, ours: str, seen: Mapping[int, Mapping[str, Measured | None]]) -> Iterable[list[str]]:
    """A row for each number of clients and server: answers a second, waiting times, and ours in times of its."""
    for clients, measured in seen.items():
        best = measured.get(ours)
        for name, run in measured.items():
            if run is None or best is None:
                yield [kind, str(clients), name, "fails", "", "", ""]
                continue
            refused = f" ({run.refused} refused)" if run.refused else ""
            yield [
                kind,
                str(clients),
                name,
                f"{run.a_second:,.0f}{refused}",
                f"{run.median:.2f}",
                f"{run.p99:.2f}",
                f"{best.a_second / run.a_second:.1f}",
            ]


SMALL_HEAD = ("small query", "clients", "server", "a second", "median ms", "p99 ms", "leedskg is times as quick")


def heavy(names: list[str], seen: Mapping[str, Mapping[str, float]], base: str) -> str:
    """A row a query: seconds of each server, and in brackets the times that the engine in process takes."""
    rows = []
    for query, taken in seen.items():
        cells = [f"{taken[n]:.3f} ({taken[n] / taken[base]:.2f})" if n in taken else "—" for n in names]
        rows.append([query, *cells])
    return table(["heavy query, seconds (times the engine in process)", *names], rows)


def runaways(seen: Mapping[str, list[Measured | None]]) -> str:
    """A row a server: p99 with none, one and two runaways."""
    rows = [[name, *(_p99(run) for run in runs)] for name, runs in seen.items()]
    most = max(map(len, seen.values()))
    head = [f"{number or 'no'} runaway{'s' if number != 1 else ''}" for number in range(most)]
    return table(["p99 ms of small queries, 8 clients, beside", *head], rows)


def _p99(run: Measured | None) -> str:
    if run is None or not run.a_second:
        return "no answer"
    return f"{run.p99:.1f} ({run.a_second:,.0f}/s{f', {run.refused} refused' if run.refused else ''})"
