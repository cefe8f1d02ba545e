"""From an HTTP request to a query, as the SPARQL 1.1 Protocol has it. Plain functions; no web framework."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import unquote_to_bytes

from leedskg.errors import QueryRefusedError, RequestError, excerpt
from leedskg.sparql.protocol.negotiation import is_format
from leedskg.sparql.protocol.tokens import READ_ONLY

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

#: What may be given with a query, and with an update.
QUERY_PARAMETERS = ("query", "default-graph-uri", "named-graph-uri", "format", "timeout", "queryId")
UPDATE_PARAMETERS = ("update", "using-graph-uri", "using-named-graph-uri", "timeout")
_MANY = frozenset({"default-graph-uri", "named-graph-uri", "using-graph-uri", "using-named-graph-uri"})
#: What clients in use call `format`: SPARQLWrapper sends several at once, Fuseki's, RDF4J's and GraphDB's one of them.
FORMAT_NAMES = ("format", "output", "results", "out", "resultFormat", "Accept")
#: What Virtuoso's form sends for no format at all.
_ANY_FORMAT = frozenset({"", "auto"})
#: What RDF4J's clients send with each query; not a misspelt `query`.
_OF_OTHERS = frozenset({*FORMAT_NAMES, "queryLn"})
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ID = re.compile(r"[A-Za-z0-9_-]{16,128}")
#: Units of a time, which QLever's clients write behind it. The shorter ones end longer ones.
_UNITS = {"ms": 0.001, "min": 60, "s": 1, "": 1}
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and how it is to be run. No dataset given means the query's own FROM, or the union of all graphs.

    `id` is what its client calls it by, to cancel it; `client` is who asks, as far as fairness goes: an address.
    `written` is what the client wrote, where `query` has the answers of other endpoints in it. `note` says which
    parameters were passed over that look like misspelt ones of ours.
    """

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None
    timeout: float | None = None
    id: str = ""
    client: str = ""
    written: str = ""
    note: str = ""


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


class QueryTooLargeError(RequestError):
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
    """Read the query that an HTTP request carries; None for a GET without parameters, which asks for a description.

    With `updates` it may be an update instead. Raises RequestError and its kinds, each with its status: 400 for
    what cannot be read, 403 for an update where there may be none, 405, 413 and 414 (more than `limit` bytes), 415.
    """
    if len(query_string) > limit:
        raise QueryTooLargeError(f"the URL is longer than {limit} bytes; send the query by POST", status=414)
    if len(body) > limit:
        raise QueryTooLargeError(
            f"the query is longer than {limit} bytes, which is what this endpoint reads", status=413
        )
    parameters = read_parameters(query_string)
    if method in {"GET", "HEAD"}:
        if body and not any(name in {"query", "update"} for name, _ in parameters):
            raise RequestError("a GET has its query in the address, and this one has it in a body; send it by POST")
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
    if not body and media_type not in {QUERY, UPDATE}:  # the query is in the address
        return []
    if media_type == QUERY:
        return [("query", _text(body, "the query"))]
    if media_type == UPDATE:
        return [("update", _text(body, "the update"))]
    given = f"not {excerpt(media_type)}" if media_type else "and this one has no Content-Type"
    raise MediaTypeError(f"a POST to the endpoint is of type {QUERY} or {FORM}, {given}")


def read_parameters(encoded: bytes) -> list[tuple[str, str]]:
    """Read the names and values of a query string or a form, decoded once. Raises RequestError for broken encoding."""
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
    given, note = _taken(parameters, QUERY_PARAMETERS)
    if "query" not in given:
        raise RequestError(f"the parameter query is missing{f'; {note}' if note else ''}")
    return QueryRequest(
        note=note,
        query=given["query"],
        default_graphs=_graphs(parameters, "default-graph-uri"),
        named_graphs=_graphs(parameters, "named-graph-uri"),
        format=read_format(parameters),
        timeout=_seconds(given.get("timeout")),
        id=_id(given.get("queryId")),
    )


def _update(parameters: list[tuple[str, str]]) -> UpdateRequest:
    given, _ = _taken(parameters, UPDATE_PARAMETERS)
    if any(name == "query" for name, _ in parameters):
        raise RequestError("not a parameter of an update: query; send the one or the other")
    return UpdateRequest(
        update=given["update"],
        using_graphs=_graphs(parameters, "using-graph-uri"),
        using_named_graphs=_graphs(parameters, "using-named-graph-uri"),
        timeout=_seconds(given.get("timeout")),
    )


def _taken(parameters: list[tuple[str, str]], known: tuple[str, ...]) -> tuple[dict[str, str], str]:
    """Return the parameters that are known, and a note on those that were passed over and look like misspelt ones.

    Clients send much that is meant for other products, so what is not known is no reason to refuse a query.
    """
    given = {name: value for name, value in parameters if name in known}
    for name in given.keys() - _MANY - {"format"}:
        values = [value for each, value in parameters if each == name]
        if len(values) > 1:
            raise RequestError(f"the parameter {name} is given {len(values)} times; give it once")
    slips = [misspelt(name, known) for name, _ in parameters if name not in _OF_OTHERS]
    if any(name.startswith("$") for name, _ in parameters):  # as RDF4J and Blazegraph have it
        slips.append("no variable has its value from a parameter here; write VALUES or BIND into the query")
    return given, "; ".join(dict.fromkeys(filter(None, slips)))


def misspelt(name: str, known: tuple[str, ...]) -> str:
    """Return what to say of a parameter that looks like a misspelt one of these; nothing for one that does not."""
    near = [] if name in known else get_close_matches(name.casefold(), [each.casefold() for each in known], 1, 0.75)
    if not near:
        return ""
    meant = next(each for each in known if each.casefold() == near[0])
    shown = excerpt(name).encode("ascii", "replace").decode()
    return f"{shown} is not a parameter here and was passed over; is {meant} meant?"


def read_format(parameters: list[tuple[str, str]]) -> str | None:
    """Return the format that is asked for by name. `format` is ours; of the others the first that is known counts.

    A media type may have parameters, and a plus that its writer forgot to escape, which arrives as a space.
    """
    given = [(name, value.partition(";")[0].strip()) for name, value in parameters if name in FORMAT_NAMES]
    named = [(name, value.replace(" ", "+")) for name, value in given if value.lower() not in _ANY_FORMAT]
    known = [(name, value) for name, value in named if is_format(value)]
    ours = [value for name, value in known or named if name == "format"]
    return ours[0] if ours else next((value for _, value in known), None)


def _graphs(parameters: list[tuple[str, str]], wanted: str) -> tuple[str, ...]:
    """Return the graphs that are named; an empty name is what clients send for none."""
    found = tuple(dict.fromkeys(value for name, value in parameters if name == wanted and value))
    for value in found:
        check_iri(value, wanted)
    return found


def check_iri(value: str, parameter: str) -> None:
    """Raise RequestError, naming the parameter, for a text that is not a whole IRI."""
    if not _IRI.fullmatch(value):
        raise RequestError(f"{parameter} has to be a whole IRI, not {excerpt(value)!r}")


def _seconds(text: str | None) -> float | None:
    """Return the time that the client sets; 0 is what clients send for none of their own."""
    given = (text or "0").strip()
    unit = next(each for each in _UNITS if given.endswith(each))
    try:
        seconds = float(given.removesuffix(unit)) * _UNITS[unit]
    except ValueError:
        seconds = -1
    if not 0 <= seconds < float("inf"):
        raise RequestError(f"timeout is a number of seconds, or 0 for the server's own limit, not {excerpt(given)!r}")
    return seconds or None


def _id(text: str | None) -> str:
    """Check an id, which must not be one that somebody guesses, for it can stop a query."""
    if text is None:
        return ""
    if not _ID.fullmatch(text):
        raise RequestError("queryId has 16 to 128 letters, digits, - and _; choose them at random")
    return text
