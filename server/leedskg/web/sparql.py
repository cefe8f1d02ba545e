"""The SPARQL endpoint, `/sparql`: carries requests to `leedskg.sparql` and results back."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from leedskg.errors import NotAcceptableError
from leedskg.sparql import description
from leedskg.sparql.negotiation import Chosen, Shape, names_explicitly, negotiate
from leedskg.sparql.request import QueryRequest, TooLargeError, read_request
from leedskg.sparql.tokens import Outline, outline
from leedskg.web import current

blueprint = Blueprint("sparql", __name__)

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
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
    asked = _read()
    if asked is None:
        return _description()
    seen = outline(asked.query)
    accept = request.headers.get("Accept")
    table, graph = _formats(seen, accept, asked.format)
    tag = "" if seen.volatile or request.method == "POST" else _tag(asked, table or graph)
    if tag and request.if_none_match.contains_weak(tag):
        unchanged = Response(status=304)
        unchanged.set_etag(tag, weak=True)
        return unchanged
    result = current.reader().run(asked, table=table, graph=graph)
    chosen = graph if result.kind == "graph" else table
    assert chosen is not None
    response = Response(result.read() if result.is_small else result, content_type=chosen.content_type)
    response.content_length = result.length
    response.call_on_close(result.close)
    if tag:
        response.set_etag(tag, weak=True)
    return response


@blueprint.after_request
def _share(response: Response) -> Response:
    """Let pages of other sites read the endpoint, and caches keep what they then ask about again."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = ", ".join(_METHODS)
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
        return response
    response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    response.headers["Vary"] = "Accept"
    response.headers.setdefault("Cache-Control", "no-cache" if response.status_code in {200, 304} else "no-store")
    return response


def _read() -> QueryRequest | None:
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


def _tag(asked: QueryRequest, chosen: Chosen | None) -> str:
    """Weak: the same rows may come in another order. Differs with the generation, query, dataset and format."""
    parts = (
        current.reader().generation().id,
        asked.query,
        *asked.default_graphs,
        "",
        *asked.named_graphs,
        chosen.media_type if chosen else "",
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _description() -> Response:
    """What the standard has a GET without a query answer; a person gets a form."""
    accept = request.headers.get("Accept")
    if names_explicitly(accept, "text/html"):
        page = render_template("sparql.html", example=_EXAMPLE.format(base=current.settings().base))
        return Response(page, content_type="text/html; charset=utf-8")
    chosen = negotiate(accept, "graph")
    address = url_for("sparql.endpoint", _external=True)
    body = description.service_description(address, current.reader().generation(), chosen.format)
    return Response(body, content_type=chosen.content_type)
