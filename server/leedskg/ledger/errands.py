"""What a desk is asked to do with a stewardship: each errand is one call, and gives plain things back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from leedskg.contributions.form_field import FormField, FormKind
from leedskg.contributions.form_fields import FormFields
from leedskg.contributions.wording import Sentence, in_words
from leedskg.errors import RefusedError, UnknownNameError
from leedskg.graph import PREF_LABEL
from leedskg.ledger.choices import RecordChoices
from leedskg.ledger.history import Happening, Said, as_at, history
from leedskg.ledger.model import RecordedStatement
from leedskg.ledger.overlay import proposed
from leedskg.ledger.stewardship import Merged, Stewardship
from leedskg.statements import key
from leedskg.validation.findings import Report, Severity

#: Faults that are told of what a steward would leave.
_MOST_WRONG = 5


@dataclass(frozen=True)
class Done:
    """A step that was taken: the generation that shows it, with its statements, or why there is none yet."""

    number: int
    generation: int = 0
    problem: str = ""
    statements: int = 0


def submit(  # noqa: PLR0913 - who, what, why and from where
    ledger: Stewardship, content: bytes, name: str, *, who: str, title: str = "", message: str = "", source: str = ""
) -> int:
    """Record a contribution and check it; give its number. Raises RefusedError with the report."""
    return ledger.submit(content, name, who=who, title=title, message=message, source=source).id


def preview(ledger: Stewardship, content: bytes, name: str) -> tuple[Report, list[Sentence]]:
    """What the check finds of a file and what it would change, with nothing recorded."""
    change, report = ledger.preview(content, name)
    if not change.sound:
        return report, []
    present = ledger.publication.present().graph
    return report, in_words(change.proposals, present, proposed(present, change))


def told(ledger: Stewardship, number: int) -> list[Sentence]:
    """What a contribution changes, in sentences."""
    present = ledger.publication.present()
    version = ledger.ledger.contribution(number).version
    return _told(ledger, number, version, f"{present.files.digest} {present.head}")


@lru_cache(maxsize=256)
def _told(ledger: Stewardship, number: int, _version: int, _state: str) -> list[Sentence]:
    return ledger.in_words(number)


def choices(ledger: Stewardship, number: int) -> list[RecordChoices]:
    """The statements of an open contribution, by record, in words."""
    return ledger.choices(number)


def kinds(ledger: Stewardship, top: str) -> list[tuple[str, str, str]]:
    """The kinds that a form can make below `top`: name, label and definition of each."""
    return FormFields(ledger.publication.present().graph).kinds(top)


def fields(ledger: Stewardship, form: FormKind, kind: str = "", record: str = "") -> list[FormField]:
    """The fields of a form, from the shapes that are in force."""
    return FormFields(ledger.publication.present().graph).fields(form, kind, record)


def check(ledger: Stewardship, number: int, *, who: str) -> int:
    """Check an open contribution again; give its number."""
    return ledger.check(number, who=who).id


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


def reject(ledger: Stewardship, number: int, *, who: str, reason: str, version: int | None) -> int:
    """Reject a contribution; give its number."""
    return ledger.reject(number, who=who, reason=reason, version=version).id


def undo(ledger: Stewardship, number: int, *, who: str, reason: str, version: int | None) -> Done:
    """Take a merged contribution back."""
    return _done(ledger.undo(number, who=who, reason=reason, version=version))


def publish(ledger: Stewardship) -> int:
    """Publish what the ledger and the files say now; give the number of the generation."""
    return ledger.publication.publish().number


def happenings(ledger: Stewardship, entity: str) -> list[Happening]:
    """Everything that changed what is said of an entity."""
    return history(entity, ledger.publication.present(), ledger.ledger)


def said_at(ledger: Stewardship, entity: str, date: str) -> list[Said]:
    """What was said of an entity at the end of a date."""
    return as_at(entity, date, ledger.publication.present())


def known(ledger: Stewardship, entity: str) -> str:
    """The label of an entity that the graph has, or that a contribution brought. Raises UnknownNameError."""
    present = ledger.publication.present()
    if entity in present.graph.graph.statements:
        return present.graph.graph.label(entity)
    for statements in present.statements.values():
        for each in statements:
            if key(each.triple.subject) == entity and each.triple.predicate.value == PREF_LABEL:
                return key(each.triple.object)
    raise UnknownNameError("Nothing was ever said of this address here.")


def _about(statements: Collection[RecordedStatement], records: Collection[str]) -> list[int]:
    """The numbers of the statements on these records, and on evidence that only they cite."""
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
    """Why what is left of a contribution cannot be merged by itself."""
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
