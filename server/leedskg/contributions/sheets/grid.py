"""The tables of a file of any form: where the headings stand, what they are, and the rows below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from leedskg.contributions.csv_file import MOST_COLUMNS, read_records
from leedskg.contributions.other_workbooks import is_workbook, read_every_row
from leedskg.contributions.sheets.cells import aside
from leedskg.contributions.table import InputTable, TableRow
from leedskg.errors import RefusedError
from leedskg.naming import folded
from leedskg.validation.findings import Finding, Report, Severity

#: Rows among which the headings are looked for.
_TOP = 15
_DATUM = re.compile(r"[-+£$€]?[0-9][0-9\s.,/:%-]*")
_LONGEST_HEADING = 80
_TOTAL = re.compile(
    r"(?:(?:grand|overall|sub)[ -]?)?(?:totals?|sum)(?: (?:of|for|number|value|amount)\b.*)?\s*[:=]?", re.I
)
#: What a note below a table begins with, and what tells a sentence from a name.
_NOTE = re.compile(
    r"(?:notes?|sources?|n\.? ?b|key|legend|disclaimer|contact|prepared|compiled|updated)\b[^:]{0,30}[:.]\s|[*†‡]"
    r"|(?:last |date )updated|\(?[0-9]\)\s",
    re.IGNORECASE,
)
_PROSE = re.compile(r"[.!?]$|(?:\S+\s+){6}\S")
#: Cells that a row mostly has where those with one are no rows of it, and columns that one text is shown over.
_LEAST_FILLED, _LEAST_SHOWN_OVER = 2, 3


@dataclass
class Grid:
    """One table of a file: the row of its headings (0 for none), the headings, the rows below, the texts above."""

    name: str
    title: str
    header: int
    headings: tuple[str, ...]
    rows: list[TableRow]
    above: list[str] = field(default_factory=list)
    #: Cells that cannot be read, such as formulas, and what is odd in the file.
    unread: list[Finding] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What tells tables of one form: their headings as names are compared."""
        return " | ".join(folded(each) for each in self.headings)

    def values(self, column: int) -> list[str]:
        """Return the texts of a column that are not empty, each once, in order."""
        return list(dict.fromkeys(text for row in self.rows if (text := row.text(column))))


def read_grids(content: bytes, name: str, headers: Sequence[int | None] = ()) -> list[Grid]:
    """Read the tables of a file; `headers` says in which row the headings of each stand, where somebody has said so.

    Raises RefusedError, with the report, for a file that cannot be read whole.
    """
    tables = read_every_row(content, name) if is_workbook(name) else [read_records(content, name)]
    wrong = [each for table in tables for each in table.findings if each.severity is Severity.VIOLATION]
    whole = [each for each in wrong if "cell " not in each.field]
    if whole:
        report = Report()
        report.add(whole)
        raise RefusedError(f"{name} was not taken: fix it and send it again.", report)
    found = [
        _grid(table, headers[number] if number < len(headers) else None)
        for number, table in enumerate(tables) if table.rows
    ]  # fmt: skip
    if not any(grid.rows for grid in found):
        raise RefusedError(f"{name} has no rows below its headings. Write one row for each organisation or link.")
    return found


def _grid(table: InputTable, header: int | None) -> Grid:
    title = table.name.partition(", sheet ")[2]
    rows = table.rows
    at = _header(rows) if header is None else next((n for n, row in enumerate(rows) if row.number == header), -1)
    if header is None and 0 <= at < len(rows) - 1 and _is_second(rows[at], rows[at + 1], rows[at + 2 :]):
        at += 1
    below, beside = _parted(rows[at + 1 :], {row.texts for row in rows[max(at - 1, 0) : at + 1]})
    width = min(MOST_COLUMNS, max(len(row.texts) for row in rows[max(at, 0) :]))
    headings = [rows[at].text(column) if at >= 0 else "" for column in range(width)]
    above = rows[:at] if at > 0 else []
    if above and _is_group(above[-1]):
        groups = above.pop()
        headings = [
            f"{group}: {heading}" if (group := groups.text(column)) and heading not in {"", group} else heading or group
            for column, heading in enumerate(headings)
        ]
    named = tuple(_shortened(heading) or f"Column {_letters(column)}" for column, heading in enumerate(headings))
    return Grid(
        table.name, title, rows[at].number if at >= 0 else 0, named, below,
        [" ".join(dict.fromkeys(filter(None, row.texts))).replace("\n", " ") for row in above],
        [each for each in table.findings if each.severity is not Severity.INFO] + beside,
    )  # fmt: skip


def _parted(rows: list[TableRow], headings: set[tuple[str, ...]]) -> tuple[list[TableRow], list[Finding]]:
    """Part the rows of a table from totals, notes and headings that stand among and below them, each with why."""
    filled = [{text for text in row.texts if text} for row in rows]
    if not rows or median(map(len, filled)) < _LEAST_FILLED:
        return rows, []
    last = max(number for number, texts in enumerate(filled) if len(texts) > 1)
    kept: list[TableRow] = []
    beside: list[Finding] = []
    for number, (row, texts) in enumerate(zip(rows, filled, strict=True)):
        first = next(text for text in row.texts if text)
        parted = number > last and row.number - rows[last].number > number - last
        if _TOTAL.fullmatch(first) and all(_DATUM.fullmatch(each) for each in texts - {first}):
            beside.append(aside(row, None, "", first, "the row, for it is a total."))
        elif row.texts in headings:
            beside.append(aside(row, None, "", first, "the row, for it repeats the headings."))
        elif len(texts) == 1 and (
            _NOTE.match(first) or (len(row.texts) >= _LEAST_SHOWN_OVER
            and len(set(row.texts)) == 1) or (parted and _PROSE.search(first))
        ):  # fmt: skip
            beside.append(
                aside(row, None, "", first, f"the row, for it is a note or a heading: “{_shortened(first)}”.")
            )
        else:
            kept.append(row)
    return kept, beside


def _header(rows: Sequence[TableRow]) -> int:
    """Return the position of the row of headings; -1 where the rows begin with data."""
    typical = median(len([text for text in row.texts if text]) for row in rows[: _TOP * 2])
    for position, row in enumerate(rows[:_TOP]):
        texts = [text for text in row.texts if text]
        joined = any(first and first == second for first, second in pairwise(row.texts))
        if len(texts) < max(1.0, 0.6 * typical) or joined:
            continue
        if any(_DATUM.fullmatch(text) for text in texts) or any(len(text) > _LONGEST_HEADING for text in texts):
            return -1
        return position
    return -1


def _is_second(first: TableRow, second: TableRow, below: Sequence[TableRow]) -> bool:
    """Return whether the row below the headings goes on with them.

    It does where it fills some that are empty, with texts that no row has, above dates, numbers, or few values.
    """
    filled = [column for column, text in enumerate(second.texts) if text]
    if all(first.text(column) for column in filled) or any(_DATUM.fullmatch(text) for text in second.texts):
        return False
    columns = [[text for row in below if (text := row.text(column))] for column in filled]
    if any(second.text(column) in texts for column, texts in zip(filled, columns, strict=True)):
        return False
    return any(
        len(texts) > _LEAST_FILLED
        and (len(set(texts)) <= len(texts) / 2 or sum(bool(_DATUM.fullmatch(each)) for each in texts) > len(texts) / 2)
        for texts in columns
    )


def _is_group(row: TableRow) -> bool:
    """Return whether a row above the headings groups them: it has several cells, and not one shown over all columns."""
    texts = [text for text in row.texts if text]
    return len(set(texts)) > 1 or (len(texts) > 1 and len(texts) < len(row.texts))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_HEADING else f"{text[:_LONGEST_HEADING]}…"


def _letters(column: int) -> str:
    return TableRow("", 1, None, (), in_sheet=True).cell(column).rstrip("1")
