"""What is done to every answer on its way out: compression, tags of pages, and headers that guard and share."""

from __future__ import annotations

import gzip
import hashlib
import secrets
from dataclasses import fields
from functools import cache
from importlib.metadata import version
from pathlib import Path

from flask import Flask, Response, g, request

from leedskg.settings import Settings
from leedskg.sparql.protocol.operations import OPEN, PREFLIGHT
from leedskg.web import current
from leedskg.web.account import cookies, security
from leedskg.web.serving.request_bodies import CONTRIBUTING

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors {framed_by}"
)


def headers(nonce: str = "", framed_by: str = "'self'") -> list[tuple[str, str]]:
    """Return the headers; scripts and styles of this nonce run, and these sites may frame the page."""
    policy = _POLICY.format(nonce=nonce or secrets.token_urlsafe(16), framed_by=framed_by)
    return [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ]


#: What changes something is not for pages of other sites; a query is, also by POST, and stopping one by its secret id.
_READING = ("GET", "HEAD", "OPTIONS")
_ASKING = frozenset({"sparql.endpoint", "sparql.cancel", "query.use_elsewhere", "query.nothing", "reconciling.service"})
_OF_ACCOUNTS = frozenset(
    {
        "account",
        "following",
        "alerts",
        "alert_links",
        "administration",
        "sign_in",
        "dismissals",
        *CONTRIBUTING,
    }
)


def share_with_other_sites(app: Flask) -> None:
    """Let pages of other sites read what an application shows to everybody."""
    app.after_request(_share)


def _share(response: Response) -> Response:
    if request.blueprint in _OF_ACCOUNTS or "personal" in g:
        return response
    for name, value in OPEN:
        response.headers.setdefault(name, value)
    if request.method == "OPTIONS":
        allowed = [each.strip() for each in response.headers.get("Allow", "").split(",") if each.strip()]
        shared = [each for each in allowed if each in _READING or request.endpoint in _ASKING]
        response.headers["Access-Control-Allow-Methods"] = ", ".join(sorted(shared))
        response.headers.extend(PREFLIGHT)
        return response
    # A cache asks again each time: a merge shows at once, and a redirect does not outlive its undo.
    kept = response.status_code < 400 and request.method in _READING
    response.headers.setdefault("Cache-Control", "no-cache" if kept else "no-store")
    return response


#: Bytes under which an answer fits into one packet in any case.
_LEAST = 1024
#: Parts that compress their own answers, while these are made.
_BY_THEMSELVES = frozenset({"sparql", "graph_store"})
_TEXTS = ("text/", "+xml", "+json", "/json", "/xml", "/n-triples", "/n-quads", "/trig")


def compress_answers(app: Flask) -> None:
    """Have an application compress its answers. Must come before whatever else looks at them on their way out."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    is_text = any(part in (response.mimetype or "") for part in _TEXTS)
    is_known = response.status_code == 304
    if request.blueprint in _BY_THEMSELVES or _holds_a_secret(response) or not (is_text or is_known):
        return response
    if response.is_streamed or response.direct_passthrough or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if is_known or request.accept_encodings.quality("gzip") <= 0 or len(response.get_data()) < _LEAST:
        return response
    response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, is_weak = response.get_etag()
    if tag and not is_weak:
        response.set_etag(tag, weak=True)  # the same page in other bytes
    return response


def _holds_a_secret(response: Response) -> bool:
    """Return whether an answer is of an account, has a form's token in it, or starts a session."""
    return "personal" in g or "Set-Cookie" in response.headers


#: The parts of the site whose pages read the graph and the versions, and nothing that changes without these.
OF_THE_GRAPH = frozenset(
    {
        "home", "search", "entities", "things", "described", "routes", "support", "matrices", "analysis", "figures",
        "disagreements", "compare", "lists", "brief", "pictures", "ontology", "dataset", "changes", "versions",
        "citing", "attribution", "together",
    }
)  # fmt: skip
#: What crawlers read of the graph; the rest of that part is how the server does at the moment.
_FOR_CRAWLERS = frozenset({"discovery.robots", "discovery.sitemap"})
_PACKAGE = Path(__file__).parents[2]


def tag_pages(app: Flask) -> None:
    """Give the pages of an application their tags."""
    app.before_request(_known_already)
    app.after_request(_tagged)


def _known_already() -> Response | None:
    """Return 304 to who has the page; a session or an API token makes a page its owner's, and those have no tag."""
    is_of_the_graph = request.blueprint in OF_THE_GRAPH or request.endpoint in _FOR_CRAWLERS
    reads = is_of_the_graph and request.method in {"GET", "HEAD"}
    if not reads or request.routing_exception is not None or cookies.session() or security.has_token():
        return None
    g.page_tag = _tag(current.settings())
    if not request.if_none_match.contains_weak(g.page_tag):
        return None
    g.shows_who = True  # the page does, and caches are told the same of 304
    response = Response(status=304)
    response.set_etag(g.page_tag, weak=True)
    return response


def _tagged(response: Response) -> Response:
    own = "ETag" in response.headers or "Set-Cookie" in response.headers or "personal" in g
    if "page_tag" in g and response.status_code == 200 and not own:
        response.set_etag(g.page_tag, weak=True)
    return response


def _tag(settings: Settings) -> str:
    versions = settings.versions_path
    parts = (
        current.reader().generation().id,
        str(versions.stat().st_mtime_ns if versions.is_dir() else 0),  # what makes a version puts its folder in there
        *_program(settings),
        current.today().isoformat(),  # routes are weighed as at today
        request.host_url,
        request.script_root,
        request.full_path,
        request.headers.get("Accept", ""),
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:24]


@cache
def _program(settings: Settings) -> tuple[str, ...]:
    """Return what tells this program and its settings from others; secrets stay out of what is hashed and sent."""
    told = [f"{each.name}={getattr(settings, each.name)}" for each in fields(settings) if not each.metadata["secret"]]
    changed = max(path.stat().st_mtime_ns for path in _PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return version("leedskg"), str(changed), *told
