"""What is done with a contribution once it is there, for the pages and for programs alike.

Each function here checks the permission, does the deed and writes the audit line, so that a page and `/api` differ in
how they read a request and how they answer it, and in nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from flask import abort, request

from leedskg.contributions.change_wording import RecordChoices
from leedskg.errors import KnowledgeError, LimitReachedError, NotAllowedError, RequestError
from leedskg.ledger import Contribution, Event, tasks
from leedskg.ledger.duplicate_answers import DuplicateAnswer
from leedskg.ledger.process import UnderWayError
from leedskg.web.account import security
from leedskg.web.contributing.contribution_views import may_amend
from leedskg.web.contributing.steward import ledger, seen, steward

#: Statements that a page offers one by one; of a larger contribution the others go with their record.
_MOST_STATEMENTS = 300


@dataclass(frozen=True)
class Offered:
    """The statements that a page offers one by one, by record, and how many there are beyond them."""

    records: tuple[RecordChoices, ...] = ()
    more: int = 0

    @property
    def numbers(self) -> list[int]:
        """The numbers of the statements that are offered."""
        return [choice.number for record in self.records for choice in record.choices]


def offered(found: Contribution) -> Offered:
    """Say what can be taken or left of an open contribution; nothing if it is one statement or cannot be said now."""
    try:
        records, more = steward().look(tasks.choices, found.id, _MOST_STATEMENTS)
    except (LimitReachedError, KnowledgeError):
        return Offered()
    several = more or sum(len(record.choices) for record in records) > 1
    return Offered(tuple(records), more) if several else Offered()


@dataclass(frozen=True)
class LeftOut:
    """What a steward does not take: records by their IRIs, and single statements by their numbers."""

    records: list[str]
    statements: list[int]

    @property
    def entered(self) -> dict[str, object]:
        """The same as the page wants it, to show the form again."""
        return {"left_out": self.records, "without": self.statements}


def left_out() -> LeftOut:
    """Return what was unticked in the form that came."""
    records = set(request.form.getlist("offered")) - set(request.form.getlist("take"))
    kept = _numbers(" ".join(request.form.getlist("keep")))
    return LeftOut(sorted(records), sorted(set(_numbers(request.form.get("listed", ""))) - set(kept)))


def _numbers(text: str) -> list[int]:
    words = text.split()
    if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        abort(400, "The form names statements that are no numbers. Load the page again.")
    return [int(word) for word in words]


#: Characters that a note may have.
LONGEST_NOTE = 5_000


@dataclass(frozen=True)
class DecisionOutcome:
    """A decision that was carried out: whether readers see it yet, and what keeps it from them."""

    published: bool = False
    problem: str = ""


def accept(
    found: Contribution, *, reason: str, version: int | None, left_out: Collection[str] = (),
    without: Collection[int] = (),
) -> DecisionOutcome:  # fmt: skip
    """Merge a contribution without the records `left_out` and the statements `without`.

    Raises NotAllowedError, RefusedError, ConflictError, and UnderWayError where it takes longer than one can wait.
    """
    _check_may_decide(found)
    with _noted(found, "accepted contribution"):
        done = steward().do(
            tasks.accept, found.id, who=security.account().id, reason=reason, version=version, left_out=left_out,
            without=without,
        )  # fmt: skip
    return _decision(done)


def edit(found: Contribution, statement: int, value: str, *, reason: str, version: int | None) -> None:
    """Correct a value of what somebody sent, before it is accepted. Raises what `accept` does."""
    _check_may_decide(found)
    with _noted(found, "corrected a value of contribution"):
        steward().do(
            tasks.edit, found.id, statement, value, who=security.account().id, reason=reason, version=version
        )  # fmt: skip


def decide_all(
    chosen: Sequence[tuple[Contribution, int]], what: Literal["accept", "reject"], *, reason: str
) -> list[tuple[int, str]]:
    """Decide on several alike, each at the version that was seen; give of each what kept it from being done."""
    refused, allowed = [], []
    for found, version in chosen:
        permission = security.accounts().may_review(security.account(), found.who)
        if permission:
            allowed.append((found.id, version))
        else:
            refused.append((found.id, permission.why))
    if what == "reject" and not reason:
        raise RequestError("Say why they are not taken, so that whoever sent them can fix it.")
    deed = {"accept": "accepted contribution", "reject": "rejected contribution"}[what]
    done: list[tuple[int, str]] = []
    if allowed:
        try:
            done = steward().do(tasks.decide_all, allowed, what, who=security.account().id, reason=reason)
        except UnderWayError:
            for number, _ in allowed:
                security.accounts().audit.note(security.actor(), deed, str(number))
            raise
    for number, problem in done:
        if not problem:
            security.accounts().audit.note(security.actor(), deed, str(number))
    return [*done, *refused]


def reject(found: Contribution, *, reason: str, version: int | None) -> None:
    """Decide that a contribution is not taken. Raises what `accept` does."""
    _check_may_decide(found)
    with _noted(found, "rejected contribution"):
        steward().do(tasks.reject, found.id, who=security.account().id, reason=reason, version=version)


def withdraw(found: Contribution, *, reason: str, version: int | None) -> None:
    """Withdraw what the account has sent itself; the ledger refuses others. Raises what `accept` does."""
    steward().do(tasks.withdraw, found.id, who=security.account().id, reason=reason, version=version)


def undo(found: Contribution, *, reason: str, version: int | None) -> DecisionOutcome:
    """Take back what a merged contribution changed; any steward may. Raises what `accept` does."""
    with _noted(found, "undid contribution"):
        done = steward().do(tasks.undo, found.id, who=security.account().id, reason=reason, version=version)
    return _decision(done)


def answer(found: Contribution, answers: Sequence[DuplicateAnswer], *, version: int | None) -> None:
    """Answer whether new entities are there already. Raises what `accept` does."""
    may_amend(found)
    steward().do(tasks.answer, found.id, answers, who=security.account().id, version=version)


def note(found: Contribution, text: str) -> Event:
    """Write a note to a contribution, and return it. Raises RequestError for an empty note and for one too long."""
    if not text:
        raise RequestError("Write the note first.")
    if len(text) > LONGEST_NOTE:
        raise RequestError(f"The note has {len(text):,} characters; {LONGEST_NOTE:,} is the most.")
    return ledger().note(found.id, text, who=security.account().id)


def _check_may_decide(found: Contribution) -> None:
    permission = security.accounts().may_review(security.account(), found.who)
    if not permission:
        raise NotAllowedError(permission.why)


@contextmanager
def _noted(found: Contribution, deed: str) -> Iterator[None]:
    """Write the audit line of a decision: of one that is done, and of one that goes on after its answer.

    Nobody comes back here when the latter ends. The account has decided; the events of the contribution say what came
    of it.
    """
    try:
        yield
    except UnderWayError:
        _note(found, deed)
        raise
    _note(found, deed)


def _note(found: Contribution, deed: str) -> None:
    security.accounts().audit.note(security.actor(), deed, str(found.id))


def _decision(done: tasks.Done) -> DecisionOutcome:
    return DecisionOutcome(bool(done.generation) and seen(done.generation), done.problem)
