"""What crawlers, previews and those who watch the server read: robots.txt, the sitemap, cards, health and numbers."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from werkzeug.exceptions import NotFound

from leedskg.errors import LeedskgError
from leedskg.web import current
from leedskg.web.pages.limits import NAMES
from leedskg.web.serving.addresses import whole_address

blueprint = Blueprint("discovery", __name__)
#: What never ends: every address here can be asked in as many ways as there are questions. And pages of terms, shapes
#: and rules, which /def and /shape hold in one document each.
CLOSED = (
    "/routes", "/api/", "/sparql", "/search", "/list?", "/query?", "/query/picture", "/cite", "/pictures",
    "/graph-store", "/places", "/timeline", "/network?", "/network/", "/compare", "/brief", "/figures?", "/support?",
    "/contribute", "/contributions", "/sign-in", "/account", "/accounts", "/reconcile", "/*/history", "/changes?",
    "/changes/",
    "/versions/*/", "/dataset.", "/read/*?", "/metrics", "/healthz",
    "/openapi.json", "/def/", "/shape/", "/rule/",
    *(f"/*{before}{name}=" for name in NAMES for before in "?&"),  # every page within limits (web/pages/limits.py)
)  # fmt: skip
#: Addresses that a sitemap may have.
_MOST = 50_000
_PAGES = (
    "/",
    "/support",
    "/network",
    "/figures",
    "/disagreements",
    "/query",
    "/help",
    "/versions",
    "/changes",
    "/def",
    "/shape",
    "/model",
    "/dataset",
)
_STARTED = time.time()


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Tell crawlers what never ends."""
    lines = ["User-agent: *", *(f"Disallow: {each}" for each in CLOSED), f"Sitemap: {_base()}sitemap.xml"]
    return Response("\n".join((*lines, "")), content_type="text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the pages of entities, and those that lead to them."""
    view = current.view()
    root = _base().rstrip("/")
    day = view.published.built_at[:10]
    local = (view.namespaces.local(entry.iri) for entry in view.catalogue.entries.values() if entry.in_use)
    paths = [*_PAGES, *(f"/{each}" for each in local if each)][:_MOST]
    lines = [f"<url><loc>{escape(root + path)}</loc><lastmod>{day}</lastmod></url>" for path in paths]
    head = ('<?xml version="1.0" encoding="UTF-8"?>', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
    text = "\n".join((*head, *lines, "</urlset>", ""))
    return Response(text, content_type="application/xml; charset=utf-8")


@blueprint.get("/healthz")
def health() -> Response:
    """Say whether pages can be made: the generation, its age in seconds, and what the query workers do."""
    known: dict[str, object] = {"status": "ok"}
    try:
        pool = current.reader()
        published = pool.generation()
        known |= {"generation": published.number, "id": published.id, "age": _age(published.built_at),
                  "statements": published.statements, "workers": _workers(pool.status())}  # fmt: skip
        if not known["workers"]:
            known["status"] = "the process that answers queries is not there"
    except LeedskgError:
        known["status"] = "the graph cannot be read"
    response = Response(status=200 if known["status"] == "ok" else 503)
    response.data = _json(known)
    response.content_type = "application/json"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give the numbers of this web process and of the workers as Prometheus has them, where the settings allow it."""
    if current.settings().metrics != "yes":
        raise NotFound("Numbers for monitoring are given where the setting LEEDSKG_METRICS is yes.")
    registry = CollectorRegistry()
    pool = current.reader()
    published = pool.generation()

    def gauge(name: str, about: str, value: float) -> None:
        Gauge(f"leedskg_{name}", about, registry=registry).set(value)

    gauge("generation", "Number of the generation that is served", published.number)
    gauge("generation_age_seconds", "Seconds since it was published", _age(published.built_at))
    gauge("statements", "Statements of the generation", published.statements)
    gauge("uptime_seconds", "Seconds since this web process started", time.time() - _STARTED)
    workers = Gauge("leedskg_workers", "Query workers and waiting queries by state", ["state"], registry=registry)
    for state, number in _workers(pool.status()).items():
        workers.labels(state).set(number)
    counted = Gauge("leedskg_responses_total", "Responses that Flask made, by status", ["status"], registry=registry)
    for status, number in sorted(_counts().items()):
        counted.labels(str(status)).set(number)
    response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.after_app_request
def count(response: Response) -> Response:
    """Count a response."""
    counts = _counts()
    counts[response.status_code] = counts.get(response.status_code, 0) + 1
    return response


def _workers(status: Mapping[str, Any]) -> dict[str, int]:
    """Return how many workers do what, and how many queries wait; which processes they are is nobody's business."""
    numbers = {state: len(found) if isinstance(found, list) else found for state, found in status.items()}
    return {state: number for state, number in numbers.items() if isinstance(number, int) and state != "pid"}


@cache
def _counts() -> dict[int, int]:
    """Return the counts of this process, which go with it."""
    return {}


def _base() -> str:
    return whole_address("home.page")


def _age(built_at: str) -> int:
    return max(0, round((datetime.now(UTC) - datetime.fromisoformat(built_at)).total_seconds()))


def _json(known: object) -> str:
    return json.dumps(known) + "\n"
