"""The check of a change against a state of the graph, as the ledger asks for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Protocol

from leedskg.contributions.change import Change, Place
from leedskg.documents import Documents
from leedskg.knowledge import Knowledge
from leedskg.ledger.overlay import PROPOSED, proposed
from leedskg.statements import key
from leedskg.validation import check
from leedskg.validation.findings import Finding, Report

_PREFIX = f"contribution/{PROPOSED}/"


class Checker(Protocol):
    """What can check a change."""

    def check(self, state: Knowledge, change: Change) -> Report:
        """The findings that the change brings to the state: those that the state has already are no matter of its."""
        ...


class FullCheck:
    """Checks the whole graph without the change and with it, and reports what is new."""

    def __init__(self, documents: Documents | None = None) -> None:
        self._documents = documents
        self._before: tuple[Knowledge, Counter[tuple[str, ...]]] | None = None

    def check(self, state: Knowledge, change: Change) -> Report:
        """The findings that the change brings, with the places in the contributed file."""
        report = check(proposed(state, change), self._documents)
        if not report.findings:
            return report
        left = self._known(state).copy()
        new: list[Finding] = []
        for finding in report.findings:
            same = _key(finding)
            if left[same]:
                left[same] -= 1
            else:
                new.append(finding)
        report.findings = placed(new, change)
        return report

    def _known(self, state: Knowledge) -> Counter[tuple[str, ...]]:
        if self._before is None or self._before[0] is not state:
            self._before = (state, Counter(_key(each) for each in check(state, self._documents).findings))
        return self._before[1]


def _key(finding: Finding) -> tuple[str, ...]:
    return (finding.severity.word, finding.record, finding.rule, finding.message, finding.value, finding.property_iri)


def placed(findings: list[Finding], change: Change) -> list[Finding]:
    """The findings with the places that the contributor knows: the file's own name, and the cell of a sheet."""
    exact: dict[tuple[str, str], Place] = {}
    first: dict[str, Place] = {}
    for each in change.proposals:
        subject = key(each.triple.subject)
        exact.setdefault((subject, each.triple.predicate.value), each.place)
        first.setdefault(subject, each.place)
    found = []
    for finding in findings:
        place = exact.get((finding.record, finding.property_iri)) or first.get(finding.record)
        if finding.file.startswith(_PREFIX):
            cell = place.cell if place and place.line == finding.line else ""
            field = (
                f"{finding.field} (cell {cell})"
                if cell and finding.field
                else finding.field or (cell and f"cell {cell}")
            )
            found.append(replace(finding, file=finding.file.removeprefix(_PREFIX), field=field))
        elif not finding.file and place:
            found.append(replace(finding, file=place.file, line=place.line))
        else:
            found.append(finding)
    return found
