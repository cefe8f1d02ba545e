"""The sort of body that a name or a kind speaks of: what keeps a university from its hospital whatever their names."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NHS = r"nhs|hospitals?|infirmary|clinical commissioning|integrated care|health board|healthcare trust|hospice"
_UNIVERSITY = r"universit(?:y|ies)|univ|uni|polytechnic"
_AUTHORITY = (
    r"council|borough|combined authority|county of|ministry|department (?:for|of) (?:health|business|transport)"
)
_COMPANY = r"ltd|limited|plc|llp|inc|gmbh|corp|corporation|llc|b v|n v|s a|s r l|a s|ag"
_PART = (
    r"department|dept|school|faculty|institute|division|unit|centre|center|college|laborator(?:y|ies)|lab|group|section"
    r"|clinic|klinik|abteilung|abt|office|r and d|research and development|research governance"
)
_OF_NAME = tuple(
    (sort, re.compile(rf"\b(?:{words})\b"))
    for sort, words in (
        ("health service", _NHS),
        ("university", _UNIVERSITY),
        ("authority", _AUTHORITY),
        ("company", _COMPANY),
    )
)
_PART_WORD = re.compile(rf"\b(?:{_PART})\b")
#: Words that many bodies have in their names, and of which alone a name tells none from another.
_COMMON = re.compile(
    rf"\b(?:{_PART}|{_NHS}|{_UNIVERSITY}|{_AUTHORITY}|{_COMPANY}|the|of|for|and|trust|foundation|charity|city|research"
    r"|medicine|medical|health|clinical|sciences?|engineering|partner|other|unknown|various|none|general|national)\b"
)
_OF_KIND = {
    "university": "university",
    "NHS organisation": "health service",
    "company": "company",
    "spin-out company": "company",
    "investor": "company",
    "city": "place",
    "region": "place",
    "country": "place",
    "place": "place",
    "facility": "facility",
    "public body": "authority",
    "charity": "charity",
    "programme": "activity",
    "funding programme": "activity",
    "initiative": "activity",
    "support service": "activity",
    "product": "activity",
    "data asset": "activity",
}
#: Sorts that one body may well be of together: a charity that is a company, a body that the state owns.
_TOGETHER = (
    {"charity", "company"}, {"authority", "health service"}, {"authority", "place"}, {"authority", "company"},
    {"facility", "health service"}, {"charity", "health service"},
)  # fmt: skip


def sort_of_name(folded: str) -> str:
    """Return the sort of body that a folded name speaks of: a hospital's name with “university” is a hospital's."""
    return next((sort for sort, form in _OF_NAME if form.search(folded)), "")


def sorts_of_kinds(kinds: Iterable[str]) -> frozenset[str]:
    """Return the sorts that kinds in words are of."""
    return frozenset(_OF_KIND[kind] for kind in kinds if kind in _OF_KIND)


def are_at_odds(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether no body can be of a sort of the one and of a sort of the other; nothing known is never at odds."""
    first, second = set(one) - {""}, set(other) - {""}
    return bool(first and second) and not any(a == b or {a, b} in _TOGETHER for a in first for b in second)


def names_part(folded: str) -> bool:
    """Return whether a folded name speaks of a department, school or unit of something larger."""
    return bool(_PART_WORD.search(folded))


def tells_nobody(folded: str) -> bool:
    """Return whether a folded name has only words that many have, such as “School of Medicine” or “the Trust”."""
    return not _COMMON.sub(" ", folded).split()


def names_several(folded: str, name: str) -> bool:
    """Return whether a name speaks of two bodies: a university and a hospital, side by side."""
    pieces = [piece for piece in re.split(r"\s*/\s*|\s+&\s+|\s+and\s+|\s+with\s+|;\s*", name) if piece.strip()]
    if len(pieces) < 2:
        return False
    sorts = {sort_of_name(" ".join(piece.casefold().split())) for piece in pieces} & {"university", "health service"}
    return len(sorts) > 1 or (" / " in name and bool(sort_of_name(folded)))
