"""Names as people write them: how they are compared, the words that matter, beginnings, and slips of the pen."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import OSA

from leedskg.characters import without_invisible

#: Words that a name may have or lack, legal forms among them.
_SMALL = frozenset(
    ["the", "of", "and", "for", "at", "in", "a", "an", "on", "to", "by", "s", "ltd", "limited", "plc", "llp", "inc"]
)
#: Words that are written short, as they are compared: without a plural's ending.
_SHORT_FORMS = {
    "univ": "university", "uni": "university", "saint": "st", "inst": "institute", "hosp": "hospital",
    "dept": "department", "ctr": "centre", "center": "centre", "natl": "national", "org": "organisation",
    "organization": "organisation", "yorks": "yorkshire", "gov": "government", "govt": "government",
    "assoc": "association", "coll": "college", "intl": "international",
}  # fmt: skip
_TRUST = re.compile(r"\bnhs (?:found(?:ation)? )?trust\b|\bnhs ft\b")
#: Letters of a word below which an ending is not taken for a plural's.
_SHORT = 3
#: Words of a name that a person writes in capitals: more make no abbreviation.
_MOST_INITIALS = 8
_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
#: Characters that join words in print and part them in a search.
_PARTING = str.maketrans(dict.fromkeys("-–—/,.:;()[]'‘’\"“”", " ") | {"&": " and "})


def folded(text: str) -> str:
    """Return a name as it is compared: without case, accents, punctuation, runs of white space or what nobody sees.

    Letters that are not a to z and cannot be taken apart are transliterated: ł to l, þ to th, Ж to Zh.
    """
    text = text.translate(_PARTING)
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", without_invisible(text).translate(_JOINERS))
        text = "".join(_plain(char) for char in plain if not unicodedata.combining(char))
    return " ".join(text.casefold().split())


def _plain(character: str) -> str:
    return anyascii(character) if character.isalpha() and not character.isascii() else character


def slug(name: str) -> str:
    """Return the readable end of an entity's IRI: lower-case letters and digits, single hyphens between them."""
    return "-".join(re.findall(r"[a-z0-9]+", folded(name)))


def fits(words: Iterable[str], name: str) -> bool:
    """Return whether each word begins one of the words of a folded name, or all of them together begin the name."""
    parts, words = name.split(), list(words)
    return bool(words) and ("".join(parts).startswith("".join(words)) or begin(words, parts))


def beginnings(words: Iterable[str]) -> list[str]:
    """Strip an English plural's ending from each word: leave what `labs`, `charity` and `charities` have in common."""
    return [re.sub("(?:ies|y|s)$", "", word) if len(word) > _SHORT else word for word in words]


def begin(words: list[str], parts: list[str]) -> bool:
    """Return whether each of the words begins one of the parts."""
    return all(any(part.startswith(word) for part in parts) for word in words)


class WordIndex:
    """Folded texts by their words, so that what some words begin is found without a look at every text."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._having: dict[str, list[int]] = {}
        self._texts = 0
        for number, text in enumerate(texts):
            self._texts = number + 1
            for word in dict.fromkeys(text.split()):
                self._having.setdefault(word, []).append(number)
        self._words = sorted(self._having)
        #: How many texts have each word.
        self.counts = Counter({word: len(numbers) for word, numbers in self._having.items()})

    def begun_by(self, words: Iterable[str]) -> Sequence[int]:
        """Return the numbers of the texts in which each of the words begins one, as `begin` has it, rising."""
        found: set[int] | None = None
        for word in words:
            start, end = (bisect_left(self._words, each) for each in (word, f"{word}\U0010ffff"))
            having = {number for each in self._words[start:end] for number in self._having[each]}
            found = having if found is None else found & having
        return range(self._texts) if found is None else sorted(found)


def telling_words(folded: str) -> tuple[str, ...]:
    """Return the words of a folded name that tell it from others, in the order of the alphabet.

    Small words, legal forms, plurals and the order of words do not: “Univ. of Leeds” and “Leeds University” are one,
    and so are “St James’s Hospital” and “St James Hospitals”.
    """
    found = _TRUST.sub(" ", folded).split() or folded.split()
    said = [_SHORT_FORMS.get(word, word) for word in map(singular, found) if word not in _SMALL]
    return tuple(sorted(said or found))


def singular(word: str) -> str:
    """Return a word without an English plural's ending, be it one or not: what `lab` and `labs` have in common."""
    if len(word) <= _SHORT:
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word.rstrip("s")


@lru_cache(maxsize=200_000)
def initials(name: str) -> frozenset[str]:
    """Return what a name in full may be abbreviated to: `lthnt` and `ltht` for Leeds Teaching Hospitals NHS Trust."""
    words = [word for word in re.findall(r"[^\W\d_]+", name) if word[0].isupper()]
    known = (words, [word for word in words if word != "NHS"])
    short = {"".join(word[0] for word in some).casefold() for some in known if len(some) <= _MOST_INITIALS}
    return frozenset(each for each in short if len(each) > 2) - {word.casefold() for word in words}


def is_slip(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether two names, as sorted words, differ by a slip of the pen: never in a number or by a whole word."""
    first, second = list(one), list(other)
    if len(first) != len(second):
        return "".join(first) == "".join(second)
    left = sorted(set(first) - set(second))
    right = sorted(set(second) - set(first))
    if len(left) != 1 or len(right) != 1:
        return False
    wrong, meant = left[0], right[0]
    shorter = min(len(wrong), len(meant))
    if shorter < _SHORT + 1 or any(character.isdigit() for character in wrong + meant):
        return False
    # In a short word another letter makes another name: York is not Cork.
    if shorter == len(wrong) == len(meant) == _SHORT + 1 and sorted(wrong) != sorted(meant):
        return False
    return OSA.distance(wrong, meant) <= (1 if len(meant) < 8 else 2)


def respelt(words: Iterable[str], known: Mapping[str, int]) -> list[str]:
    """Return words with each that begins none of those known replaced by the one it is a slip of, if of any.

    `known` says how often each is in use: of those equally near the most frequent is meant.
    """
    return [word if any(each.startswith(word) for each in known) else _meant(word, known) for word in words]


def _meant(word: str, known: Mapping[str, int]) -> str:
    near = process.extract(word, list(known), scorer=OSA.distance, score_cutoff=2, limit=None)
    slips = [(distance, -known[each], each) for each, distance, _ in near if is_slip([word], [each])]
    return min(slips)[2] if slips else word
