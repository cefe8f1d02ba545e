"""Tables of publishers as rows: CSV of any separator and encoding, and workbooks, read as streams."""

from __future__ import annotations

import codecs
import csv
import io
import warnings
import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.exceptions import InvalidFileException

from leedskg.characters import text_of_excel
from leedskg.importers.files import ArchiveMember, InputFile
from leedskg.importers.mapping import TableMapping, fold
from leedskg.importers.model import SourceRow
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.xml import root_tag

_MOST_LINE = 4 * 1024 * 1024
_MOST_PARTS = 1_000
_SEPARATORS = ",;\t|"
#: Whether a header is of the table that is looked for.
Fits = Callable[[list[str]], bool]
_AS_UTF_8 = "Save it again as CSV with the encoding UTF-8."


def has_header(file: InputFile, fits: Fits) -> bool:
    """Return whether a CSV file, or a sheet of a workbook, begins with a header that fits."""
    return fits(_header(file, fits))


def _header(file: InputFile, fits: Fits) -> list[str]:
    """Return the header of a CSV file or workbook; empty where its beginning is no table."""
    name, start = file.head()
    try:
        if start.startswith(b"PK"):
            with file.path.open("rb") as stream:
                return list(next(_sheet_rows(ArchiveMember(name, stream), (), fits), (0, []))[1])
        line = start.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
        if not line.strip() or line.lstrip()[0] in "{[<":
            return []
        return next(csv.reader(io.StringIO(line), delimiter=_separator(line)), [])
    except (ImportFileError, csv.Error):
        return []


def mapped_rows(
    part: ArchiveMember, mapping: TableMapping, report: ReadingReport
) -> Iterator[tuple[SourceRow, dict[str, str]]]:
    """Yield the rows of a table with their values by our columns. Raises ImportFileError for an unknown header."""
    for row in rows(part, report, mapping=mapping):
        report.read += 1
        yield row, mapping.read(row, report)


def rows(
    part: ArchiveMember, report: ReadingReport, *, mapping: TableMapping | None = None, header: Sequence[str] = ()
) -> Iterator[SourceRow]:
    """Yield the rows of a CSV file or workbook; `header` is for a file that has none.

    Raises ImportFileError for a row that has more or fewer cells than the header, and for a table without rows.
    """
    if part.first().startswith(b"PK"):
        money = {fold(each.heading) for each in mapping.columns if each.to == "amount"} if mapping else set()
        records = _sheet_rows(part, money, mapping.fits if mapping else None, report)
    else:
        records = _csv_rows(part, report)
    names = list(header)
    count = 0
    for number, cells in records:
        place = FilePlace(part.name, number)
        if not any(cells):
            continue
        if not names:
            names = [each.strip() for each in cells]
            if mapping:
                mapping.check(names, place)
            continue
        if len(cells) != len(names):
            raise ImportFileError(
                f"this row has {len(cells)} cells and the header {len(names)}. A cell with a separator in it has to "
                "stand in quotation marks; or the file is cut short.",
                place,
            )
        count += 1
        yield SourceRow(dict(zip(names, cells, strict=True)), place)
    if not count:
        raise ImportFileError("the table has no rows, so there is nothing to import.", FilePlace(part.name))


def _csv_rows(part: ArchiveMember, report: ReadingReport) -> Iterator[tuple[int, list[str]]]:
    lines = _lines(part, report)
    first = next(lines, "")
    reader = csv.reader(_with_first(first, lines), delimiter=_separator(first), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = "a quotation mark opens a cell and none closes it" if "unexpected end" in str(error) else str(error)
            raise ImportFileError(f"{what}; the file may be cut short.", FilePlace(part.name, number)) from None
        yield number, cells


def _lines(part: ArchiveMember, report: ReadingReport) -> Iterator[str]:
    told = False
    number = 0
    while raw := part.stream.readline(_MOST_LINE):
        number += 1
        if len(raw) == _MOST_LINE:
            raise ImportFileError("a line has more than 4 MB; this is no table.", FilePlace(part.name, number))
        if number == 1:
            if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise ImportFileError(f"the file is UTF-16. {_AS_UTF_8}", FilePlace(part.name))
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if b"\0" in raw:
            raise ImportFileError(
                f"the file holds zero bytes, so it is no text. {_AS_UTF_8}", FilePlace(part.name, number)
            )
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            if not told:
                report.note(
                    "encoding", f"line {number} is not UTF-8, and was read as Windows-1252.", FilePlace(part.name)
                )
                told = True
            yield raw.decode("cp1252", "replace")


def _with_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _separator(line: str) -> str:
    """Return the separator of the first line: whichever it has most of, outside quotation marks."""
    first = line.splitlines()[0] if line else ""
    bare = "".join(first.split('"')[::2])
    return max(_SEPARATORS, key=bare.count)


def _sheet_rows(
    part: ArchiveMember, money: Collection[str], fits: Fits | None, report: ReadingReport | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet whose header fits, else of the first that has rows.

    Amounts are read as numbers whatever their style shows.
    """
    content = io.BytesIO(part.whole())
    _check_parts(content, part.name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl does not keep
            book = load_workbook(content, read_only=True, data_only=True, keep_links=False)
            if sheet := _sheet_of(book, fits):
                yield from _cells(sheet, money, part.name, report)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError) as error:
        if isinstance(error, ImportFileError):
            raise
        raise ImportFileError(
            "this is no workbook that can be read. Get it again, or save it as CSV.", FilePlace(part.name)
        ) from None


def _sheet_of(book: Any, fits: Fits | None) -> Any:
    """Return the sheet to read: publishers put notes on sheets of their own before the table or behind it."""
    first = None
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        header = next((row for row in sheet.iter_rows(values_only=True) if any(each is not None for each in row)), None)
        if header is None:
            continue
        if fits is None or fits([str(each or "") for each in header]):
            return sheet
        first = first or sheet
    return first


def _cells(
    sheet: Any, money: Collection[str], name: str, report: ReadingReport | None
) -> Iterator[tuple[int, list[str]]]:
    amounts: dict[int, str] = {}
    plain: set[int] = set()
    told = False
    width = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        values = list(cells)
        while values and values[-1] is None:
            values.pop()
        if not values:
            continue
        if not width:
            width = len(values)
            amounts = {place: str(each) for place, each in enumerate(values) if fold(str(each or "")) in money}
        values += [None] * (width - len(values))
        for place, heading in amounts.items():
            value = values[place]
            if isinstance(value, int | float) and not isinstance(value, bool):
                plain.add(place)
            elif isinstance(value, date | time | timedelta):
                if place in plain:
                    raise ImportFileError(
                        f"column “{heading}”: this is a date, and the column is of money.", FilePlace(name, number)
                    )
                values[place] = _serial(value)
                if report and not told:
                    report.note(
                        "money shown as dates",
                        f"column “{heading}”: the workbook's style shows amounts as dates; they were read as the "
                        "numbers that they are.",
                        FilePlace(name, number),
                    )
                    told = True
        yield number, [_shown(each) for each in values]


def _serial(value: object) -> float:
    return float(to_excel(value))  # type: ignore[no-untyped-call]


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text_of_excel(str(value))


def _check_parts(content: io.BytesIO, name: str) -> None:
    """Refuse a workbook whose XML declares a document type, before anything else parses it."""
    try:
        with zipfile.ZipFile(content) as archive:
            parts = archive.infolist()
            if (
                len(parts) > _MOST_PARTS
                or sum(each.file_size for each in parts) > 100 * len(content.getvalue()) + 10**8
            ):
                raise ImportFileError("unpacked, the workbook is far larger than a workbook is.", FilePlace(name))
            for each in parts:
                if each.filename.endswith((".xml", ".rels")):
                    with archive.open(each) as stream:
                        if not root_tag(stream.read(64 * 1024)):
                            raise ImportFileError(
                                f"{each.filename} in the workbook is no XML, or declares entities.", FilePlace(name)
                            )
    except zipfile.BadZipFile:
        raise ImportFileError("the workbook is damaged or cut short. Get it again.", FilePlace(name)) from None
