"""What the site costs over a graph of many records of registers: pages, routes, queries, a check, a merge, a picture.

    python -m tests.benchmarks.imports FOLDER STATE --uk        # makes the graph
    python -m tests.benchmarks.at_scale STATE                   # measures the site over it

The server is `leedskg serve` with the settings as they come, asked by one client. Of each kind of page, bodies of every
size in turn, it tells the wall time and the CPU time of the processes of the server, which other work on the machine
does not lengthen: both at the median and at the 95th percentile. The first answer of a kind reads what is then kept,
and stands in a column of its own.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import pyoxigraph as ox

from leedskg.generation_view import GenerationView
from leedskg.knowledge import read_knowledge
from leedskg.publishing import LedgerMark, amend_held
from leedskg.settings import Settings
from leedskg.store.embedded import StoreReader, only_writer
from leedskg.store.generations import current_generation
from leedskg.validation import Change, Checker
from leedskg.validation.views import StoreView
from tests.benchmarks.servers import leedskg
from tests.benchmarks.validation import contributions, renamed

_SEED = 14


@dataclass
class Taken:
    """Milliseconds of some requests of a kind: on the wall, and of the server's CPU."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    size: list[int] = field(default_factory=list)

    def line(self, what: str, share: float) -> str:
        """Return a row of the table; the first request is told apart."""
        cells = [f"{self.wall[0]:,.0f}", f"{self.cpu[0]:,.0f}"]
        for taken in (self.wall[1:] or self.wall, self.cpu[1:] or self.cpu):
            cells += [f"{statistics.median(taken):,.0f}", f"{_at(taken, share):,.0f}"]
        return f"| {what} | {len(self.wall)} | {' | '.join(cells)} | {max(self.size) / 1000:,.0f} |"


def _at(taken: Sequence[float], share: float) -> float:
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * share))]


def main() -> None:
    """Measure and print, as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.at_scale", description=__doc__)
    parser.add_argument("state", type=Path, help="the folder that tests.benchmarks.imports has written")
    parser.add_argument("--times", type=int, default=20, help="requests of each kind of page")
    parser.add_argument("--routes", type=int, default=100)
    parser.add_argument("--only", default="", help="kinds of page whose names fit this pattern alone")
    parser.add_argument("--no-writing", action="store_true", help="leave out the check and the merge")
    parser.add_argument("--no-browser", action="store_true", help="leave out the drawing in Chromium")
    asked = parser.parse_args()
    state = asked.state / "var"
    settings = Settings(state=str(state), knowledge=str(asked.state / "knowledge"))
    published = current_generation(state)
    view = GenerationView(StoreReader(ox.Store.read_only(str(published.path)), published), settings.namespaces)
    pages = {
        name: each for name, each in _pages(view, asked.times, asked.routes).items() if re.search(asked.only, name)
    }
    print(f"{view.published.statements:,} statements, {len(view.catalogue.entries):,} entities\n")
    del view
    with leedskg(state) as server:
        address = f"http://127.0.0.1:{server.address.port}"
        process = psutil.Process(server.process.pid)
        print("| kind | asked | first, ms | of CPU | median, ms | p95 | of CPU, median | p95 | largest, kB |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
        for what, paths in pages.items():
            share = 0.99 if what.startswith(("routes", "query")) else 0.95
            print(_taken(process, address, paths).line(what, share), flush=True)
        if not asked.no_browser:
            _draw(address, process)
    if not asked.no_writing:
        _write(settings, state)


def _pages(view: GenerationView, times: int, routes: int) -> dict[str, list[str]]:
    """Return the addresses of each kind of page: of bodies, the largest and some at random."""
    chance = random.Random(_SEED)
    entries, index = view.catalogue.entries, view.routes.index
    bodies = [each.iri for each in entries.values() if each.actor and each.in_use and view.is_tied(each.iri)]
    degrees: dict[int, int] = {}
    for ends in (index.tie_source, index.tie_target):
        for end in ends.tolist():
            degrees[end] = degrees.get(end, 0) + 1
    numbered = list(index.entities)
    most = [numbered[at] for at in sorted(degrees, key=lambda at: -degrees[at])]
    acting = set(bodies)
    largest = [iri for iri in most if iri in acting][:times]
    small = chance.sample(bodies, min(times, len(bodies)))
    projects = chance.sample(sorted(view.artefacts.projects), min(times, len(view.artefacts.projects)))
    words = [word for iri in chance.sample(bodies, times) for word in entries[iri].label.split()[:1]]
    kinds = [each.iri for each in view.catalogue.kinds]

    def of(iri: str) -> str:
        return iri.rpartition("/")[2]

    def name(iri: str) -> str:
        return quote(view.catalogue.unique_name(entries[iri]))

    def query(text: str) -> str:
        return f"/sparql?query={quote(text)}"

    return {
        "start": ["/"] * times,
        "entity, largest": [f"/id/{of(iri)}" for iri in largest],
        "entity, at random": [f"/id/{of(iri)}" for iri in small],
        "project": [f"/id/{of(iri)}" for iri in projects],
        "projects of a body": [f"/projects/{of(iri)}" for iri in largest],
        "partners of a body": [f"/together/{of(iri)}" for iri in largest],
        "list of a kind": [f"/search?kind={quote(kind)}" for kind in kinds][:times],
        "list of a kind by place": [f"/search?kind={quote(kind)}&sort=place" for kind in kinds][:times],
        "search": [f"/search?q={quote(word)}" for word in words],
        "suggestions": [f"/reconcile/suggest/entity?prefix={quote(word[:3])}" for word in words],
        "who can help": ["/support"] * times,
        "who matters": ["/network"] * times,
        "communities": ["/network/communities"] * times,
        "whole network": ["/network/whole"] * times,
        "picture of a large body": [f"/network/around?of={name(iri)}" for iri in largest],
        "picture of a body": [f"/network/around?of={name(iri)}" for iri in small],
        "money": ["/network/money"] * times,
        "timeline": ["/timeline"] * times,
        "places": ["/places"] * times,
        "data set": ["/dataset"] * times,
        "routes, API": [
            f"/api/routes?from={name(chance.choice(bodies))}&to={name(chance.choice(bodies))}" for _ in range(routes)
        ],
        "routes, page": [
            f"/routes?from={name(chance.choice(largest))}&to={name(chance.choice(bodies))}" for _ in range(times)
        ],
        "query, all about a thing": [
            query(f"SELECT * WHERE {{ <{chance.choice(bodies)}> ?p ?o }}") for _ in range(routes)
        ],
        "query, what points at it": [
            query(f"SELECT * WHERE {{ ?s ?p <{chance.choice(small)}> }} LIMIT 100") for _ in range(routes)
        ],
    }


def _taken(process: psutil.Process, address: str, paths: Sequence[str]) -> Taken:
    taken = Taken()
    for path in paths:
        before, begun = _cpu(process), time.perf_counter()
        try:
            with urllib.request.urlopen(f"{address}{path}", timeout=300) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            print(f"{error.code}: {path}")
            content = error.read()
        taken.wall.append((time.perf_counter() - begun) * 1000)
        taken.cpu.append((_cpu(process) - before) * 1000)
        taken.size.append(len(content))
    return taken


def _cpu(process: psutil.Process) -> float:
    """Return the seconds of CPU of a process and all below it, those that have ended too."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _draw(address: str, server: psutil.Process) -> None:
    """Tell when Chromium has first drawn the picture, and what that took it."""
    from tests.browser import started_chromium  # noqa: PLC0415 - where there is no Chromium, the rest is measured

    print("\n| picture in Chromium | drawn after, ms | of CPU, server | elements |\n|---|--:|--:|--:|")
    with started_chromium() as chromium:
        for path in ("/network/whole", "/network/around?of=University+of+Leeds", "/network/money"):
            for width in (1280, 390):
                page = chromium.new_page(viewport={"width": width, "height": 900})
                before = _cpu(server)
                page.goto(f"{address}{path}", wait_until="load", timeout=300_000)
                page.locator("svg").first.wait_for(timeout=300_000)
                drawn = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
                number = page.evaluate("() => document.querySelectorAll('svg *').length")
                print(f"| {path}, {width} px | {drawn:,.0f} | {(_cpu(server) - before) * 1000:,.0f} | {number:,} |")
                page.close()


def _write(settings: Settings, state: Path) -> None:
    """Tell the CPU of a contribution's check, and of a merge upon the graph until it is published."""
    generation = current_generation(state)
    store = ox.Store.read_only(str(generation.path))
    view = StoreView(store, settings.namespaces)
    knowledge = read_knowledge(Path(settings.knowledge), settings.namespaces)
    made = list(contributions(view, store, 21, seed=_SEED))
    checker = Checker()
    print("\n| writing | CPU, ms: first | median | p95 | wall, ms: median |\n|---|--:|--:|--:|--:|")
    with _told("check of 20 statements") as step:
        for triples in made:
            step(lambda triples=triples: checker.check(knowledge, view, Change.of(renamed(triples))))
    graph = ox.NamedNode(settings.namespaces.graph("contribution/1"))
    del store
    with _told("merge until it is seen") as step, only_writer(state):
        for triples in made[:3]:
            quads = [ox.Quad(each.subject, each.predicate, each.object, graph) for each in renamed(triples)]
            for gone, come in (([], quads), (quads, [])):
                base = current_generation(state)
                step(
                    lambda base=base, gone=gone, come=come: amend_held(
                        knowledge, state, base, gone, come, keep=1, mark=LedgerMark("x", 1, "x")
                    )
                )


@contextmanager
def _told(what: str) -> Iterator[Callable[[Callable[[], object]], None]]:
    cpu: list[float] = []
    wall: list[float] = []

    def step(work: Callable[[], object]) -> None:
        began, begun = time.process_time(), time.perf_counter()
        work()
        cpu.append((time.process_time() - began) * 1000)
        wall.append((time.perf_counter() - begun) * 1000)

    yield step
    rest = cpu[1:]
    print(
        f"| {what} | {cpu[0]:,.0f} | {statistics.median(rest):,.0f} | {_at(rest, 0.95):,.0f} | "
        f"{statistics.median(wall[1:]):,.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
