"""Words in a picture: how they are cut into lines, and how much room they take."""

from __future__ import annotations

import textwrap

NODE_FONT = 14
LINE_FONT = 12
#: Height of a line of text as vis-network sets it, as a multiple of the font's size.
LEADING = 1.2
FACE = "system-ui, -apple-system, Segoe UI, Noto Sans, Liberation Sans, Arial, sans-serif"

INK = "#17212B"
INK_SOFT = "#4D5B69"
LINE_COLOUR = "#6F7D8A"
GROUND = "#FFFFFF"


def wrapped(text: str, width: int, lines: int) -> str:
    """A text in at most so many lines of so many letters, cut with an ellipsis."""
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …"))


def letters_in(width: float, font: float) -> int:
    """How many letters of common text fit into a width, on the safe side for the fonts of the page."""
    return max(8, int(width / (font * 0.57)))


def size_of(label: str, font: float) -> tuple[float, float]:
    """Width and height of a label, on the safe side for the fonts of the page: letters are not measured here."""
    lines = label.split("\n")
    return max(sum(_letter_width(letter) for letter in line) for line in lines) * font, len(lines) * font * LEADING


def _letter_width(letter: str) -> float:
    """Width of a letter as a part of the font's size, as in wide sans-serif fonts."""
    if letter in "iljtfrI.,:;'|()[]! ":
        return 0.38
    if letter in "mwMW@%…" or ord(letter) > 0x2E80:
        return 1.0
    return 0.72 if letter.isupper() else 0.6
