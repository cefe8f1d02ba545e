"""What a steward takes of a contribution and what not: as the page offers it, and as it comes back from its form."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import abort, request

from leedskg.errors import KnowledgeError, LimitReachedError
from leedskg.ledger import Contribution, errands
from leedskg.ledger.choices import RecordChoices
from leedskg.web.desk import desk

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
    """What can be taken or left of an open contribution; nothing where it is one statement or cannot be said now."""
    try:
        records = desk().look(errands.choices, found.id)
    except (LimitReachedError, KnowledgeError):
        return Offered()
    shown, left = [], _MOST_STATEMENTS
    total = sum(len(record.choices) for record in records)
    for record in records:
        if left > 0:
            shown.append(replace(record, choices=record.choices[:left]))
            left -= len(record.choices)
    return Offered(tuple(shown), max(0, total - _MOST_STATEMENTS)) if total > 1 else Offered()


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
    """What was unticked in the form that came."""
    records = set(request.form.getlist("offered")) - set(request.form.getlist("take"))
    kept = _numbers(" ".join(request.form.getlist("keep")))
    return LeftOut(sorted(records), sorted(set(_numbers(request.form.get("listed", ""))) - set(kept)))


def _numbers(text: str) -> list[int]:
    words = text.split()
    if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        abort(400, "The form names statements that are no numbers. Load the page again.")
    return [int(word) for word in words]
