"""Rows of one record that a publisher spreads over a table."""

from __future__ import annotations

from collections.abc import Iterable

from leedskg.importers.report import FilePlace, ImportFileError

Found = tuple[FilePlace, dict[str, str]]


def grouped(rows: Iterable[Found], column: str) -> dict[str, list[Found]]:
    """Return the rows by the value of a column, wherever in the table they stand.

    Only our own columns are held. Raises ImportFileError for a row without a value there.
    """
    found: dict[str, list[Found]] = {}
    for place, values in rows:
        key = values.get(column)
        if not key:
            raise ImportFileError(f"the row has no {column}, so it belongs to no record.", place)
        found.setdefault(key, []).append((place, values))
    return found
