"""How values read on a page: numbers, money, dates and plurals, in British English."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

#: What is said wherever something is not found: a gap in the record is no finding.
MISSING = "Missing does not mean untrue: we record only what our sources say."
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?([~?%]?)")
_DOUBT = {"": "", "~": "about ", "?": "perhaps ", "%": "perhaps about "}


def plain_date(text: str) -> str:
    """Put an EDTF date or period in words, such as `September 2021` or `2018 to 2023`; anything else as it is."""
    start, slash, end = text.partition("/")
    if not slash:
        return _date(text) or text
    one, other = _date(start), _date(end)
    if one and other:
        return f"{one} to {other}"
    if one and end in ("", ".."):
        return f"from {one}"
    return f"until {other}" if other and start in ("", "..") else text


def _date(text: str) -> str:
    """Put a date without its time in words; nothing for a text that is none."""
    found = _DATE.fullmatch(text)
    if not found:
        return ""
    year, month, day, doubt = found.groups()
    if month is None:
        words = year
    elif month in _SEASONS:
        words = f"{_SEASONS[month]} {year}"
    elif 1 <= int(month) <= len(_MONTHS):
        words = f"{int(day)} " if day else ""
        words += f"{_MONTHS[int(month) - 1]} {year}"
    else:
        return ""
    return _DOUBT[doubt] + words


def grouped(number: str) -> str:
    """Write a number with its thousands apart; a text that is no number as it is."""
    value = finite_decimal(number)
    if value is None:
        return number
    return f"{value.normalize():,f}" if value == value.to_integral() else f"{value:,f}"


def ordinal(number: str) -> str:
    """Write a place in a ranking, such as `3rd`; a text that is no whole number as it is."""
    if not re.fullmatch(r"\d{1,6}", number):
        return number
    value = int(number)
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def money(number: str, currency: str) -> str:
    """Put an amount of money in words, such as `£1.6 billion`; written out when words would take many decimals."""
    value = finite_decimal(number)
    if value is None:
        return f"{number} {currency}"
    sign = {"GBP": "£", "EUR": "€", "USD": "$"}.get(currency, f"{currency} ")
    for size, word in ((10**9, " billion"), (10**6, " million")):
        if value >= size and value % (size // 100) == 0:
            return f"{sign}{grouped(str(value / size))}{word}"
    return f"{sign}{grouped(number)}"


def awarded(pounds: float) -> str:
    """Put the sum of many awards in short, such as `£12.3m`; nothing for none."""
    for size, word in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if round(pounds / size, 1) >= 1:
            return f"£{pounds / size:.1f}".removesuffix(".0") + word
    return f"£{pounds:.0f}" if pounds else ""


def finite_decimal(text: str) -> Decimal | None:
    """Read a number; None for a text that is none, or that stands for one without end."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def plural(word: str) -> str:
    """Return the plural of a kind, such as `public bodies`. Every kind of the ontology takes the regular one."""
    return f"{word[:-1]}ies" if re.search(r"[^aeiou]y$", word) else f"{word}s"


def singular(words: str) -> str:
    """Return one of what these words are the plural of: the units of the ontology, such as `companies` or `people`."""
    for plural_end, end in (("people", "person"), ("feet", "foot"), ("ies", "y"), ("s", "")):
        if words.endswith(plural_end) and not words.startswith("per "):
            return words.removesuffix(plural_end) + end
    return words


def capital(text: str) -> str:
    """Return a text with a capital at its beginning and nothing else changed."""
    return text[:1].upper() + text[1:]


#: Words of edges that need more than a verb before them to be read in a sentence.
_CLAUSES = {
    "partner of": "is a partner of",
    "member of": "is a member of",
    "has member": "has among its members",
    "has part": "has among its parts",
    "has spin-out": "has as a spin-out",
}


def clause(words: str) -> str:
    """Return the words of an edge as a sentence has them between two names, such as `is part of` for `part of`."""
    if words in _CLAUSES:
        return _CLAUSES[words]
    return f"is {words}" if words.endswith((" of", " by", " in", " with")) and not words.startswith("is ") else words


def listed(words: Iterable[str], most: int = 0) -> str:
    """Join words, as in `one, two and three`; of more than `most`, the first ones and how many more there are."""
    shown = list(words)
    if 0 < most < len(shown):
        shown[most - 1 :] = [f"{len(shown) - most + 1} more"]
    *first, last = shown or [""]
    return f"{', '.join(first)} and {last}" if first else last
