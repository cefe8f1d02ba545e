"""Numbers as bars from a line of nought: to the right, and to the left for what is below it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from leedskg.picture.model import INK, letters_in, size_of
from leedskg.picture.svg import Drawing, linked, text_lines

FONT = 13
LINE = 17
#: Height of a bar.
BAR = 14
#: Digits before the point up to which a number is written out.
_MOST_DIGITS = 15


@dataclass(frozen=True)
class BarsLayout:
    """How much room the bars and the words beside them have; `above` puts the words over their bars."""

    bars: float
    words: float
    above: bool


WIDE = BarsLayout(620, 320, above=False)
NARROW = BarsLayout(250, 250, above=True)


@dataclass(frozen=True)
class Bar:
    """A bar: its name, its number, the number in words, and the address of what it is of."""

    name: str
    value: Decimal
    words: str
    href: str = ""


def number_words(value: Decimal) -> str:
    """Write a number with its thousands apart, as `1.200E40` where it is very large or small."""
    if value and not -5 <= value.adjusted() < _MOST_DIGITS:
        digits, _, power = f"{value:.3e}".partition("e")
        return f"{digits}E{int(power)}"
    text = f"{value:,.4f}" if value != value.to_integral() else f"{value:,.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def draw_bars(bars: Sequence[Bar], form: BarsLayout = WIDE) -> Drawing:
    """Draw a row a bar, the number beside it. All of one colour: the length alone says how much."""
    if not bars:
        return Drawing(0, 0, form.bars, LINE, "")
    least = min(Decimal(0), *(bar.value for bar in bars))
    most = max(Decimal(0), *(bar.value for bar in bars))
    room = max(size_of(bar.words, FONT)[0] for bar in bars) + 8
    left = 0.0 if form.above else form.words + 12
    before = min(room, form.bars / 3) if least < 0 else 0.0
    length = max(60.0, form.bars - min(room, form.bars / 3) - before)
    spread = (most - least) or Decimal(1)
    nought = left + before + length * float(-least / spread)
    rows: list[str] = []
    y = 4.0
    for bar in bars:
        lines = textwrap.wrap(bar.name, letters_in(form.words, FONT)) or ["(no name)"]
        high = LINE * len(lines)
        middle = y + high + BAR / 2 + 3 if form.above else y + max(high, BAR) / 2
        if form.above:
            words = text_lines(lines, 0, y + FONT, size=FONT, anchor="start", leading=LINE)
        else:
            words = text_lines(lines, form.words, y + FONT, size=FONT, anchor="end", leading=LINE)
        far = length * float(abs(bar.value) / spread)
        below = bar.value < 0
        width = max(1.0, far) if bar.value else 0.0
        at = nought - width if below else nought
        drawn = (
            f'<rect x="{at:.1f}" y="{middle - BAR / 2:.1f}" width="{width:.1f}" height="{BAR}" fill="#12436D"/>'
            + words
            + text_lines(
                [bar.words],
                at - 5 if below else at + width + 5,
                middle + FONT * 0.35,
                size=FONT,
                anchor="end" if below else "start",
            )
        )
        rows.append(linked(drawn, bar.href, f"{bar.name}: {bar.words}"))
        y += (high + BAR + 12) if form.above else max(high, BAR) + 8
    axis = f'<path d="M{nought:.1f} 0V{y:.1f}" stroke="{INK}" fill="none"/>'
    return Drawing(-4, 0, left + form.bars + 12, y + 4, axis + "".join(rows))
