"""Which format answers a request: one pure function over Accept, `format=` and the kind of query."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from leedskg.errors import NotAcceptableError, RequestError, excerpt

Shape = Literal["table", "graph"]
#: A media range, its quality, and whether it has parameters.
_Range = tuple[str, float, bool]
#: Characters of an Accept header that are read.
LONGEST_HEADER = 8192


@dataclass(frozen=True, slots=True)
class Format:
    """A format that results are written in. The first media type is its own, the others are aliases.

    `engine` is its name in pyoxigraph's QueryResultsFormat or RdfFormat.
    """

    name: str
    shape: Shape
    engine: str
    media_types: tuple[str, ...]
    suffix: str


JSON = Format("json", "table", "JSON", ("application/sparql-results+json", "application/json", "text/json"), ".srj")
XML = Format("xml", "table", "XML", ("application/sparql-results+xml", "application/xml", "text/xml"), ".srx")
CSV = Format("csv", "table", "CSV", ("text/csv",), ".csv")
TSV = Format("tsv", "table", "TSV", ("text/tab-separated-values",), ".tsv")
TURTLE = Format("turtle", "graph", "TURTLE", ("text/turtle", "application/x-turtle", "text/n3", "text/rdf+n3"), ".ttl")
N_TRIPLES = Format("ntriples", "graph", "N_TRIPLES", ("application/n-triples", "text/plain"), ".nt")
JSON_LD = Format("jsonld", "graph", "JSON_LD", ("application/ld+json", "application/json"), ".jsonld")
RDF_XML = Format("rdfxml", "graph", "RDF_XML", ("application/rdf+xml", "application/xml", "text/xml"), ".rdf")
N_QUADS = Format("nquads", "graph", "N_QUADS", ("application/n-quads", "text/x-nquads"), ".nq")
TRIG = Format("trig", "graph", "TRIG", ("application/trig", "application/x-trig"), ".trig")

#: In the order in which we prefer them, where the client does not care.
FORMATS = (JSON, XML, CSV, TSV, TURTLE, N_TRIPLES, JSON_LD, RDF_XML, N_QUADS, TRIG)
#: Those that hold triples and have no place for the names of graphs.
TRIPLES = (TURTLE, N_TRIPLES, JSON_LD, RDF_XML)
HTML = "text/html"

#: What else `format=` may be called; "json" and "xml" mean what fits the kind of query.
_SHORT = {
    "ttl": "turtle", "n3": "turtle", "nt": "ntriples", "n-triples": "ntriples", "json-ld": "jsonld",
    "rdf": "rdfxml", "rdf+xml": "rdfxml", "rdf/xml": "rdfxml", "nq": "nquads", "n-quads": "nquads",
    "srj": "json", "srx": "xml", "sparql-results+json": "json", "sparql-results+xml": "xml", "text": "csv",
}  # fmt: skip
_FITTING = {("json", "graph"): "jsonld", ("xml", "graph"): "rdfxml"}
#: A weight as RFC 9110 has it, and without its zero, as clients of the last century write it.
_QUALITY = re.compile(r"0?\.\d{0,9}|0|1(?:\.0*)?")
#: What a header's list and a part's parameters are split at: outside of quotation marks.
_COMMA, _SEMICOLON = (re.compile(rf'(?:[^{sign}"]|"(?:[^"\\]|\\.)*"?)+') for sign in ",;")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A format, and the media type to name it by: an alias when that is what the client asked for."""

    format: Format
    media_type: str

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header."""
        if self.media_type == "text/csv":
            return "text/csv; charset=utf-8; header=present"
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


@lru_cache(maxsize=256)
def negotiate(accept: str | None, shape: Shape, short_name: str | None = None) -> Chosen:
    """Choose the format for a result of this shape. `short_name` (from `format=`) wins over `accept`.

    Raises NotAcceptableError when the client takes none of our formats, and RequestError for a `format=` that
    we do not know.
    """
    if short_name is not None:
        return _named(short_name, shape)
    formats = [each for each in FORMATS if each.shape == shape]
    found = choose(accept, offers_of(*formats))
    if found is None:
        what = "a table of results" if shape == "table" else "a graph"
        raise NotAcceptableError(f"this is {what}, in one of {named(formats)}; the request accepts none of these")
    return chosen_of(found, formats)


def choose(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """Return what the client wants most of the media types that are offered; None when it takes none of them.

    Every address of the site decides by this, as RFC 9110 (12.5.1) has it: a media type has the quality of the most
    specific range that covers it, and the highest quality wins. Where several have it, one that is named outright
    wins over one that a wildcard covers, and then the first that is offered.
    """
    if accept is None or not accept.strip():
        return offers[0]
    wanted = ranges(accept)
    for lenient in (False, True):
        told = [(_fit(wanted, each, lenient=lenient), -place, each) for place, each in enumerate(offers)]
        (value, _), _, best = max(told)
        if value > 0:
            return best
    return None


def offers_of(*formats: Format) -> tuple[str, ...]:
    """Return the media types of formats in the order in which we prefer them: each one's own before any alias."""
    most = max(len(each.media_types) for each in formats)
    return tuple(
        dict.fromkeys(
            each.media_types[place] for place in range(most) for each in formats if place < len(each.media_types)
        )
    )


def chosen_of(media_type: str, formats: Iterable[Format]) -> Chosen:
    """Return the format that a media type names among these, its own name before an alias."""
    fitting = [each for each in formats if media_type in each.media_types]
    return Chosen(min(fitting, key=lambda each: each.media_types.index(media_type)), media_type)


def named(formats: Iterable[Format]) -> str:
    """Return the media types of formats in a list."""
    return ", ".join(each.media_types[0] for each in formats)


def is_format(short_name: str) -> bool:
    """Return whether a name is that of a format, as `format=` takes it."""
    wanted = short_name.lower()
    return any(_SHORT.get(wanted, wanted) == each.name or wanted in each.media_types for each in FORMATS)


def _named(short_name: str, shape: Shape) -> Chosen:
    wanted = short_name.strip().lower()
    wanted = _SHORT.get(wanted, wanted)
    wanted = _FITTING.get((wanted, shape), wanted)
    for each in FORMATS:
        if wanted == each.name or wanted in each.media_types:
            if each.shape == shape:
                return Chosen(each, each.media_types[0])
            other = ", ".join(each.name for each in FORMATS if each.shape == shape)
            raise NotAcceptableError(f"format={excerpt(short_name)} does not fit this kind of query; these do: {other}")
    names = ", ".join(each.name for each in FORMATS)
    raise RequestError(f"format={excerpt(short_name)} is not known; one of {names} is")


def quality(accept: str, media_type: str) -> float:
    """Return how much an Accept header wants a media type, from 0 to 1: by the most specific range that covers it."""
    return _fit(ranges(accept), media_type)[0]


def _fit(wanted: list[_Range], media_type: str, *, lenient: bool = False) -> tuple[float, int]:
    """Return the quality that the most specific range gives a media type, and how specific that is."""
    covering = {media_type: 2, f"{media_type.partition('/')[0]}/*": 1, "*/*": 0}
    best = (-1, 0.0)
    for name, value, is_particular in wanted:
        specificity = covering.get(name, -1)
        if (lenient or not is_particular) and specificity > best[0]:
            best = specificity, value
    return best[1], best[0]


@lru_cache(maxsize=256)
def ranges(accept: str) -> list[_Range]:
    """Return the media ranges of a header; a part that cannot be read counts for nothing.

    A range with parameters covers only what has them, and nothing that is offered here has any but its character
    set. It counts as if it had none where the client would get nothing else.
    """
    found: list[_Range] = []
    for part in _COMMA.findall(accept[:LONGEST_HEADER].lower()):
        name, *parameters = (piece.strip() for piece in _SEMICOLON.findall(part) or [""])
        value, is_particular = 1.0, False
        for parameter in parameters:
            key, _, text = (each.strip() for each in parameter.partition("="))
            if key == "q":
                value = float(text) if _QUALITY.fullmatch(text) and text != "." else 0.0
                break  # what follows is not the media type's
            is_particular |= key != "charset"
        found.append(("*/*" if name == "*" else name, value, is_particular))
    return found
