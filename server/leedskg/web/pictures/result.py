"""The result of any query as a picture: network, map or bars by place, time line, bars; each with its table."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request, url_for
from markupsafe import Markup

from leedskg.errors import LeedskgError, LimitReachedError, RequestError, TooHeavyError
from leedskg.picture.bars import number_words
from leedskg.picture.files import network_file, record_file, table_file
from leedskg.picture.result import Misfit, PlaceColumns, ResultTable, number_of
from leedskg.sparql.protocol.negotiation import JSON, Chosen
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.sparql.protocol.result import first_rows
from leedskg.sparql.protocol.tokens import outline
from leedskg.store import Row, Term
from leedskg.web import current
from leedskg.web.api.parameters import choice, query, reads
from leedskg.web.errors import status_and_title, words_of
from leedskg.web.pages.views import EntityView
from leedskg.web.pictures.frame import (
    FRAMED,
    MOST_ROWS,
    SAVED,
    about,
    address,
    asked_format,
    blueprint,
    file,
    framed,
    show,
)
from leedskg.web.pictures.result_names import ResultNames
from leedskg.web.pictures.result_views import VIEWS, ResultPicture

#: Rows that are read of a result; a picture of more could not be read by anybody.
MOST_READ = 10_000
_LONGEST_TITLE = 60
#: Digits of a number that a cell has room for; the files have all.
_LONGEST_NUMBER = 30
_DRAWN = ("svg", "csv", "json")


@dataclass(frozen=True)
class ViewLink:
    """A way to draw the result: its address, or why it cannot be drawn so."""

    name: str
    title: str
    href: str
    reason: str
    is_current: bool


@dataclass(frozen=True)
class CellView:
    """A value of a row: a thing with its page, or a text as it came."""

    text: str
    thing: EntityView | None = None


@blueprint.get("/query/picture")
@reads(
    query("query", "The SELECT query whose result is drawn."),
    choice("as", "What it is drawn as; without it, the first that its columns fit.", *VIEWS),
    query("of", "The column of numbers that bars are drawn of; without it, the last one."),
    *FRAMED,
)
def result() -> str | Response | tuple[str, int]:
    """Draw the result of a query as far as its columns fit, and say why where they do not."""
    text, wanted, of = (request.args.get(name, "") for name in ("query", "as", "of"))
    format_name = asked_format()
    if wanted and wanted not in VIEWS:
        raise RequestError(f"A result cannot be drawn as “{wanted[:40]}”: “as” is one of {', '.join(VIEWS)}.")
    try:
        columns, rows, is_cut = _ask(text)
    except (RequestError, LimitReachedError) as error:
        if format_name:
            raise
        return _refused(text, error)
    names = ResultNames(current.view(), rows)
    table = ResultTable(columns, rows, names.thing, is_cut)
    fits = {name: each.columns(names, table, of) for name, each in VIEWS.items()} if rows else {}
    drawable = [name for name, found in fits.items() if not isinstance(found, Misfit)]
    placed = fits.get("places")
    on_the_map = isinstance(placed, PlaceColumns) and (placed.is_exact or placed.place)
    chosen = wanted or ("places" if on_the_map else next(iter(drawable), ""))
    is_table = format_name in ("csv", "json")
    drawn = VIEWS[chosen].draw(names, table, fits[chosen]) if chosen in drawable and not is_table else None
    title = f"Result of a query: {', '.join(columns)}"
    title = title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
    if format_name:
        return _file(format_name, title, table, drawn)
    links = [
        ViewLink(
            name, each.title, address(**{"as": name, "of": None}) if name in drawable else "",
            str(fits.get(name, "")) if name not in drawable else "", name == chosen,
        )
        for name, each in VIEWS.items()
    ]  # fmt: skip
    formats = SAVED if drawn and drawn.nodes else _DRAWN if drawn else ("csv", "json")
    return show(
        "result.html",
        framed(title, formats),
        drawn=drawn,
        inline=_inline(drawn, title),
        links=links,
        told=table.told if rows else "",
        chosen=chosen,
        columns=columns,
        numbers=[table.holds[column] == "numbers" for column in columns] if rows else [],
        cells=[[_cell(names, row.get(column)) for column in columns] for row in rows[:MOST_ROWS]],
        total=len(rows),
        is_cut=is_cut,
        others=[(each, address(of=each)) for each in drawn.other_columns] if drawn else [],
        query=text,
        editor=url_for("query.page", query=text),
        whole=url_for("sparql.endpoint", query=text, format="csv"),
        problem="",
    )


def _ask(text: str) -> tuple[tuple[str, ...], list[Row], bool]:
    limit = current.settings().request_limit
    if not text.strip():
        raise RequestError("There is no query in the address: write one on the query page, and draw its result.")
    if len(text) > limit * 1024:
        raise RequestError(f"A query has no more than {limit} KiB.")
    kind = outline(text).kind
    if kind not in (None, "select"):
        raise RequestError(
            f"Only rows can be drawn, and this query is {'an ASK' if kind == 'ask' else f'a {str(kind).upper()}'}: "
            "write it as a SELECT."
        )
    asked = QueryRequest(text, client=request.remote_addr or "")
    with current.reader().run(asked, table=Chosen(JSON, JSON.media_types[0]), whole=False) as found:
        columns, rows, is_cut = first_rows(found, MOST_READ)
    return tuple(columns), rows, is_cut


def _refused(text: str, error: LeedskgError) -> tuple[str, int]:
    """Show why the query has no result, with the way back to it."""
    status, title = status_and_title(error)
    page = show(
        "result.html",
        framed("Result of a query", ()),
        drawn=None,
        problem=title,
        message=words_of(error),
        causes=error.causes if isinstance(error, TooHeavyError) else (),
        query=text,
        editor=url_for("query.page", query=text) if text else url_for("query.page"),
    )
    return page, status


def _inline(drawn: ResultPicture | None, title: str) -> Markup | str:
    if drawn is None:
        return ""
    return drawn.wide.inline(title, narrow=drawn.narrow)


def _cell(names: ResultNames, term: Term | None) -> CellView:
    if term is None:
        return CellView("")
    if term.kind == "iri":
        return CellView("", names.entity(term.value))
    number = number_of(term) if len(term.value) > _LONGEST_NUMBER else None
    if number is not None:
        return CellView(number_words(number))
    return CellView(f"_:{term.value}" if term.kind == "blank" else term.value)


def _file(format_name: str, title: str, table: ResultTable, drawn: ResultPicture | None) -> Response:
    told = about(title)
    if format_name in ("csv", "json"):
        rows = [[row[column].value if column in row else "" for column in table.columns] for row in table.rows]
        if format_name == "csv":
            return file(table_file(told, table.columns, rows), format_name, title)
        cut = f"The first {MOST_READ} rows; the result has more." if table.is_cut else ""
        return file(record_file(told, table.columns, rows, cut), format_name, title)
    if drawn is None:
        raise RequestError("This result cannot be drawn so; its page says why, and as what it can.")
    if format_name == "svg":
        return file(drawn.wide.file(told), format_name, title)
    if not drawn.nodes:
        raise RequestError(f"Only a network can be had as {format_name}; this is drawn as something else.")
    return file(network_file(format_name, told, drawn.nodes, drawn.edges), format_name, title)
