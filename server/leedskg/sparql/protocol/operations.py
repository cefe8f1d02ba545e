"""The SPARQL protocol as functions from request to response; no web framework.

A `Request` is what arrived, a `Reply` what goes back. Between them `read` says what is asked and in which format it is
wanted, who carries it has a pool run the query, and `reply` makes of its result what goes back. Flask carries them
(`web/sparql.py`), and so does the event loop (`web/quick.py`): whichever does, every rule and header stands here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from leedskg.errors import NotAcceptableError, RequestError
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.federation.endpoints import plan
from leedskg.sparql.protocol.negotiation import Chosen, Shape, negotiate, ranges
from leedskg.sparql.protocol.request import UPDATE, QueryRequest, UpdateRequest, read_request
from leedskg.sparql.protocol.result import Result
from leedskg.sparql.protocol.tokens import QueryOutline, is_update

Headers = list[tuple[str, str]]

#: What lets pages of other sites read an answer (CORS), whatever its status, and on every hop to it.
OPEN: Headers = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Content-Location, Content-Range, ETag, Link, Location, Query-Note, Retry-After"),
]
#: What else they are told when they ask whether they may ask.
PREFLIGHT: Headers = [
    # Whatever else a library sends is passed over; the star does not cover Authorization, which is named by nobody.
    ("Access-Control-Allow-Headers", "Accept, Content-Type, If-None-Match, If-Range, Range, *"),
    ("Access-Control-Max-Age", "86400"),
]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived, as far as the protocol looks at it. `whole` is for who takes no answer in pieces."""

    method: str
    query_string: bytes = b""
    accept: str | None = None
    accept_encoding: str | None = None
    if_none_match: str | None = None
    content_type: str = ""
    content_encoding: str = ""
    body: bytes = b""
    client: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class PreparedQuery:
    """A query and how its answer is wanted; `tag` is that of the answer, and empty for what differs each time."""

    request: QueryRequest
    table: Chosen | None
    graph: Chosen | None
    gzip: bool
    whole: bool
    tag: str
    is_known: bool

    @property
    def options(self) -> dict[str, Any]:
        """The options of `QueryPool.run`."""
        return {"table": self.table, "graph": self.graph, "gzip": self.gzip, "whole": self.whole}


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: a status, headers, and a result to be sent, where there is one."""

    status: int
    headers: Headers
    result: Result | None = None


def read(
    arrived: Request, pool: QueryPool, *, limit: int, endpoints: frozenset[str] = frozenset()
) -> PreparedQuery | UpdateRequest | None:
    """Return the query or update that a request carries; None for one that asks for the description.

    Raises RequestError and its kinds, each with its status.
    """
    found = read_request(
        arrived.method,
        arrived.query_string,
        content_type=arrived.content_type,
        content_encoding=arrived.content_encoding,
        body=arrived.body,
        limit=limit,
        updates=pool.is_writable,
    )
    if not isinstance(found, QueryRequest):
        return found
    if pool.is_writable and is_update(found.query):
        raise RequestError(f"this is an update: send it by POST as `update`, or as {UPDATE}")
    seen = plan(found.query, endpoints).outline
    table, graph = _formats(seen, arrived.accept, found.format)
    differs = seen.volatile or arrived.method == "POST"
    tag = "" if differs else query_tag(pool, found, table or graph)
    return PreparedQuery(
        replace(found, client=arrived.client),
        table,
        graph,
        gzip=wants_gzip(arrived.accept_encoding),
        whole=arrived.whole or arrived.method == "HEAD",
        tag=tag,
        is_known=is_known(tag, arrived.if_none_match),
    )


def reply(asked: PreparedQuery, result: Result) -> Reply:
    """Return the answer that carries a query's result."""
    chosen = asked.graph if result.kind == "graph" else asked.table
    assert chosen is not None
    return carrying(result, chosen, asked.tag, note=asked.request.note)


def carrying(result: Result, chosen: Chosen, tag: str, *, note: str = "") -> Reply:
    """Return the answer that carries a result. One that is still being made has no length."""
    # Where the licence and the sources' own lines stand, which rows have no room for.
    headers = [("Content-Type", chosen.content_type), ("Link", '<attribution>; rel="copyright"'), *_tagged(tag)]
    if result.is_whole:
        headers.append(("Content-Length", str(result.length)))
    if result.is_compressed:
        headers.append(("Content-Encoding", "gzip"))
    if note:
        headers.append(("Query-Note", note))
    return Reply(200, [*headers, *shared(200)], result)


def unchanged(tag: str) -> Reply:
    """Return what a client is told that has the answer already."""
    return Reply(304, [*_tagged(tag), *shared(304)])


def shared(status: int) -> Headers:
    """Return the headers that let pages of other sites read an answer, and caches keep what they ask about again."""
    return [
        *OPEN,
        ("Vary", "Accept, Accept-Encoding"),
        ("Cache-Control", "no-cache" if status in {200, 304} else "no-store"),
    ]


def query_tag(pool: QueryPool, asked: QueryRequest, chosen: Chosen | None) -> str:
    """Return the tag for a query's answer. Weak: the same rows may come in another order.

    Differs with the generation, query, dataset and format.
    """
    dataset = (*asked.default_graphs, "", *asked.named_graphs)
    return tag_of(pool, asked.query, *dataset, chosen.media_type if chosen else "")


def tag_of(pool: QueryPool, *parts: str) -> str:
    """Return a tag for an answer made of these; empty for a scratch store, where any request may change what it is."""
    if pool.is_writable:
        return ""
    return hashlib.sha256("\0".join((pool.generation().id, *parts)).encode()).hexdigest()[:24]


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Return whether the client has the answer of this tag already."""
    return bool(tag and if_none_match) and (f'"{tag}"' in str(if_none_match) or str(if_none_match).strip() == "*")


def wants_gzip(accept_encoding: str | None) -> bool:
    """Return whether an Accept-Encoding header wants a long answer compressed."""
    wanted = {name: value for name, value, _ in ranges(accept_encoding or "")}
    return wanted.get("gzip", wanted.get("*/*", 0)) > 0


def _tagged(tag: str) -> Headers:
    return [("ETag", f'W/"{tag}"')] if tag else []


def _formats(seen: QueryOutline, accept: str | None, short_name: str | None) -> tuple[Chosen | None, Chosen | None]:
    """Return the format for a table and for a graph; both where the kind of query could not be told."""
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
