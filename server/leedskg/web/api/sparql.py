"""The SPARQL endpoint, `/sparql`: carries requests to `leedskg.sparql` and results back."""

from __future__ import annotations

import pyoxigraph as ox
from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from leedskg.query_files import query_beside
from leedskg.sparql.protocol import description, operations
from leedskg.sparql.protocol.failure import NoGraphError
from leedskg.sparql.protocol.negotiation import FORMATS, HTML, N_TRIPLES, Chosen, choose, negotiate, offers_of
from leedskg.sparql.protocol.request import FORMAT_NAMES, QueryTooLargeError, UpdateRequest
from leedskg.sparql.protocol.statistics import KeptStatistics, Statistics
from leedskg.sparql.scratch import ScratchPool
from leedskg.web import current, site
from leedskg.web.api.parameters import IRI, choice, query, reads, several
from leedskg.web.serving.addresses import own_address, root_address, whole_address

blueprint = Blueprint("sparql", __name__)

#: Where `web.quick` leaves an error of a query that it hands on, so that it is said here.
FAILED = "leedskg.failed"
#: Where `web.serving.gateway` says that it sends what has no length as it comes, and breaks off the connection with it.
STREAMING = "leedskg.streaming"
_GRAPHS = offers_of(*(each for each in FORMATS if each.shape == "graph"))
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
#: POST is for what cannot send DELETE, such as a page that is being left. Pages of other sites may: who knows the id
#: of a query is who asked it.
_CANCELLING = ("DELETE", "POST", "OPTIONS")

_EXAMPLES = {
    "who": {"value": "SELECT ?s ?label { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?label } LIMIT 5"},
    "whether": {"value": "ASK { ?s ?p ?o }"},
    "graph": {"value": "CONSTRUCT WHERE { ?s a ?type } LIMIT 5"},
}
#: The format of an answer, for who cannot choose an Accept header.
FORMAT = choice("format", "The format of the answer, where no Accept header can be sent.", *(f.name for f in FORMATS))
#: What a query is asked with, in the address or in a form.
ASKED = (
    query("query", "A SPARQL 1.1 query; without one, GET gives the description of the service.", examples=_EXAMPLES),
    several("default-graph-uri", "A graph to make the default graph of.", IRI),
    several("named-graph-uri", "A graph that GRAPH may name.", IRI),
    FORMAT,
    *(query(name, "Another name of `format`, which clients send.") for name in FORMAT_NAMES if name != "format"),
    query("timeout", "Seconds the query may take, up to what the server gives.", {"type": "number", "minimum": 0.01}),
    query("queryId", "A name of the client's own for the query, hard to guess, by which it can stop it."),
)


@blueprint.route("/sparql", methods=_METHODS, provide_automatic_options=False)
@reads(*ASKED)
def endpoint() -> Response:
    """Answer a query, describe the service to a GET without one, or offer a form to a browser."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(_METHODS)})
    if FAILED in request.environ:
        raise request.environ[FAILED]
    settings, pool = current.settings(), current.reader()
    asked = operations.read(_arrived(), pool, limit=settings.request_limit * 1024, endpoints=settings.service_endpoints)
    if asked is None:
        return _description()
    if isinstance(asked, UpdateRequest):
        assert isinstance(pool, ScratchPool), "read_request refuses updates where there may be none"
        pool.update(asked)
        if choose(request.headers.get("Accept"), ("*/*", HTML)) == HTML:
            return Response("The update is done.\n", content_type="text/plain; charset=utf-8")
        return Response(status=204)
    if asked.is_known:
        return carry(operations.unchanged(asked.tag))
    return carry(operations.reply(asked, pool.run(asked.request, **asked.options)))


@blueprint.route("/sparql/queries/<query_id>", methods=_CANCELLING, provide_automatic_options=False)
def cancel(query_id: str) -> Response:
    """Stop the query that its client calls by this id; nobody else can know the id."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(_CANCELLING)})
    if not current.reader().cancel(query_id):
        raise NotFound("No query of this id is under way: it has ended, or has not begun.")
    return Response(status=204)


def carry(reply: operations.Reply) -> Response:
    """Return the response that carries what the protocol answers."""
    result = reply.result
    response = Response(None if result is None else result.read() if result.is_small else result, reply.status)
    response.headers.clear()
    response.headers.extend(reply.headers)
    if result is not None:
        response.call_on_close(result.close)
    return response


def wants_whole() -> bool:
    """Return whether this request is answered with a whole result only."""
    return request.method == "HEAD" or STREAMING not in request.environ


def takes_gzip() -> bool:
    """Return whether the client wants a long answer compressed."""
    return operations.wants_gzip(request.headers.get("Accept-Encoding"))


def is_known(tag: str) -> bool:
    """Return whether the client has the answer of this tag already."""
    return operations.is_known(tag, request.headers.get("If-None-Match"))


def unchanged(tag: str) -> Response:
    """Return what a client is told that has the answer already."""
    return carry(operations.unchanged(tag))


def tag_of(*parts: str) -> str:
    """Return a tag for an answer made of these; empty for a scratch store, where any request may change what it is."""
    return operations.tag_of(current.reader(), *parts)


@blueprint.after_request
def share(response: Response) -> Response:
    """Send the headers that every answer of the endpoint has."""
    if response.status_code == 204:
        response.headers.pop("Content-Type", None)
    if request.method != "OPTIONS":
        for name, value in operations.shared(response.status_code):
            response.headers.setdefault(name, value)
    return response


def _arrived() -> operations.Request:
    limit = current.settings().request_limit * 1024
    request.max_content_length = limit
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise QueryTooLargeError(
            f"the query is longer than {limit} bytes, which is what is read here", status=413
        ) from None
    return operations.Request(
        request.method,
        request.environ.get("QUERY_STRING", "").encode("latin-1", "replace"),
        request.headers.get("Accept"),
        request.headers.get("Accept-Encoding"),
        request.headers.get("If-None-Match"),
        request.headers.get("Content-Type", ""),
        request.headers.get("Content-Encoding", ""),
        body,
        request.remote_addr or "",
        wants_whole(),
    )


def _description() -> Response:
    """Give what the standard has a GET without a query answer; a person gets a form."""
    accept = request.headers.get("Accept")
    if choose(accept, (*_GRAPHS, HTML)) == HTML:
        if not current.reader().is_writable:
            return Response(status=303, headers={"Location": url_for("query.page")})
        page = render_template(
            "sparql.html", example=query_beside(__file__, "sparql_example").format(base=current.settings().base)
        )
        return Response(page, content_type="text/html; charset=utf-8")
    chosen = negotiate(accept, "graph")
    federated = bool(current.settings().service_endpoints)
    if current.reader().is_writable:
        body = description.scratch_description(_addresses(), chosen.format, federated=federated)
        return Response(body, content_type=chosen.content_type)
    tag = tag_of("service description", own_address(), chosen.media_type, str(federated))
    takes = {"federated": federated, "triple_terms": not current.settings().store}
    if is_known(tag):
        return unchanged(tag)
    body = description.service_description(_addresses(), statistics(), chosen.format, **takes)
    response = Response(body, content_type=chosen.content_type)
    response.headers["Link"] = f'<{url_for("sparql.void")}>; rel="describedby"'
    response.set_etag(tag, weak=True)
    return response


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Say what the published graph is, how large, under which licence, and where to have it (VoID)."""
    if current.reader().is_writable:
        raise NotFound("A scratch store has no description: its content is whatever was last sent.")
    if choose(request.headers.get("Accept"), (*_GRAPHS, HTML)) == HTML:
        return Response(status=303, headers={"Location": url_for("dataset.page"), "Vary": "Accept"})
    chosen = negotiate(request.headers.get("Accept"), "graph")
    tag = tag_of("void", own_address(), chosen.media_type)
    if is_known(tag):
        return unchanged(tag)
    frame = site.frame()
    body = description.void_description(
        _addresses(), statistics(), chosen.format, title=frame.name, licence=frame.licence_href, stored=_stored()
    )
    response = Response(body, content_type=chosen.content_type)
    response.set_etag(tag, weak=True)
    return response


def _stored() -> list[ox.Triple]:
    """Return what the graph says of itself in its own graph; nothing where it says nothing."""
    try:
        with current.reader().graph(
            current.settings().namespaces.graph("void"), Chosen(N_TRIPLES, N_TRIPLES.media_types[0])
        ) as result:
            return [quad.triple for quad in ox.parse(result.read(), ox.RdfFormat.N_TRIPLES, lenient=True)]
    except NoGraphError:
        return []


def _addresses() -> description.Addresses:
    return description.Addresses(
        endpoint=whole_address("sparql.endpoint"),
        graph_store=whole_address("graph_store.graph_store"),
        void=whole_address("sparql.void"),
        home=root_address(),
        dataset=f"{current.settings().base}dataset",
        dumps=tuple(f"{root_address()}dataset.{each}" for each in ("nq", "trig")),
    )


def statistics() -> Statistics:
    """Return what can be counted of the published graph."""
    kept: KeptStatistics = current_app.extensions.setdefault("leedskg-statistics", KeptStatistics())
    return kept.current(current.reader(), current.settings().namespaces)
