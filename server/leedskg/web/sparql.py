"""The SPARQL endpoint, `/sparql`: carries requests to `leedskg.sparql` and results back."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.http import parse_accept_header

from leedskg.errors import NotAcceptableError, RequestError
from leedskg.sparql import description
from leedskg.sparql.federation import plan
from leedskg.sparql.negotiation import Chosen, Shape, names_explicitly, negotiate
from leedskg.sparql.pool import Pool
from leedskg.sparql.request import UPDATE, QueryRequest, TooLargeError, UpdateRequest, read_request
from leedskg.sparql.result import Result
from leedskg.sparql.scratch import ScratchPool
from leedskg.sparql.statistics import KeptStatistics, Statistics
from leedskg.sparql.tokens import Outline, is_update
from leedskg.web import current, site

blueprint = Blueprint("sparql", __name__)

#: Where `web.quick` leaves an error of a query that it hands on, so that it is said here.
FAILED = "leedskg.failed"
#: Where `web.gateway` says that it sends what has no length as it comes, and breaks off the connection with it: a list
#: for what stops it when the client is gone.
COMING = "leedskg.coming"
#: Not for pages of other sites: reading is shared, changing is not.
_CHANGING = frozenset({"PUT", "DELETE"})
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
#: POST is for what cannot send DELETE, such as a page that is being left. Pages of other sites may: who knows the id
#: of a query is who asked it.
_CANCELLING = ("DELETE", "POST", "OPTIONS")
_EXAMPLE = """PREFIX lhi: <{base}def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

# Who funds what?
SELECT ?funder ?funded WHERE {{
  ?a lhi:funds ?b .
  ?a skos:prefLabel ?funder .
  ?b skos:prefLabel ?funded .
}} ORDER BY ?funded ?funder
"""


@blueprint.route("/sparql", methods=_METHODS, provide_automatic_options=False)
def endpoint() -> Response:
    """Answer a query, describe the service to a GET without one, or offer a form to a browser."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(_METHODS)})
    if FAILED in request.environ:
        raise request.environ[FAILED]
    asked = _read()
    if asked is None:
        return _description()
    if isinstance(asked, UpdateRequest):
        _pool_to_change().update(asked)
        if names_explicitly(request.headers.get("Accept"), "text/html"):
            return Response("The update is done.\n", content_type="text/plain; charset=utf-8")
        return Response(status=204)
    if current.reader().is_writable and is_update(asked.query):
        raise RequestError(f"this is an update: send it by POST as `update`, or as {UPDATE}")
    seen = plan(asked.query, current.settings().service_endpoints).outline
    table, graph = _formats(seen, request.headers.get("Accept"), asked.format)
    changes = seen.volatile or request.method == "POST"
    tag = "" if changes else query_tag(current.reader(), asked, table or graph)
    if is_known(tag):
        return unchanged(tag)
    asked = replace(asked, client=request.remote_addr or "")
    result = current.reader().run(asked, table=table, graph=graph, gzip=takes_gzip(), whole=wants_whole())
    chosen = graph if result.kind == "graph" else table
    assert chosen is not None
    return carry(result, chosen, tag)


@blueprint.route("/sparql/queries/<query_id>", methods=_CANCELLING, provide_automatic_options=False)
def cancel(query_id: str) -> Response:
    """Stop the query that its client calls by this id; nobody else can know the id."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(_CANCELLING)})
    if not current.reader().cancel(query_id):
        raise NotFound("No query of this id is under way: it has ended, or has not begun.")
    return Response(status=204)


def carry(result: Result, chosen: Chosen, tag: str) -> Response:
    """The response that carries a result."""
    response = Response(result.read() if result.is_small else result, content_type=chosen.content_type)
    if result.is_whole:
        response.content_length = result.length
    else:
        request.environ[COMING].append(result.close)
    response.call_on_close(result.close)
    if result.is_compressed:
        response.headers["Content-Encoding"] = "gzip"
    if tag:
        response.set_etag(tag, weak=True)
    return response


def wants_whole() -> bool:
    """Whether this request is answered with a whole result only."""
    return request.method == "HEAD" or COMING not in request.environ


def takes_gzip() -> bool:
    """Whether the client wants a long answer compressed."""
    return wants_gzip(request.headers.get("Accept-Encoding"))


@lru_cache(maxsize=256)
def wants_gzip(header: str | None) -> bool:
    """Whether an Accept-Encoding header wants a long answer compressed."""
    return parse_accept_header(header).quality("gzip") > 0


def is_known(tag: str) -> bool:
    """Whether the client has the answer of this tag already."""
    return bool(tag) and request.if_none_match.contains_weak(tag)


def unchanged(tag: str) -> Response:
    """That the client has the answer already."""
    response = Response(status=304)
    response.set_etag(tag, weak=True)
    return response


def tag_of(*parts: str) -> str:
    """A tag for an answer made of these; nothing for a scratch store, where any request may change what it is."""
    return _tag(current.reader(), parts)


def query_tag(reader: Pool, asked: QueryRequest, chosen: Chosen | None) -> str:
    """The tag for a query's answer. Weak: the same rows may come in another order.

    Differs with the generation, query, dataset and format.
    """
    dataset = (*asked.default_graphs, "", *asked.named_graphs)
    return _tag(reader, (asked.query, *dataset, chosen.media_type if chosen else ""))


def _tag(reader: Pool, parts: tuple[str, ...]) -> str:
    if reader.is_writable:
        return ""
    return hashlib.sha256("\0".join((reader.generation().id, *parts)).encode()).hexdigest()[:24]


@blueprint.after_request
def share(response: Response) -> Response:
    """Let pages of other sites read the endpoint, and caches keep what they then ask about again."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    if response.status_code == 204:
        response.headers.pop("Content-Type", None)
    if request.method == "OPTIONS":
        allowed = [
            method
            for method in response.headers.get("Allow", "").split(", ")
            if method not in _CHANGING or request.endpoint == "sparql.cancel"
        ]
        response.headers["Access-Control-Allow-Methods"] = ", ".join(allowed)
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
        return response
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Location, Retry-After"
    response.headers["Vary"] = "Accept, Accept-Encoding"
    response.headers.setdefault("Cache-Control", "no-cache" if response.status_code in {200, 304} else "no-store")
    return response


def _pool_to_change() -> ScratchPool:
    pool = current.reader()
    assert isinstance(pool, ScratchPool), "read_request refuses updates where there may be none"
    return pool


def _read() -> QueryRequest | UpdateRequest | None:
    limit = current.settings().request_limit * 1024
    request.max_content_length = limit
    try:
        body = request.get_data(cache=False) if request.method == "POST" else b""
    except RequestEntityTooLarge:
        raise TooLargeError(f"the query is longer than {limit} bytes, which is what is read here", status=413) from None
    return read_request(
        request.method,
        request.environ.get("QUERY_STRING", "").encode("latin-1", "replace"),
        content_type=request.headers.get("Content-Type", ""),
        content_encoding=request.headers.get("Content-Encoding", ""),
        body=body,
        limit=limit,
        updates=current.reader().is_writable,
    )


def _formats(seen: Outline, accept: str | None, short_name: str | None) -> tuple[Chosen | None, Chosen | None]:
    """The format for a table and for a graph; both where the kind of query could not be told."""
    if seen.kind in {"select", "ask"}:
        return negotiate(accept, "table", short_name), None
    if seen.kind is not None:
        return None, negotiate(accept, "graph", short_name)
    return _or_none(accept, "table", short_name), _or_none(accept, "graph", short_name)


def _or_none(accept: str | None, shape: Shape, short_name: str | None) -> Chosen | None:
    try:
        return negotiate(accept, shape, short_name)
    except NotAcceptableError:
        return None


def _description() -> Response:
    """What the standard has a GET without a query answer; a person gets a form."""
    accept = request.headers.get("Accept")
    if names_explicitly(accept, "text/html"):
        if not current.reader().is_writable:
            return Response(status=303, headers={"Location": url_for("query.page")})
        page = render_template("sparql.html", example=_EXAMPLE.format(base=current.settings().base))
        return Response(page, content_type="text/html; charset=utf-8")
    chosen = negotiate(accept, "graph")
    federated = bool(current.settings().service_endpoints)
    if current.reader().is_writable:
        body = description.scratch_description(_addresses(), chosen.format, federated=federated)
        return Response(body, content_type=chosen.content_type)
    tag = tag_of("service description", request.host_url, chosen.media_type, str(federated))
    if is_known(tag):
        return unchanged(tag)
    body = description.service_description(_addresses(), _statistics(), chosen.format, federated=federated)
    response = Response(body, content_type=chosen.content_type)
    response.headers["Link"] = f'<{url_for("sparql.void")}>; rel="describedby"'
    response.set_etag(tag, weak=True)
    return response


@blueprint.route("/.well-known/void", methods=("GET", "HEAD"), provide_automatic_options=False)
def void() -> Response:
    """What the published graph is, how large, under which licence, and where to have it (VoID)."""
    if current.reader().is_writable:
        raise NotFound("A scratch store has no description: its content is whatever was last sent.")
    chosen = negotiate(request.headers.get("Accept"), "graph")
    tag = tag_of("void", request.host_url, chosen.media_type)
    if is_known(tag):
        return unchanged(tag)
    frame = site.frame()
    body = description.void_description(
        _addresses(), _statistics(), chosen.format, title=frame.name, licence=frame.licence_href
    )
    response = Response(body, content_type=chosen.content_type)
    response.set_etag(tag, weak=True)
    return response


def _addresses() -> description.Addresses:
    return description.Addresses(
        endpoint=url_for("sparql.endpoint", _external=True),
        graph_store=url_for("graph_store.graph_store", _external=True),
        void=url_for("sparql.void", _external=True),
        home=request.root_url,
    )


def _statistics() -> Statistics:
    kept: KeptStatistics = current_app.extensions.setdefault("leedskg-statistics", KeptStatistics())
    return kept.current(current.reader(), current.settings().namespaces)
