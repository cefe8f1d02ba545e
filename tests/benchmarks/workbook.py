"""What a large workbook costs from file to published graph: `python -m tests.benchmarks.workbook`.

Made-up organisations and relationships between them, in two sheets that cite one web page, are read, checked,
recorded, accepted and published upon the graph of the project's own files, in one process as the site does it. Figures
are seconds of CPU, with those of child processes, and the most memory that the process held until then. Afterwards
single organisations are sent and accepted, since what was sent before should cost them nothing.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import openpyxl

from leedskg.ledger import Stewardship
from leedskg.settings import Settings

Result = TypeVar("Result")
_CITED = ["https://made-up.example.org/members", "2026-11-20", "Members of a made-up alliance"]
_KINDS = ["company", "charity", "research centre", "university"]
_SOUNDS = ["ba", "do", "fi", "gu", "ke", "lo", "mi", "nu", "pa", "re", "si", "to", "va", "wy", "zu", "chy", "ster"]


def made_up_name(number: int, chance: random.Random) -> str:
    """A name of six made-up words that no two numbers share; of three, its initials may be somebody's short name."""
    words = ["".join(chance.choices(_SOUNDS, k=2)).title() for _ in range(6)]
    return f"{' '.join(words)} {number}"


def workbook(organisations: int, relationships: int, seed: int = 1) -> bytes:
    """A workbook of so many organisations and of relationships between them."""
    chance = random.Random(seed)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("organisations")
    sheet.append(["name", "kind", "description", "web page", "seen on", "page title"])
    names = [made_up_name(number, chance) for number in range(organisations)]
    for name in names:
        sheet.append([name, chance.choice(_KINDS), f"{name} is made up by the benchmark.", *_CITED])
    if relationships:
        sheet = book.create_sheet("relationships")
        sheet.append(
            ["kind", "partner", "web page", "seen on", "page title", "valid from", "confidence", "reading note"]
        )
        pairs: set[tuple[str, str]] = set()
        while len(pairs) < relationships:
            one, other = sorted(chance.sample(names, 2))
            pairs.add((one, other))
        for one, other in sorted(pairs):
            year = str(chance.randint(2001, 2025))
            sheet.append(["partnership", f"{one}|{other}", *_CITED, year, "0.9", "Made up by the benchmark."])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def cpu() -> float:
    """Seconds of CPU of this process and of its children that have ended."""
    return sum(
        each.ru_utime + each.ru_stime
        for each in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def measured(name: str, work: Callable[[], Result]) -> Result:
    """Do the work and print what it cost."""
    begun, wall = cpu(), time.perf_counter()
    result = work()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:36} {cpu() - begun:8.2f} {time.perf_counter() - wall:8.2f} {megabytes:8.0f}", flush=True)
    return result


def publish(settings: Settings) -> None:
    """Publish the project's own files."""
    Stewardship(settings).publication.publish()


def run(settings: Settings, organisations: int, relationships: int, after: int) -> None:
    print(f"{'':36} {'CPU s':>8} {'wall s':>8} {'MB':>8}")
    content = workbook(organisations, relationships)
    ledger = Stewardship(settings)
    measured("the graph is read", ledger.publication.present)
    sent = measured("read, checked and recorded", lambda: ledger.submit(content, "made-up.xlsx", who="mary"))
    print(f"  {sent.added:,} statements, {len(sent.full_report.findings):,} findings")
    merged = measured("accepted and published", lambda: ledger.accept(sent.id, who="john", reason="Made up."))
    assert merged.generation is not None, merged.problem
    for number in range(after):
        one = workbook(1, 0, seed=number + 1_000)
        sent = measured("one more: read, checked, recorded", lambda one=one: ledger.submit(one, "one.xlsx", who="mary"))
        merged = measured("one more: accepted and published", lambda s=sent: ledger.accept(s.id, who="j", reason="."))
        assert merged.generation is not None, merged.problem


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.workbook", description=__doc__)
    parser.add_argument("--organisations", type=int, default=5_000)
    parser.add_argument("--relationships", type=int, default=10_000)
    parser.add_argument("--after", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(state=str(Path(folder, "state")), ledger=str(Path(folder, "ledger")))
        # In a process of its own, whose memory is not counted here.
        built = get_context("spawn").Process(target=publish, args=(settings,))
        built.start()
        built.join()
        run(settings, options.organisations, options.relationships, options.after)


if __name__ == "__main__":
    main()
