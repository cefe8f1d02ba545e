"""The statements of a contribution one by one, in words, so that a steward can take some and leave others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leedskg.contributions.change import Action, Proposal
from leedskg.contributions.wording import describe, sentence
from leedskg.knowledge import Knowledge
from leedskg.statements import key


@dataclass(frozen=True)
class Choice:
    """A statement by its number in the contribution, in words."""

    number: int
    action: Action
    words: str


@dataclass(frozen=True)
class RecordChoices:
    """The statements on one record and its parts; `words` say what the record is."""

    record: str
    words: str
    choices: tuple[Choice, ...]


def record_choices(
    numbers: Sequence[int], proposals: Sequence[Proposal], before: Knowledge, after: Knowledge
) -> list[RecordChoices]:
    """The proposals by record, in the order in which they were sent, in words."""
    found: dict[str, list[Choice]] = {}
    for number, each in zip(numbers, proposals, strict=True):
        record = key(each.triple.subject).partition("#")[0]
        words = sentence(each.triple, after if each.action == "add" else before)
        found.setdefault(record, []).append(Choice(number, each.action, words))
    return [
        RecordChoices(record, describe(record, after if record in after.graph.statements else before), tuple(choices))
        for record, choices in found.items()
    ]
