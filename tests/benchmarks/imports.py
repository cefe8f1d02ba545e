"""What imports cost: reading, matching, deriving and publishing of real registers.

    python -m tests.benchmarks.imports FOLDER STATE [--uk]

FOLDER holds the open data (`gtr/2018-04/`). Without `--uk` it is the West Yorkshire set, read from the publisher's XML
within the scope; with it the tables made from all records of the United Kingdom, all kept. STATE is a new folder, into
which the knowledge files are copied and what is made is written. Each step is told with its CPU seconds; peak memory is
that of the process so far.
"""

from __future__ import annotations

import csv
import lzma
import resource
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from leedskg.importers.files import InputFile
from leedskg.importers.intake import take_in
from leedskg.importers.model import Participant, SourceRecord
from leedskg.importers.report import ReadingReport
from leedskg.importers.scope import Scope
from leedskg.importers.stored import FOLDER, ORIGIN, Package, package
from leedskg.importers.table import ImportTable, Origin
from leedskg.knowledge import read_knowledge
from leedskg.matching import read_kept
from leedskg.matching.bodies import BodyMatcher
from leedskg.publishing import build_held, load_imports
from leedskg.settings import Settings
from leedskg.store.embedded import only_writer

_ROLES = {"LEAD_RO": "lead", "PROJECT_PARTNER": "project-partner", "COLLABORATOR": "collaborator",
          "CO_FUNDER": "co-funder", "PARTICIPANT": "partner"}  # fmt: skip


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Tell CPU seconds and peak memory of a step."""
    start = time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<42} {time.process_time() - start:8.1f} s of CPU, peak {peak:,.0f} MiB", flush=True)


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Tell the CPU seconds of each step that a publication says it is at."""
    at: list[tuple[str, float]] = []

    def tell(step: str) -> None:
        if at:
            print(f"  {at[-1][0]:<40} {time.process_time() - at[-1][1]:8.1f} s of CPU", flush=True)
        at.append((step, time.process_time()))

    yield tell
    tell("")


def uk_records(folder: Path) -> Iterator[SourceRecord]:
    """Yield the records of the tables of the United Kingdom."""
    parts: dict[str, list[Participant]] = defaultdict(list)
    for row in _rows(folder / "uk-org-roles.csv.xz"):
        if role := _ROLES.get(row["role"]):
            said = {"organisation": row["org_id"], "name": row["org_name"], "postcode": row["postcode"]}
            parts[row["project_id"]].append(Participant(role, {name: text for name, text in said.items() if text}))
    for row in _rows(folder / "uk-projects.csv.xz"):
        values = {"name": row["title"], "category": row["category"], "status": row["status"], "start": row["start"],
                  "end": row["end"], "amount": row["value_pounds"], "currency": "GBP"}  # fmt: skip
        funder = Participant("funder", {"name": row["funder"]})
        kept = {name: text for name, text in values.items() if text}
        yield SourceRecord("gtr", row["reference"], "project", kept, (*parts[row["project_id"]], funder))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with lzma.open(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def main(folder: Path, state: Path, *, whole: bool) -> None:
    """Run every step once."""
    settings = Settings()
    root = state / "knowledge"
    for part in ("ontology", "graph", "shapes", "queries"):
        shutil.copytree(Path(part), root / part)
    knowledge = read_knowledge(root, settings.namespaces)
    known = BodyMatcher(knowledge.graph, read_kept(root, settings.namespaces))
    tables = folder / "gtr" / "2018-04"
    with timed("reading, within the scope"):
        if whole:
            origin = Origin("gtr", "0" * 64, "uk-projects.csv", "2018-06-30", "every record", "benchmark")
            records = {each.id: each for each in uk_records(tables)}
            table = ImportTable.of(origin, records.values())
        else:
            scope = Scope(frozenset(settings.region.split()), known.resolve)
            file = InputFile.at(tables / "wy-projects-2018-04.tar.xz")
            table = take_in([file], source="gtr", scope=scope, report=ReadingReport(), had_on="2018-06-30")
    roles = sum(len(each.participants) for each in table.records)
    print(f"{len(table.records):,} records, {roles:,} roles")
    with timed("matching, with every question"):
        questions = known.questions(table.records)
    print(f"{len(questions):,} questions")
    with timed("writing the table"):
        packed = Package.read(package(table, settings.namespaces), "gtr.import.zip", settings.namespaces)
        target = root / FOLDER / table.source
        shutil.rmtree(target, ignore_errors=True)  # of the same register the knowledge files hold less
        target.mkdir(parents=True)
        for name, text in {**packed.files, ORIGIN: packed.turtle}.items():
            (target / name).write_text(text, encoding="utf-8")
    size = sum(each.stat().st_size for each in target.iterdir())
    print(f"{size / 1e6:,.1f} MB of table")
    knowledge = read_knowledge(root, settings.namespaces)
    with timed("deriving"):
        store = ox.Store()
        load_imports(knowledge, store)
    print(f"{len(store):,} statements derived")
    del store
    with timed("publishing, with all that belongs to it"), steps() as tell, only_writer(state / "var"):
        generation = build_held(knowledge, state / "var", keep=1, tell=tell)
    print(f"{generation.statements:,} statements published")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), whole="--uk" in sys.argv[3:])
