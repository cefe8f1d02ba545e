"""What a merge costs in a graph of a million statements: `python -m tests.benchmarks.merging`.

One contribution of about 20 statements, a relationship with its parts and a passage that it cites, is merged into a
made-up generation on disk and taken back: the rules around the change, the rules whole, and everything built anew. What
is timed is the CPU of this process. Knowledge files are not read, nor is the contribution checked: see
`tests.benchmarks.validation` for the check.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from leedskg import publishing
from leedskg.derivation import Around, WholeNeededError
from leedskg.files import knowledge_root
from leedskg.knowledge import Knowledge, read_knowledge
from leedskg.publishing import LedgerMark, amend_held, derive
from leedskg.store.embedded import only_writer, unite
from leedskg.store.generations import Generation, current_generation
from leedskg.validation.views import StoreView
from tests.benchmarks.generator import NAMES, publish_made_up
from tests.benchmarks.validation import contributions, renamed

Result = TypeVar("Result")
GRAPH = ox.NamedNode(NAMES.graph("contribution/1"))
INFERRED = ox.NamedNode(NAMES.graph("inferred"))


class Whole(Around):
    """In the place of what works around a change: always the whole."""

    def change(self, removed: Iterable[ox.Quad], added: Iterable[ox.Quad]) -> None:
        raise WholeNeededError("it is measured")


def measured(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of CPU, and the result."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def merge(knowledge: Knowledge, state: Path, removed: list[ox.Quad], added: list[ox.Quad]) -> Generation:
    with only_writer(state):
        return amend_held(
            knowledge, state, current_generation(state), removed, added, keep=1, mark=LedgerMark("x", 1, "x")
        )


def build_anew(knowledge: Knowledge, stated: list[ox.Quad], folder: Path) -> dict[str, float]:
    """Seconds of CPU of each part of a whole build."""
    parts: dict[str, float] = {}
    store = ox.Store(str(folder))
    parts["load"] = measured(lambda: store.bulk_extend(stated))[0]
    parts["rules"] = measured(lambda: derive(knowledge, store))[0]
    parts["union"] = measured(lambda: unite(store))[0]
    parts["settle"] = measured(lambda: (store.flush(), store.optimize()))[0]
    return parts


def run(folder: Path, statements: int, number: int, *, whole: bool) -> None:
    state = folder / "state"
    knowledge = read_knowledge(knowledge_root(), NAMES)
    base = publish_made_up(state, statements)
    store = ox.Store.read_only(str(base.path))
    print(f"{base.statements:,} statements on disk, of which {sum(1 for _ in derived(store)):,} derived")
    changes = [
        [ox.Quad(each.subject, each.predicate, each.object, GRAPH) for each in renamed(triples)]
        for triples in contributions(StoreView(store, NAMES), store, number, seed=1)
    ]
    stated = [quad for quad in store if quad.graph_name not in (ox.DefaultGraph(), INFERRED)] if whole else []
    del store
    merge(knowledge, state, [], changes[0])  # what the first one warms is warm afterwards
    merge(knowledge, state, changes[0], [])
    taken: dict[str, list[float]] = {"merged": [], "taken back": []}
    for change in changes:
        taken["merged"].append(measured(lambda change=change: merge(knowledge, state, [], change))[0])
        taken["taken back"].append(measured(lambda change=change: merge(knowledge, state, change, []))[0])
    for name, seconds in taken.items():
        print(f"rules around the change, {name}: median {statistics.median(seconds):.3f} s, worst {max(seconds):.3f} s")
    publishing.Around = Whole  # type: ignore[misc]
    one = measured(lambda: merge(knowledge, state, [], changes[0]))[0]
    print(f"rules whole, merged: {one:.2f} s, {one / statistics.median(taken['merged']):.0f} times as much")
    publishing.Around = Around  # type: ignore[misc]
    if whole:
        parts = build_anew(knowledge, stated, folder / "anew")
        all_of_it = sum(parts.values())
        words = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts.items())
        print(f"built anew: {all_of_it:.1f} s ({words}), {all_of_it / statistics.median(taken['merged']):.0f} times")


def derived(store: ox.Store) -> Iterable[ox.Quad]:
    return store.quads_for_pattern(None, None, None, INFERRED)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.merging", description=__doc__)
    parser.add_argument("--statements", type=int, nargs="+", default=[20_000, 1_000_000])
    parser.add_argument("--contributions", type=int, default=10)
    parser.add_argument("--no-whole-build", action="store_true", help="leave out building everything anew")
    options = parser.parse_args()
    for statements in options.statements:
        with tempfile.TemporaryDirectory() as folder:
            run(Path(folder), statements, options.contributions, whole=not options.no_whole_build)


if __name__ == "__main__":
    main()
