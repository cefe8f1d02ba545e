"""Names of a table matched with the bodies of the graph: certain ones are taken, all else is asked."""

from leedskg.matching.index import MatchCandidate, MatchIndex
from leedskg.matching.judgements import (
    FILE,
    Judgement,
    Judgements,
    judgements_of,
    keep,
    read_judgements,
    read_kept,
    written,
)
from leedskg.matching.matcher import MOST_PROPOSALS, Matcher, MatchProposal, Mention, Outcome

__all__ = [
    "FILE",
    "MOST_PROPOSALS",
    "Judgement",
    "Judgements",
    "MatchCandidate",
    "MatchIndex",
    "MatchProposal",
    "Matcher",
    "Mention",
    "Outcome",
    "judgements_of",
    "keep",
    "read_judgements",
    "read_kept",
    "written",
]  # fmt: skip
