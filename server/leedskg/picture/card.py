"""The card of an entity, which previews of links show: a PNG with its name, its kind, its place and some relations.

Drawn with Pillow, in DejaVu Sans where the machine has it, else in the font that comes in Pillow. A letter that the
font lacks is written in Latin ones (decision 0206).
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from anyascii import anyascii
from PIL import Image, ImageDraw, ImageFont

from leedskg.kinds import COLOURS

WIDTH, HEIGHT = 1200, 630
_MARGIN, _EDGE, _FOOT = 72, 24, 92
_INK, _SOFT, _PAPER = "#212B32", "#4C6272", "#FFFFFF"
#: Sizes that a name is tried at, the largest first, and the lines that it may take.
_NAME_SIZES, _NAME_LINES = (76, 60, 48), 3
_KIND, _LINE = 34, 32
#: Letters of a text that are looked at: no line holds as many.
_LONGEST = 400
_ELLIPSIS = "…"


@dataclass(frozen=True)
class Card:
    """What a card says."""

    name: str
    #: Kind and place, such as “charity, Leeds”.
    kind: str
    #: Relationships, such as “funds Heartbeat Study”; as many as there is room for are shown.
    relations: tuple[str, ...]
    site: str


@lru_cache(maxsize=256)
def drawn(card: Card) -> bytes:
    """Draw a card as PNG."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, _EDGE, HEIGHT), fill=COLOURS["navy"])
    pen.rectangle((0, HEIGHT - _FOOT, WIDTH, HEIGHT), fill=COLOURS["navy"])
    middle = HEIGHT - _FOOT / 2
    pen.text((_MARGIN, middle), _fitting(card.site, _LINE), _PAPER, _font(_LINE), anchor="lm")
    size, lines = _name(card.name)
    top = 64
    for line in lines:
        pen.text((_MARGIN, top), line, _INK, _font(size), anchor="la", stroke_width=1, stroke_fill=_INK)
        top += round(size * 1.22)
    if card.kind:
        pen.text((_MARGIN, top + 12), _fitting(card.kind, _KIND), COLOURS["plum"], _font(_KIND), anchor="la")
        top += 12 + round(_KIND * 1.4)
    top += 20
    for relation in card.relations:
        if top + _LINE > HEIGHT - _FOOT - 24:
            break
        pen.text((_MARGIN, top), _fitting(relation, _LINE), _SOFT, _font(_LINE), anchor="la")
        top += round(_LINE * 1.5)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _name(name: str) -> tuple[int, list[str]]:
    """Return the largest size at which a name fits, and its lines; the last one is cut short where none does."""
    words = _drawable(name).split() or [_ELLIPSIS]
    for size in _NAME_SIZES:
        lines = list(_lines(words, size))
        if len(lines) <= _NAME_LINES and all(map(_fits, lines, [size] * len(lines))):
            return size, lines
    rest = " ".join(lines[_NAME_LINES - 1 :])
    kept = [_cut(line, size) for line in lines[: _NAME_LINES - 1]]
    return size, [*kept, _cut(rest, size)] if rest else kept


def _lines(words: Iterable[str], size: int) -> Iterator[str]:
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        if line and not _fits(longer, size):
            yield line
            longer = word
        line = longer
    yield line


def _fitting(text: str, size: int) -> str:
    return _cut(" ".join(_drawable(text).split()), size)


def _cut(text: str, size: int) -> str:
    """Return as much of a text as fits into a line."""
    if _fits(text, size):
        return text
    least, most = 0, len(text)
    while least < most:
        half = (least + most + 1) // 2
        least, most = (half, most) if _fits(text[:half] + _ELLIPSIS, size) else (least, half - 1)
    return text[:least].rstrip() + _ELLIPSIS


def _fits(text: str, size: int) -> bool:
    return _font(size).getlength(text) <= WIDTH - 2 * _MARGIN


def _drawable(text: str) -> str:
    """Return a text in letters that the font has."""
    letters = unicodedata.normalize("NFC", text[:_LONGEST])
    return "".join(each if _has(each) else anyascii(each) for each in letters if each.isspace() or each.isprintable())


@lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    if letter.isspace() or (letter.isascii() and letter.isprintable()):
        return True
    return _look(letter) != _look("\uffff")


def _look(letter: str) -> tuple[Sequence[int], bytes]:
    mask = _font(_KIND).getmask(letter)
    return mask.size, bytes(mask)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype("DejaVuSans.ttf", size)
    except OSError:
        font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "every wheel of Pillow has FreeType"
    return font
