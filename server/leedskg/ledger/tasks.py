"""Tasks of the steward's process: each is one call that gives plain things back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from leedskg.contributions.change_wording import RecordChoices, Sentence, Told, in_words
from leedskg.contributions.form_field import FormField, FormKind
from leedskg.contributions.form_fields import FormFields
from leedskg.errors import RefusedError, RequestError, UnknownNameError
from leedskg.graph import PREF_LABEL
from leedskg.ledger.duplicate_answers import DuplicateAnswer
from leedskg.ledger.history import Happening, Said, as_at, history
from leedskg.ledger.model import RecordedStatement
from leedskg.ledger.overlay import proposed
from leedskg.ledger.resending import ChangesSinceSent
from leedskg.ledger.stewardship import Merged, Stewardship
from leedskg.statements import key
from leedskg.validation.findings import Report, Severity

#: Faults that are told of what a steward would leave.
_MOST_WRONG = 5
#: Records of a contribution whose change is put into words for one request.
MOST_TOLD = 200


@dataclass(frozen=True)
class Done:
    """A step that was taken: the generation that shows it, with its statements, or why there is none yet."""

    number: int
    generation: int = 0
    problem: str = ""
    statements: int = 0


def outcome(result: Any) -> dict[str, Any]:
    """Return what came of a task, as its record has it."""
    if isinstance(result, Done):
        return {"number": result.number, "generation": result.generation, "problem": result.problem}
    if isinstance(result, list):
        return {"decided": [list(each) for each in result]}
    return {"number": result} if isinstance(result, int) else {}


def submit(  # noqa: PLR0913 - who, what, why and from where
    ledger: Stewardship, content: bytes, name: str, *, who: str, title: str = "", message: str = "", source: str = ""
) -> int:
    """Record a contribution and check it; give its number. Raises RefusedError with the report."""
    return ledger.submit(content, name, who=who, title=title, message=message, source=source).id


def preview(ledger: Stewardship, content: bytes, name: str) -> tuple[Report, list[Sentence]]:
    """Return what the check finds of a file and what it would change, with nothing recorded."""
    change, report = ledger.preview(content, name)
    if not change.sound:
        return report, []
    present = ledger.publication.present().graph
    return report, in_words(change.proposals, present, proposed(present, change)).sentences


def told(ledger: Stewardship, number: int, skip: int = 0, most: int = MOST_TOLD) -> Told:
    """Say what a contribution changes, of so many records at a time: nobody reads ten thousand, and each costs."""
    present = ledger.publication.present()
    version = ledger.ledger.contribution(number).version
    return _told(ledger, number, skip, most, version, present.state)


@lru_cache(maxsize=256)
def _told(ledger: Stewardship, number: int, skip: int, most: int, _version: int, _state: str) -> Told:
    return ledger.in_words(number, skip=skip, most=most)


def choices(ledger: Stewardship, number: int, most: int) -> tuple[list[RecordChoices], int]:
    """Return `most` of the statements of an open contribution, by record, in words, and how many more there are."""
    present = ledger.publication.present()
    return _choices(ledger, number, most, ledger.ledger.contribution(number).version, present.state)


@lru_cache(maxsize=16)
def _choices(
    ledger: Stewardship, number: int, most: int, _version: int, _state: str
) -> tuple[list[RecordChoices], int]:
    return ledger.choices(number, most)


def kinds(ledger: Stewardship, top: str) -> list[tuple[str, str, str]]:
    """Return the kinds that a form can make below `top`: name, label and definition of each."""
    return FormFields(ledger.publication.present().graph).kinds(top)


def fields(ledger: Stewardship, form: FormKind, kind: str = "", record: str = "") -> list[FormField]:
    """Return the fields of a form, from the shapes that are in force."""
    return FormFields(ledger.publication.present().graph).fields(form, kind, record)


def check(ledger: Stewardship, number: int, *, who: str) -> int:
    """Check an open contribution again; give its number."""
    return ledger.check(number, who=who).id


def answer(
    ledger: Stewardship, number: int, answers: Sequence[DuplicateAnswer], *, who: str, version: int | None
) -> int:
    """Answer questions of a contribution, and check it again; give its number."""
    return ledger.answer(number, answers, who=who, version=version).id


def accept(  # noqa: PLR0913 - who, what, why, and on which version
    ledger: Stewardship, number: int, *, who: str, reason: str, version: int | None, left_out: Collection[str] = (),
    without: Collection[int] = (),
) -> Done:  # fmt: skip
    """Accept a contribution without the statements on some records, and without single ones by their numbers.

    What is left is checked as a whole is. Where it is refused, nothing is left decided, and the recorded report is that
    of the whole again.
    """
    book = ledger.ledger
    numbers = sorted({*_about(book.statements(number), left_out), *without})
    if numbers:
        version = book.decide(number, numbers, "rejected", who=who, reason=reason, version=version).version
    try:
        return _done(ledger.accept(number, who=who, reason=reason, version=version))
    except RefusedError as error:
        if not numbers:
            raise
        book.decide(number, numbers, "open", who=who, reason="Put back, for the rest was not accepted.")
        report = error.report if isinstance(error.report, Report) else Report()
        if not report.reaches(Severity.VIOLATION):
            raise
        ledger.check(number, who=who)
        raise RefusedError(_unsound(report), report) from None


def edit(  # noqa: PLR0913 - which value, who and why, and on which version
    ledger: Stewardship, number: int, statement: int, value: str, *, who: str, reason: str, version: int | None
) -> int:
    """Correct a value of an open contribution; give its number."""
    return ledger.edit(number, statement, value, who=who, reason=reason, version=version).id


def decide_all(
    ledger: Stewardship, chosen: Sequence[tuple[int, int]], what: Literal["accept", "reject"], *, who: str, reason: str
) -> list[tuple[int, str]]:
    """Decide on several contributions alike, each at its version; give of each what kept it from being done."""
    found = []
    for number, version in chosen:
        problem = ""
        ledger.tell(f"contribution {number} is decided on")
        try:
            if what == "accept":
                problem = accept(ledger, number, who=who, reason=reason, version=version).problem
            else:
                reject(ledger, number, who=who, reason=reason, version=version)
        except RequestError as error:
            problem = error.message
        found.append((number, problem))
    return found


def since(ledger: Stewardship, number: int) -> ChangesSinceSent | None:
    """Say what changed since a contribution was sent before."""
    return ledger.since(number)


def reject(ledger: Stewardship, number: int, *, who: str, reason: str, version: int | None) -> int:
    """Reject a contribution; give its number."""
    return ledger.reject(number, who=who, reason=reason, version=version).id


def withdraw(ledger: Stewardship, number: int, *, who: str, reason: str, version: int | None) -> int:
    """Withdraw an open contribution that one has sent; give its number."""
    return ledger.ledger.withdraw(number, who=who, reason=reason, version=version).id


def undo(ledger: Stewardship, number: int, *, who: str, reason: str, version: int | None) -> Done:
    """Take a merged contribution back."""
    return _done(ledger.undo(number, who=who, reason=reason, version=version))


def publish(ledger: Stewardship) -> int:
    """Publish what the ledger and the files say now; give the number of the generation."""
    return ledger.publication.publish().number


def happenings(ledger: Stewardship, entity: str) -> list[Happening]:
    """Return everything that changed what is said of an entity."""
    return history(entity, ledger.publication.present(), ledger.ledger)


def said_at(ledger: Stewardship, entity: str, date: str) -> list[Said]:
    """Return what was said of an entity at the end of a date."""
    return as_at(entity, date, ledger.publication.present(), ledger.ledger)


def known(ledger: Stewardship, entity: str) -> str:
    """Return the label of an entity that the graph has or had. Raises UnknownNameError."""
    graph = ledger.publication.present().graph.graph
    if entity in graph.statements:
        return graph.label(entity)
    for each in ledger.ledger.changes_of([entity]):
        if key(each.statement.triple.subject) == entity and each.statement.triple.predicate.value == PREF_LABEL:
            return key(each.statement.triple.object)
    raise UnknownNameError("Nothing was ever said of this address here.")


def _about(statements: Collection[RecordedStatement], records: Collection[str]) -> list[int]:
    """Return the numbers of the statements on these records, and on evidence that only they cite."""
    if not records:
        return []
    leaving = set(records)
    cited: dict[str, set[bool]] = {}
    for each in statements:
        record = _record(each)
        cited.setdefault(key(each.triple.object), set()).add(record in leaving)
    leaving |= {
        _record(each) for each in statements if "/evidence/" in _record(each) and cited.get(_record(each)) == {True}
    }
    return [each.number for each in statements if _record(each) in leaving]


def _unsound(report: Report) -> str:
    """Return why what is left of a contribution cannot be merged by itself."""
    wrong = [each for each in report.findings if each.severity is Severity.VIOLATION]
    lines = [f"{each.record_label}: {each.message}" for each in wrong[:_MOST_WRONG]]
    more = f"\nAnd {len(wrong) - _MOST_WRONG} more." if len(wrong) > _MOST_WRONG else ""
    return (
        "What is left is not sound by itself, so nothing was changed. Take what it needs as well, or leave out the "
        "whole record:\n" + "\n".join(lines) + more
    )


def _record(statement: RecordedStatement) -> str:
    return key(statement.triple.subject).partition("#")[0]


def _done(merged: Merged) -> Done:
    number = merged.generation.number if merged.generation else 0
    return Done(
        merged.contribution.id, number, merged.problem, merged.generation.statements if merged.generation else 0
    )
