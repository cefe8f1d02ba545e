"""A table as it was contributed: rows that know where they stand, so that each finding can say row and column.

What a table is read from (a CSV file here; a workbook or a web form elsewhere) is no business of what reads its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from leedskg.characters import composed, without_invisible
from leedskg.validation.findings import Finding, Severity

RULE = "table"


def tidy(text: str) -> str:
    """Return a cell's text without surplus or invisible white space, its accents composed."""
    return composed(" ".join(without_invisible(text).split()))


def tidy_lines(text: str) -> str:
    """Return a cell's text as `tidy` does, with its lines apart."""
    return "\n".join(filter(None, map(tidy, text.splitlines())))


@dataclass(frozen=True)
class TableRow:
    """One row: its number as a spreadsheet counts, the header being 1; the line of the file; the texts of its cells.

    Of a row in a sheet, each cell has an address, such as C5.
    """

    table: str
    number: int
    line: int | None
    texts: tuple[str, ...]
    in_sheet: bool = False
    #: Of a row that was made of one of a file, the position there of each cell; -1 for one that it does not have.
    made_of: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """What a person would call the row."""
        return f"row {self.number}"

    def text(self, position: int) -> str:
        """Return the text of the cell at a position in one line, empty where the row is too short."""
        return self.lines(position).replace("\n", " ")

    def lines(self, position: int) -> str:
        """Return the text of the cell at a position; lines of it are apart where the table was read so."""
        return self.texts[position] if position < len(self.texts) else ""

    def cell(self, position: int | None) -> str:
        """Return the address of the cell at a position, such as C5; empty where the row stands in no sheet."""
        if self.made_of and position is not None:
            position = self.made_of[position]
        if not self.in_sheet or position is None or position < 0:
            return ""
        letters, left = "", position + 1
        while left:
            left, letter = divmod(left - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.number}"

    def finding(
        self,
        message: str,
        column: str = "",
        value: str = "",
        severity: Severity = Severity.VIOLATION,
        *,
        cell: str = "",
    ) -> Finding:
        """Make a finding on the row, or on its cell in a column."""
        field_name = f"column {column}" if column else ""
        if cell:
            field_name = f"{field_name} (cell {cell})" if column else f"cell {cell}"
        return Finding(severity, self.label, self.label, message, RULE, field_name, value, self.table, self.line)


@dataclass
class InputTable:
    """A header, the rows below it that are not empty, and what was wrong when it was read.

    `name` is what findings call it: a file's name, or a file's and a sheet's.
    """

    name: str
    columns: tuple[str, ...] = ()
    rows: list[TableRow] = field(default_factory=list)
    header_line: int | None = None
    findings: list[Finding] = field(default_factory=list)

    def finding(
        self, message: str, *, value: str = "", line: int | None = None, severity: Severity = Severity.VIOLATION
    ) -> Finding:
        """Make a finding on the table as a whole."""
        return Finding(severity, self.name, "the table", message, RULE, "", value, self.name, line)

    def header_finding(self, message: str, column: str = "") -> Finding:
        """Make a finding on the header."""
        field_name = f"column {column}" if column else ""
        return Finding(
            Severity.VIOLATION, self.name, "header", message, RULE, field_name, "", self.name, self.header_line
        )
