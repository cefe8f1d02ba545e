"""A publisher's file into the table of an import: recognised, read, freed of personal data, scoped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain

from leedskg.importers import registry
from leedskg.importers.files import InputFile
from leedskg.importers.lean import LeanRecords
from leedskg.importers.model import Source
from leedskg.importers.persons import without_persons
from leedskg.importers.repeats import once, tell_renamed_records
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.scope import Scope, within
from leedskg.importers.table import ImportTable, Origin


def take_in(  # noqa: PLR0913 - the file, and what is known of it
    files: Sequence[InputFile], *, source: str = "", scope: Scope, report: ReadingReport, had_on: str = "",
    covers: str = "", private: bool = False, before: ImportTable | None = None,
) -> ImportTable:  # fmt: skip
    """Return the table of one file or several of one source. Raises ImportFileError where one cannot be taken.

    `had_on` is the day on which the file was had, today if left out; `covers` what this file of the publisher's holds,
    where that is less than the source does; `before` the import that is in force. A source
    that may not be published is refused unless the site is `private`.
    """
    found = registry.source_of(files[0], source)
    check_licence(found, private=private)
    for file in files[1:]:
        registry.source_of(file, found.about.name)
    read = chain.from_iterable(registry.read(found, file, report) for file in files)
    clean = without_persons(read, report)
    lean = LeanRecords(scope, report) if scope.lean else None
    records = list(once(within(lean.watched(clean) if lean else clean, scope, report), report))
    if lean:
        records = lean.of(records)
    if before:
        tell_renamed_records({each.id: each.name for each in before.records}, records, report)
    origin = Origin(
        found.about.name, _digest(files), ", ".join(each.name for each in files),
        had_on or datetime.now(UTC).date().isoformat(), scope.in_words(records[0].kind if records else "project"),
        version("leedskg"), {**_positive(report.personal), **_positive(report.dropped)}, covers,
    )  # fmt: skip
    return ImportTable.of(origin, records)


def check_licence(source: Source, *, private: bool) -> None:
    """Raise ImportFileError for a source that may not be published, unless the site is private."""
    about = source.about
    if not about.may_publish and not private:
        raise ImportFileError(
            f"nothing says that {about.title} may be published; its licence: {about.licence}. On a site that only its "
            "own people can read, set LEEDSKG_PRIVATE_SITE=yes.",
            FilePlace(about.name),
        )


def _digest(files: Sequence[InputFile]) -> str:
    if len(files) == 1:
        return files[0].sha256()
    return hashlib.sha256("".join(sorted(f"{each.name}\0{each.sha256()}\n" for each in files)).encode()).hexdigest()


def _positive(counted: object) -> dict[str, int]:
    assert isinstance(counted, dict)
    return {column: number for column, number in sorted(counted.items()) if number}


def in_words(report: ReadingReport, table: ImportTable, most: int = 10) -> Sequence[str]:
    """Say what was read of a file, in lines."""
    lines = [f"{report.read:,} records read, {report.kept:,} within the scope: {table.origin.scope}."]
    for what, counted in (("Personal data that was dropped", report.personal), ("Left out", report.dropped)):
        told = ", ".join(f"{column} ({number:,})" for column, number in counted.most_common() if number)
        if told:
            lines.append(f"{what}: {told}.")
    lines += [str(note) for note in report.notes[:most]]
    more = len(report.notes) - most + sum(report.more.values())
    if more > 0:
        lines.append(f"And {more:,} more things to know of single rows.")
    return lines
