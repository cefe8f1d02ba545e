"""Contributions: from a table that a steward filled in to the Turtle that a steward would have written by hand.

`csv_file` reads a file into a `Table`; `drafting.draft` reads a table, whatever it came from, into statements or
findings; `appending` puts the statements into a knowledge file.
"""

from __future__ import annotations

from leedskg.contributions.appending import append, whole_file
from leedskg.contributions.csv_file import MOST_BYTES, MOST_ROWS, read_csv, read_csv_file
from leedskg.contributions.drafting import Draft, draft
from leedskg.contributions.table import Row, Table

__all__ = [
    "MOST_BYTES",
    "MOST_ROWS",
    "Draft",
    "Row",
    "Table",
    "append",
    "draft",
    "read_csv",
    "read_csv_file",
    "whole_file",
]
