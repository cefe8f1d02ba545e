"""Which format answers a request: one pure function over Accept, `format=` and the kind of query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from leedskg.errors import NotAcceptableError, RequestError, excerpt

Shape = Literal["table", "graph"]


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
TURTLE = Format("turtle", "graph", "TURTLE", ("text/turtle", "application/x-turtle"), ".ttl")
N_TRIPLES = Format("ntriples", "graph", "N_TRIPLES", ("application/n-triples", "text/plain"), ".nt")
JSON_LD = Format("jsonld", "graph", "JSON_LD", ("application/ld+json", "application/json"), ".jsonld")
RDF_XML = Format("rdfxml", "graph", "RDF_XML", ("application/rdf+xml", "application/xml", "text/xml"), ".rdf")

#: In the order in which we prefer them, where the client does not care.
FORMATS = (JSON, XML, CSV, TSV, TURTLE, N_TRIPLES, JSON_LD, RDF_XML)

#: What else `format=` may be called; "json" and "xml" mean what fits the kind of query.
_SHORT = {"ttl": "turtle", "nt": "ntriples", "json-ld": "jsonld", "rdf": "rdfxml", "rdf+xml": "rdfxml"}
_FITTING = {("json", "graph"): "jsonld", ("xml", "graph"): "rdfxml"}
_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


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
    offers = [each for each in FORMATS if each.shape == shape]
    if short_name is not None:
        return _named(short_name, shape)
    if accept is None or not accept.strip():
        return Chosen(offers[0], offers[0].media_types[0])
    best: tuple[float, Chosen] | None = None
    for place in range(max(len(each.media_types) for each in offers)):  # own media types before aliases
        for each in offers:
            if place < len(each.media_types):
                value = quality(accept, each.media_types[place])
                if value > 0 and (best is None or value > best[0]):
                    best = value, Chosen(each, each.media_types[place])
    if best is None:
        ours = ", ".join(each.media_types[0] for each in offers)
        what = "a table of results" if shape == "table" else "a graph"
        raise NotAcceptableError(f"this query gives {what}, in one of {ours}; the request accepts none of these")
    return best[1]


def _named(short_name: str, shape: Shape) -> Chosen:
    wanted = short_name.strip().lower()
    wanted = _SHORT.get(wanted, wanted)
    wanted = _FITTING.get((wanted, shape), wanted)
    for each in FORMATS:
        if wanted == each.name or short_name in each.media_types:
            if each.shape == shape:
                return Chosen(each, each.media_types[0])
            other = ", ".join(each.name for each in FORMATS if each.shape == shape)
            raise NotAcceptableError(f"format={excerpt(short_name)} does not fit this kind of query; these do: {other}")
    names = ", ".join(each.name for each in FORMATS)
    raise RequestError(f"format={excerpt(short_name)} is not known; one of {names} is")


def quality(accept: str, media_type: str) -> float:
    """How much an Accept header wants a media type, from 0 to 1: by the most specific range that covers it."""
    kind = media_type.partition("/")[0]
    best = (-1, 0.0)
    for media_range, value in _ranges(accept):
        specificity = {media_type: 2, f"{kind}/*": 1, "*/*": 0}.get(media_range, -1)
        if specificity > best[0]:
            best = specificity, value
    return best[1]


def names_explicitly(accept: str | None, *media_types: str) -> bool:
    """Whether an Accept header names one of the media types outright, not by a wildcard."""
    wanted = {media_range for media_range, value in _ranges(accept or "") if value > 0}
    return not wanted.isdisjoint(media_types)


def _ranges(accept: str) -> list[tuple[str, float]]:
    """The media ranges and their qualities; a part that cannot be read counts for nothing."""
    ranges = []
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        value = 1.0
        for parameter in parameters:
            name, _, text = parameter.partition("=")
            if name.strip() == "q":
                value = float(text) if _QUALITY.fullmatch(text.strip()) else 0.0
        if "/" in media_range:
            ranges.append((media_range, value))
    return ranges
