"""Workbooks (.xlsx) into tables, a sheet each. Nothing is evaluated, nothing is fetched, and little is inflated.

A workbook is a zip archive of XML: a small one may hold gigabytes. So its directory is added up before anything is
inflated (zipfile inflates no entry beyond the size that the directory gives), and XML that declares entities is not
handed to a parser.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from leedskg.characters import text_of_excel
from leedskg.contributions.csv_file import MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from leedskg.contributions.number_formats import ShownError, parse_format, shown_date, shown_number
from leedskg.contributions.sheet_parts import MOST_ROWS_SEEN, HiddenParts, hidden_parts, in_words
from leedskg.contributions.table import InputTable, TableRow, tidy, tidy_lines
from leedskg.contributions.templates import PRIVATE
from leedskg.validation.findings import Severity

MOST_INFLATED = 64 * 1024 * 1024
_MOST_PARTS = 1_000
_MOST_SHEETS = 20
#: Faults of a sheet that are told; a table with more is fixed by its pattern and not cell by cell.
MOST_FINDINGS = 200
_DECLARATIONS = [
    text.encode(coding) for text in ("<!DOCTYPE", "<!ENTITY") for coding in ("utf-8", "utf-16-le", "utf-16-be")
]
#: The namespace that the cells are in which nothing but Excel reads.
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_BROKEN = "This is no workbook that can be read, whatever its name ends in. Save it again as .xlsx, or as CSV UTF-8."


class UnreadableWorkbookError(Exception):
    """Why a workbook is not read; it becomes a finding."""


def read_workbook(content: bytes, name: str, *, as_records: bool = False) -> list[InputTable]:
    """Read the sheets of a workbook that are not empty; what is wrong with it is in the findings of the tables.

    A sheet whose name begins with # is the steward's own and is left out. `as_records` takes the header for a row, and
    gives joined cells the value that is shown over all of them.
    """
    try:
        check_archive(content)
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(content)) as archive:
            warnings.simplefilter("ignore")  # of what openpyxl does not keep, and of dates that are none
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            try:
                sheets = book.worksheets[:_MOST_SHEETS]
                tables = [table for sheet in sheets if (table := _sheet(sheet, name, archive, as_records=as_records))]
                if len(book.worksheets) > _MOST_SHEETS:
                    raise UnreadableWorkbookError(
                        f"The workbook has more than {_MOST_SHEETS} sheets, the most that are read."
                    )
            finally:
                book.close()
    except UnreadableWorkbookError as error:
        return [failed_table(name, str(error))]
    except (
        zipfile.BadZipFile, zlib.error, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError, OSError,
        AttributeError, IndexError,
    ):  # fmt: skip
        # What openpyxl raises for archives that are none, lack parts, or hold broken XML (ParseError is a SyntaxError).
        return [failed_table(name, _BROKEN)]
    return tables or [failed_table(name, "All its sheets are empty. Begin with one of the templates.")]


def failed_table(name: str, message: str) -> InputTable:
    """Return the table of a file that is not read, with the finding that says why."""
    table = InputTable(name)
    table.findings.append(table.finding(message))
    return table


def check_archive(content: bytes) -> None:
    """Raise UnreadableWorkbookError for an archive that is none, or that no spreadsheet program writes."""
    if len(content) > MOST_BYTES:
        raise UnreadableWorkbookError("The file has more than 10 MB, the most that is read. Split it into several.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableWorkbookError("This is an old or an encrypted workbook. Save it as .xlsx without a password.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_INFLATED:
            raise UnreadableWorkbookError(
                f"Unpacked, the workbook is larger than {MOST_INFLATED // 1024 // 1024} MB, the most that is read. "
                "Copy the cells into a new one, or save as CSV UTF-8."
            )
        for part in parts:
            if part.flag_bits & 1:
                raise UnreadableWorkbookError("The workbook is encrypted. Save it without a password.")
            if part.filename.endswith((".xml", ".rels")):
                data = archive.read(part)
                if any(mark in data for mark in _DECLARATIONS):
                    raise UnreadableWorkbookError(
                        "The workbook declares entities in its XML, which no spreadsheet does."
                    )
                if _STRICT in data:
                    raise UnreadableWorkbookError(
                        "This is Strict Open XML, another form. Save it as “Excel Workbook (.xlsx)”."
                    )
            if part.filename.endswith("vbaProject.bin"):
                raise UnreadableWorkbookError("The workbook holds macros. Save it as .xlsx, without them.")


def _sheet(sheet: Any, name: str, archive: zipfile.ZipFile, *, as_records: bool) -> InputTable | None:
    """Read the table of a sheet, or return None for an empty one and for one of the steward's own."""
    if sheet.title.startswith(PRIVATE):
        return None
    table = InputTable(f"{name}, sheet {tidy(sheet.title)}")
    hidden = hidden_parts(archive, sheet._worksheet_path)
    (_read_records if as_records else _read_rows)(table, sheet, hidden)
    if not (table.columns or (as_records and (table.rows or table.findings))):
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
    width = len(table.columns) or max((len(row.texts) for row in table.rows), default=0)
    spans = [number for first, last in hidden.columns for number in range(first, min(last, width) + 1)]
    headings = table.columns or [f"column {get_column_letter(number + 1)}" for number in range(width)]
    if columns := [headings[number - 1] for number in spans if headings[number - 1]]:
        names = ", ".join(dict.fromkeys(columns))
        message = f"Hidden columns were read all the same: {names}. Show them and look, or put # before a heading."
        table.findings.append(table.finding(message, severity=Severity.WARNING))
    if hidden.noted:
        message = f"The notes at cells are not read: {', '.join(hidden.noted)}. Write what matters into a column."
        table.findings.append(table.finding(message, severity=Severity.WARNING))
    if hidden.linked:
        message = f"The links behind cells are not read: {', '.join(hidden.linked)}. Write those that matter as text."
        table.findings.append(table.finding(message, severity=Severity.INFO))


def _tell_struck(table: InputTable, rows: Sequence[int]) -> None:
    """Say which rows that were read have cells that are struck through: somebody may have meant to delete them."""
    if rows:
        message = f"Struck through, and read all the same: row {in_words(rows)}. Delete what is not to be sent."
        table.findings.append(table.finding(message, line=rows[0], severity=Severity.WARNING))


def _is_struck(cell: Any) -> bool:
    font = getattr(cell, "font", None) if getattr(cell, "has_style", False) else None
    return bool(font is not None and font.strike and cell.value is not None)


def _joined(table: InputTable, hidden: HiddenParts, number: int, cells: int) -> None:
    """Find fault with cells that are joined with one of another row or column: it cannot be told what they say."""
    joined = hidden.joined_in(number)
    for position in range(min(cells, len(table.columns))) if joined else ():
        if any(each.covers(number, position + 1) for each in joined):
            if len(table.findings) >= MOST_FINDINGS:
                return
            row = TableRow(table.name, number, number, (), in_sheet=True)
            message = (
                "This cell is joined (merged) with another, and only the first of them holds the value. Separate them "
                "and write the value into each."
            )
            table.findings.append(row.finding(message, cell=row.cell(position)))


def _read_rows(table: InputTable, sheet: Any, hidden: HiddenParts) -> None:
    struck: list[int] = []
    for number, cells in _rows(table, sheet, hidden):
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
    struck: list[int] = []
    for number, cells in _rows(table, sheet, hidden):
        texts = [_text(table, number, position, cell, tidy_lines) for position, cell in enumerate(cells)]
        for left, top, right, _ in hidden.joined_in(number):
            if top == number and left <= len(texts):
                shown[top, left] = texts[left - 1]
            texts += [""] * (min(right, MOST_COLUMNS) - len(texts))
            for column in range(left, min(right, MOST_COLUMNS) + 1):
                texts[column - 1] = shown.get((top, left), "")
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            table.rows.append(TableRow(table.name, number, number, tuple(texts), in_sheet=True))
            if any(map(_is_struck, cells)):
                struck.append(number)
        if len(table.rows) > MOST_ROWS:
            table.findings.append(table.finding(f"The sheet has more than {MOST_ROWS:,} rows, the most that is read."))
            return
    _tell_struck(table, struck)


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
    if shown and said.upper() not in shown:
        message = f"This amount is shown in {shown}, and the column currency says {said}. Correct one of the two."
        table.findings.append(row.finding(message, value=shown, cell=row.cell(position)))


def _rows(table: InputTable, sheet: Any, hidden: HiddenParts) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()  # what a sheet says of its own size may be far from what it holds
    # Not as wide as the last cell of a row, which may be an empty one in the last of 16,384 columns, in each row.
    width = min(max(hidden.widest, 1), MOST_COLUMNS)
    for number, cells in enumerate(sheet.iter_rows(max_col=width), start=1):
        if number > MOST_ROWS_SEEN:
            table.findings.append(table.finding(f"There are cells below row {MOST_ROWS_SEEN:,}. Move them up."))
            return
        if number == hidden.beyond:
            table.findings.append(
                table.finding(f"There are cells beyond column {MOST_COLUMNS}. Remove them.", line=number)
            )
            return
        yield number, list(cells)


def _text(table: InputTable, number: int, position: int, cell: Any, tidied: Callable[[str], str] = tidy) -> str:
    """Return the text of a cell as a person sees it, as far as that can be told; faults go to the table."""
    value = cell.value
    if value is None:
        return ""
    try:
        if cell.data_type == "f":
            value = value if isinstance(value, str) else getattr(value, "text", "")
            raise ShownError(
                "This cell holds a formula, which is not worked out here. Write the value itself (in Excel: copy, then "
                "paste as values)."
            )
        if cell.data_type == "e":
            raise ShownError(f"The spreadsheet could not work this cell out ({value}). Write the value itself.")
        if isinstance(value, str):
            return tidied(text_of_excel(value))
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
