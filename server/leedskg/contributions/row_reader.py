"""One row under its header: cells by their column, each understood or found fault with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from leedskg.contributions.table import TableRow
from leedskg.contributions.templates import Layout
from leedskg.contributions.values import CellError, check_cell, parts
from leedskg.naming import folded
from leedskg.validation.findings import Finding, Severity

T = TypeVar("T")


class RowReader:
    """Reads one row, and gathers what is wrong with it, so that all of it is said at once."""

    def __init__(self, row: TableRow, layout: Layout) -> None:
        self.row = row
        self.findings: list[Finding] = []
        self._layout = layout
        self._texts: dict[str, str] = {}
        self._spoilt: set[str] = set()
        for column, position in layout.positions.items():
            text = row.text(position)
            try:
                check_cell(text)
            except CellError as error:
                self._spoil(column, str(error), text)
            else:
                self._texts[column] = text

    @property
    def sound(self) -> bool:
        """Whether nothing wrong was found in the row so far."""
        return not any(finding.severity is Severity.VIOLATION for finding in self.findings)

    def has(self, column: str) -> bool:
        """Return whether the table has the column."""
        return column in self._layout.positions

    def text(self, column: str) -> str:
        """Return the text of a cell; empty where there is none."""
        return self._texts.get(column, "")

    def needed(self, column: str, message: str) -> str:
        """Return the text of a cell that may not be empty; `message` says what belongs there."""
        text = self.text(column)
        if not text:
            self.missing(column, message)
        return text

    def missing(self, column: str, message: str) -> None:
        """Find fault with an empty cell, unless the column itself is missing or its cell was found wrong already."""
        if self.has(column) and column not in self._spoilt:
            self.wrong(column, message)

    def value(self, column: str, read: Callable[[str], T]) -> T | None:
        """Return what a cell says, as `read` understands it; None where it is empty or not understood."""
        found = self._read(column, self.text(column), read)
        return found[0] if found else None

    def values(self, column: str, read: Callable[[str], T]) -> list[T]:
        """Return what a cell says that may hold several values, each once."""
        found: list[T] = []
        for part in parts(self.text(column)):
            for value in self._read(column, part, read):
                if value in found:
                    self.wrong(column, "This is said twice in one cell. Remove one.", part)
                else:
                    found.append(value)
        return found

    def wrong(self, column: str, message: str, value: str = "") -> None:
        """Find fault with a cell."""
        self._spoilt.add(column)
        heading = self._layout.headings.get(column, column)
        cell = self.row.cell(self._layout.positions.get(column))
        self.findings.append(self.row.finding(message, heading if folded(heading) else column, value, cell=cell))

    def note(self, message: str) -> None:
        """Say something of the row that is worth knowing and not wrong."""
        self.findings.append(self.row.finding(message, severity=Severity.INFO))

    def _read(self, column: str, text: str, read: Callable[[str], T]) -> list[T]:
        if not text:
            return []
        try:
            return [read(text)]
        except CellError as error:
            self.wrong(column, str(error), text)
            return []

    def _spoil(self, column: str, message: str, value: str) -> None:
        self._texts[column] = ""
        self.wrong(column, message, value)
