"""Tables of pages as files: CSV for spreadsheets and JSON for programs, each telling what it holds and as of when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from leedskg.errors import RequestError
from leedskg.picture.files import record_file, table_file
from leedskg.web import current
from leedskg.web.pictures.frame import about, address, file

FORMATS = ("csv", "json")


@dataclass(frozen=True)
class Table:
    """A table to be saved: what it is called, what its columns mean in a sentence or two, and its rows."""

    title: str
    explained: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True)
class TableLink:
    """The address of a table in a format."""

    name: str
    href: str


def asked_table_format() -> str:
    """The format that the address asks for, or nothing for the page. Raises RequestError for one that there is not."""
    name = request.args.get("format", "")
    if name and name not in FORMATS:
        raise RequestError(f"There is no “{name[:40]}” of this table: “format” is one of {', '.join(FORMATS)}.")
    return name


def table_links(**changed: str | None) -> tuple[TableLink, ...]:
    """The addresses of a table of this page in every format; `changed` are other answers in them than in the page's."""
    return tuple(TableLink(name.upper(), address(**changed, format=name)) for name in FORMATS)


def saved(table: Table, format_name: str) -> Response:
    """A table as a file.

    Every row of the CSV says what the table is, of which generation and of which day: CSV has no other place for it
    that programs leave alone, and rows are copied out of their files.
    """
    published = current.reader().generation()
    told = about(table.title)
    if format_name == "json":
        return file(record_file(told, table.columns, table.rows, table.explained, published.id), "json", table.title)
    tail = (table.explained, published.id, told.built_on)
    rows = ((*row, *tail) for row in table.rows)
    return file(table_file((*table.columns, "explanation", "generation", "built_on"), rows), "csv", table.title)
