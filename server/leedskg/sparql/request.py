"""From an HTTP request to a query, as the SPARQL 1.1 Protocol has it. Plain functions; no web framework."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from leedskg.errors import QueryRefusedError, RequestError, excerpt
from leedskg.sparql.tokens import READ_ONLY

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

#: What may be given with a query, and with an update.
QUERY_PARAMETERS = ("query", "default-graph-uri", "named-graph-uri", "format", "timeout", "queryId")
UPDATE_PARAMETERS = ("update", "using-graph-uri", "using-named-graph-uri", "timeout")
_MANY = frozenset({"default-graph-uri", "named-graph-uri", "using-graph-uri", "using-named-graph-uri"})
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ID = re.compile(r"[A-Za-z0-9_-]{16,128}")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and how it is to be run. No dataset given means the query's own FROM, or the union of all graphs.

    `id` is what its client calls it by, to cancel it; `client` is who asks, as far as fairness goes: an address.
    `written` is what the client wrote, where `query` has the answers of other endpoints in it.
    """

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None
    timeout: float | None = None
    id: str = ""
    client: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """An update and how it is to be run. No dataset given means the update's own USING or WITH, or the whole store."""

    update: str
    using_graphs: tuple[str, ...] = ()
    using_named_graphs: tuple[str, ...] = ()
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
    updates: bool = False,
) -> QueryRequest | UpdateRequest | None:
    """The query that an HTTP request carries; None for a GET without parameters, which asks for a description.

    With `updates` it may be an update instead. Raises RequestError and its kinds, each with its status: 400 for
    what cannot be read, 403 for an update where there may be none, 405, 413 and 414 (more than `limit` bytes), 415.
    """
    if len(query_string) > limit:
        raise TooLargeError(f"the URL is longer than {limit} bytes; send the query by POST", status=414)
    if len(body) > limit:
        raise TooLargeError(f"the query is longer than {limit} bytes, which is what this endpoint reads", status=413)
    parameters = read_parameters(query_string)
    if method in {"GET", "HEAD"}:
        if not parameters:
            return None
    elif method == "POST":
        parameters += _body_parameters(content_type, content_encoding, body)
    else:
        raise MethodError(f"{method} is not answered here; a query comes by GET or POST")
    if any(name == "update" for name, _ in parameters):
        if not updates:
            raise QueryRefusedError(READ_ONLY)
        if method != "POST":
            raise RequestError("an update comes by POST, so that no link can make one")
        return _update(parameters)
    return _query(parameters)


def _body_parameters(content_type: str, content_encoding: str, body: bytes) -> list[tuple[str, str]]:
    media_type, *options = (part.strip().lower() for part in content_type.split(";"))
    if content_encoding.strip().lower() not in {"", "identity"}:
        raise MediaTypeError(f"a body in Content-Encoding {excerpt(content_encoding)} is not read; send it plain")
    for option in options:
        name, _, value = option.partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8", "us-ascii"}:
            raise MediaTypeError(f"a query in {excerpt(value)} is not read; send it in UTF-8")
    if media_type == FORM:
        return read_parameters(body)
    if media_type == QUERY:
        return [("query", _text(body, "the query"))]
    if media_type == UPDATE:
        return [("update", _text(body, "the update"))]
    given = f"not {excerpt(media_type)}" if media_type else "and this one has no Content-Type"
    raise MediaTypeError(f"a POST to the endpoint is of type {QUERY} or {FORM}, {given}")


def read_parameters(encoded: bytes) -> list[tuple[str, str]]:
    """The names and values of a query string or a form, decoded once. Raises RequestError for broken encoding."""
    found = []
    for part in encoded.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            shown = _decoded(name, "a parameter's name")
            found.append((shown, _decoded(value, f"the parameter {excerpt(shown)}")))
    return found


def _decoded(value: bytes, what: str) -> str:
    """Undo the percent-encoding, once."""
    if _BROKEN_ESCAPE.search(value):
        raise RequestError(f"{what} has a % that is not followed by two hexadecimal digits; write it as %25")
    return _text(unquote_to_bytes(value.replace(b"+", b" ")), what)


def _text(value: bytes, what: str) -> str:
    try:
        text = value.decode("utf-8-sig")  # some editors put a mark before a file's first character
    except UnicodeDecodeError:
        raise RequestError(f"{what} is not UTF-8") from None
    if "\0" in text:
        raise RequestError(f"{what} has a NUL character in it")
    return text


def _query(parameters: list[tuple[str, str]]) -> QueryRequest:
    _check_names(parameters, QUERY_PARAMETERS)
    given = dict(parameters)
    if "query" not in given:
        raise RequestError("the parameter query is missing")
    return QueryRequest(
        query=given["query"],
        default_graphs=_graphs(parameters, "default-graph-uri"),
        named_graphs=_graphs(parameters, "named-graph-uri"),
        format=given.get("format"),
        timeout=_seconds(given.get("timeout")),
        id=_id(given.get("queryId")),
    )


def _update(parameters: list[tuple[str, str]]) -> UpdateRequest:
    _check_names(parameters, UPDATE_PARAMETERS)
    given = dict(parameters)
    return UpdateRequest(
        update=given["update"],
        using_graphs=_graphs(parameters, "using-graph-uri"),
        using_named_graphs=_graphs(parameters, "using-named-graph-uri"),
        timeout=_seconds(given.get("timeout")),
    )


def _check_names(parameters: list[tuple[str, str]], known: tuple[str, ...]) -> None:
    names = [name for name, _ in parameters]
    unknown = sorted({name for name in names if name not in known})
    if unknown:
        what = "an update" if "update" in known else "this endpoint"
        raise RequestError(f"not a parameter of {what}: {excerpt(', '.join(unknown))}; known are {', '.join(known)}")
    for name in known:
        if name not in _MANY and names.count(name) > 1:
            raise RequestError(f"the parameter {name} is given {names.count(name)} times; give it once")


def _graphs(parameters: list[tuple[str, str]], wanted: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(value for name, value in parameters if name == wanted))
    for value in found:
        check_iri(value, wanted)
    return found


def check_iri(value: str, parameter: str) -> None:
    """Raise RequestError, naming the parameter, for a text that is not a whole IRI."""
    if not _IRI.fullmatch(value):
        raise RequestError(f"{parameter} has to be a whole IRI, not {excerpt(value)!r}")


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise RequestError(f"timeout is a number of seconds above 0, not {excerpt(text)!r}")
    return seconds


def _id(text: str | None) -> str:
    """An id can stop a query, so it must not be one that somebody guesses."""
    if text is None:
        return ""
    if not _ID.fullmatch(text):
        raise RequestError("queryId has 16 to 128 letters, digits, - and _; choose them at random")
    return text
