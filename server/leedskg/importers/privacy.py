"""What names a person or nobody leaves a record here, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from leedskg.importers.model import IDENTIFIERS, SourceRecord
from leedskg.importers.persons import is_nobody, is_person
from leedskg.importers.report import ReadingReport

_PERSONS, _NOBODY = "bodies that are a person", "names of nobody"


def without_persons(records: Iterable[SourceRecord], report: ReadingReport) -> Iterator[SourceRecord]:
    """Yield the records without participants that are a person or nobody, and without such records; both are counted.

    A body with a number in a register of bodies is one, whatever it is called.
    """
    for record in records:
        if record.kind == "organisation" and not _is_kept(record.name, record.values, report):
            continue
        kept = tuple(each for each in record.participants if _is_kept(each.name, each.values, report))
        yield record if len(kept) == len(record.participants) else replace(record, participants=kept)


def _is_kept(name: str, values: object, report: ReadingReport) -> bool:
    if is_nobody(name):
        report.drop(_NOBODY)
        return False
    if isinstance(values, dict) and any(each in values for each in IDENTIFIERS):
        return True
    if is_person(name):
        report.drop(_PERSONS, personal=True)
        return False
    return True
