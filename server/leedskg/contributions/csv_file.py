"""CSV files into tables, whatever program wrote them: encoding, separator, quotation marks, size.

What can be read in one way only is read in that way; for the rest there is a finding that says how to save the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from leedskg.contributions.table import InputTable, TableRow, tidy, tidy_lines
from leedskg.errors import RequestError
from leedskg.validation.findings import Severity

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
#: The beginnings of workbooks, new and old, which are no CSV files whatever they are called.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATORS = ",;\t"
#: Characters that are looked at to tell the separator of a table whose header may stand below a title.
_BEGINNING = 5_000
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
_AS_UTF_8 = "Save it again as CSV with the encoding UTF-8 (in Excel: “CSV UTF-8 (Comma delimited)”)."


class _UnreadableError(Exception):
    """Why a file cannot be read any further, and at which line; it becomes a finding of the table."""

    def __init__(self, message: str, line: int | None = None, row: int | None = None) -> None:
        super().__init__(message)
        self.message, self.line, self.row = message, line, row


def read_csv_file(path: Path) -> InputTable:
    """Read a CSV file. Raises RequestError when there is no file that could be read; see `read_csv` for the rest."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {(error.strerror or 'it failed').lower()}.") from None
    return read_csv(content, tidy(path.name), size=size)


def read_csv(content: bytes, name: str, *, size: int | None = None) -> InputTable:
    """Read the bytes of a CSV file; what is wrong with them is in the table's findings, and the rows up to there.

    `size` is the size of the whole file where `content` is only its beginning.
    """
    table = InputTable(name)
    try:
        if max(size or 0, len(content)) > MOST_BYTES:
            raise _UnreadableError("The file has more than 10 MB, the most that is read. Split it into several.")
        text = _decoded(table, content)
        _read_rows(table, text)
    except _UnreadableError as error:
        finding = table.finding(error.message, line=error.line)
        if error.row:
            finding = TableRow(name, error.row, error.line, ()).finding(error.message)
        table.findings.append(finding)
    return table


def read_records(content: bytes, name: str) -> InputTable:
    """Read every record of a CSV file as a row, whatever its header is; what is wrong is in the table's findings."""
    table = InputTable(name)
    try:
        if len(content) > MOST_BYTES:
            raise _UnreadableError("The file has more than 10 MB, the most that is read. Split it into several.")
        text = _decoded(table, content, guess=True)
        declared = _SEPARATOR_LINE.match(text)
        body = text[declared.end() :] if declared else text
        separator = declared[1] if declared else max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", body[:_BEGINNING]).count)
        for number, line, texts in _records(body, separator, tidy_lines):
            if any(texts):
                table.rows.append(TableRow(name, number, line + bool(declared), texts[:MOST_COLUMNS]))
            if len(table.rows) > MOST_ROWS:
                raise _UnreadableError(
                    f"The table has more than {MOST_ROWS:,} rows, the most that is read. Split it into several."
                )
    except _UnreadableError as error:
        table.findings.append(table.finding(error.message, line=error.line))
    return table


def _decoded(table: InputTable, content: bytes, *, guess: bool = False) -> str:
    if content.startswith(_WORKBOOKS):
        raise _UnreadableError("This is a workbook, whatever its name ends in, and not a CSV file. " + _AS_UTF_8)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            raise _UnreadableError("The file begins as UTF-16 and does not go on so. " + _AS_UTF_8) from None
        table.findings.append(table.finding("The file is UTF-16 and was read as such.", severity=Severity.INFO))
    else:
        try:
            text = _decoded_utf_8(content)
        except _UnreadableError:
            if not guess or b"\0" in content:
                raise
            text = content.decode("cp1252", "replace")
            told = "The file is not UTF-8 and was read as Windows-1252: see whether letters such as “é” are right."
            table.findings.append(table.finding(told, severity=Severity.WARNING))
    if "\0" in text:
        raise _UnreadableError("The file holds zero bytes: it is UTF-16 without its mark, or no text. " + _AS_UTF_8)
    return text


def _decoded_utf_8(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if b"\0" in content[:1000]:
            raise _UnreadableError("The file is no text in UTF-8. " + _AS_UTF_8) from None
        character = content[error.start : error.start + 1].decode("cp1252", "replace")
        raise _UnreadableError(
            f"The file is not UTF-8; in Windows-1252 (Latin-1) the first character that is not would be “{character}”. "
            + _AS_UTF_8,
            line,
        ) from None


def _read_rows(table: InputTable, text: str) -> None:
    separator = ""
    declared = _SEPARATOR_LINE.match(text)
    skipped = 0
    if declared:
        separator, text, skipped = declared[1], text[declared.end() :], 1
    for number, line, texts in _records(text, separator or _separator(text)):
        if not any(texts):
            continue
        if len(texts) > MOST_COLUMNS and any(texts[MOST_COLUMNS:]):
            raise _UnreadableError(
                f"This row has {len(texts):,} cells; {MOST_COLUMNS} columns are the most that is read. Remove others, "
                "or look whether the file has lost its line ends.", line + skipped, number,
            )  # fmt: skip
        row = TableRow(table.name, number, line + skipped, texts)
        if not table.columns:
            table.columns, table.header_line = texts, row.line
        elif len(texts) > len(table.columns) and any(texts[len(table.columns) :]):
            table.findings.append(row.finding(_too_many(len(texts), len(table.columns))))
        else:
            table.rows.append(row)
        if len(table.rows) > MOST_ROWS:
            table.rows.clear()
            raise _UnreadableError(
                f"The table has more than {MOST_ROWS:,} rows, the most that is read. Split it into several."
            )
    if not table.columns:
        raise _UnreadableError("The file is empty. Begin with one of the templates.")
    if not table.rows and not table.findings:
        raise _UnreadableError("There is a header and no row below it. Write one row for each statement.")


def _too_many(cells: int, columns: int) -> str:
    return (
        f"This row has {cells} cells and the header {columns}. A cell with a comma in it has to stand in quotation "
        "marks; or a column has no heading."
    )


def _records(
    text: str, separator: str, tidied: Callable[[str], str] = tidy
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield the number, first line and cells of each record, empty ones too."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    number, line = 0, 1
    while True:
        number, line = number + 1, reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _UnreadableError(_quotation_message(str(error)), line, number) from None
        yield number, line, tuple(map(tidied, cells))


def _quotation_message(error: str) -> str:
    if "unexpected end of data" in error or "field limit" in error:
        what = "A quotation mark opens a cell in this row, and none closes it."
    else:
        what = "After the quotation mark that closes a cell in this row there is more of the cell."
    return what + ' A quotation mark inside a cell is written twice (""). The rows from here on were not read.'


def _separator(text: str) -> str:
    """Find the character that parts the cells of the header: a comma, semicolon or tab, whichever it has most of."""
    header = next((line for line in text.splitlines() if line.strip(" ,;\t\"'")), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_SEPARATORS, key=bare.count)
