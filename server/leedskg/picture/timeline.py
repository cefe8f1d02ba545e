"""What sources date: when things began, and when relationships held, on a line of years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from leedskg.namespaces import Namespaces
from leedskg.picture.dates import Span, span
from leedskg.picture.lettering import GROUND, INK, INK_SOFT, wrapped
from leedskg.picture.svg import Drawing, linked, text_lines
from leedskg.store import Reader

WIDTH = 520
LABELS = 600
ROW = 24
HEAD = 30
FONT = 13
#: Length of the tail of what began and of which no source says when it ended.
TAIL = 26
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100)


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
    def first(self) -> Span | None:
        """The span of its first date."""
        return span(self.start) or span(self.end)

    @property
    def last(self) -> Span | None:
        """The span of its last date."""
        return span(self.end) or span(self.start)


@dataclass(frozen=True)
class Entry:
    """A line of the drawing: what is dated, in words, its dates in words, and its address."""

    dated: Dated
    words: str
    dates: str
    href: str


def read_dated(reader: Reader, namespaces: Namespaces) -> tuple[list[Dated], int]:
    """Every statement that a source dates, the earliest first; and how many have a date that is not understood."""
    found = [
        Dated(
            row["statement"].value,
            row["start"].value if "start" in row else "",
            row["end"].value if "end" in row else "",
            row["event"].value in ("true", "1"),
        )
        for row in reader.rows(_DATED % namespaces.base)
    ]
    known = [each for each in found if each.first]
    known.sort(key=lambda each: (each.first.first if each.first else date.max, each.start, each.iri))
    return known, len(found) - len(known)


def draw_timeline(entries: Sequence[Entry]) -> Drawing:
    """A row an entry: a bar over all days that its date may mean, hollow where the source is unsure of it.

    What held from one date to another is a line between two bars. Where no source says when it ended, a dotted tail
    leads on: it does not say that it still holds.
    """
    spans = [each for entry in entries for each in (entry.dated.first, entry.dated.last) if each]
    if not spans:
        return Drawing(0, 0, WIDTH + LABELS, HEAD, "")
    first, last = min(each.first for each in spans).year, max(each.last for each in spans).year + 1
    scale = (WIDTH - TAIL) / max(1, last - first)

    def x(day: date) -> float:
        return (day.year - first + (day.timetuple().tm_yday - 1) / 366) * scale

    height = HEAD + ROW * len(entries) + 8
    parts: list[str] = []
    step = next((each for each in _STEPS if each * scale >= 60), 200)
    for year in range(-(-first // step) * step, last + 1, step):
        at = (year - first) * scale
        parts.append(f'<path d="M{at:.1f} {HEAD - 8}V{height}" stroke="#D5DBE1" fill="none"/>')
        parts.append(text_lines([str(year)], at, HEAD - 12, size=12, ink=INK_SOFT))
    for row, entry in enumerate(entries):
        y = HEAD + ROW * (row + 0.5)
        dated = entry.dated
        drawn: list[str] = []
        start, end = span(dated.start), span(dated.end)
        if start and end:
            drawn.append(f'<path d="M{x(start.last):.1f} {y}H{x(end.first):.1f}" stroke="{INK}" stroke-width="2"/>')
        elif start and not dated.event:
            drawn.append(
                f'<path d="M{x(start.last):.1f} {y}h{TAIL}" stroke="{INK}" stroke-width="2" stroke-dasharray="2 4"/>'
            )
        drawn += [_bar(x(each.first), x(each.last), y, hollow=each.unsure) for each in (start, end) if each]
        words = wrapped(f"{entry.dates}: {entry.words}", 72, 1)
        drawn.append(text_lines([words], WIDTH + 12, y + 4.5, size=FONT, anchor="start"))
        parts.append(linked("".join(drawn), entry.href, f"{entry.dates}: {entry.words}"))
    return Drawing(-16, 0, WIDTH + LABELS + 32, height, "".join(parts))


def _bar(x: float, to_x: float, y: float, *, hollow: bool) -> str:
    width = max(6.0, to_x - x)
    fill = GROUND if hollow else "#12436D"
    return (
        f'<rect x="{x:.1f}" y="{y - 6:.1f}" width="{width:.1f}" height="12" rx="2" fill="{fill}" stroke="#12436D" '
        f'stroke-width="2"{" stroke-dasharray=" + chr(34) + "3 2" + chr(34) if hollow else ""}/>'
    )


_DATED = """
BASE <%s>
PREFIX lhi: <def#>
SELECT DISTINCT ?statement ?start ?end ?event WHERE {
  { ?statement lhi:property lhi:begun ; lhi:literalValue ?start . BIND(true AS ?event) }
  UNION
  { ?statement lhi:validFrom|lhi:validTo ?any . BIND(false AS ?event)
    OPTIONAL { ?statement lhi:validFrom ?start } OPTIONAL { ?statement lhi:validTo ?end } }
  FILTER NOT EXISTS { ?statement lhi:rank <scheme/rank/deprecated> }
} ORDER BY ?statement
"""
