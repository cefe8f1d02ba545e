"""What the ledger keeps: contributions, their statements, the events of their life, and the steps of the graph."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyoxigraph as ox

from leedskg.validation.change import Action, ProposedStatement
from leedskg.validation.findings import Place
from leedskg.validation.report import ContributionReport

#: Accepting and merging are one transaction, so that nothing rests between the two; both are events.
State = Literal["submitted", "checked", "rejected", "merged", "undone"]
OPEN: tuple[State, ...] = ("submitted", "checked")
Decision = Literal["open", "accepted", "rejected"]
StepKind = Literal["merge", "undo", "settle"]


@dataclass(frozen=True)
class Contribution:
    """One contribution as it stands now. `version` counts its events: who acts on it says which one was read.

    `settled` means that the knowledge files hold what it changed, so that they speak for it.
    """

    id: int
    title: str
    message: str
    source: str
    who: str
    at: str
    file_name: str
    form: str
    sha256: str
    size: int
    state: State
    version: int
    settled: bool
    added: int
    removed: int
    report: Mapping[str, Any] = field(default_factory=dict)
    shapes: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state in OPEN

    @property
    def full_report(self) -> ContributionReport:
        """The recorded report, with what follows from the contribution."""
        return ContributionReport.from_dict(
            self.report or {}, name=self.file_name, added=self.added, removed=self.removed
        )


@dataclass(frozen=True, slots=True)
class RecordedStatement:
    """A statement of a contribution: its number, what was decided of it, and whether the merge took effect by it."""

    number: int
    action: Action
    triple: ox.Triple
    place: Place
    decision: Decision = "open"
    effective: bool = True

    @property
    def proposal(self) -> ProposedStatement:
        """The statement as it was proposed."""
        return ProposedStatement(self.action, self.triple, self.place)


#: What somebody did, as a sentence about it has it.
_DEEDS = {
    "submitted": "sent it",
    "checked": "had it checked",
    "decided": "decided on single statements",
    "accepted": "accepted it",
    "merged": "merged it",
    "amended": "answered what the check asked",
    "rejected": "did not accept it",
    "withdrawn": "withdrew it",
    "undone": "took it back",
    "note": "wrote",
    "settled": "let the knowledge files speak for it",
}


@dataclass(frozen=True)
class Event:
    """Something that somebody did with a contribution: submitted, checked, decided, accepted and so on, or noted."""

    number: int
    contribution: int
    kind: str
    who: str
    at: str
    reason: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def deed(self) -> str:
        """What was done, as a sentence has it behind the name: “withdrew it”."""
        return _DEEDS.get(self.kind, self.kind)


@dataclass(frozen=True)
class Step:
    """A change of the graph. `head` is a digest of this step and of all before it."""

    number: int
    contribution: int
    kind: StepKind
    at: str
    head: str


@dataclass(frozen=True, kw_only=True)
class Retractable:
    """A decision that can be taken back: who did, when and why, if anybody."""

    taken_back_by: str = ""
    taken_back_at: str = ""
    why_taken_back: str = ""

    @property
    def holds(self) -> bool:
        """Whether nobody took it back."""
        return not self.taken_back_at

    @staticmethod
    def said(row: sqlite3.Row) -> dict[str, Any]:
        """Return these fields as a row of the database has them: `back_by`, `back_at`, `back_why`."""
        return {
            "taken_back_by": row["back_by"] or "",
            "taken_back_at": row["back_at"] or "",
            "why_taken_back": row["back_why"] or "",
        }


@dataclass(frozen=True)
class Operation:
    """What a contribution does to the graph when the steps are replayed: its statements, each with its place."""

    contribution: int
    added: tuple[RecordedStatement, ...]
    removed: tuple[RecordedStatement, ...]


def operations(steps: list[Step], statements: Mapping[int, tuple[RecordedStatement, ...]]) -> list[Operation]:
    """Return what is to be done to the knowledge files so that they say what the steps say, in order.

    An undone merge is left out, as though it had never been, unless the files had taken it up: then it is taken back
    from them. A settled one is left out, for the files say it.
    """
    standing: dict[tuple[int, str], Operation] = {}
    settled: set[int] = set()
    for step in steps:
        merged, undone = (step.contribution, "merge"), (step.contribution, "undo")
        if step.kind == "merge":
            mine = [each for each in statements[step.contribution] if each.effective]
            standing[merged] = Operation(
                step.contribution,
                tuple(each for each in mine if each.action == "add"),
                tuple(each for each in mine if each.action == "remove"),
            )
        elif step.kind == "settle":
            standing.pop(merged, None)
            standing.pop(undone, None)
            settled.add(step.contribution)
        elif step.contribution in settled:
            mine = [each for each in statements[step.contribution] if each.effective]
            standing[undone] = Operation(
                step.contribution,
                tuple(each for each in mine if each.action == "remove"),
                tuple(each for each in mine if each.action == "add"),
            )
        else:
            standing.pop(merged, None)
    return list(standing.values())
