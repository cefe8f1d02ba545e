"""Suggestions of partners that people dismissed, each with a reason: rows that are only ever added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leedskg.errors import RequestError
from leedskg.ledger.database import Database
from leedskg.ledger.model import Retractable


@dataclass(frozen=True)
class Dismissal(Retractable):
    """That two are no partners to suggest: who said so, when and why; and who took it back."""

    number: int
    one: str
    other: str
    who: str
    at: str
    why: str


class Dismissals:
    """The suggestions that a ledger says were dismissed."""

    def __init__(self, database: Database, clock: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock

    def dismiss(self, one: str, other: str, *, who: str, why: str) -> int:
        """Record that two are not to be suggested; when this returns its number, it is on the disk.

        Raises RequestError without a reason, and where they are dismissed already.
        """
        if not why:
            raise RequestError("Say why these two are no good match: the reason is kept, and others read it.")
        pair = (min(one, other), max(one, other))
        with self._database.recording() as db:
            held = db.execute(f"{_HELD} AND one = ? AND other = ?", pair).fetchone()
            if held:
                raise RequestError("These two have been dismissed already. Load the page again.")
            number = db.execute(
                "INSERT INTO dismissal (one, other, who, at, why) VALUES (?, ?, ?, ?, ?)",
                (*pair, who, self._clock(), why),
            ).lastrowid
        return number or 0

    def take_back(self, number: int, *, who: str, why: str = "") -> Dismissal:
        """Record that a dismissal no longer holds, and return it. Raises RequestError where there is none in force."""
        found = next((each for each in self.dismissals() if each.number == number and each.holds), None)
        with self._database.recording() as db:
            if found is None or not db.execute(f"{_HELD} AND number = ?", (number,)).fetchone():
                raise RequestError(f"There is no dismissal {number} that holds. Load the page again.")
            db.execute("INSERT INTO dismissal_taken_back VALUES (?, ?, ?, ?)", (number, who, self._clock(), why))
        return found

    def dismissals(self) -> list[Dismissal]:
        """Return every dismissal, the latest first, also those that were taken back."""
        if not self._database.select("SELECT 1 FROM sqlite_master WHERE name = 'dismissal_taken_back'"):
            return []  # a ledger that an earlier program wrote, and that cannot be written here
        rows = self._database.select(
            "SELECT dismissal.*, back.who AS back_by, back.at AS back_at, back.why AS back_why FROM dismissal "
            "LEFT JOIN dismissal_taken_back AS back ON back.dismissal = dismissal.number ORDER BY number DESC"
        )
        return [
            Dismissal(
                *(row[column] for column in ("number", "one", "other", "who", "at", "why")), **Retractable.said(row)
            )
            for row in rows
        ]

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the pairs that are not to be suggested now."""
        return frozenset((each.one, each.other) for each in self.dismissals() if each.holds)


_HELD = "SELECT 1 FROM dismissal WHERE number NOT IN (SELECT dismissal FROM dismissal_taken_back)"
