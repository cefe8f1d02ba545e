"""What people have decided of names on a running site: rows that are only ever added, a decision taken back too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from leedskg.errors import RequestError
from leedskg.knowledge import Knowledge
from leedskg.ledger.database import Database
from leedskg.ledger.model import Retractable
from leedskg.matching import Judgement, Judgements, read_kept, written


@dataclass(frozen=True)
class NameDecision(Retractable):
    """One decision on a name: a body that it is, or those that it is not; with who took it back, and why."""

    number: int
    judgements: tuple[Judgement, ...]
    contribution: int = 0


class NameDecisions:
    """The decisions on names that a ledger holds."""

    def __init__(self, database: Database, clock: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock

    def decide(self, judgements: Sequence[Judgement], *, who: str, contribution: int = 0) -> int:
        """Record one decision; when this returns its number, it is on the disk."""
        at = self._clock()
        with self._database.recording() as db:
            number: int = db.execute("SELECT coalesce(max(number), 0) + 1 FROM judgement").fetchone()[0]
            db.executemany(
                "INSERT INTO judgement (decision, contribution, says, name, record, entity, label, who, at, why) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (number, contribution or None, each.says, each.name, each.record, each.entity, each.label, who, at,
                     each.why)
                    for each in judgements
                ],
            )  # fmt: skip
        return number

    def take_back(self, decision: int, *, who: str, why: str = "") -> NameDecision:
        """Record that a decision no longer holds, and return it. Raises RequestError where there is none in force."""
        with self._database.recording() as db:
            found = _decisions(db.execute(_ALL + " WHERE judgement.decision = ? ORDER BY number", (decision,)))
            if not found or not found[0].holds:
                raise RequestError(f"There is no decision {decision} that holds. Load the page again.")
            db.execute("INSERT INTO taken_back VALUES (?, ?, ?, ?)", (decision, who, self._clock(), why))
        return found[0]

    def decisions(self) -> list[NameDecision]:
        """Return every decision, the earliest first, also those that were taken back."""
        if not self._database.select("SELECT 1 FROM sqlite_master WHERE name = 'taken_back'"):
            return []  # a ledger that an earlier program wrote, and that cannot be written here
        return _decisions(self._database.select(_ALL + " ORDER BY number"))

    def last(self, who: str, contribution: int) -> NameDecision | None:
        """Return the last decision of somebody on the bodies of an import that holds."""
        own = (
            each for each in reversed(self.decisions())
            if each.holds and each.contribution == contribution and each.judgements[0].who == who
        )  # fmt: skip
        return next(own, None)

    def mark(self) -> str:
        """Return what tells the decisions of now from those of another moment."""
        found = self.decisions()
        return f"{len(found)} {sum(not each.holds for each in found)}"

    def upon(self, kept: Iterable[Judgement]) -> Judgements:
        """Return the judgements in force: those of the files, and over them what was decided on the site."""
        decided = (judgement for each in self.decisions() if each.holds for judgement in each.judgements)
        return Judgements.of([*kept, *decided])

    def of(self, knowledge: Knowledge) -> Judgements:
        """Return the judgements in force over those of a knowledge folder. Raises KnowledgeError."""
        return self.upon(read_kept(knowledge.root, knowledge.namespaces))

    def written_over(self, knowledge: Knowledge) -> str | None:
        """Return the judgements in force as the table that files keep; None where the ledger adds none."""
        held = any(each.holds for each in self.decisions())
        return written(self.of(knowledge), knowledge.namespaces) if held else None


_ALL = (
    "SELECT judgement.*, taken_back.who AS back_by, taken_back.at AS back_at, taken_back.why AS back_why "
    "FROM judgement LEFT JOIN taken_back ON taken_back.decision = judgement.decision"
)


def _decisions(rows: Iterable[sqlite3.Row]) -> list[NameDecision]:
    found: dict[int, list[sqlite3.Row]] = {}
    for row in rows:
        found.setdefault(row["decision"], []).append(row)
    return [
        NameDecision(
            number,
            tuple(
                Judgement(
                    each["name"], each["entity"], each["says"], each["record"], each["label"], each["who"],
                    each["at"][:10], each["why"],
                )
                for each in some
            ),
            some[0]["contribution"] or 0, **Retractable.said(some[0]),
        )
        for number, some in found.items()
    ]  # fmt: skip
