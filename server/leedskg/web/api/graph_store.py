"""The SPARQL 1.1 Graph Store HTTP Protocol, at `/graph-store`: graphs read whole, and in a scratch store written.

`?graph=IRI` and `?default` name a graph; in a scratch store an address below this one is the name of a graph too.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

from leedskg.errors import QueryRefusedError, RequestError, excerpt
from leedskg.sparql.protocol import operations
from leedskg.sparql.protocol.negotiation import TRIPLES, named, negotiate
from leedskg.sparql.protocol.request import (
    MediaTypeError,
    MethodError,
    QueryTooLargeError,
    check_iri,
    misspelt,
    read_format,
    read_parameters,
)
from leedskg.sparql.scratch import ScratchPool
from leedskg.sparql.worker_protocol import SentRdf
from leedskg.web import current
from leedskg.web.api.parameters import IRI, query, reads
from leedskg.web.api.sparql import FORMAT, carry, is_known, share, tag_of, takes_gzip, unchanged, wants_whole
from leedskg.web.serving.addresses import whole_address

blueprint = Blueprint("graph_store", __name__)
blueprint.after_request(share)

_READING = ("GET", "HEAD", "OPTIONS")
_METHODS = (*_READING, "PUT", "POST", "DELETE")
_READ_ONLY = (
    "the published graph is read-only over the graph store protocol: "
    "changes come through contributions, which are checked and reviewed first"
)
_ENGINE = {media_type: each.engine for each in reversed(TRIPLES) for media_type in each.media_types}
_READ = named(TRIPLES)


@blueprint.route("/graph-store", methods=(*_METHODS, "PATCH"), provide_automatic_options=False)
@blueprint.route("/graph-store/<path:name>", methods=(*_METHODS, "PATCH"), provide_automatic_options=False)
@reads(
    query("graph", "The IRI of the graph.", IRI),
    query("default", "In the place of a graph: the default graph.", allowEmptyValue=True),
    FORMAT,
)
def graph_store(name: str = "") -> Response:
    """Read a graph; in a scratch store also put one, add to it, or remove it."""
    if request.method == "OPTIONS":
        allowed = _METHODS if current.reader().is_writable else _READING
        return Response(status=204, headers={"Allow": ", ".join(allowed)})
    pool = current.reader()
    if request.method not in _READING and not isinstance(pool, ScratchPool):
        raise QueryRefusedError(_READ_ONLY)
    target = _target(name)
    if request.method in _READING:
        return _get(target)
    assert isinstance(pool, ScratchPool)
    if request.method == "PATCH":
        raise MethodError("PATCH is not answered here; send an update to the SPARQL endpoint")
    if request.method == "DELETE":
        pool.delete_graph(_graph(target))
        return Response(status=204)
    return _write(pool, target)


def _get(target: str | None) -> Response:
    graph = _graph(target)
    chosen = negotiate(request.headers.get("Accept"), "graph", read_format(_parameters()))
    tag = tag_of("graph", graph or "", chosen.media_type)
    if is_known(tag):
        return unchanged(tag)
    result = current.reader().graph(graph, chosen, gzip=takes_gzip(), whole=wants_whole())
    return carry(operations.carrying(result, chosen, tag))


def _write(pool: ScratchPool, target: str | None) -> Response:
    if target is None and request.method == "POST":  # the store makes up a name
        made = whole_address("graph_store.graph_store", name=secrets.token_hex(8))
        pool.write_graph(made, _parts(), replace=False)
        return Response(status=201, headers={"Location": made})
    graph = _graph(target)
    is_new = pool.write_graph(graph, _parts(), replace=request.method == "PUT")
    return Response(status=201 if is_new else 204)


def _target(name: str) -> str | None:
    """Read the IRI of the graph that the request names: the empty text for the default graph, None if it names none."""
    parameters = _parameters()
    names = [each for each, _ in parameters]
    slips = [slip for name in names if (slip := misspelt(name, ("graph", "default", "format")))]
    if slips:  # a graph that is not named must not become another that is
        raise RequestError("; ".join(slips).replace(" and was passed over", ""))
    if len([each for each in names if each in {"graph", "default"}]) > 1 or {"graph", "default"} <= set(names):
        raise RequestError("the request has to name one graph: by graph, with its IRI, or by default")
    if name and not {"graph", "default"}.isdisjoint(names):
        raise RequestError("the request names a graph by its address and another by a parameter; use one of them")
    given = dict(parameters)
    if "default" in given:
        return ""
    if "graph" in given:
        check_iri(given["graph"], "graph")
        return given["graph"]
    if not name:
        return None
    check_iri(request.base_url, "the address")
    return request.base_url


def _graph(target: str | None) -> str | None:
    """Return the target as the pool takes it. Raises RequestError when there is none."""
    if target is None:
        raise RequestError("say which graph: ?graph= and its IRI, or ?default")
    return target or None


def _parameters() -> list[tuple[str, str]]:
    return read_parameters(request.environ.get("QUERY_STRING", "").encode("latin-1", "replace"))


def _parts() -> list[SentRdf]:
    """Read what was sent: one document, or those of a form with files."""
    limit = current.settings().upload_limit * 2**20
    request.max_content_length = limit
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        raise LengthRequired("Send the data with its Content-Length: without it, a part cannot be told from the whole.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise MediaTypeError("a compressed body is not read; send it plain")
    try:
        if request.mimetype != "multipart/form-data":
            return [SentRdf(_engine(request.mimetype, request.mimetype_params), request.get_data(cache=False))]
        files = [file for _, file in request.files.items(multi=True)]
        if not files or request.form:
            raise RequestError("a form has to consist of files, each with its name and its Content-Type")
        return [
            SentRdf(_engine(file.mimetype, file.mimetype_params), file.read(), file.filename or "") for file in files
        ]
    except RequestEntityTooLarge:
        raise QueryTooLargeError(
            f"the data is longer than {limit} bytes, which is what is read at once", status=413
        ) from None


def _engine(media_type: str, options: dict[str, str]) -> str:
    charset = options.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise MediaTypeError(f"data in {charset} is not read; send it in UTF-8")
    if media_type not in _ENGINE:
        given = f"not {excerpt(media_type)}" if media_type else "and this has no Content-Type"
        raise MediaTypeError(f"the graph store reads {_READ}, {given}")
    return _ENGINE[media_type]
