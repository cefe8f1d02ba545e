"""A recorded contribution against the graph as it is now: what is left of it, and what the check finds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from leedskg.contributions.change import RULE, Change, Proposal, finding
from leedskg.contributions.screening import Screening
from leedskg.ledger.book import Ledger
from leedskg.ledger.checking import Checker
from leedskg.ledger.model import Contribution, RecordedStatement
from leedskg.ledger.publication import Present
from leedskg.ledger.reports import report_of
from leedskg.validation.findings import Finding, Report, Severity


class Weighing:
    """Weighs contributions of one ledger."""

    def __init__(self, ledger: Ledger, checker: Checker) -> None:
        self._ledger, self._checker = ledger, checker

    def change(self, contribution: Contribution, present: Present) -> tuple[Change, list[int]]:
        """What a contribution still changes of the graph as it is now, and the numbers of those statements."""
        wanted = [each for each in self._ledger.statements(contribution.id) if each.decision != "rejected"]
        screening = Screening(present.graph)
        inside = screening.present
        left = [each for each in wanted if (each.triple in inside) != (each.action == "add")]
        report = Report(self._reading(contribution))
        proposals = [each.proposal for each in left]
        report.add(_gone(wanted, left))
        report.add(screening.findings(proposals))
        report.add(screening.collisions(proposals))
        report.checked["statement"] = len(wanted)
        change = Change(contribution.file_name, contribution.form, tuple(proposals), report=report)
        return change, [each.number for each in left]

    def _reading(self, contribution: Contribution) -> list[Finding]:
        """What was said when the file was read, as far as it does not depend on what the graph says by now."""
        submitted = self._ledger.events(contribution.id)[0]
        found = report_of({"findings": submitted.data.get("reading", ())}).findings
        return [each for each in found if not each.property_iri]

    def report(self, change: Change, present: Present) -> Report:
        """Everything there is to say of a change: how it was read, and what the check finds."""
        if not change.sound:
            return change.report
        found = self._checker.check(present.graph, change)
        said = {(each.record, each.property_iri, each.severity) for each in change.report.findings if each.property_iri}
        new = [each for each in found.findings if (each.record, each.property_iri, each.severity) not in said]
        return replace(found, findings=[*change.report.findings, *new], checked=change.report.checked | found.checked)

    def without(self, contribution: Contribution, present: Present) -> Report:
        """What the check finds of the graph when a merged contribution is taken back."""
        inside = Screening(present.graph).present
        effective = [each for each in present.statements[contribution.id] if each.effective]
        reversed_ = (
            Proposal("remove" if each.action == "add" else "add", each.triple, each.place) for each in effective
        )
        proposals = [each for each in reversed_ if (each.triple in inside) != (each.action == "add")]
        return self._checker.check(present.graph, Change(contribution.file_name, contribution.form, tuple(proposals)))

    def with_copies(self, change: Change, content: bytes) -> Change:
        """The change with a finding when this very file was submitted before."""
        same = self._ledger.same_file(hashlib.sha256(content).hexdigest())
        if not same:
            return change
        last = same[0]
        words = (
            f"This very file is contribution {last.id}, which {last.who} sent at {last.at} and which is {last.state}."
        )
        again = last.state in {"rejected", "undone"}
        severity = Severity.INFO if again else Severity.VIOLATION
        words += "" if again else " There is nothing new in it."
        # Whatever else is said of a file that was merged comes from its being there already.
        known = list(change.report.findings) if again else []
        report = replace(change.report, findings=known)
        report.add([Finding(severity, change.name, "the file", words, RULE, file=change.name)])
        return replace(change, report=report)


def _gone(wanted: Sequence[RecordedStatement], left: Sequence[RecordedStatement]) -> list[Finding]:
    """Statements to be taken out that are gone by now: whoever proposed it saw another graph."""
    message = (
        "The statement that this takes out is no longer in the graph. Somebody else changed it; look at what the graph "
        "says now, and send the change again."
    )
    return [
        finding(message, each.place, value=str(each.triple))
        for each in wanted
        if each.action == "remove" and each not in left
    ]
