"""EDTF dates as the span of days that they may mean."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_DATE = re.compile(r"(\d{2}(?:\d\d|\dX|XX))(?:-(\d\d))?(?:-(\d\d))?([~?%]?)")
_SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 12)}


@dataclass(frozen=True)
class DateSpan:
    """The first and the last day that a date may mean, and whether its source is unsure of it."""

    first: date
    last: date
    unsure: bool = False

    @property
    def exact(self) -> bool:
        """Whether it is one day that nobody doubts."""
        return self.first == self.last and not self.unsure


def span(text: str) -> DateSpan | None:
    """Read the span of an EDTF date or of a closed interval; None for an open one and for a text that is no date.

    Years, months, days, seasons, unspecified years (`201X`) and the marks of doubt are read: what the shapes let in.
    """
    start, slash, end = text.partition("/")
    if slash:
        one, other = span(start), span(end)
        return DateSpan(one.first, other.last, one.unsure or other.unsure) if one and other else None
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day, doubt = found.groups()
    years = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if years[0] < 1:
        return None
    try:
        if day:
            first = last = date(years[0], int(month), int(day))
        else:
            months = (1, 12) if not month else _SEASONS.get(int(month), (int(month), int(month)))
            first = date(years[0], months[0], 1)
            last = date(years[1], months[1], monthrange(years[1], months[1])[1])
    except (ValueError, IndexError):
        return None
    return DateSpan(first, last, bool(doubt))


def may_hold(valid_from: str, valid_to: str, when: DateSpan) -> bool:
    """Return whether what held from one EDTF date to another may have held on a day of `when`; without a date, yes."""
    start, end = span(valid_from), span(valid_to)
    return (start is None or start.first <= when.last) and (end is None or end.last >= when.first)
