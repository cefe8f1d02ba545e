"""What of a sheet nobody sees, and which of its cells are joined: read from its XML, which openpyxl passes over."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree import ElementTree
from zipfile import ZipFile

from leedskg.contributions.csv_file import MOST_COLUMNS, MOST_ROWS

_MOST_JOINED = 10_000
_LAST_COLUMN = 16_384
#: Rows that are looked at in search of filled ones.
MOST_ROWS_SEEN = 3 * MOST_ROWS
#: Notes and links that are told; who has more will look at them all.
_MOST_TOLD = 20
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")


class JoinedCells(NamedTuple):
    """A range of cells that are joined into one, whose value stands in the first."""

    left: int
    top: int
    right: int
    bottom: int

    def covers(self, row: int, column: int) -> bool:
        """Return whether a cell is in it, and is not the one that has the value."""
        within = self.top <= row <= self.bottom and self.left <= column <= self.right
        return within and (row, column) != (self.top, self.left)


@dataclass
class HiddenParts:
    """The rows and columns of a sheet that are hidden, by number from 1, and the ranges of cells that are joined."""

    rows: list[int] = field(default_factory=list)
    columns: list[tuple[int, int]] = field(default_factory=list)
    joined: list[JoinedCells] = field(default_factory=list)
    #: The last column that a cell with something in it stands in, and the first row with one in too high a column.
    widest: int = 0
    beyond: int = 0
    #: The addresses of cells that have a note, and of those with a link.
    noted: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    #: Of the joined, sorted by their first row: what is not reached yet, and what reaches into the row that is read.
    _waiting: list[JoinedCells] | None = None
    _open: list[JoinedCells] = field(default_factory=list)

    def joined_in(self, row: int) -> list[JoinedCells]:
        """Return the ranges that reach into a row; rows are asked for in their order.

        Ranges do not overlap, so that there are no more of them than columns; of a file that says otherwise, the rest
        is left out: each would be looked at for each row.
        """
        if self._waiting is None:
            self._waiting = sorted(self.joined, key=lambda each: each.top, reverse=True)
        while self._waiting and self._waiting[-1].top <= row:
            self._open.append(self._waiting.pop())
        self._open = [each for each in self._open if each.bottom >= row][:MOST_COLUMNS]
        return self._open


def hidden_parts(archive: ZipFile, path: str) -> HiddenParts:
    """Look through the XML of a sheet. Raises what zipfile and the parser raise, and ValueError for a disorder.

    Of rows and cells out of their order, readers take one or the other and pass over the rest; and a row of more cells
    than a sheet has columns is none. What stands below the last row that is read is refused there.
    """
    found = HiddenParts(noted=_noted(archive, path.lstrip("/")))
    number = column = 0
    is_beyond = False
    with archive.open(path.lstrip("/")) as stream:
        for _, element in ElementTree.iterparse(stream):  # noqa: S314 - XML that declares entities was refused before
            name = element.tag.rpartition("}")[2]
            if name == "row":
                number = _behind(number, int(element.get("r") or number + 1))
                if number > MOST_ROWS_SEEN:
                    break
                if _is_true(element.get("hidden")) or _is_nought(element.get("ht")):
                    found.rows.append(number)
                if is_beyond and not found.beyond:
                    found.beyond = number
                column, is_beyond = 0, False
                element.clear()
            elif name == "c":
                place = _RANGE.fullmatch(element.get("r") or "")
                column = _behind(column, _column(place[1]) if place else column + 1, _LAST_COLUMN)
                if len(element):
                    found.widest = max(found.widest, column)
                    is_beyond = is_beyond or column > MOST_COLUMNS
            else:
                _look_at(element, name, found)
            if len(found.joined) > _MOST_JOINED:
                break
    return found


def _behind(before: int, number: int, most: int | None = None) -> int:
    """Return the number of a row or cell. Raises ValueError where it does not stand behind the one before."""
    if number <= before or number > (most or number):
        raise ValueError(f"{number} cannot stand behind {before}")
    return number


def _look_at(element: ElementTree.Element, name: str, found: HiddenParts) -> None:
    """Take from an element that is no row and no cell what it says of columns, links and joined cells."""
    if name == "col" and (_is_true(element.get("hidden")) or _is_nought(element.get("width"))):
        found.columns.append((int(element.get("min") or 1), int(element.get("max") or 1)))
    elif name == "hyperlink" and len(found.linked) < _MOST_TOLD and element.get(_RELATION):
        found.linked.append((element.get("ref") or "").partition(":")[0])
    elif name == "mergeCell" and (match := _RANGE.fullmatch(element.get("ref") or "")):
        left, top, right, bottom = match.groups()
        found.joined.append(JoinedCells(_column(left), int(top), _column(right or left), int(bottom or top)))


def _noted(archive: ZipFile, path: str) -> list[str]:
    """Return the addresses of the cells that have a note; those of a conversation have one too, for older programs."""
    folder, _, name = path.rpartition("/")
    notes = []
    try:
        for link in ElementTree.fromstring(archive.read(f"{folder}/_rels/{name}.rels")):  # noqa: S314 - as above
            part = posixpath.normpath(posixpath.join(f"/{folder}", link.get("Target") or "")).lstrip("/")
            if (link.get("Type") or "").endswith("/comments") and part.endswith(".xml"):
                notes.append(ElementTree.fromstring(archive.read(part)))  # noqa: S314 - as above
    except KeyError:  # a sheet without links, or a link to nothing
        pass
    found = [each.get("ref") or "" for tree in notes for each in tree.iter() if each.tag.endswith("}comment")]
    return found[:_MOST_TOLD]


def in_words(numbers: Iterable[int]) -> str:
    """Return numbers as a person writes them: 3, 5 to 9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{first} to {last}" if last > first else str(first) for first, last in runs)


def _is_true(text: str | None) -> bool:
    return text in {"1", "true"}


def _is_nought(text: str | None) -> bool:
    return bool(text) and not (text or "").strip("0.")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
