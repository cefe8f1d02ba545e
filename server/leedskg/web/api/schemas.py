"""The media types of requests and answers and what each holds, as the OpenAPI description has them."""

from __future__ import annotations

from leedskg.agents.claim_checker import MOST_CLAIMS
from leedskg.agents.claims import DETAILS, LONGEST_CLAIM
from leedskg.picture.files import FORMATS as PICTURES
from leedskg.sparql.protocol.negotiation import FORMATS, Format
from leedskg.web.api.parameters import TEXT, Schema
from leedskg.web.api.sparql import ASKED
from leedskg.web.pages.workbook import MEDIA_TYPE

_TABLES = tuple(each for each in FORMATS if each.shape == "table")
_GRAPHS = tuple(each for each in FORMATS if each.shape == "graph")

#: The SPARQL 1.1 Query Results JSON Format, as far as a client builds on it.
RESULTS: Schema = {
    "type": "object",
    "required": ["head"],
    "properties": {
        "head": {"type": "object", "properties": {"vars": {"type": "array", "items": TEXT}}},
        "boolean": {"type": "boolean"},
        "results": {
            "type": "object",
            "required": ["bindings"],
            "properties": {"bindings": {"type": "array", "items": {"type": "object"}}},
        },
    },
    "oneOf": [{"required": ["boolean"]}, {"required": ["results"]}],
}
PROBLEM: Schema = {
    "type": "object",
    "description": "An error in the shape of RFC 9457, with the place in the query where there is one.",
    "required": ["status", "title", "detail"],
    "properties": {
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "title": TEXT,
        "detail": {"type": "string", "description": "One sentence: what was wrong, where, and how to fix it."},
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
        "candidates": {"type": "array", "items": {"type": "object"}, "description": "What a name may have meant."},
    },
}


def _media(formats: tuple[Format, ...]) -> dict[str, Schema]:
    given: dict[str, Schema] = {}
    for each in formats:
        for media_type in each.media_types:
            given.setdefault(media_type, RESULTS if each.name == "json" else {})
    return given


#: Every format that a graph is given in.
GRAPHS = _media(_GRAPHS)
PAGE_OR_FILE: dict[str, Schema] = {
    "text/html": TEXT,
    "text/csv": TEXT,
    MEDIA_TYPE: {},
    "application/json": {"type": "object"},
}
PAGE_OR_PICTURE: dict[str, Schema] = {"text/html": TEXT} | {media: {} for media in PICTURES.values()}
VERSION_FILES = (
    "application/json", "application/ld+json", "application/csvm+json", "application/n-quads", "application/trig",
    "application/rdf-patch", "application/sparql-query", "text/csv", "text/markdown", "text/plain",
)  # fmt: skip

DOCUMENTS: dict[str, Schema] = {"text/html": TEXT} | GRAPHS
FORM_OF_QUERY: Schema = {
    "type": "object",
    "required": ["query"],
    "properties": {each["name"]: each["schema"] for each in ASKED},
}
# JSON in a form of its own first, so that a client may tell the two by it.
ANSWERS = {
    **_media(_TABLES),
    **{name: schema for name, schema in GRAPHS.items() if name != "application/json"},
}
ANSWERS["application/json"] = {}
#: A request or notification of JSON-RPC.
MESSAGE: Schema = {
    "type": "object",
    "required": ["jsonrpc", "method"],
    "properties": {"jsonrpc": {"const": "2.0"}, "method": TEXT, "params": {"type": "object"}},
}
#: Claims to check; a triple may say more of itself.
_TRIPLE: Schema = {
    "type": "object",
    "required": ["subject", "predicate", "object"],
    "properties": {name: {"type": ["string", "number"]} for name in ("subject", "predicate", "object", *DETAILS)},
    "additionalProperties": False,
}
CLAIMS: Schema = {
    "type": "object",
    "required": ["claims"],
    "properties": {
        "claims": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_CLAIMS,
            "items": {"oneOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST_CLAIM}, _TRIPLE]},
        }
    },
    "additionalProperties": False,
}
JSON: dict[str, Schema] = {"application/json": {"type": "object"}}
