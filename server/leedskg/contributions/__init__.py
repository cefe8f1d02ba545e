"""Contributions: from a file that a steward filled in to the statements that it adds to the graph or takes out.

`reading.read_contribution` reads any file into a `Change`. `csv_file` and `workbook` read files into tables;
`drafting.draft` reads a table, whatever it came from, into statements or findings; `appending` puts statements into a
knowledge file; `wording` says a change in sentences.
"""

from __future__ import annotations

from leedskg.contributions.csv_file import MOST_BYTES, MOST_ROWS, read_csv, read_csv_file
from leedskg.contributions.drafting import Draft, draft
from leedskg.contributions.file_reader import FORMS, read_contribution, read_limited
from leedskg.contributions.table import InputTable, TableRow
from leedskg.contributions.turtle import append, whole_file
from leedskg.validation.change import Change, ProposedStatement
from leedskg.validation.findings import Place

__all__ = [
    "FORMS",
    "MOST_BYTES",
    "MOST_ROWS",
    "Change",
    "Draft",
    "InputTable",
    "Place",
    "ProposedStatement",
    "TableRow",
    "append",
    "draft",
    "read_contribution",
    "read_csv",
    "read_csv_file",
    "read_limited",
    "whole_file",
]
