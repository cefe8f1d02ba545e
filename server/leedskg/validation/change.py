"""A change to the graph as it was contributed: statements to add and to take out, and where each was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pyoxigraph as ox

from leedskg.validation.findings import Finding, Place, Report, Severity

Action = Literal["add", "remove"]
RULE = "contribution"


@dataclass(frozen=True, slots=True)
class ProposedStatement:
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
    proposals: tuple[ProposedStatement, ...] = ()
    held: tuple[ProposedStatement, ...] = ()
    report: Report = field(default_factory=Report)

    @classmethod
    def of(
        cls,
        added: Iterable[ox.Triple],
        removed: Iterable[ox.Triple] = (),
        places: Mapping[ox.Triple, Place] | None = None,
        name: str = "",
    ) -> Change:
        """Return a change of bare statements, with the places that are known of them."""
        known, nowhere = places or {}, Place("")
        return cls(
            name,
            "",
            (
                *(ProposedStatement("add", each, known.get(each, nowhere)) for each in added),
                *(ProposedStatement("remove", each, known.get(each, nowhere)) for each in removed),
            ),
        )

    @property
    def places(self) -> dict[ox.Triple, Place]:
        """Where each statement was written, as far as it is known."""
        return {each.triple: each.place for each in self.proposals if each.place.file}

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
    field: str = "",
) -> Finding:
    """Return something to say of a place in a contributed file."""
    field_name = (f"{field} (cell {place.cell})" if field else f"cell {place.cell}") if place.cell else field
    name = label or record or "the file"
    return Finding(
        severity, record or place.file, name, message, rule, field_name, value, place.file, place.line, property_iri
    )
