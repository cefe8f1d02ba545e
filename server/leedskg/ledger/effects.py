"""The check of a change without checking the graph again, and what it tells beside faults: what follows from it.

What the ledger records of a check is a `Report`; one of this room has more in it, which `shown` gives back to pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leedskg.contributions.change import Change, Place
from leedskg.documents import Documents
from leedskg.knowledge import Knowledge
from leedskg.ledger.reports import report_of
from leedskg.validation import findings
from leedskg.validation.effects import EdgeChange
from leedskg.validation.findings import Finding, Report
from leedskg.validation.report import ContributionReport
from leedskg.validation.reporting import SMALL, Contribution, ContributionChecker
from leedskg.validation.views import MemoryView


@dataclass
class EffectReport(Report):
    """A report whose findings are those that a change brings, with those that it mends and the links that follow."""

    fixed: list[Finding] = field(default_factory=list)
    already: list[Finding] = field(default_factory=list)
    edges: list[EdgeChange] = field(default_factory=list)
    records: tuple[str, ...] = ()
    capped: list[str] = field(default_factory=list)
    whole: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The report for JSON and for the ledger."""
        return super().as_dict() | {
            "fixed": [each.as_dict() for each in self.fixed],
            "already": [each.as_dict() for each in self.already],
            "links": [each.as_dict() for each in self.edges],
            "records": list(self.records),
            "capped": self.capped,
            "whole": self.whole,
        }


class EffectCheck:
    """Checks changes against one state of the graph after another; not for several threads at once."""

    def __init__(self, documents: Documents | None = None) -> None:
        self._documents = documents
        self._known: tuple[Knowledge, MemoryView, ContributionChecker] | None = None

    def check(self, state: Knowledge, change: Change) -> Report:
        """The findings that the change brings to the state, and its effects."""
        if self._known is None or self._known[0] is not state:
            view = MemoryView.of(state.graph.statements, state.ontology.statements)
            self._known = (state, view, ContributionChecker(state))
        _, view, checker = self._known
        asked = Contribution(
            set(change.added),
            set(change.removed),
            {each.triple: _place(each.place) for each in change.proposals},
            change.name,
        )
        found = checker.report(view, asked, self._documents, whole=len(view) <= SMALL)
        return EffectReport(
            found.new, found.checked, found.unchecked, found.fixed, found.already, found.edges, found.records,
            found.capped, found.whole,
        )  # fmt: skip


def _place(place: Place) -> findings.Place:
    return findings.Place(place.file, place.line, "", place.cell)


def shown(recorded: Mapping[str, Any], *, name: str = "", added: int = 0, removed: int = 0) -> ContributionReport:
    """A recorded report as the model that pages show; one of an older program has findings alone."""
    brought = report_of(recorded)

    def of(kind: str) -> list[Finding]:
        return report_of({"findings": recorded.get(kind, ())}).findings

    records = tuple(recorded.get("records", ())) or tuple(dict.fromkeys(each.record for each in brought.findings))
    known = set(EdgeChange.__dataclass_fields__)
    edges = [
        EdgeChange(**{key: value for key, value in each.items() if key in known}) for each in recorded.get("links", ())
    ]
    return ContributionReport(
        name, added, removed, records, brought.findings, of("fixed"), of("already"), edges, brought.checked,
        brought.unchecked, list(recorded.get("capped", ())), str(recorded.get("whole", "")),
    )  # fmt: skip
