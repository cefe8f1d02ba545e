"""Tables of pages as files: CSV, XLSX and JSON, each telling what it holds and as of when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from leedskg.picture.files import record_file, table_file
from leedskg.web import current
from leedskg.web.api.parameters import choice
from leedskg.web.pages.workbook import MEDIA_TYPE, Sheet, workbook
from leedskg.web.pictures.frame import about, address, asked_format, file
from leedskg.web.serving.addresses import site_address

FORMATS = ("csv", "xlsx", "json")
#: The parameter of a page that gives its table as a file.
AS_FILE = choice("format", "The table as a file; without it, the page.", *FORMATS)


@dataclass(frozen=True)
class SavedTable:
    """A table to be saved: what it is called, what its columns mean in a sentence or two, and its rows."""

    title: str
    explained: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    #: The sources that the rows rest on, each with its IRI.
    sources: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class TableLink:
    """The address of a table in a format."""

    name: str
    href: str


def asked_table_format() -> str:
    """Read the format that the address asks for, or nothing for the page. Raises RequestError for one there is not."""
    return asked_format(FORMATS, "table")


def table_links(**changed: str | None) -> tuple[TableLink, ...]:
    """Return the addresses of this page's table in every format; `changed` are answers that differ from the page's."""
    return tuple(TableLink(name.upper(), address(**changed, format=name)) for name in FORMATS)


def saved(table: SavedTable, format_name: str) -> Response:
    """Send a table as a file.

    Every row of the CSV says what the table is, of which generation and of which day: CSV has no other place for it
    that programs leave alone, and rows are copied out of their files.
    """
    published = current.reader().generation()
    told = about(table.title)
    if format_name == "json":
        return file(record_file(told, table.columns, table.rows, table.explained, published.id), "json", table.title)
    if format_name == "xlsx":
        facts = (
            ("Table", told.title), ("What it holds", table.explained), ("Address", told.address),
            ("Publisher", told.publisher), ("Graph built on", told.built_on), ("Version of the graph", published.id),
            ("Licence", told.licence), ("Licence address", told.licence_address),
            *(("Attribution", line) for line in told.attribution),
        )  # fmt: skip
        sources = [("Sources of these rows", ""), *table.sources] if table.sources else []
        sheets = (
            Sheet(table.title, table.columns, table.rows),
            Sheet("Sources and licence", ("What", "Value"), [*facts, *sources]),
        )
        content = workbook(sheets, _page_address)
        return file(content, "xlsx", table.title, MEDIA_TYPE)
    tail = (table.explained, published.id, told.built_on)
    rows = ((*row, *tail) for row in table.rows)
    return file(table_file(told, (*table.columns, "explanation", "generation", "built_on"), rows), "csv", table.title)


def _page_address(iri: str) -> str:
    """Return the whole address of the page of a thing of ours; that of others is their own."""
    local = current.settings().namespaces.local(iri)
    return iri if local is None else f"{site_address(current.settings()).rstrip('/')}{request.script_root}/{local}"
