"""The declared mapping of a publisher's columns: what each becomes, and what is dropped."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from leedskg.importers.model import SourceRow
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.values import OddValueError, text

#: Reads a cell into the text of our own column; raises ValueError, with what is wrong, for a cell of another kind.
Reader = Callable[[str], str]


@dataclass(frozen=True)
class MappedColumn:
    """A publisher's column that is kept: its heading, our column, how its cells are read, whether it must be there."""

    heading: str
    to: str
    read: Reader = text
    needed: bool = False


@dataclass(frozen=True)
class TableMapping:
    """What becomes of a publisher's table.

    `personal` are headings that name or describe persons, `dropped` those left out for another reason. A column that is
    not declared is left out too, and said: a publisher who adds one adds nothing to the graph unseen.
    """

    columns: tuple[MappedColumn, ...]
    personal: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _by_heading(self) -> dict[str, MappedColumn]:
        return {fold(column.heading): column for column in self.columns}

    @cached_property
    def _personal(self) -> frozenset[str]:
        return frozenset(fold(each) for each in self.personal)

    def fits(self, headings: Iterable[str]) -> bool:
        """Return whether a table with these headings is of this form."""
        folded = {fold(each) for each in headings}
        return all(fold(each.heading) in folded for each in self.columns if each.needed)

    def check(self, headings: Iterable[str], place: FilePlace) -> None:
        """Raise ImportFileError, naming what is missing, for a header that is not of this form."""
        given = {fold(each): each for each in headings}
        for column in self.columns:
            if column.needed and fold(column.heading) not in given:
                near = difflib.get_close_matches(fold(column.heading), given, 1)
                hint = f" Is “{given[near[0]]}” meant?" if near else ""
                raise ImportFileError(
                    f"the header has no column “{column.heading}”, which this source always has.{hint} Give the file "
                    "as the publisher gives it, or name its source.",
                    place,
                )

    def read(self, row: SourceRow, report: ReadingReport) -> dict[str, str]:
        """Return the values of a row by our own columns; what is dropped is counted."""
        values: dict[str, str] = {}
        for heading, cell in row.values.items():
            if not cell or cell.isspace():
                continue
            folded = fold(heading)
            column = self._by_heading.get(folded)
            if column is None:
                report.drop(heading, personal=folded in self._personal)
                continue
            try:
                value = column.read(cell)
            except OddValueError as error:
                report.note(f"{column.to} left out", f"column “{heading}”: {error}.", row.place)
                continue
            except ValueError as error:
                raise ImportFileError(f"column “{heading}”: {error}", row.place) from None
            if value:
                values.setdefault(column.to, value)
        return values


_folded: dict[str, str] = {}


def fold(heading: str) -> str:
    """Return a heading as it is compared: publishers change case, spaces and underscores between releases."""
    found = _folded.get(heading)
    if found is None:
        found = "".join(each for each in heading.casefold() if each.isalnum())
        if len(_folded) < 10_000:
            _folded[heading] = found
    return found
