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
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from leedskg.contributions.csv_file import MOST_BYTES, MOST_ROWS
from leedskg.contributions.table import Row, Table, tidy
from leedskg.contributions.templates import PRIVATE
from leedskg.validation.findings import Severity

MOST_INFLATED = 64 * 1024 * 1024
_MOST_PARTS = 1_000
_MOST_SHEETS = 20
_MOST_COLUMNS = 200
#: Rows that are looked at in search of filled ones.
_MOST_ROWS_SEEN = 3 * MOST_ROWS
_DECLARATIONS = [
    text.encode(coding) for text in ("<!DOCTYPE", "<!ENTITY") for coding in ("utf-8", "utf-16-le", "utf-16-be")
]
_BROKEN = "This is no workbook that can be read, whatever its name ends in. Save it again as .xlsx, or as CSV UTF-8."


class _UnreadableError(Exception):
    """Why a workbook is not read; it becomes a finding."""


def read_workbook(content: bytes, name: str) -> list[Table]:
    """The sheets of a workbook that are not empty; what is wrong with it is in the findings of the tables.

    A sheet whose name begins with # is the steward's own and is left out.
    """
    try:
        _check_archive(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl does not keep, such as validation rules
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            tables = [table for sheet in book.worksheets[:_MOST_SHEETS] if (table := _sheet(sheet, name))]
            if len(book.worksheets) > _MOST_SHEETS:
                raise _UnreadableError(f"The workbook has more than {_MOST_SHEETS} sheets, the most that are read.")
        finally:
            book.close()
    except _UnreadableError as error:
        return [_failed(name, str(error))]
    except (
        zipfile.BadZipFile,
        zlib.error,
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        SyntaxError,
        OSError,
    ):
        # What openpyxl raises for archives that are none, lack parts, or hold broken XML (ParseError is a SyntaxError).
        return [_failed(name, _BROKEN)]
    return tables or [_failed(name, "All its sheets are empty. Begin with one of the templates.")]


def _failed(name: str, message: str) -> Table:
    table = Table(name)
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


def _sheet(sheet: Any, name: str) -> Table | None:
    """The table of a sheet, or None for an empty one and for one of the steward's own."""
    if sheet.title.startswith(PRIVATE):
        return None
    table = Table(f"{name}, sheet {tidy(sheet.title)}")
    _read_rows(table, sheet)
    if not table.columns:
        return None
    if not table.rows and not table.findings:
        table.findings.append(table.finding("There is a header and no row below it. Write one row for each statement."))
    if sheet.sheet_state != "visible":
        message = "This sheet is hidden, and was read all the same. Put # before its name to have it left out."
        table.findings.append(table.finding(message, severity=Severity.WARNING))
    return table


def _read_rows(table: Table, sheet: Any) -> None:
    for number, cells in _rows(table, sheet):
        texts = tuple(_text(table, number, position, cell) for position, cell in enumerate(cells))
        while texts and not texts[-1]:
            texts = texts[:-1]
        if not texts:
            continue
        if not table.columns:
            table.columns, table.header_line = texts, number
        else:
            row = Row(table.name, number, number, texts, in_sheet=True)
            if len(texts) > len(table.columns):
                table.findings.append(row.finding("This row has more cells than the header has columns."))
            else:
                table.rows.append(row)
        if len(table.rows) > MOST_ROWS:
            table.rows.clear()
            table.findings.append(table.finding(f"The sheet has more than {MOST_ROWS:,} rows, the most that is read."))
            return


def _rows(table: Table, sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()  # what a sheet says of its own size may be far from what it holds
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > _MOST_ROWS_SEEN:
            table.findings.append(table.finding(f"There are cells below row {_MOST_ROWS_SEEN:,}. Move them up."))
            return
        if any(cell.value is not None for cell in cells[_MOST_COLUMNS:]):
            table.findings.append(
                table.finding(f"There are cells beyond column {_MOST_COLUMNS}. Remove them.", line=number)
            )
            return
        yield number, list(cells[:_MOST_COLUMNS])


def _text(table: Table, number: int, position: int, cell: Any) -> str:
    """The text of a cell as a person sees it, as far as that can be told; faults go to the table."""
    value = cell.value
    if value is None:
        return ""
    row = Row(table.name, number, number, (), in_sheet=True)
    message = ""
    if cell.data_type == "f":
        value = getattr(value, "text", value)
        message = (
            "This cell holds a formula, which is not worked out here. Write the value itself (in Excel: copy, then "
            "paste as values)."
        )
    elif isinstance(value, int | float) and "%" in str(cell.number_format):
        message = (
            f"This cell is shown in per cent and holds {value:g}. Write the bare number, and per cent as its unit."
        )
    if message:
        table.findings.append(row.finding(message, value=str(value)[:100], cell=row.cell(position)))
        return ""
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        text = f"{Decimal(repr(value)):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return tidy(str(value))
