"""Words as people type them, and what of several things they fit: see decision 0034."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from leedskg.naming import folded

#: Words that say nothing about a need.
_EMPTY_WORDS = frozenset(
    folded(
        "a about access all am an and any anyone are around as at be business by can company could do does "
        "find firm for from get getting give has have he help helps how i idea if in innovation innovator "
        "innovators into is it its leeds like look looking make me my need needs new not of on or our out "
        "people place please put she so some somebody someone something start that the their them there they "
        "thing this through to up us use want wants was we what where which who whom will with would "
        "yorkshire you your"
    ).split()
)
#: A need is offered when it fits at least so well, against the one that fits best.
_NEARLY = 0.5
#: A beginning that two words share makes them the same root when it is this long, and this part of the longer one.
_ROOT, _ROOT_PART = 5, 0.66
#: Letters from which on a word may have one slip, and two.
_ONE_SLIP, _TWO_SLIPS = 5, 8
#: American spellings and plurals, as they are written here. Each word is folded first, so all letters are small.
_SPELLINGS = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"iz(?=e|a|i)", "is"),
        (r"our(?=s?$|al|able)", "or"),
        (r"tre(?=s?$)", "ter"),
        (r"mme(?=s?$)", "m"),
        (r"(?<=[cf])en[cs]e(?=[sd]?$)", "ens"),
        (r"ae", "e"),
        (r"ll(?=ing$|ed$|er$)", "l"),
        (r"ies$", "y"),
        (r"(?<=ss|ch|sh)es$", ""),
        (r"(?<=[^suiy])s$", ""),
    )
)


@dataclass(frozen=True)
class Meaning:
    """How a text was read: the numbers of what it fits, the likeliest first, and its words, known and not."""

    fits: tuple[int, ...]
    known: tuple[str, ...]
    unknown: tuple[str, ...]


def written(word: str) -> str:
    """Write a folded word as it is compared: British, and in the singular."""
    for pattern, instead in _SPELLINGS:
        if len(word) > 3:
            word = pattern.sub(instead, word)
    return word


def words_of(text: str) -> list[str]:
    """Return the words of a text that say something, as they are compared, each once."""
    return list(dict.fromkeys(written(word) for word in folded(text).split() if word not in _EMPTY_WORDS))


class Wording:
    """The words of several things, to find which of them a text may mean."""

    def __init__(self, texts: Sequence[Iterable[str]]) -> None:
        self._having: dict[str, set[int]] = {}
        for number, told in enumerate(texts):
            for word in words_of(" ".join(told)):
                self._having.setdefault(word, set()).add(number)

    def read(self, text: str) -> Meaning:
        """Find what a text fits. A word counts the less, the more things have it; one that is not exact counts half.

        Nothing fits a text of which no word is known: a guess would mislead.
        """
        scores: dict[int, float] = {}
        known: list[str] = []
        unknown: list[str] = []
        for said in dict.fromkeys(folded(text).split()):
            if said in _EMPTY_WORDS:
                continue
            having, weight = self._reading(written(said))
            (known if having else unknown).append(said)
            for number in having:
                scores[number] = scores.get(number, 0.0) + weight / len(having)
        best = max(scores.values(), default=0.0)
        fits = sorted(
            (number for number in scores if scores[number] >= best * _NEARLY), key=lambda at: (-scores[at], at)
        )
        return Meaning(tuple(fits), tuple(known), tuple(unknown))

    def _reading(self, word: str) -> tuple[set[int], float]:
        """Find what has a word: exactly if anything has, else one of its root, else one that it may be a slip of."""
        if word in self._having:
            return self._having[word], 1.0
        for alike in (_same_root, _a_slip):
            found = [having for known, having in self._having.items() if alike(word, known)]
            if found:
                return set().union(*found), 0.5
        return set(), 0.0


def _same_root(word: str, other: str) -> bool:
    shared = next((at for at, (one, two) in enumerate(zip(word, other, strict=False)) if one != two), None)
    length = min(len(word), len(other)) if shared is None else shared
    if shared is None and length >= 4 and len(word) < len(other):  # the beginning of a word, as one types it
        return True
    return length >= _ROOT and length >= _ROOT_PART * max(len(word), len(other))


def _a_slip(word: str, other: str) -> bool:
    """Return whether letters were left out, added, changed or swapped (optimal string alignment)."""
    shorter = min(len(word), len(other))
    most = 2 if shorter >= _TWO_SLIPS else 1 if shorter >= _ONE_SLIP else 0
    return bool(most) and word[0] == other[0] and OSA.distance(word, other, score_cutoff=most) <= most
