"""A recorded contribution against the graph as it is now: what is left of it, and what speaks against a merge."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pyoxigraph as ox

from leedskg.contributions.change_wording import sentence
from leedskg.contributions.screening import Screening
from leedskg.errors import ConflictError, LeedskgError, RefusedError
from leedskg.garbage import collected_afterwards
from leedskg.knowledge import Knowledge
from leedskg.ledger.duplicate_answers import questions
from leedskg.ledger.ledger import Ledger
from leedskg.ledger.model import Contribution, RecordedStatement
from leedskg.ledger.publication import Present
from leedskg.ledger.records import parsed, text_of
from leedskg.statements import key
from leedskg.validation.change import RULE, Change, ProposedStatement, finding
from leedskg.validation.findings import Finding, Report, Severity
from leedskg.validation.reporting import SMALL, Checker


class Recheck:
    """Checks contributions of one ledger again."""

    def __init__(self, ledger: Ledger, checker: Checker) -> None:
        self._ledger, self._checker = ledger, checker

    def change(self, contribution: Contribution, present: Present) -> tuple[Change, list[int]]:
        """Find what a contribution still changes of the graph as it is now, and the numbers of those statements."""
        wanted = [each for each in self._ledger.statements(contribution.id) if each.decision != "rejected"]
        screening = Screening(present.graph)
        left = [each for each in wanted if screening.changes(each.proposal)]
        report = Report(self._reading(contribution))
        proposals = [each.proposal for each in left]
        kept = {each.number for each in left}
        report.add(_gone(each for each in wanted if each.action == "remove" and each.number not in kept))
        report.add(screening.findings(proposals))
        report.add(screening.collisions(proposals))
        if proposals:
            report.add(screening.retired_already(each.proposal for each in wanted if each.number not in kept))
        report.checked["statement"] = len(wanted)
        change = Change(contribution.file_name, contribution.form, tuple(proposals), report=report)
        return change, [each.number for each in left]

    def _reading(self, contribution: Contribution) -> list[Finding]:
        """Return what was said when the file was read, as far as it does not depend on what the graph says by now."""
        submitted = self._ledger.events(contribution.id)[0]
        found = Report.from_dict({"findings": submitted.data.get("reading", ())}).findings
        return [each for each in found if not each.property_iri]

    def report(self, change: Change, present: Present) -> Report:
        """Return everything there is to say of a change: how it was read, and what the check finds."""
        if not change.sound:
            return change.report
        found = self._check(present, change)
        said = {(each.record, each.property_iri, each.severity) for each in change.report.findings if each.property_iri}
        new = [each for each in found.findings if (each.record, each.property_iri, each.severity) not in said]
        return replace(found, findings=[*change.report.findings, *new], checked=change.report.checked | found.checked)

    def _check(self, present: Present, change: Change) -> Report:
        with collected_afterwards():
            return self._checker.check(present.graph, present.view, change, whole=present.size <= SMALL)

    def without(self, contribution: Contribution, present: Present) -> Report:
        """Return what the check finds of the graph when a merged contribution is taken back."""
        screening = Screening(present.graph)
        effective = [each for each in self._ledger.statements(contribution.id) if each.effective]
        reversed_ = (
            ProposedStatement("remove" if each.action == "add" else "add", each.triple, each.place)
            for each in effective
        )
        proposals = [each for each in reversed_ if screening.changes(each)]
        return self._check(present, Change(contribution.file_name, contribution.form, tuple(proposals)))

    def with_copies(self, change: Change, content: bytes) -> Change:
        """Return the change with a finding when this very file was submitted before."""
        same = self._ledger.same_file(hashlib.sha256(content).hexdigest())
        if not same:
            return change
        last = same[0]
        # Not by whom: whoever has the file learns that it is here, and nothing of others.
        words = f"This very file is contribution {last.id}, sent at {last.at}, which is {last.state}."
        again = last.state in {"rejected", "undone"}
        severity = Severity.INFO if again else Severity.VIOLATION
        words += "" if again else " There is nothing new in it."
        # Whatever else is said of a file that was merged comes from its being there already.
        known = list(change.report.findings) if again else []
        report = replace(change.report, findings=known)
        report.add([Finding(severity, change.name, "the file", words, RULE, file=change.name)])
        return replace(change, report=report)


def _gone(statements: Iterable[RecordedStatement]) -> list[Finding]:
    """Say which statements to be taken out are gone by now: whoever proposed it saw another graph."""
    message = (
        "The statement that this takes out is no longer in the graph. Somebody else changed it; look at what the graph "
        "says now, and send the change again."
    )
    return [finding(message, each.place, value=str(each.triple)) for each in statements]


_log = logging.getLogger(__name__)


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Turn an error that nobody foresaw, in the reading or checking of `what`, into a RefusedError with its number.

    Any exception may come of what strangers send, and of libraries that meet it. Nothing is recorded within, so that
    the same file is read and checked again when the fault is fixed.
    """
    try:
        yield
    except LeedskgError:
        raise
    except Exception as error:
        reference = uuid.uuid4().hex[:8]
        _log.exception("the check of %s failed; reference %s", what, reference)
        message = (
            f"The check of it failed ({type(error).__name__}). That is a fault of this program and not of what was "
            f"sent; it is in the log of the server as {reference}. Nothing was recorded. Tell the curators, and send "
            "it again when it is fixed."
        )
        finding = Finding(Severity.VIOLATION, what, what, message, RULE, file=what)
        raise RefusedError(f"{what} could not be checked.", Report([finding])) from error


_MOST_WORDS = 5


def refuse_findings(contribution: Contribution, change: Change, report: Report, reason: str) -> None:
    """Raise RefusedError for a violation, for a warning without a reason, and where nothing is left to merge."""
    number = contribution.id
    if report.reaches(Severity.VIOLATION):
        raise RefusedError(
            f"Contribution {number} has violations and cannot be accepted. Fix them and send it again.", report
        )
    if not change.proposals:
        raise RefusedError(
            f"Nothing is left of contribution {number} to merge: what it says is in the graph, or was rejected. Reject "
            "it, saying so.",
            report,
        )
    if asked := questions(report.findings):
        what = "1 question" if len(asked) == 1 else f"{len(asked)} questions"
        raise RefusedError(
            f"Contribution {number} has {what} to be answered before it can be accepted, such as whether "
            f"{asked[0].record_label} is “{asked[0].value}”. Say that it is that one, or that it is another.",
            report,
        )
    if report.reaches(Severity.WARNING) and not reason.strip():
        raise RefusedError(f"Contribution {number} has warnings. To accept it all the same, give a reason.", report)


def refuse_dependants(contribution: Contribution, graph: Knowledge, ledger: Ledger) -> None:
    """Raise ConflictError when later contributions build on this one, naming them and what they say."""
    lines = []
    for number, words in building_on(contribution, graph, ledger).items():
        title = ledger.contribution(number).title
        more = f"; and {len(words) - _MOST_WORDS} more" if len(words) > _MOST_WORDS else ""
        lines.append(f"contribution {number} (“{title}”): {'; '.join(words[:_MOST_WORDS])}{more}")
    if lines:
        raise ConflictError(
            f"Contribution {contribution.id} cannot be undone by itself, for later ones build on it. Undo these first, "
            "or correct them:\n  " + "\n  ".join(lines)
        )


def building_on(contribution: Contribution, graph: Knowledge, ledger: Ledger) -> dict[int, list[str]]:
    """Return the later contributions that build on this one, with the statements by which they do, in words.

    One builds on another when it takes out what the other added, or says something of a record, or with one, that only
    the other brought into the graph. What the knowledge files speak for by now is built on by nobody.
    """
    if contribution.settled:
        return {}
    own = [each for each in ledger.statements(contribution.id) if each.effective]
    made = {text_of(each.triple) for each in own if each.action == "add"}
    later = ledger.later_statements(contribution.id)
    new = made | {text for _, action, text in later if action == "add"}
    gone = [each.triple for each in own if each.action == "remove"]
    gone += parsed(text for _, action, text in later if action == "remove" and text not in new)
    before = {_record(triple.subject) for triple in gone}
    records = {_record(each.triple.subject) for each in own if each.action == "add"}
    brought = {record for record in records - before if not _stood(record, graph, new)}
    found: dict[int, list[str]] = {}
    for number, action, text in later:
        if action == "remove" and text in made:
            found.setdefault(number, []).append(f"takes out “{_words(text, graph)}”")
        elif action == "add" and _names(text, brought):
            found.setdefault(number, []).append(f"says “{_words(text, graph)}”")
    return found


def _stood(record: str, graph: Knowledge, new: set[str]) -> bool:
    """Return whether anything is said of a record that neither the contribution nor a later one brought."""
    node = ox.NamedNode(record)
    said = (
        ox.Triple(node, ox.NamedNode(predicate), value)
        for predicate, values in graph.graph.statements.about(record).items()
        for value in values
    )
    return any(text_of(triple) not in new for triple in said)


def _names(text: str, records: set[str]) -> bool:
    """Return whether a statement is about one of the records, or names one."""
    subject, _, value = text.split(" ", 2)
    terms = [subject, value.removesuffix(" .")]
    return any(term.strip("<>").partition("#")[0] in records for term in terms if term.startswith("<"))


def _words(text: str, graph: Knowledge) -> str:
    return next(sentence(triple, graph) for triple in parsed([text]))


def _record(term: object) -> str:
    return key(term).partition("#")[0] if isinstance(term, ox.NamedNode) else ""
