"""What sources date: when things began, and when relationships held, on a line of years."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from leedskg.namespaces import Namespaces
from leedskg.picture.dates import DateSpan, span
from leedskg.picture.model import GROUND, INK, INK_SOFT, letters_in
from leedskg.picture.svg import Drawing, linked, text_lines
from leedskg.query_files import query_beside
from leedskg.store import Reader

HEAD = 30
FONT = 13
LINE = 17
#: Length of the tail of what began and of which no source says when it ended.
TAIL = 26
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100)


@dataclass(frozen=True)
class TimelineLayout:
    """How the line of years and the words beside it share the room; `above` puts the words over their bars."""

    years: float
    words: float
    above: bool

    @property
    def width(self) -> float:
        """The width of the whole."""
        return self.years if self.above else self.years + 12 + self.words


#: Words beside their bars, and for a narrow screen words above them; no word is left out in either.
WIDE = TimelineLayout(460, 480, above=False)
NARROW = TimelineLayout(246, 246, above=True)


@dataclass(frozen=True)
class Dated:
    """A statement with its dates as EDTF: when something began to hold, and ceased to.

    `event` is the beginning of an entity itself, which does not last.
    """

    iri: str
    start: str
    end: str
    event: bool

    @property
    def first(self) -> DateSpan | None:
        """The span of its first date."""
        return span(self.start) or span(self.end)

    @property
    def last(self) -> DateSpan | None:
        """The span of its last date."""
        return span(self.end) or span(self.start)


@dataclass(frozen=True)
class TimelineEntry:
    """A line of the drawing: what is dated, in words, its dates in words, and its address."""

    dated: Dated
    words: str
    dates: str
    href: str


def read_dated(reader: Reader, namespaces: Namespaces) -> tuple[list[Dated], int]:
    """Read every statement that a source dates, the earliest first, and how many have a date that is not understood."""
    found = [
        Dated(
            row["statement"].value,
            row["start"].value if "start" in row else "",
            row["end"].value if "end" in row else "",
            row["event"].value in ("true", "1"),
        )
        for row in reader.rows(query_beside(__file__, "timeline_dated") % namespaces.base)
    ]
    known = [each for each in found if each.first]
    known.sort(key=lambda each: (each.first.first if each.first else date.max, each.start, each.iri))
    return known, len(found) - len(known)


def draw_timeline(entries: Sequence[TimelineEntry], form: TimelineLayout = WIDE) -> Drawing:
    """Draw a row an entry: a bar over all days that its date may mean, hollow where the source is unsure of it.

    What held from one date to another is a line between two bars. Where no source says when it ended, a dotted tail
    leads on: it does not say that it still holds.
    """
    spans = [each for entry in entries for each in (entry.dated.first, entry.dated.last) if each]
    if not spans:
        return Drawing(0, 0, form.width, HEAD, "")
    first, last = min(each.first for each in spans).year, max(each.last for each in spans).year + 1
    scale = (form.years - TAIL) / max(1, last - first)

    def x(day: date) -> float:
        return (day.year - first + (day.timetuple().tm_yday - 1) / 366) * scale

    rows: list[str] = []
    y = float(HEAD)
    for entry in entries:
        told = f"{entry.dates}: {entry.words}"
        lines = textwrap.wrap(told, letters_in(form.words, FONT)) or ["(no words)"]
        high = LINE * len(lines)
        middle = y + high + 11 if form.above else y + high / 2 + 4
        at_x, at_y = (0.0, y + FONT + 1) if form.above else (form.years + 12, y + FONT + 3)
        drawn = [_spans(entry.dated, x, middle), text_lines(lines, at_x, at_y, size=FONT, anchor="start", leading=LINE)]
        rows.append(linked("".join(drawn), entry.href, told))
        y += high + (30 if form.above else 8)
    return Drawing(-16, 0, form.width + 32, y + 8, _years(first, last, scale, y + 8) + "".join(rows))


def _years(first: int, last: int, scale: float, height: float) -> str:
    """Draw the years over the drawing, with a line down from each."""
    parts = []
    step = next((each for each in _STEPS if each * scale >= 60), 200)
    for year in range(-(-first // step) * step, last + 1, step):
        at = (year - first) * scale
        parts.append(f'<path d="M{at:.1f} {HEAD - 8}V{height:.1f}" stroke="#D5DBE1" fill="none"/>')
        parts.append(text_lines([str(year)], at, HEAD - 12, size=12, ink=INK_SOFT))
    return "".join(parts)


def _spans(dated: Dated, x: Callable[[date], float], y: float) -> str:
    """Draw the bars of a row, and what is between or behind them."""
    start, end = span(dated.start), span(dated.end)
    drawn: list[str] = []
    if start and end:
        drawn.append(f'<path d="M{x(start.last):.1f} {y:.1f}H{x(end.first):.1f}" stroke="{INK}" stroke-width="2"/>')
    elif start and not dated.event:
        drawn.append(
            f'<path d="M{x(start.last):.1f} {y:.1f}h{TAIL}" stroke="{INK}" stroke-width="2" stroke-dasharray="2 4"/>'
        )
    return "".join(drawn + [_bar(x(each.first), x(each.last), y, hollow=each.unsure) for each in (start, end) if each])


def _bar(x: float, to_x: float, y: float, *, hollow: bool) -> str:
    width = max(6.0, to_x - x)
    fill = GROUND if hollow else "#12436D"
    return (
        f'<rect x="{x:.1f}" y="{y - 6:.1f}" width="{width:.1f}" height="12" rx="2" fill="{fill}" stroke="#12436D" '
        f'stroke-width="2"{" stroke-dasharray=" + chr(34) + "3 2" + chr(34) if hollow else ""}/>'
    )
