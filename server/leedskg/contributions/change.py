"""A change to the graph as it was contributed: statements to add and to take out, and where each was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import pyoxigraph as ox

from leedskg.validation.findings import Finding, Report, Severity

Action = Literal["add", "remove"]
RULE = "contribution"


@dataclass(frozen=True)
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
class Proposal:
    """One statement that a contribution adds or takes out."""

    action: Action
    triple: ox.Triple
    place: Place


@dataclass(frozen=True)
class Change:
    """What a contributed file comes to.

    `held` are statements that the graph has already (or, to be taken out, no longer has): noted, and no part of the
    change. A change with a violation in its report is not to be recorded: its statements may be incomplete.
    """

    name: str
    form: str
    proposals: tuple[Proposal, ...] = ()
    held: tuple[Proposal, ...] = ()
    report: Report = field(default_factory=Report)

    @property
    def added(self) -> tuple[ox.Triple, ...]:
        """The statements to add."""
        return tuple(each.triple for each in self.proposals if each.action == "add")

    @property
    def removed(self) -> tuple[ox.Triple, ...]:
        """The statements to take out."""
        return tuple(each.triple for each in self.proposals if each.action == "remove")

    @property
    def sound(self) -> bool:
        """Whether it was read without a violation."""
        return not self.report.reaches(Severity.VIOLATION)

    def only(self, proposals: Sequence[Proposal]) -> Change:
        """The same change with these statements alone."""
        return replace(self, proposals=tuple(proposals))


def finding(  # noqa: PLR0913 - what a finding tells
    message: str,
    place: Place,
    *,
    record: str = "",
    label: str = "",
    value: str = "",
    severity: Severity = Severity.VIOLATION,
    property_iri: str = "",
    rule: str = RULE,
) -> Finding:
    """Something to say of a place in a contributed file."""
    field_name = f"cell {place.cell}" if place.cell else ""
    name = label or record or "the file"
    return Finding(
        severity, record or place.file, name, message, rule, field_name, value, place.file, place.line, property_iri
    )
