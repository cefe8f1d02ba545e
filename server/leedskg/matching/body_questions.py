"""The questions on the bodies of records, found once and asked under what has been decided by now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from leedskg.matching.index import MatchIndex
from leedskg.matching.judgements import Judgements
from leedskg.matching.matcher import Matcher, MatchProposal, Mention
from leedskg.matching.queue import QueuedQuestion, gathered, in_groups


def question_id(mention: Mention) -> str:
    """Return the short name of a question, by which a form says what was answered."""
    return hashlib.sha256(f"{mention.record}\0{mention.name}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class BodyQuestions:
    """What is asked of the bodies of some records.

    The names are compared once, under no judgement. What is decided later only takes questions away or brings them
    back, so that an answer costs no second comparison. A name that is none of the bodies which were shown is settled:
    nobody is asked about lesser ones.
    """

    index: MatchIndex
    asked: tuple[QueuedQuestion, ...]

    @classmethod
    def of(cls, index: MatchIndex, mentions: Iterable[Mention]) -> BodyQuestions:
        """Match mentions and keep their outcomes, in groups of those that may be the same body."""
        matcher = Matcher(index)
        return cls(
            index, tuple(in_groups(QueuedQuestion(matcher.match(some[0]), len(some)) for some in gathered(mentions)))
        )

    def under(self, judgements: Judgements) -> list[QueuedQuestion]:
        """Return the questions that these judgements leave, in their order."""
        return [found for each in self.asked if (found := self._left(each, judgements))]

    def _left(self, asked: QueuedQuestion, judgements: Judgements) -> QueuedQuestion | None:
        outcome, mention = asked.outcome, asked.outcome.mention
        if not judgements.on(mention.name, mention.record):
            return asked if outcome.is_question else None
        if judgements.same(mention.name, mention.record):
            return None
        apart = judgements.apart(mention.name, mention.record)
        if outcome.entity is not None:
            again = Matcher(self.index, judgements).match(mention)
            return QueuedQuestion(again, asked.times) if again.is_question else None
        left = _without(outcome.proposals, apart)
        found = replace(outcome, proposals=left)
        return QueuedQuestion(found, asked.times) if found.is_question else None


def _without(proposals: Iterable[MatchProposal], apart: frozenset[str]) -> tuple[MatchProposal, ...]:
    return tuple(each for each in proposals if each.candidate.iri not in apart)
