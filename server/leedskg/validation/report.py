"""The report on a contribution: one model, to be read as text, HTML, JSON or SHACL in Turtle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from leedskg.validation.effects import EdgeChange
from leedskg.validation.findings import Finding, Severity, counted
from leedskg.validation.report_turtle import as_turtle

#: What the findings of a group are, in the order in which they are shown.
KINDS: Mapping[str, str] = {
    "new": "What the contribution brings",
    "fixed": "What the contribution mends",
    "already": "What was there already",
}


@dataclass(frozen=True)
class RecordFindings:
    """The findings of one record, worst first."""

    record: str
    label: str
    findings: tuple[Finding, ...]
    #: Whether the contribution says something of the record, or only touches it through others.
    own: bool = True

    @property
    def worst(self) -> Severity:
        """The severity of the worst."""
        return max(finding.severity for finding in self.findings)


@dataclass
class ContributionReport:
    """What a contribution adds, what is wrong with it, and what it changes elsewhere.

    `new`, `fixed` and `already` are findings; `edges` are derived links that appear or vanish. `checked` counts what
    was looked at, `unchecked` and `capped` say in sentences what was not. `whole` says why the whole graph was
    checked, or is empty.
    """

    name: str = ""
    added: int = 0
    removed: int = 0
    records: tuple[str, ...] = ()
    new: list[Finding] = field(default_factory=list)
    fixed: list[Finding] = field(default_factory=list)
    already: list[Finding] = field(default_factory=list)
    edges: list[EdgeChange] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    unchecked: list[str] = field(default_factory=list)
    capped: list[str] = field(default_factory=list)
    whole: str = ""

    def count(self, severity: Severity, kind: str = "new") -> int:
        """How many findings of a kind (new, fixed or already) have this severity."""
        return sum(finding.severity is severity for finding in self.of_kind(kind))

    def reaches(self, severity: Severity) -> bool:
        """Whether the contribution brings a finding that is at least this severe."""
        return any(finding.severity >= severity for finding in self.new)

    def of_kind(self, kind: str) -> list[Finding]:
        """The findings that are new, fixed or already."""
        return {"new": self.new, "fixed": self.fixed, "already": self.already}[kind]

    def grouped(self, kind: str = "new") -> list[RecordFindings]:
        """The findings of a kind by record: the record with the worst first, then in the order of files and lines."""
        ordered = sorted(self.of_kind(kind), key=_place_in_order)
        records = [
            (record, tuple(sorted(findings, key=lambda found: -found.severity)))
            for record, findings in groupby(sorted(ordered, key=lambda found: found.record), key=lambda f: f.record)
        ]
        groups = [
            RecordFindings(record, found[0].record_label, found, own=record in self.records)
            for record, found in records
        ]
        return sorted(groups, key=lambda group: (-group.worst, *_place_in_order(group.findings[0])))

    @property
    def headings(self) -> list[tuple[str, str]]:
        """The kinds of findings with their headings, in the order in which they are shown."""
        return list(KINDS.items())

    @property
    def elsewhere(self) -> list[RecordFindings]:
        """Records that the contribution says nothing of and whose findings change all the same."""
        return [group for kind in ("new", "fixed") for group in self.grouped(kind) if not group.own]

    @property
    def verdict(self) -> str:
        """How it stands in one sentence."""
        amount = ", ".join(counted(number, what) for what, number in self.checked.items() if number)
        if not amount:
            return "Nothing was checked."
        counts = ", ".join(counted(self.count(severity), severity.word) for severity in reversed(Severity))
        return (
            f"{counted(self.added, 'statement')} added and {self.removed:,} removed: {counts} that are new, "
            f"{len(self.fixed):,} mended, {len(self.already):,} there before. Checked: {amount}."
        )

    def as_text(self) -> str:
        """The report for a terminal."""
        parts = [f"Report on {self.name}" if self.name else "Report on the contribution", self.verdict]
        for kind, heading in KINDS.items():
            groups = self.grouped(kind)
            if groups:
                parts.append(f"\n{heading}")
            for group in groups:
                aside = "" if group.own else " (not in the contribution)"
                parts.append(f"\n{group.label}{aside}")
                parts += [_indented(_lines(finding)) for finding in group.findings]
        if self.edges:
            parts.append("\nLinks that appear or vanish")
            parts += [f"  {edge.words}{' (routes use it)' if edge.hop else ''}" for edge in self.edges]
        notes = [f"Not checked: {what}" for what in self.unchecked] + self.capped
        if self.whole:
            notes.append(f"The whole graph was checked, because {self.whole}.")
        return "\n".join([*parts, *(["", *notes] if notes else [])])

    def as_dict(self) -> dict[str, Any]:
        """The report for JSON."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "added": self.added,
            "removed": self.removed,
            "records": list(self.records),
            **{kind: [each.as_dict() for group in self.grouped(kind) for each in group.findings] for kind in KINDS},
            "elsewhere": [group.record for group in self.elsewhere],
            "links": [edge.as_dict() for edge in self.edges],
            "checked": self.checked,
            "unchecked": self.unchecked,
            "capped": self.capped,
            "whole": self.whole,
        }

    def as_shacl(self, base: str) -> str:
        """The report as a sh:ValidationReport in Turtle; `base` is that of the project's own IRIs."""
        return as_turtle(self.new, self.fixed, self.already, base)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in the order in which they are read, each once."""
    return sorted(dict.fromkeys(findings), key=lambda found: (-found.severity, *_place_in_order(found)))


def _place_in_order(finding: Finding) -> tuple[str, str, int, str, str, str, str]:
    return (
        finding.file, finding.sheet, finding.line or 0, finding.cell, finding.record_label, finding.rule, finding.value
    )  # fmt: skip


def _lines(finding: Finding) -> str:
    field_words = f", {finding.field}" if finding.field else ""
    place = f" ({finding.place})" if finding.place else ""
    value = f"\n  found: {finding.value}" if finding.value else ""
    score = f"\n  how sure: {finding.score:.0%}" if finding.score is not None else ""
    return f"{finding.severity.word}{field_words}{place}\n  {finding.message}{value}{score}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
