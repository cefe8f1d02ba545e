"""Money from funders, through awards, to what they fund. An amount belongs to an award, so none counts twice."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from leedskg.kinds import COLOURS, kind_style
from leedskg.namespaces import Namespaces
from leedskg.picture.model import GROUND, INK, INK_SOFT, LEADING, LINE_COLOUR, PictureNode, letters_in, wrapped
from leedskg.picture.svg import Drawing, arrow, linked, shape, text_lines
from leedskg.query_files import query_beside
from leedskg.store import Reader

COLUMN = 260
PASSAGE = 110
ROW = 70
HEAD = 30
FONT = 13
#: Width of the drawing for a narrow screen.
NARROW = 264


@dataclass(frozen=True)
class Award:
    """A funding award: who gives, who gets, the amount where a source states one, and since and until when (EDTF)."""

    iri: str
    funders: tuple[str, ...]
    funded: tuple[str, ...]
    amount: str = ""
    currency: str = ""
    valid_from: str = ""
    valid_to: str = ""

    @property
    def size(self) -> Decimal:
        """The amount as a number, 0 where none is stated."""
        try:
            return max(Decimal(self.amount), Decimal(0))
        except InvalidOperation:
            return Decimal(0)

    @property
    def width(self) -> float:
        """How wide its line is: two units more for ten times the money."""
        return 3 + 2 * max(0.0, min(5.0, math.log10(float(self.size)) - 4)) if self.size >= 1 else 1.5


def read_awards(reader: Reader, namespaces: Namespaces) -> list[Award]:
    """Return every funding award that is not deprecated, the largest first, those of no stated amount last."""
    rows = reader.rows(query_beside(__file__, "money_awards") % namespaces.base)
    found: dict[str, dict[str, dict[str, None]]] = {}
    for row in rows:
        about = found.setdefault(row["award"].value, {})
        for name, term in row.items():
            about.setdefault(name, {})[term.value] = None
    awards = [
        Award(
            iri,
            tuple(about.get("funder", ())),
            tuple(about.get("funded", ())),
            *(next(iter(about.get(name, {})), "") for name in ("amount", "currency", "from", "to")),
        )
        for iri, about in found.items()
    ]
    return sorted(awards, key=lambda award: (-award.size, award.funders, award.funded, award.iri))


@dataclass(frozen=True)
class AwardLabel:
    """An award as it is shown: its amount in words or that none is stated, its dates, and its address."""

    amount: str
    dates: str
    href: str


def draw_money(awards: Sequence[Award], labels: Sequence[AwardLabel], nodes: dict[str, PictureNode]) -> Drawing:
    """Return awards between those who give, on the left, and those who get, on the right.

    A line of a stated amount is drawn through, and wider for more money; one of an amount that no source states is
    dashed. A body that gives and gets stands on both sides.
    """
    givers = list(dict.fromkeys(iri for award in awards for iri in award.funders))
    getters = list(dict.fromkeys(iri for award in awards for iri in award.funded))
    rows = max(len(givers), len(getters), len(awards), 1)
    lefts = 0, COLUMN + PASSAGE, 2 * (COLUMN + PASSAGE) - 60

    def heights(count: int) -> list[float]:
        return [HEAD + ROW * (rows / count) * (at + 0.5) for at in range(count)] if count else []

    give_y, get_y = (
        dict(zip(givers, heights(len(givers)), strict=True)),
        dict(zip(getters, heights(len(getters)), strict=True)),
    )
    award_y = heights(len(awards))
    parts: list[str] = [
        text_lines([words], at, 14, size=FONT, anchor=anchor, ink=INK_SOFT, weight="bold")
        for words, at, anchor in (
            ("Who gives", COLUMN, "end"),
            ("Award", lefts[1], "start"),
            ("Who gets", lefts[2], "start"),
        )
    ]
    for award, y in zip(awards, award_y, strict=True):
        parts += [_flow(COLUMN + 4, give_y[giver], lefts[1] - 4, y, award) for giver in award.funders]
        for getter in award.funded:
            parts.append(_flow(lefts[1] + 166, y, lefts[2] - 10, get_y[getter], award))
            parts.append(arrow(lefts[2] - 2, get_y[getter], 0, LINE_COLOUR))
    # In the order in which one reads: the keyboard and a screen reader follow it.
    parts += [_body(nodes[iri], lefts[0], y, before=True) for iri, y in give_y.items()]
    for label, y in zip(labels, award_y, strict=True):
        lines = textwrap.wrap(label.dates or "no date given", letters_in(146, FONT))
        higher = (len(lines) - 1) * FONT * LEADING
        top = y - 22 - higher / 2
        box = (
            f'<rect x="{lefts[1]}" y="{top:.1f}" width="166" height="{44 + higher:.1f}" rx="4" fill="{GROUND}" '
            f'stroke="{INK}"/>' + text_lines([label.amount, *lines], lefts[1] + 10, top + 19, size=FONT, anchor="start")
        )
        parts.append(linked(box, label.href, f"Award: {label.amount}, {label.dates or 'no date given'}"))
    parts += [_body(nodes[iri], lefts[2], y, before=False) for iri, y in get_y.items()]
    return Drawing(-8, -4, lefts[2] + COLUMN + 8, HEAD + ROW * rows + 12, "".join(parts))


def draw_money_narrow(awards: Sequence[Award], labels: Sequence[AwardLabel], nodes: dict[str, PictureNode]) -> Drawing:
    """Draw the same for a narrow screen: an award under the other, who gives above it and who gets below."""
    parts: list[str] = []
    y = 4.0
    for award, label in zip(awards, labels, strict=True):
        for iri in award.funders:
            drawn, high = _line_of(nodes[iri], y)
            parts.append(drawn)
            y += high
        parts.append(_drop(y, award))
        dates = label.dates or "no date given"
        box = (
            f'<rect x="20" y="{y + 18:.1f}" width="{NARROW - 20}" height="44" rx="4" fill="{GROUND}" stroke="{INK}"/>'
            + text_lines([label.amount, dates], 30, y + 37, size=FONT, anchor="start")
        )
        parts.append(linked(box, label.href, f"Award: {label.amount}, {dates}"))
        y += 62
        if award.funded:
            parts += [_drop(y, award), arrow(9, y + 18, math.pi / 2, LINE_COLOUR)]
        y += 20
        for iri in award.funded:
            drawn, high = _line_of(nodes[iri], y)
            parts.append(drawn)
            y += high
        parts.append(f'<path d="M0 {y + 6:.1f}H{NARROW}" stroke="#D5DBE1" fill="none"/>')
        y += 20
    return Drawing(-4, 0, NARROW + 8, max(y, HEAD), "".join(parts))


def _line_of(node: PictureNode, y: float) -> tuple[str, float]:
    """Draw a body in a line of its own, or in several, and say how high that is."""
    lines = textwrap.wrap(node.label, letters_in(NARROW - 24, FONT)) or ["(no name)"]
    style = kind_style(node.kind)
    drawn = shape(style.shape, 9, y + 9, 8, COLOURS[style.colour]) + text_lines(
        lines, 24, y + FONT, size=FONT, anchor="start"
    )
    return linked(drawn, node.href, f"{node.label}, {node.kind}"), FONT * LEADING * len(lines) + 6


def _drop(y: float, award: Award) -> str:
    dashed = "" if award.size else ' stroke-dasharray="5 4"'
    return f'<path d="M9 {y:.1f}v18" fill="none" stroke="{LINE_COLOUR}" stroke-width="{award.width:.1f}"{dashed}/>'


def _flow(x: float, y: float, to_x: float, to_y: float, award: Award) -> str:
    bend = (to_x - x) / 2
    dashed = "" if award.size else ' stroke-dasharray="5 4"'
    return (
        f'<path d="M{x:.1f} {y:.1f}C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}" '
        f'fill="none" stroke="{LINE_COLOUR}" stroke-width="{award.width:.1f}"{dashed}/>'
    )


def _body(node: PictureNode, left: float, y: float, *, before: bool) -> str:
    """Draw a body with its shape on the side of the lines: `before` them or after."""
    lines = (wrapped(node.label, letters_in(COLUMN - 30, FONT), 4) or "(no name)").split("\n")
    style = kind_style(node.kind)
    at, text_at, anchor = (left + COLUMN - 10, left + COLUMN - 28, "end") if before else (left + 10, left + 28, "start")
    first = y + FONT * 0.35 - (len(lines) - 1) * FONT * LEADING / 2
    drawn = shape(style.shape, at, y, 9, COLOURS[style.colour]) + text_lines(
        lines, text_at, first, size=FONT, anchor=anchor
    )
    return linked(drawn, node.href, f"{node.label}, {node.kind}")
