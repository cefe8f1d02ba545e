"""What a check finds, in words for the person who can fix it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written: a file, or a file and its sheet; the line, or the row; the cell of a sheet."""

    file: str
    line: int | None = None
    cell: str = ""

    @property
    def words(self) -> str:
        """The place as a person would look it up."""
        if self.cell:
            return f"{self.file}, cell {self.cell}"
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or worth knowing: which record, which field, what, where, and how to fix it.

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
    cell: str = ""
    other: str = ""
    score: float | None = None
    component: str = ""

    @property
    def place(self) -> str:
        """The file with the line, or the sheet with the cell, as far as they are known."""
        return Place(self.file, self.line, self.cell).words

    def at(self, place: Place) -> Finding:
        """Return the same finding at another place."""
        return replace(self, file=place.file, line=place.line, cell=place.cell)

    def as_text(self) -> str:
        """Write the finding in two or three lines: where, what kind and which record; then what and how to fix it."""
        field_words = f", {self.field}" if self.field else ""
        head = f"{self.place or self.record}: {self.severity.word}: {self.record_label}{field_words}"
        value = f"\n    found: {self.value}" if self.value else ""
        return f"{head}\n    {self.message}{value}"

    def as_dict(self) -> dict[str, Any]:
        """Return the finding for JSON."""
        return asdict(self) | {"severity": self.severity.word}


_FIELDS = {entry.name for entry in fields(Finding)}


@dataclass
class Report:
    """All findings of a check, how much was checked, and what could not be."""

    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    unchecked: list[str] = field(default_factory=list)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """Return a report as it was recorded; what a later program wrote into it too is left out."""
        return Report(
            findings_from(data.get("findings", ())), dict(data.get("checked", {})), list(data.get("unchecked", []))
        )

    def add(self, findings: Iterable[Finding]) -> None:
        """Add findings."""
        self.findings.extend(findings)

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def worst_first(self) -> list[Finding]:
        """Return the findings, violations first, then by file and line."""
        return sorted(
            self.findings, key=lambda found: (-found.severity, found.file, found.line or 0, found.record, found.rule)
        )

    def reaches(self, severity: Severity) -> bool:
        """Return whether any finding is at least this severe."""
        return any(finding.severity >= severity for finding in self.findings)

    def as_text(self) -> str:
        """Write the report for a terminal: the findings, then what was checked. Nothing checked is never a pass."""
        parts = [finding.as_text() for finding in self.worst_first()]
        counts = ", ".join(counted(self.count(severity), severity.word) for severity in reversed(Severity))
        amount = ", ".join(counted(number, what) for what, number in self.checked.items())
        parts += [f"Not checked: {what}" for what in self.unchecked]
        parts.append(f"{counts}. Checked: {amount or 'nothing'}.")
        return "\n".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "findings": [finding.as_dict() for finding in self.worst_first()],
            "checked": self.checked,
            "unchecked": self.unchecked,
        }


def findings_from(data: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Return findings as they were recorded."""
    return [
        Finding(
            **{name: value for name, value in each.items() if name in _FIELDS}
            | {"severity": Severity[str(each["severity"]).upper()]}
        )
        for each in data
    ]


_PLURALS = {
    "entity": "entities",
    "place in documents": "places in documents",
    "query that must find nothing": "queries that must find nothing",
}


def counted(number: int, what: str) -> str:
    """Write a number and what it counts, in the singular or plural."""
    return f"{number:,} {what if number == 1 else _PLURALS.get(what, f'{what}s')}"
