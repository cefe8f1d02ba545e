"""Workbooks (.xlsx) into tables, a sheet each. Nothing is evaluated, nothing is fetched, and little is inflated.

A workbook is a zip archive of XML: a small one may hold gigabytes. So its directory is added up before anything is
inflated (zipfile inflates no entry beyond the size that the directory gives), and XML that declares entities is not
handed to a parser.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from leedskg.contributions.csv_file import MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from leedskg.contributions.number_formats import ShownError, parse_format, shown_date, shown_number
from leedskg.contributions.table import InputTable, TableRow, tidy
from leedskg.contributions.templates import PRIVATE
from leedskg.literals import text_of_excel
from leedskg.validation.findings import Severity

_MOST_JOINED = 10_000
_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")


@dataclass
class HiddenParts:
    """The rows and columns of a sheet that are hidden, by number from 1, and the ranges of cells that are joined."""

    rows: list[int] = field(default_factory=list)
    columns: list[tuple[int, int]] = field(default_factory=list)
    #: First column, first row, last column, last row.
    joined: list[tuple[int, int, int, int]] = field(default_factory=list)

    def joined_cell(self, row: int, column: int) -> tuple[int, int] | None:
        """Return row and column of the cell that holds the value of a joined one; None where none does."""
        for left, top, right, bottom in self.joined:
            if top <= row <= bottom and left <= column <= right and (row, column) != (top, left):
                return top, left
        return None


def hidden_parts(archive: ZipFile, path: str) -> HiddenParts:
    """Look through the XML of a sheet. Raises what zipfile and the parser raise."""
    found = HiddenParts()
    number = 0
    with archive.open(path.lstrip("/")) as stream:
        for _, element in ElementTree.iterparse(stream):  # noqa: S314 - XML that declares entities was refused before
            name = element.tag.rpartition("}")[2]
            if name == "row":
                number = int(element.get("r") or number + 1)
                if _is_true(element.get("hidden")) or _is_nought(element.get("ht")):
                    found.rows.append(number)
                element.clear()
            elif name == "col" and (_is_true(element.get("hidden")) or _is_nought(element.get("width"))):
                found.columns.append((int(element.get("min") or 1), int(element.get("max") or 1)))
            elif name == "mergeCell" and (match := _RANGE.fullmatch(element.get("ref") or "")):
                left, top, right, bottom = match.groups()
                found.joined.append((_column(left), int(top), _column(right or left), int(bottom or top)))
            if len(found.joined) > _MOST_JOINED:
                break
    return found


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


MOST_INFLATED = 64 * 1024 * 1024
_MOST_PARTS = 1_000
_MOST_SHEETS = 20
#: Rows that are looked at in search of filled ones.
_MOST_ROWS_SEEN = 3 * MOST_ROWS
_DECLARATIONS = [
    text.encode(coding) for text in ("<!DOCTYPE", "<!ENTITY") for coding in ("utf-8", "utf-16-le", "utf-16-be")
]
_BROKEN = "This is no workbook that can be read, whatever its name ends in. Save it again as .xlsx, or as CSV UTF-8."


class _UnreadableError(Exception):
    """Why a workbook is not read; it becomes a finding."""


def read_workbook(content: bytes, name: str, *, as_records: bool = False) -> list[InputTable]:
    """Read the sheets of a workbook that are not empty; what is wrong with it is in the findings of the tables.

    A sheet whose name begins with # is the steward's own and is left out. `as_records` takes the header for a row, and
    gives joined cells the value that is shown over all of them.
    """
    try:
        _check_archive(content)
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(content)) as archive:
            warnings.simplefilter("ignore")  # of what openpyxl does not keep, and of dates that are none
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            try:
                sheets = book.worksheets[:_MOST_SHEETS]
                tables = [table for sheet in sheets if (table := _sheet(sheet, name, archive, as_records=as_records))]
                if len(book.worksheets) > _MOST_SHEETS:
                    raise _UnreadableError(f"The workbook has more than {_MOST_SHEETS} sheets, the most that are read.")
            finally:
                book.close()
    except _UnreadableError as error:
        return [_failed(name, str(error))]
    except (
        zipfile.BadZipFile, zlib.error, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError, OSError,
        AttributeError, IndexError,
    ):  # fmt: skip
        # What openpyxl raises for archives that are none, lack parts, or hold broken XML (ParseError is a SyntaxError).
        return [_failed(name, _BROKEN)]
    return tables or [_failed(name, "All its sheets are empty. Begin with one of the templates.")]


def _failed(name: str, message: str) -> InputTable:
    table = InputTable(name)
    table.findings.append(table.finding(message))
    return table


def _check_archive(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise _UnreadableError("The file has more than 10 MB, the most that is read. Split it into several.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _UnreadableError("This is an old or an encrypted workbook. Save it as .xlsx without a password.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_INFLATED:
            raise _UnreadableError(
                f"Unpacked, the workbook is larger than {MOST_INFLATED // 1024 // 1024} MB, the most that is read. "
                "Copy the cells into a new one, or save as CSV UTF-8."
            )
        for part in parts:
            if part.flag_bits & 1:
                raise _UnreadableError("The workbook is encrypted. Save it without a password.")
            if part.filename.endswith((".xml", ".rels")):
                data = archive.read(part)
                if any(mark in data for mark in _DECLARATIONS):
                    raise _UnreadableError(
                        "The workbook declares entities in its XML, which no spreadsheet program does."
                    )
            if part.filename.endswith("vbaProject.bin"):
                raise _UnreadableError("The workbook holds macros. Save it as .xlsx, without them.")


def _sheet(sheet: Any, name: str, archive: zipfile.ZipFile, *, as_records: bool) -> InputTable | None:
    """Read the table of a sheet, or return None for an empty one and for one of the steward's own."""
    if sheet.title.startswith(PRIVATE):
        return None
    table = InputTable(f"{name}, sheet {tidy(sheet.title)}")
    hidden = hidden_parts(archive, sheet._worksheet_path)
    if as_records:
        _read_records(table, sheet, hidden)
        return table if table.rows or table.findings else None
    _read_rows(table, sheet, hidden)
    if not table.columns:
        return None
    _tell_hidden(table, hidden)
    if not table.rows and not table.findings:
        table.findings.append(table.finding("There is a header and no row below it. Write one row for each statement."))
    if sheet.sheet_state != "visible":
        message = "This sheet is hidden, and was read all the same. Put # before its name to have it left out."
        table.findings.append(table.finding(message, severity=Severity.WARNING))
    return table


def _tell_hidden(table: InputTable, hidden: HiddenParts) -> None:
    """Say what of the rows and columns that were read nobody sees."""
    read = {row.number for row in table.rows}
    rows = [number for number in hidden.rows if number in read]
    if rows:
        message = (
            f"Hidden or filtered out, and read all the same: row {in_words(rows)}. Show them and look, or delete them."
        )
        table.findings.append(table.finding(message, line=rows[0], severity=Severity.WARNING))
    spans = [number for first, last in hidden.columns for number in range(first, min(last, len(table.columns)) + 1)]
    columns = [number for number in spans if table.columns[number - 1]]
    if columns:
        names = ", ".join(table.columns[number - 1] for number in columns)
        message = f"Hidden columns were read all the same: {names}. Show them and look, or put # before a heading."
        table.findings.append(table.finding(message, severity=Severity.WARNING))


def _tell_struck(table: InputTable, rows: Sequence[int]) -> None:
    """Say which rows that were read have cells that are struck through: somebody may have meant to delete them."""
    if rows:
        message = (
            f"Struck through, and read all the same: row {in_words(rows)}. Delete them if they are not to be sent."
        )
        table.findings.append(table.finding(message, line=rows[0], severity=Severity.WARNING))


def _is_struck(cell: Any) -> bool:
    font = getattr(cell, "font", None) if getattr(cell, "has_style", False) else None
    return bool(font is not None and font.strike and cell.value is not None)


def _joined(table: InputTable, hidden: HiddenParts, number: int, cells: int) -> None:
    """Find fault with cells that are joined with one of another row or column: it cannot be told what they say."""
    for position in range(min(cells, len(table.columns))):
        if hidden.joined_cell(number, position + 1):
            row = TableRow(table.name, number, number, (), in_sheet=True)
            message = (
                "This cell is joined (merged) with another, and only the first of them holds the value. Separate them "
                "and write the value into each."
            )
            table.findings.append(row.finding(message, cell=row.cell(position)))


def _read_rows(table: InputTable, sheet: Any, hidden: HiddenParts) -> None:
    struck: list[int] = []
    for number, cells in _rows(table, sheet):
        if hidden.joined and table.columns:
            _joined(table, hidden, number, len(table.columns))
        texts = tuple(_text(table, number, position, cell) for position, cell in enumerate(cells))
        while texts and not texts[-1]:
            texts = texts[:-1]
        if not texts:
            continue
        if not table.columns:
            table.columns, table.header_line = texts, number
        else:
            row = TableRow(table.name, number, number, texts, in_sheet=True)
            _check_currency(table, row, cells)
            if len(texts) > len(table.columns):
                table.findings.append(row.finding("This row has more cells than the header has columns."))
            else:
                table.rows.append(row)
                if any(map(_is_struck, cells)):
                    struck.append(number)
        if len(table.rows) > MOST_ROWS:
            table.rows.clear()
            table.findings.append(table.finding(f"The sheet has more than {MOST_ROWS:,} rows, the most that is read."))
            return
    _tell_struck(table, struck)


def _read_records(table: InputTable, sheet: Any, hidden: HiddenParts) -> None:
    """Read every row that is not empty; a joined cell gives its value to all that it is shown over."""
    shown: dict[tuple[int, int], str] = {}
    for number, cells in _rows(table, sheet):
        texts = [_text(table, number, position, cell) for position, cell in enumerate(cells)]
        for left, top, right, bottom in hidden.joined if any(texts) or hidden.joined else ():
            if top == number and left <= len(texts):
                shown[top, left] = texts[left - 1]
            if top <= number <= bottom:
                texts += [""] * (min(right, MOST_COLUMNS) - len(texts))
                for column in range(left, min(right, MOST_COLUMNS) + 1):
                    texts[column - 1] = shown.get((top, left), "")
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            table.rows.append(TableRow(table.name, number, number, tuple(texts), in_sheet=True))
        if len(table.rows) > MOST_ROWS:
            table.findings.append(table.finding(f"The sheet has more than {MOST_ROWS:,} rows, the most that is read."))
            return


def _check_currency(table: InputTable, row: TableRow, cells: Sequence[Any]) -> None:
    """Find fault with an amount that is shown in another currency than the row says."""
    columns = [heading.casefold() for heading in table.columns]
    if "amount" not in columns or "currency" not in columns:
        return
    position = columns.index("amount")
    said = row.text(columns.index("currency"))
    cell = cells[position] if position < len(cells) else None
    if cell is None or not isinstance(cell.value, int | float) or not said:
        return
    shown = parse_format(str(cell.number_format or ""), cell.value).currency
    if shown and said.upper() != shown:
        message = f"This amount is shown in {shown}, and the column currency says {said}. Correct one of the two."
        table.findings.append(row.finding(message, value=shown, cell=row.cell(position)))


def _rows(table: InputTable, sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()  # what a sheet says of its own size may be far from what it holds
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > _MOST_ROWS_SEEN:
            table.findings.append(table.finding(f"There are cells below row {_MOST_ROWS_SEEN:,}. Move them up."))
            return
        if any(cell.value is not None for cell in cells[MOST_COLUMNS:]):
            table.findings.append(
                table.finding(f"There are cells beyond column {MOST_COLUMNS}. Remove them.", line=number)
            )
            return
        yield number, list(cells[:MOST_COLUMNS])


def _text(table: InputTable, number: int, position: int, cell: Any) -> str:
    """Return the text of a cell as a person sees it, as far as that can be told; faults go to the table."""
    value = cell.value
    if value is None:
        return ""
    try:
        if cell.data_type == "f":
            value = getattr(value, "text", value)
            raise ShownError(
                "This cell holds a formula, which is not worked out here. Write the value itself (in Excel: copy, then "
                "paste as values)."
            )
        return _shown(value, str(cell.number_format or ""))
    except ShownError as error:
        row = TableRow(table.name, number, number, (), in_sheet=True)
        table.findings.append(row.finding(str(error), value=str(value)[:100], cell=row.cell(position)))
        return ""


def _shown(value: object, number_format: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time | timedelta):
        return shown_date(value, number_format)
    if isinstance(value, int | float):
        return shown_number(value, number_format)
    return tidy(text_of_excel(str(value)))
