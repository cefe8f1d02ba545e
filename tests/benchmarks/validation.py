"""How long a contribution takes to check in a graph of a million statements: `python -m tests.benchmarks.validation`.

A contribution is one relationship with its parts and a passage that it cites, about 20 statements, taken from a made-up
graph on disk: added under another name, or removed. What is timed is the CPU of this process. The validation of the
whole is timed on a small graph and stated by the statement; on a large one it would take minutes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from leedskg.files import knowledge_root
from leedskg.knowledge import read_knowledge
from leedskg.namespaces import REUSED
from leedskg.validation import Change, Checker
from leedskg.validation.affected import Affected, Extract, Hierarchy, find_affected
from leedskg.validation.incremental import Engine
from leedskg.validation.shacl import judge_all, to_rdflib
from leedskg.validation.views import ChangedGraph, StoreView
from tests.benchmarks.generator import NAMES, publish_made_up

PART = ox.NamedNode(NAMES.term("hasParticipation"))
EVIDENCE = ox.NamedNode(NAMES.term("hasEvidence"))
SELECTOR = ox.NamedNode(REUSED["oa"] + "hasSelector")
Result = TypeVar("Result")
#: The largest graph of which the whole is validated rather than reckoned.
WHOLE = 15_000


@dataclass
class Times:
    """Milliseconds of CPU by step, a number a contribution."""

    steps: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, name: str, work: Callable[[], Result]) -> Result:
        begun = time.process_time()
        result = work()
        self.steps.setdefault(name, []).append((time.process_time() - begun) * 1000)
        return result

    def line(self, name: str) -> str:
        taken = sorted(self.steps[name])
        return f"{name:28} {statistics.median(taken):9.2f} {taken[int(len(taken) * 0.95)]:9.2f}"


def contributions(view: StoreView, store: ox.Store, number: int, seed: int) -> Iterator[set[ox.Triple]]:
    """Relationships of the graph, each with its parts and what it cites, of 15 to 25 statements."""
    every = sorted({quad.subject.value for quad in store.quads_for_pattern(None, PART, None)})
    chance = random.Random(seed)
    while number:
        found = set(view.pattern(ox.NamedNode(chance.choice(every)), None, None))
        for triple in list(found):
            if triple.predicate in (PART, EVIDENCE):
                found |= set(view.pattern(triple.object, None, None))
        for triple in list(found):
            if triple.predicate == SELECTOR:
                found |= set(view.pattern(triple.object, None, None))
        if 15 <= len(found) <= 25:
            number -= 1
            yield found


def renamed(triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    """The same statements of an assertion and of evidence that nobody has made yet."""

    def other(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> object:
        if not isinstance(term, ox.NamedNode):
            return term
        return ox.NamedNode(term.value.replace("/assertion/", "/assertion/ff").replace("/evidence/", "/evidence/ff"))

    return {ox.Triple(other(each.subject), each.predicate, other(each.object)) for each in triples}  # type: ignore[arg-type]


def measure(engine: Engine, make: Callable[[], ChangedGraph], times: Times) -> None:
    def find() -> tuple[ChangedGraph, Affected, Hierarchy]:
        change = make()
        hierarchy = engine.hierarchy(change.view)
        return change, find_affected(engine.reading, engine.targets, change, hierarchy), hierarchy

    change, affected, hierarchy = times.measure("find", find)
    extract = times.measure("extract", lambda: Extract(engine.reading, change).of(affected))
    times.measure("validate, before and after", lambda: engine.judge(change, affected, extract, hierarchy))
    for name, parts in (("find and extract", 2), ("in all", 3)):
        steps = [taken[-1] for step, taken in list(times.steps.items())[:3]][:parts]
        times.steps.setdefault(name, []).append(sum(steps))


def run(folder: Path, statements: int, number: int) -> None:
    state = folder / str(statements)
    generation = publish_made_up(state, statements)
    store = ox.Store.read_only(str(generation.path))
    view = StoreView(store, NAMES)
    knowledge = read_knowledge(knowledge_root(), NAMES)
    begun = time.process_time()
    engine = Engine(to_rdflib(triple for file in knowledge.shapes.files for triple in file.triples))
    print(f"\n{generation.statements:,} statements on disk; shapes compiled in {time.process_time() - begun:.2f} s")
    print(f"{'milliseconds of CPU':28} {'median':>9} {'95 %':>9}")
    made = list(contributions(view, store, number, seed=1))
    for heading, as_change in (
        ("added", lambda triples: ChangedGraph(view, renamed(triples), set())),
        ("removed", lambda triples: ChangedGraph(view, set(), triples)),
    ):
        times = Times()
        measure(engine, partial(as_change, made[0]), Times())  # what the first one warms is warm afterwards
        for triples in made:
            measure(engine, partial(as_change, triples), times)
        print(f"{number} contributions of about {statistics.median(map(len, made)):.0f} statements, {heading}")
        for name in times.steps:
            print(f"  {times.line(name)}")
    checker = Checker()
    times = Times()
    times.measure("first report", lambda: checker.check(knowledge, view, Change.of(renamed(made[0]))))
    for triples in made[1:20]:
        times.measure(
            "whole report", lambda triples=triples: checker.check(knowledge, view, Change.of(renamed(triples)))
        )
    print(f"reports, rules and duplicates included\n  {times.line('first report')}\n  {times.line('whole report')}")
    if statements <= WHOLE:
        data = to_rdflib(view.pattern(None, None, None))
        begun = time.process_time()
        results = len(list(judge_all(data, engine.shapes.graph)))
        taken = time.process_time() - begun
        each = taken / len(data) * 1000
        print(f"the whole: {len(data):,} statements in {taken:.1f} s, {results} results; {each:.3f} ms a statement")
        print(f"a million statements at that rate: {each * 1000:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.validation", description=__doc__)
    parser.add_argument("--statements", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--contributions", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for statements in options.statements:
            run(Path(folder), statements, options.contributions)


if __name__ == "__main__":
    main()
