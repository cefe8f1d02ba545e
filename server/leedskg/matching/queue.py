"""The questions of a table as a queue: one key a decision, names that are alike once, and the last one undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from leedskg.matching.judgements import Judgement, Judgements
from leedskg.matching.matcher import Matcher, Mention, Outcome
from leedskg.naming import folded

#: Keys beside the numbers of proposals: none of them, later, undo, stop.
NONE, LATER, UNDO, STOP = "n", "s", "u", "q"


@dataclass(frozen=True)
class QueuedQuestion:
    """A question, and how often its name stands in the table."""

    outcome: Outcome
    times: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values: the name, its record, and the proposals with their reasons."""
        return {
            "name": self.outcome.mention.name,
            "record": self.outcome.mention.record,
            "times": self.times,
            "why": self.outcome.why,
            "proposals": [
                {"entity": each.candidate.iri, "label": each.candidate.label, "score": round(each.score, 3),
                 "kinds": list(each.candidate.kinds), "why": each.why}
                for each in self.outcome.proposals
            ],
        }  # fmt: skip


def gathered(mentions: Iterable[Mention]) -> list[list[Mention]]:
    """Return mentions with those of the same name and record together."""
    alike: dict[Mention, list[Mention]] = {}
    for each in mentions:
        alike.setdefault(replace(each, name=folded(each.name)), []).append(each)
    return list(alike.values())


def in_groups(asked: Iterable[QueuedQuestion]) -> list[QueuedQuestion]:
    """Return questions with those together that may be the same body."""

    def place(each: QueuedQuestion) -> tuple[str, str]:
        first = each.outcome.proposals[:1]
        return (folded(first[0].candidate.label) if first else "", each.outcome.mention.name)

    return sorted(asked, key=place)


def judged(asked: QueuedQuestion, key: str) -> list[Judgement] | None:
    """Return what a key says of a question: nothing for later; None for a key that means nothing here."""
    if key == LATER:
        return []
    proposals = asked.outcome.proposals
    chosen = proposals[int(key) - 1 : int(key)] if key in {"1", "2", "3", "4", "5"} else ()
    if not chosen and key != NONE:
        return None
    return [
        Judgement(
            asked.outcome.mention.name, each.candidate.iri, "same" if chosen else "not the same",
            label=each.candidate.label, why=each.why if chosen else "",
        )
        for each in chosen or proposals
    ]  # fmt: skip


@dataclass
class Queue:
    """Questions in groups of those that may be the same body, and what was decided of them."""

    matcher: Matcher
    questions: list[QueuedQuestion]
    who: str = ""
    when: str = ""
    _past: list[tuple[int, tuple[Judgement, ...]]] = field(default_factory=list)
    _at: int = 0

    @classmethod
    def of(cls, matcher: Matcher, mentions: Iterable[Mention], *, who: str = "", when: str = "") -> Queue:
        """Match mentions and queue the questions; a name that stands in several rows is asked once."""
        asked = [QueuedQuestion(matcher.match(some[0]), len(some)) for some in gathered(mentions)]
        return cls(matcher, in_groups(each for each in asked if each.outcome.is_question), who, when)

    @property
    def current(self) -> QueuedQuestion | None:
        """The question that is to be answered now; none at the end."""
        return self.questions[self._at] if self._at < len(self.questions) else None

    @property
    def position(self) -> int:
        """How many questions are behind."""
        return self._at

    def press(self, key: str) -> bool:
        """Decide the current question by a key; False for a key that means nothing here."""
        if key == UNDO:
            return self._undo()
        asked = self.current
        if asked is None:
            return False
        said = judged(asked, key)
        if said is None:
            return False
        self._past.append((self._at, tuple(self.matcher.judgements)))
        for each in said:
            self.matcher.judgements.add(replace(each, who=self.who, when=self.when))
        self._at += 1
        return True

    def _undo(self) -> bool:
        if not self._past:
            return False
        self._at, before = self._past.pop()
        self.matcher.judgements = Judgements.of(before)
        return True
