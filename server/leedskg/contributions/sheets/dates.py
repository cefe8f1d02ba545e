"""Dates as people write them: 2019, Mar 2019, 03/2019, 2019-03-01, 1/4/2019. What can be read in two ways is told."""

from __future__ import annotations

import re
from datetime import date, timedelta

from leedskg.contributions.values import CellError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORD = r"(?P<word>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_FORMS = tuple(re.compile(each, re.IGNORECASE) for each in (
    r"(?P<year>[0-9]{4})",
    r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})",
    r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})(?:T00:00(?::00)?)?",
    r"(?P<month>[0-9]{1,2})[-/.](?P<year>[0-9]{4})",
    _WORD + r"[\s,/-]*(?P<year>[0-9]{4})",
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[\s/-]+(?:of )?" + _WORD + r"[\s,/-]*(?P<year>[0-9]{4})",
    _WORD + r"[\s/-]+(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,?[\s]+(?P<year>[0-9]{4})",
))  # fmt: skip
_NUMBERS = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
#: Days since 1899-12-30 that a spreadsheet keeps for a date, where it is shown as a number: 1950 to 2060.
_SERIAL = re.compile(r"(?:1[89]|[2-5][0-9])[0-9]{3}")
_EPOCH = date(1899, 12, 30)
_TWELVE = 12
#: An academic or financial year; 2011-12 is read as a month.
_SPAN = re.compile(r"(?P<first>[0-9]{4})(?: ?(?:/|–|to) ?|-(?!0[1-9]$|1[0-2]$))(?P<second>(?:[0-9]{2})?[0-9]{2})")
_PART_OF_YEAR = re.compile(
    r"(?:early|mid|late|spring|summer|autumn|winter|q[1-4]|easter|michaelmas)[\s-]*(?:of |in )?(?P<year>[0-9]{4})",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(
    r"(?P<before>[0-9]{1,2}[-/.][0-9]{1,2}[-/.]|(?:[0-9]{1,2}[\s-]+)?[a-z]{3,9}[\s'’-]+)(?P<year>[0-9]{2})",
    re.IGNORECASE,
)
#: Two digits up to this year are of this century; others are not guessed.
_YEARS_OF_NOW = 40


def _with_century(text: str) -> str:
    """Return a date whose year has two digits with the century that is meant: 12/06/21 and Jan-19."""
    found = _SHORT_YEAR.fullmatch(text)
    return f"{found['before']}20{found['year']}" if found and int(found["year"]) <= _YEARS_OF_NOW else text


def is_ambiguous(text: str) -> bool:
    """Return whether a date has day and month in an order that it does not tell."""
    found = _NUMBERS.fullmatch(_with_century(text))
    return found is not None and int(found[1]) <= _TWELVE and int(found[2]) <= _TWELVE and found[1] != found[2]


def order_told(text: str) -> str:
    """Return which of day and month a date begins with where it tells; empty where it does not."""
    found = _NUMBERS.fullmatch(_with_century(text))
    if not found:
        return ""
    return "day" if int(found[1]) > _TWELVE else "month" if int(found[2]) > _TWELVE else ""


def looks_like_date(text: str) -> bool:
    """Return whether a text is a date in one of the styles that are read; a bare number of days is none."""
    try:
        return not _SERIAL.fullmatch(text) and bool(read_date(text, "day"))
    except CellError:
        return False


def read_date(text: str, order: str, *, last: bool = False) -> str:
    """Return a date in EDTF. `order` is `day` or `month`, whichever stands first. Raises CellError.

    Of a year that goes over two, such as 2017/18, it is the first, or the `last`; of a season the year.
    """
    text = _with_century(text.strip())
    if (span := _SPAN.fullmatch(text)) and int(span["second"]) % 100 == (int(span["first"]) + 1) % 100:
        if last and int(span["second"]) <= _TWELVE:
            raise CellError(f"“{text}” is a month or a year over two: write 2012 or 2011-12.")
        return _checked(text, int(span["first"]) + last, 0, 0)
    if part := _PART_OF_YEAR.fullmatch(text):
        return _checked(text, int(part["year"]), 0, 0)
    numbers = _NUMBERS.fullmatch(text)
    if numbers:
        first, second = int(numbers[1]), int(numbers[2])
        told = order_told(text) or order
        if is_ambiguous(text) and not told:
            raise CellError(f"“{text}” can be read in two ways. Say whether the day or the month stands first.")
        day, month = (second, first) if told == "month" else (first, second)
        return _checked(text, int(numbers[3]), month, day)
    if _SERIAL.fullmatch(text):
        return (_EPOCH + timedelta(days=int(text))).isoformat()
    for form in _FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            month = _MONTHS.index(parts["word"][:3].lower()) + 1 if parts.get("word") else int(parts.get("month") or 0)
            return _checked(text, int(parts["year"]), month, int(parts.get("day") or 0))
    raise CellError(f"“{text}” is no date that can be read. Write it as 2019, 2019-03 or 2019-03-01.")


def _checked(text: str, year: int, month: int, day: int) -> str:
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise CellError(f"“{text}” is no day of the calendar. Correct it.") from None
    if not 1000 <= year <= 2100:
        raise CellError(f"“{text}” has a year that no list means. Correct it.")
    return "-".join([f"{year:04}", *([f"{month:02}"] if month else []), *([f"{day:02}"] if day else [])])
