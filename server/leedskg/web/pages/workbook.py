"""A table as an Excel workbook: numbers and days as such, links to follow, and a sheet on where it comes from."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What Excel holds: characters of a cell, characters of a link, links of a sheet, and characters of its title.
_LONGEST_CELL, _LONGEST_LINK, _MOST_LINKS, _LONGEST_TITLE = 32_767, 2_079, 65_530, 31
#: Characters of the widest column; longer texts wrap.
_WIDEST = 60
#: What a reader of the format would take for an escaped character.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LINK = re.compile(r"https?://[^\s\"<>]+")


@dataclass(frozen=True)
class Sheet:
    """A sheet: its title, the names of its columns, and its rows."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def workbook(sheets: Iterable[Sheet], address: Callable[[str], str]) -> bytes:
    """Write a workbook; `address` gives the address of the page of a thing, which its IRI links to."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for each in sheets:
        title = re.sub(r"[\[\]:*?/\\']", " ", each.title)[:_LONGEST_TITLE].strip() or "Table"
        _fill(book.create_sheet(title), each.columns, each.rows, address)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _fill(
    sheet: Worksheet, columns: Sequence[str], rows: Iterable[Sequence[Any]], address: Callable[[str], str]
) -> None:
    widths = [len(name) for name in columns]
    links = 0
    for at, row in enumerate((columns, *rows), 1):
        for number, value in enumerate(row):
            cell = sheet.cell(at, number + 1)
            assert isinstance(cell, Cell)
            text = _put(cell, value)
            widths[number] = max(widths[number], len(text))
            if at > 1 and _LINK.fullmatch(text) and links < _MOST_LINKS:
                target = address(text)
                if len(target) <= _LONGEST_LINK:
                    cell.hyperlink = target
                    cell.font = Font(color="005EB8", underline="single")
                    links += 1
            if at == 1:
                cell.font = Font(bold=True)
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = min(width, _WIDEST) + 2
    sheet.freeze_panes = "A2"
    if columns:
        sheet.auto_filter.ref = sheet.dimensions


def _put(cell: Cell, value: Any) -> str:
    """Fill a cell, and return its text; nothing for a number or a day. A text is never read as a formula."""
    if value is None or value == "":
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        cell.value = value
        return ""
    text = str(value)
    if _DAY.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day and day.year >= 1900:  # Excel counts from there
            cell.value = datetime(day.year, day.month, day.day)
            cell.number_format = "yyyy-mm-dd"
            return ""
    text = _ESCAPE.sub("_x005F_", ILLEGAL_CHARACTERS_RE.sub("", text))
    if len(text) > _LONGEST_CELL:
        text = text[: _LONGEST_CELL - 1] + "…"
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = True  # what is edited stays a text
    if len(text) > _WIDEST or "\n" in text:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return text
