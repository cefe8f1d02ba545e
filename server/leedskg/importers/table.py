"""An import as it is kept: records sorted by id as CSV, and what is known of the file they came from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from leedskg.importers.model import PARTICIPANT_COLUMNS, RECORD_COLUMNS, Kind, Participant, SourceRecord
from leedskg.importers.report import FilePlace, ImportFileError

RECORDS = "records.csv"
PARTICIPANTS = "participants.csv"


@dataclass(frozen=True)
class Origin:
    """Where the records of an import came from, and how they were read."""

    source: str
    sha256: str
    file: str
    had_on: str
    scope: str
    importer: str
    dropped: Mapping[str, int] = field(default_factory=dict)
    #: What the file covers, where it is less than the source does.
    covers: str = ""


@dataclass(frozen=True)
class ImportTable:
    """The records of one source that were accepted, and their origin."""

    origin: Origin
    records: tuple[SourceRecord, ...]

    @classmethod
    def of(cls, origin: Origin, records: Iterable[SourceRecord]) -> ImportTable:
        """Return the table of some records, sorted by id."""
        return cls(origin, tuple(sorted(records, key=lambda record: record.id)))

    @property
    def source(self) -> str:
        """The name of the source."""
        return self.origin.source

    def files(self) -> dict[str, str]:
        """Return the CSV files of the table by name; only columns that some record fills are written."""
        records = ({"id": each.id, "kind": each.kind, **each.values} for each in self.records)
        parts = (
            {"record": each.id, "role": part.role, **part.values} for each in self.records for part in each.participants
        )
        return {RECORDS: _csv(records, RECORD_COLUMNS), PARTICIPANTS: _csv(parts, PARTICIPANT_COLUMNS)}


def read_records(source: str, records: str, participants: str, folder: str = "") -> Iterator[SourceRecord]:
    """Yield the records of the two CSV files of a table. Raises ImportFileError for a file that is not of this form."""
    parts: dict[str, list[Participant]] = {}
    for _, row in _rows(participants, PARTICIPANT_COLUMNS, f"{folder}{PARTICIPANTS}"):
        of, role = row.pop("record"), row.pop("role")
        parts.setdefault(of, []).append(Participant(role, row))
    for place, row in _rows(records, RECORD_COLUMNS, f"{folder}{RECORDS}"):
        identifier, kind = row.pop("id"), row.pop("kind")
        if kind not in {"organisation", "project"}:
            raise ImportFileError(f"“{kind}” is no kind of record: write organisation or project.", place)
        made: Kind = "organisation" if kind == "organisation" else "project"
        yield SourceRecord(source, identifier, made, row, tuple(parts.pop(identifier, ())), place)
    if parts:
        raise ImportFileError(
            f"participants of {next(iter(parts))}, which has no record.", FilePlace(folder + PARTICIPANTS)
        )


def _csv(rows: Iterable[Mapping[str, str]], columns: tuple[str, ...]) -> str:
    made = list(rows)
    used = [each for number, each in enumerate(columns) if number < 2 or any(row.get(each) for row in made)]
    file = io.StringIO()
    writer = csv.DictWriter(file, used, extrasaction="raise", lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    return file.getvalue()


def _rows(content: str, columns: tuple[str, ...], name: str) -> Iterator[tuple[FilePlace, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(content))
    headings = reader.fieldnames or ()
    unknown = [each for each in headings if each not in columns]
    if unknown or list(headings[:2]) != list(columns[:2]):
        raise ImportFileError(
            f"the header of an import's table is wrong near “{(unknown or ['its start'])[0]}”.", FilePlace(name, 1)
        )
    for number, row in enumerate(reader, start=2):
        yield FilePlace(name, number), {column: value for column, value in row.items() if value}
