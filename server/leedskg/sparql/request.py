"""From an HTTP request to a query, as the SPARQL 1.1 Protocol has it. Plain functions; no web framework."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from leedskg.errors import QueryRefusedError, RequestError
from leedskg.sparql.tokens import READ_ONLY

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

_KNOWN = ("query", "default-graph-uri", "named-graph-uri", "format", "timeout")
_MANY = frozenset({"default-graph-uri", "named-graph-uri"})
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and how it is to be run. No dataset given means the query's own FROM, or the union of all graphs."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None
    timeout: float | None = None


class MethodError(RequestError):
    """A method that the endpoint does not answer to."""

    status = 405
    title = "The endpoint does not answer to this method"


class MediaTypeError(RequestError):
    """A body that is of a kind the endpoint does not read."""

    status = 415
    title = "The endpoint does not read this kind of body"


class TooLargeError(RequestError):
    """A query longer than the endpoint reads, in the body (413) or in the URL (414)."""

    title = "The query is too long"

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


def read_request(  # noqa: PLR0913 - these are the parts of a request
    method: str,
    query_string: bytes,
    *,
    content_type: str = "",
    content_encoding: str = "",
    body: bytes = b"",
    limit: int = 2**20,
) -> QueryRequest | None:
    """The query that an HTTP request carries; None for a GET without parameters, which asks for a description.

    Raises RequestError and its kinds, each with its status: 400 for what cannot be read, 403 for an update,
    405, 413 and 414 (more than `limit` bytes) and 415.
    """
    if len(query_string) > limit:
        raise TooLargeError(f"the URL is longer than {limit} bytes; send the query by POST", status=414)
    if len(body) > limit:
        raise TooLargeError(f"the query is longer than {limit} bytes, which is what this endpoint reads", status=413)
    parameters = _parameters(query_string)
    if method in {"GET", "HEAD"}:
        if not parameters:
            return None
    elif method == "POST":
        parameters += _body_parameters(content_type, content_encoding, body)
    else:
        raise MethodError(f"{method} is not answered here; a query comes by GET or POST")
    return _request(parameters)


def _body_parameters(content_type: str, content_encoding: str, body: bytes) -> list[tuple[str, str]]:
    media_type, *options = (part.strip().lower() for part in content_type.split(";"))
    if content_encoding.strip().lower() not in {"", "identity"}:
        raise MediaTypeError(f"a body in Content-Encoding {content_encoding} is not read; send it plain")
    for option in options:
        name, _, value = option.partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8", "us-ascii"}:
            raise MediaTypeError(f"a query in {value} is not read; send it in UTF-8")
    if media_type == FORM:
        return _parameters(body)
    if media_type == QUERY:
        return [("query", _text(body, "the query"))]
    if media_type == UPDATE:
        raise QueryRefusedError(READ_ONLY)
    given = f"not {media_type}" if media_type else "and this one has no Content-Type"
    raise MediaTypeError(f"a POST to the endpoint is of type {QUERY} or {FORM}, {given}")


def _parameters(encoded: bytes) -> list[tuple[str, str]]:
    found = []
    for part in encoded.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            shown = _decoded(name, "a parameter's name")
            found.append((shown, _decoded(value, f"the parameter {shown}")))
    return found


def _decoded(value: bytes, what: str) -> str:
    """Undo the percent-encoding, once."""
    if _BROKEN_ESCAPE.search(value):
        raise RequestError(f"{what} has a % that is not followed by two hexadecimal digits; write it as %25")
    return _text(unquote_to_bytes(value.replace(b"+", b" ")), what)


def _text(value: bytes, what: str) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError(f"{what} is not UTF-8") from None
    if "\0" in text:
        raise RequestError(f"{what} has a NUL character in it")
    return text


def _request(parameters: list[tuple[str, str]]) -> QueryRequest:
    names = [name for name, _ in parameters]
    if "update" in names:
        raise QueryRefusedError(READ_ONLY)
    unknown = sorted({name for name in names if name not in _KNOWN})
    if unknown:
        raise RequestError(f"not a parameter of this endpoint: {', '.join(unknown)}; known are {', '.join(_KNOWN)}")
    for name in _KNOWN:
        if name not in _MANY and names.count(name) > 1:
            raise RequestError(f"the parameter {name} is given {names.count(name)} times; give it once")
    if "query" not in names:
        raise RequestError("the parameter query is missing")
    given = dict(parameters)
    return QueryRequest(
        query=given["query"],
        default_graphs=_graphs(parameters, "default-graph-uri"),
        named_graphs=_graphs(parameters, "named-graph-uri"),
        format=given.get("format"),
        timeout=_seconds(given.get("timeout")),
    )


def _graphs(parameters: list[tuple[str, str]], wanted: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(value for name, value in parameters if name == wanted))
    for value in found:
        if not _IRI.fullmatch(value):
            raise RequestError(f"{wanted} has to be a whole IRI, not {value!r}")
    return found


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise RequestError(f"timeout is a number of seconds above 0, not {text!r}")
    return seconds
