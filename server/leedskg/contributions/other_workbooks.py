"""Workbooks of other programs, OpenDocument (.ods) and Excel before 2007 (.xls), into tables with every row a record.

OpenDocument is XML that says row by row what is in it, and how often a row is repeated: a library that lays it out as a
grid can be made to fill the memory by a file of a kilobyte. The old form is binary; xlrd reads that and nothing else.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from leedskg.contributions.csv_file import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, read_records
from leedskg.contributions.number_formats import ShownError, shown_date, shown_number
from leedskg.contributions.table import InputTable, TableRow, tidy, tidy_lines
from leedskg.contributions.workbook import UnreadableWorkbookError, check_archive, failed_table, read_workbook

_OFFICE, _TABLE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{part}:1.0}}" for part in ("office", "table", "text")
)
_COVERED = f"{_TABLE}covered-table-cell"
_CELLS = {f"{_TABLE}table-cell", _COVERED}
#: Endings of the names of such files.
OTHERS = (".xls", ".ods")
_OLD = b"\xd0\xcf\x11\xe0"
_AS_XLSX = "Open it and save it as .xlsx (“Excel Workbook”), without a password."
#: Bytes at the beginning of an archive in which OpenDocument says what it is.
_MIME_TYPE = 200
_MOST_JOINED = 100_000
#: Rows of an OpenDocument sheet that are all the same; a thousand of one that says something are no list.
_MOST_ALIKE = 1000


def is_workbook(name: str) -> bool:
    """Return whether a file is a workbook by its name."""
    return name.lower().endswith((".xlsx", *OTHERS))


def read_every_row(content: bytes, name: str) -> list[InputTable]:
    """Read the sheets of a workbook of any form, each row a record; what is wrong is in the findings of the tables.

    What programs call .xls may be of another form: the bytes tell.
    """
    if len(content) > MOST_BYTES:
        return [failed_table(name, "The file has more than 10 MB, the most that is read. Split it into several.")]
    try:
        if content.startswith(_OLD):
            tables = _old_workbook(content, name)
        elif content.startswith(b"PK") and b"application/vnd.oasis.opendocument" in content[:_MIME_TYPE]:
            check_archive(content)
            tables = _open_document(content, name)
        elif content.startswith(b"PK"):
            return read_workbook(content, name, as_records=True)
        elif content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            raise UnreadableWorkbookError("This is a web page or XML, whatever its name ends in. " + _AS_XLSX)
        else:
            return [read_records(content, name)]
    except UnreadableWorkbookError as error:
        return [failed_table(name, str(error))]
    except Exception:
        return [failed_table(name, "This workbook cannot be read: it is damaged, or needs a password. " + _AS_XLSX)]
    return tables or [failed_table(name, "All its sheets are empty.")]


def _open_document(content: bytes, name: str) -> list[InputTable]:
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as stream:
        table, number = InputTable(name), 0
        shown: dict[int, tuple[str, int]] = {}
        for event, element in ElementTree.iterparse(stream, ("start", "end")):  # noqa: S314 - it declares no entities
            if event == "start" and element.tag == f"{_TABLE}table":
                table, number = InputTable(f"{name}, sheet {tidy(element.get(f'{_TABLE}name', ''))}"), 0
                shown = {}
                found.append(table)
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                texts = _open_document_row(element, number + 1, shown)
                times = _times(element, "rows")
                for each in range(min(times, _MOST_ALIKE) if texts else 0):
                    _add(table, number + each + 1, texts)
                number += times
                element.clear()
    return [table for table in found if table.rows]


def _open_document_row(row: ElementTree.Element, number: int, shown: dict[int, tuple[str, int]]) -> list[str]:
    """Return the texts of a row; what stands in joined cells is said of each, down to the row that `shown` keeps."""
    texts: list[str] = []
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        text, at = _open_document_text(cell), len(texts)
        columns, rows = (int(cell.get(f"{_TABLE}number-{what}-spanned", 1)) for what in ("columns", "rows"))
        if columns > 1 or rows > 1:
            shown |= dict.fromkeys(range(at, min(at + columns, MOST_COLUMNS)), (text, number + rows - 1))
        for each in range(at, min(at + _times(cell, "columns"), MOST_COLUMNS)):
            above, last = shown.get(each, ("", 0))
            texts.append(above if cell.tag == _COVERED and number <= last else text)
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _times(element: ElementTree.Element, what: str) -> int:
    return max(1, int(element.get(f"{_TABLE}number-{what}-repeated", 1)))


def _open_document_text(cell: ElementTree.Element) -> str:
    """Return what a cell says: a date as such, a number with all its digits, and of a text the lines."""
    sort = cell.get(f"{_OFFICE}value-type", "")
    if sort == "date":
        return cell.get(f"{_OFFICE}date-value", "").removesuffix("T00:00:00")
    if sort == "float":
        return shown_number(float(cell.get(f"{_OFFICE}value", "0")), "General")
    return tidy_lines("\n".join(_written(each) for each in cell.iter(f"{_TEXT}p")))


def _written(paragraph: ElementTree.Element) -> str:
    """Return the text of a paragraph, in which runs of spaces, tabs and line breaks are elements."""
    parts = {f"{_TEXT}s": " ", f"{_TEXT}tab": " ", f"{_TEXT}line-break": "\n"}

    def of(element: ElementTree.Element) -> Iterator[str]:
        yield parts.get(element.tag, element.text or "")
        for each in element:
            if each.tag.startswith(_TEXT):  # a note of a reader's is no text of the cell
                yield from of(each)
            yield each.tail or ""

    return "".join(of(paragraph))


def _old_workbook(content: bytes, name: str) -> list[InputTable]:
    import xlrd  # noqa: PLC0415 - few files are of this form

    book = xlrd.open_workbook(file_contents=content, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
    found = []
    for sheet in book.sheets():
        table = InputTable(f"{name}, sheet {tidy(sheet.name)}")
        joined: dict[int, dict[int, tuple[int, int]]] = {}
        for top, bottom, left, right in sheet.merged_cells:
            area = (bottom - top) * (right - left)
            for row in range(top, bottom) if area < _MOST_JOINED // (len(joined) + 1) else ():
                joined.setdefault(row, {}).update(dict.fromkeys(range(left, min(right, MOST_COLUMNS)), (top, left)))
        for number in range(sheet.nrows):
            here = joined.get(number, {})
            texts = []
            for column in range(min(max(sheet.row_len(number), *(each + 1 for each in here), 0), MOST_COLUMNS)):
                row, at = here.get(column, (number, column))
                texts.append(_old_text(table, (row, at), sheet, book) if at < sheet.row_len(row) else "")
            _add(table, number + 1, texts)
        if table.rows:
            found.append(table)
    return found


def _old_text(table: InputTable, at: tuple[int, int], sheet: Any, book: Any) -> str:
    """Return what a cell says, as it is shown; what cannot be told goes to the findings."""
    from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XL_CELL_NUMBER  # noqa: PLC0415
    from xlrd.xldate import XLDateError, xldate_as_datetime  # noqa: PLC0415

    cell = sheet.cell(*at)
    shown = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    try:
        if cell.ctype == XL_CELL_DATE:
            return shown_date(xldate_as_datetime(cell.value, book.datemode), shown)
        if cell.ctype == XL_CELL_NUMBER:
            return shown_number(cell.value, shown)
        if cell.ctype == XL_CELL_ERROR:
            raise ShownError("The spreadsheet could not work this cell out. Write the value itself.")
    except (ShownError, XLDateError) as error:
        row = TableRow(table.name, at[0] + 1, at[0] + 1, (), in_sheet=True)
        table.findings.append(row.finding(str(error), value=str(cell.value)[:100], cell=row.cell(at[1])))
        return ""
    if cell.ctype == XL_CELL_BOOLEAN:
        return "true" if cell.value else "false"
    return tidy_lines(str(cell.value))


def _add(table: InputTable, number: int, texts: list[str]) -> None:
    if any(texts) and len(table.rows) <= MOST_ROWS:
        table.rows.append(TableRow(table.name, number, number, tuple(texts), in_sheet=True))
