"""What changed: a page in words, feeds of the graph, of an entity and of a saved query, and a stream that replays."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from leedskg.alerts.followed_queries import AnswerReader
from leedskg.changes import MEDIA_TYPE, ChangeLog, PublicationEvent
from leedskg.errors import RequestError
from leedskg.files import knowledge_root
from leedskg.queries import read_queries
from leedskg.web import current
from leedskg.web.api import atom
from leedskg.web.api.parameters import number, others, reads, whole_number
from leedskg.web.pages.presentation import href
from leedskg.web.serving.addresses import whole_address
from leedskg.web.site import NAME
from leedskg.wording import plain_date

blueprint = Blueprint("changes", __name__)
#: Events of a page, entries of a feed, events of a page of the stream, and records that an entry names.
_PAGE, _FEED, _STREAM, _MOST = 20, 50, 50, 50
#: Spans of time that the page offers, in days, and the most that may be asked for.
_SPANS = ((7, "the last 7 days"), (31, "the last month"), (366, "the last year"))
_MOST_DAYS = 36_600
_AS = "application/activity+json"
_CONTEXT = "https://www.w3.org/ns/activitystreams"


def _log() -> tuple[ChangeLog, int]:
    """Return the log, and the number of the generation that readers see. Raises NotFound where none is kept."""
    if current.settings().store:
        raise NotFound("This site publishes to a SPARQL server elsewhere and keeps no log of changes.")
    return ChangeLog(current.settings().state_path), current.reader().generation().number


@blueprint.get("/changes")
@reads(
    number("before", "Show the changes before the generation of this number.", least=1),
    number("days", "Show the changes of so many days, today included.", least=1, most=_MOST_DAYS),
)
def page() -> Any:
    """Show what each publication changed, in words, the latest first; all, or those of some days."""
    log, last = _log()
    before, days = whole_number("before", 0), whole_number("days", 0, least=0, most=_MOST_DAYS)
    since = (datetime.now(UTC).date() - timedelta(days=days - 1)).isoformat() if days else ""
    events = [each for each in log.latest(last, _PAGE + 1, before=before or None) if each.at >= since]
    shown = events[:_PAGE]
    return render_template(
        "changes.html",
        events=[(each, _moment(each.at), log.records(each.number, _MOST)) for each in shown],
        older=shown[-1].number if len(events) > _PAGE else 0,
        days=days,
        since=plain_date(since),
        spans=_SPANS,
        most=_MOST,
        href=href,
    )


@blueprint.get("/changes/<name>")
def event(name: str) -> Any:
    """Show one publication with every record that it changed; with `.rdfp` behind its name, as RDF Patch."""
    log, last = _log()
    wanted = name.removesuffix(".rdfp")
    found = log.event(wanted, last)
    if found is None:
        raise NotFound("No change has this address. The page of changes lists those that are kept.")
    if wanted != name:
        response = Response(log.patch(found.number), content_type=f"{MEDIA_TYPE}; charset=utf-8")
        response.set_etag(found.id)
        return response.make_conditional(request)
    records = log.records(found.number, _PAGE * _MOST)
    return render_template(
        "change.html", event=found, moment=_moment(found.at), records=records, href=href, most=_PAGE * _MOST
    )


@blueprint.get("/changes.atom")
def feed() -> Response:
    """Give what changed in the graph as a feed."""
    log, last = _log()
    return _feed(log.latest(last, _FEED), log, "changes.page", f"Changes of the {NAME}")


@blueprint.get("/id/<slug>/changes.atom")
def entity_feed(slug: str) -> Response:
    """Give what changed about one entity as a feed."""
    log, last = _log()
    view = current.view()
    iri = view.namespaces.entity(slug)
    events = log.about(iri, last, _FEED)
    entry = view.catalogue.entries.get(iri)
    if entry is None and not events:
        raise NotFound("No entity has this address, and none had it in the changes that are kept.")
    label = entry.label if entry else slug
    return _feed(events, log, "entities.page", f"{label}: changes", slug)


@blueprint.get("/query/<name>/changes.atom")
@reads(others("values", "The values of the parameters of the query, each under its own name."))
def query_feed(name: str) -> Response:
    """Tell when the answer of a saved query changes, as a feed."""
    saved = next(
        (each for each in read_queries(knowledge_root(current.settings().knowledge)) if each.name == name), None
    )
    if saved is None or current.settings().store:
        raise NotFound("No saved query has this name. The query page lists them all.")
    known = {each.name for each in saved.parameters}
    values = {key: value for key, value in request.args.items() if key in known and value.strip()}
    prefixes = current.settings().namespaces.prefixes
    for parameter in saved.parameters:
        if parameter.kind == "iri" and parameter.name in values:
            prefix, colon, rest = values[parameter.name].partition(":")
            if colon and prefix in prefixes:
                values[parameter.name] = prefixes[prefix] + rest
    states = AnswerReader(current.reader(), current.settings().state_path).states(saved.filled(values))
    address = whole_address("changes.query_feed", name=name, **values)
    shown = whole_address("query.page", name=name, **values)
    entries = [
        atom.FeedEntry(
            f"{address}#{each.id}",
            each.words,
            each.at,
            shown,
            [*(f"Added: {row}" for row in each.came), *(f"Removed: {row}" for row in each.went)],
        )
        for each in states
    ]
    title = saved.headers.get("title", name)
    return atom.feed(
        address, shown, f"{title}: when the answer changes", current.reader().generation().built_at, entries
    )


def _feed(events: list[PublicationEvent], log: ChangeLog, of: str, title: str, slug: str = "") -> Response:
    values = {"slug": slug} if slug else {}
    entity = [current.settings().namespaces.entity(slug)] if slug else []
    entries = [
        atom.FeedEntry(
            whole_address("changes.event", name=each.id),
            each.title,
            each.at,
            whole_address("changes.event", name=each.id),
            [*each.words, *(f"{record.what}: {record.label}{f' ({record.kind})' if record.kind else ''}"
                            for record in log.records(each.number, _MOST, about=entity))],
        )
        for each in events
    ]  # fmt: skip
    address = whole_address("changes.entity_feed" if values else "changes.feed", **values)
    at = current.reader().generation().built_at
    return atom.feed(address, whole_address(of, **values), title, at, entries)


@blueprint.get("/changes/stream")
@reads(number("page", "Which page of the stream; the first has the oldest events.", least=1))
def stream() -> Response:
    """Give the events as an ordered collection of Activity Streams, from which a client rebuilds the graph."""
    log, last = _log()
    total = log.count(last)
    pages = max(1, -(-total // _STREAM))
    address = whole_address("changes.stream")
    asked = request.args.get("page", "")
    if not asked:
        known: dict[str, Any] = {
            "@context": _CONTEXT, "id": address, "type": "OrderedCollection", "totalItems": total,
            "summary": "Every publication of the graph, the oldest first. To rebuild the graph, begin with the last "
                       "event of type Create, and do to each graph what the patches say, in order.",
            "first": f"{address}?page=1", "last": f"{address}?page={pages}",
        }  # fmt: skip
        return _activity(known)
    at = whole_number("page", 0)
    if not 1 <= at <= pages:
        raise RequestError(f"The stream has pages 1 to {pages}.")
    known = {
        "@context": _CONTEXT, "id": f"{address}?page={at}", "type": "OrderedCollectionPage", "partOf": address,
        "orderedItems": [_item(each) for each in log.page(last, at, _STREAM)],
    }  # fmt: skip
    if at < pages:
        known["next"] = f"{address}?page={at + 1}"
    if at > 1:
        known["prev"] = f"{address}?page={at - 1}"
    return _activity(known)


def _item(event: PublicationEvent) -> dict[str, Any]:
    address = whole_address("changes.event", name=event.id)
    return {
        "id": address,
        "type": "Create" if event.whole else "Update",
        "published": event.at,
        "name": event.title,
        "summary": " ".join(event.words),
        "object": current.settings().base,
        "result": {"type": "Document", "url": f"{address}.rdfp", "mediaType": MEDIA_TYPE},
    }


def _activity(known: dict[str, Any]) -> Response:
    return Response(json.dumps(known, ensure_ascii=False, indent=1) + "\n", content_type=_AS)


def _moment(at: str) -> str:
    return f"{plain_date(at[:10])}, {at[11:16]} UTC"
