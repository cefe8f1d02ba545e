"""What sources date, on a line of years."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from leedskg.errors import RequestError
from leedskg.generation_view import GenerationView
from leedskg.picture import PictureEdge, PictureNode
from leedskg.picture.files import network_file, record_file, table_file
from leedskg.picture.timeline import NARROW, Dated, TimelineEntry, draw_timeline
from leedskg.record import ShownAssertion
from leedskg.web import current
from leedskg.web.api.parameters import YEAR, query, reads
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pictures.frame import (
    FRAMED,
    MOST_ROWS,
    about,
    address,
    asked_format,
    blueprint,
    edge,
    file,
    framed,
    node,
    show,
)
from leedskg.wording import plain_date

_TITLE = "Timeline"
_COLUMNS = ("statement", "words", "start", "end", "event")
#: Rows of the drawing; the table and the files have more.
_MOST_DRAWN = 120


@blueprint.get("/timeline")
@reads(query("from", "The first year.", YEAR), query("to", "The last year.", YEAR), *FRAMED)
def timeline() -> str | Response:
    """Show when things began and relationships held, between two years if the address gives them."""
    view = current.view()
    format_name = asked_format()
    start, end = _year("from"), _year("to")
    if start and end and start > end:
        raise RequestError(f"“from” ({start}) has to come before “to” ({end}).")
    dated, not_understood = view.dated
    kept = [each for each in dated if _within(each, start, end)]
    told = kept if format_name else kept[:MOST_ROWS]
    presenter = Presenter(view)
    statements = view.records.statements({each.iri for each in told})
    entries = [
        TimelineEntry(each, _words(presenter, each, statements[each.iri]), _dates(each), href(each.iri))
        for each in told
        if each.iri in statements
    ]
    if format_name in ("csv", "json"):
        rows = [(e.dated.iri, e.words, e.dated.start, e.dated.end, "yes" if e.dated.event else "no") for e in entries]
        text = (
            table_file(about(_TITLE), _COLUMNS, rows)
            if format_name == "csv"
            else record_file(about(_TITLE), _COLUMNS, rows)
        )
        return file(text, format_name, _TITLE)
    if format_name in ("graphml", "gexf"):
        return file(network_file(format_name, about(_TITLE), *_network(view, presenter, entries)), format_name, _TITLE)
    drawing = draw_timeline(entries[:_MOST_DRAWN])
    if format_name:
        return file(drawing.file(about(_TITLE)), format_name, _TITLE)
    return show(
        "timeline.html",
        framed(_TITLE),
        drawing=drawing.inline(_TITLE, narrow=draw_timeline(entries[:_MOST_DRAWN], NARROW)) if entries else "",
        entries=entries,
        total=len(kept),
        shown=len(entries),
        drawn=min(len(entries), _MOST_DRAWN),
        start=start or "",
        end=end or "",
        everything=len(dated),
        projects=bool(view.projects_cover),
        not_understood=not_understood,
        unfiltered=address(**{"from": None, "to": None}),
    )


def _network(
    view: GenerationView, presenter: Presenter, entries: list[TimelineEntry]
) -> tuple[list[PictureNode], list[PictureEdge]]:
    """Give what is dated as a network: dated relationships as its edges, and beginnings as facts of its nodes."""
    dated = {entry.dated.iri for entry in entries}
    edges = [edge(*tie) for tie in view.network.ties() if tie[2].relationship in dated]
    begun: dict[str, str] = {}
    subject = view.namespaces.term("subject")
    events = view.records.statements({entry.dated.iri for entry in entries if entry.dated.event})
    for entry in entries:
        about_whom = events[entry.dated.iri].detail(subject) if entry.dated.iri in events else None
        if about_whom:
            begun.setdefault(about_whom.iri, entry.dated.start)
    iris = dict.fromkeys([*begun, *(iri for each in edges for iri in (each.source, each.target))])
    nodes = [replace(node(presenter, iri), facts=(("begun", begun[iri]),) if iri in begun else ()) for iri in iris]
    return nodes, edges


def _year(name: str) -> int:
    text = request.args.get(name, "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) == 4 and int(text)):
        raise RequestError(f"“{name}” in the address has to be a year of four digits, such as 1998.")
    return int(text)


def _within(dated: Dated, start: int, end: int) -> bool:
    first, last = dated.first, dated.last
    assert first
    assert last
    return (not start or last.last.year >= start) and (not end or first.first.year <= end)


def _words(presenter: Presenter, dated: Dated, statement: ShownAssertion) -> str:
    subject = statement.detail(presenter.view.namespaces.term("subject"))
    return f"{subject.label} began" if dated.event and subject else presenter.sentence(statement)


def _dates(dated: Dated) -> str:
    if dated.event:
        return plain_date(dated.start)
    return plain_date(f"{dated.start}/{dated.end}")
