"""What sources date, on a line of years."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from leedskg.generation_view import GenerationView
from leedskg.limits import Limits
from leedskg.picture import PictureEdge, PictureNode
from leedskg.picture.dates import may_hold
from leedskg.picture.files import network_file, record_file, table_file
from leedskg.picture.timeline import NARROW, Dated, TimelineEntry, draw_timeline
from leedskg.record import ShownAssertion
from leedskg.web import current
from leedskg.web.api.parameters import YEAR, query, reads
from leedskg.web.pages.limits import LIMITS, NAMES, limits_form, read_limits
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pictures.frame import FRAMED, MOST_ROWS, about, asked_format, blueprint, edge, file, framed, node, show
from leedskg.web.serving.addresses import address
from leedskg.wording import plain_date

_TITLE = "Timeline"
_COLUMNS = ("statement", "words", "start", "end", "event")
#: Rows of the drawing; the table and the files have more.
_MOST_DRAWN = 120


@blueprint.get("/timeline")
@reads(
    query("from", "The same as `since`.", YEAR, deprecated=True),
    query("to", "The same as `until`.", YEAR, deprecated=True),
    *LIMITS,
    *FRAMED,
)
def timeline() -> str | Response:
    """Show when things began and relationships held, between two years if the address gives them."""
    view = current.view()
    format_name = asked_format()
    limits = _limits(view)
    dated, not_understood = view.dated
    kept = _within(view, dated, limits)
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
        limited=bool(limits),
        limits=limits_form(view),
        covered=presenter.covered(part.entity.iri for each in statements.values() for part in each.parts),
        everything=len(dated),
        projects=bool(view.projects_cover),
        not_understood=not_understood,
        unfiltered=address(**dict.fromkeys(("from", "to", *NAMES))),
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


def _limits(view: GenerationView) -> Limits:
    """Read the limits; the years also by their older names."""
    args = request.args.copy()
    for older, name in (("from", "since"), ("to", "until")):
        if args.get(older, "").strip() and not args.get(name):
            args[name] = args[older]
    return read_limits(view, args)


def _within(view: GenerationView, dated: list[Dated], limits: Limits) -> list[Dated]:
    """Return what is dated within limits. A beginning does not last: it lies in the years or not."""
    if not limits:
        return dated
    stated = view.records.statements({each.iri for each in dated})
    return [
        each for each in dated
        if each.iri in stated
        and limits.keeps_statement(stated[each.iri], view.namespaces)
        and (not each.event or may_hold(each.start, each.start, limits.years))
    ]  # fmt: skip


def _words(presenter: Presenter, dated: Dated, statement: ShownAssertion) -> str:
    subject = statement.detail(presenter.view.namespaces.term("subject"))
    return f"{subject.label} began" if dated.event and subject else presenter.sentence(statement)


def _dates(dated: Dated) -> str:
    if dated.event:
        return plain_date(dated.start)
    return plain_date(f"{dated.start}/{dated.end}")
