"""What a check finds, in words for the person who can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from typing import Any


class Severity(IntEnum):
    """How much a finding matters."""

    INFO = 0
    WARNING = 1
    VIOLATION = 2

    @property
    def word(self) -> str:
        """The severity in lower case, as it is printed."""
        return self.name.lower()


@dataclass(frozen=True)
class Place:
    """Where a statement stands: a file and a line of it, or a workbook with sheet and cell."""

    file: str
    line: int | None = None
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        if self.cell:
            return f"{self.file}, {self.sheet}!{self.cell}" if self.sheet else f"{self.file}, {self.cell}"
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or worth knowing: which record, which field, what, where, and how to mend it.

    `property_iri` is the IRI behind the field, where the finding is about the value of one. `other` is the IRI of
    another record that it is about as well, and `score`, from 0 to 1, how sure it is, where it is a guess. `component`
    is SHACL's name for what failed, where a shape found it.
    """

    severity: Severity
    record: str
    record_label: str
    message: str
    rule: str
    field: str = ""
    value: str = ""
    file: str = ""
    line: int | None = None
    property_iri: str = ""
    sheet: str = ""
    cell: str = ""
    other: str = ""
    score: float | None = None
    component: str = ""

    @property
    def place(self) -> str:
        """The file with the line, or the workbook with sheet and cell, as far as they are known."""
        return str(Place(self.file, self.line, self.sheet, self.cell))

    def at(self, place: Place) -> Finding:
        """The same finding at another place."""
        return replace(self, file=place.file, line=place.line, sheet=place.sheet, cell=place.cell)

    def as_text(self) -> str:
        """The finding in two or three lines: where, what kind and which record; then what and how to mend it."""
        field_words = f", {self.field}" if self.field else ""
        head = f"{self.place or self.record}: {self.severity.word}: {self.record_label}{field_words}"
        value = f"\n    found: {self.value}" if self.value else ""
        return f"{head}\n    {self.message}{value}"

    def as_dict(self) -> dict[str, Any]:
        """The finding for JSON."""
        return asdict(self) | {"severity": self.severity.word}


@dataclass
class Report:
    """All findings of a check, how much was checked, and what could not be."""

    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    unchecked: list[str] = field(default_factory=list)

    def add(self, findings: Iterable[Finding]) -> None:
        """Add findings."""
        self.findings.extend(findings)

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def worst_first(self) -> list[Finding]:
        """The findings, violations first, then by file and line."""
        return sorted(
            self.findings, key=lambda found: (-found.severity, found.file, found.line or 0, found.record, found.rule)
        )

    def reaches(self, severity: Severity) -> bool:
        """Whether any finding is at least this severe."""
        return any(finding.severity >= severity for finding in self.findings)

    def as_text(self) -> str:
        """The report for a terminal: the findings, then what was checked. Nothing checked is never a pass."""
        parts = [finding.as_text() for finding in self.worst_first()]
        counts = ", ".join(counted(self.count(severity), severity.word) for severity in reversed(Severity))
        amount = ", ".join(counted(number, what) for what, number in self.checked.items())
        parts += [f"Not checked: {what}" for what in self.unchecked]
        parts.append(f"{counts}. Checked: {amount or 'nothing'}.")
        return "\n".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The report for JSON."""
        return {
            "findings": [finding.as_dict() for finding in self.worst_first()],
            "checked": self.checked,
            "unchecked": self.unchecked,
        }


_PLURALS = {
    "entity": "entities",
    "place in documents": "places in documents",
    "query that must find nothing": "queries that must find nothing",
}


def counted(number: int, what: str) -> str:
    """A number and what it counts, in the singular or plural."""
    return f"{number:,} {what if number == 1 else _PLURALS.get(what, f'{what}s')}"
