"""What each route takes and gives, as the OpenAPI description has it; `web/openapi.py` puts the routes to it.

A route that is not named here is a page: it gives HTML, and what is told of it is the first line of its function.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from leedskg.sparql.negotiation import FORMATS, Format
from leedskg.sparql.request import FORM, QUERY, UPDATE

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_IRI: Schema = {"type": "string", "format": "iri"}
_TABLES = tuple(each for each in FORMATS if each.shape == "table")
_GRAPHS = tuple(each for each in FORMATS if each.shape == "graph")

#: The SPARQL 1.1 Query Results JSON Format, as far as a client builds on it.
RESULTS: Schema = {
    "type": "object",
    "required": ["head"],
    "properties": {
        "head": {"type": "object", "properties": {"vars": {"type": "array", "items": _TEXT}}},
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
        "title": _TEXT,
        "detail": {"type": "string", "description": "One sentence: what was wrong, where, and how to mend it."},
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
        "candidates": {"type": "array", "items": {"type": "object"}, "description": "What a name may have meant."},
    },
}

#: What any route may answer; the web server gives 400, 414 and 431 itself when it cannot read a request at all.
COMMON = {
    400: "The request cannot be read, or asks for what cannot be; the text says what to mend.",
    404: "There is nothing at this address.",
    405: "The route does not answer to this method.",
    408: "The request did not come in time.",
    413: "The body is longer than what is read here.",
    414: "The address is longer than what is read here.",
    431: "The headers are longer than what is read here.",
    503: "A limit was reached (time, memory, size, or everything is busy); Retry-After says when to come back.",
}


#: What routes may answer besides that want to know who asks.
SIGNED_IN = {
    303: "On to the page that shows what was done, or to the one to sign in at.",
    401: "Nobody is signed in, or the token does not count.",
    403: "The account may not do this, or the form is none of this site's.",
    409: "Somebody else was first.",
    422: "What was sent has faults; they are told one by one.",
    429: "Asked too often; Retry-After says when to come back.",
}
#: The blueprints whose routes those are.
FOR_ACCOUNTS = frozenset(
    {"account", "administration", "sign_in", "contribute", "contributions", "contribution_api", "histories"}
)


@dataclass(frozen=True)
class Operation:
    """One method of one route."""

    summary: str = ""
    parameters: tuple[Schema, ...] = ()
    #: Media type of the body by its schema; nothing where there is none.
    body: dict[str, Schema] = field(default_factory=dict)
    #: Media types of the answer and their schemas.
    gives: dict[str, Schema] = field(default_factory=lambda: {"text/html": {"type": "string"}})
    status: int = 200
    #: Other answers than `status` and what every route may give.
    also: dict[int, str] = field(default_factory=dict)
    tag: str = "pages"


def query(name: str, about: str, schema: Schema = _TEXT, **more: Any) -> Schema:
    """A parameter of the query string."""
    return {"name": name, "in": "query", "description": about, "schema": schema, **more}


def _media(formats: tuple[Format, ...]) -> dict[str, Schema]:
    given: dict[str, Schema] = {}
    for each in formats:
        for media_type in each.media_types:
            given.setdefault(media_type, RESULTS if each.name == "json" else {})
    return given


_SEVERAL = {"type": "array", "items": _IRI}
_MATTERS = [
    "brokers", "single-points", "communities", "partners", "needs", "theme-gaps", "unlinked", "unconnected",
]  # fmt: skip
_SAVED = query("format", "The table as a file; without it, the page.", {"type": "string", "enum": ["csv", "json"]})
_PAGE_OR_FILE: dict[str, Schema] = {"text/html": _TEXT, "text/csv": _TEXT, "application/json": {"type": "object"}}
_NAMES = {"type": "string", "enum": [each.name for each in FORMATS]}
_EXAMPLES = {
    "who": {"value": "SELECT ?s ?label { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?label } LIMIT 5"},
    "whether": {"value": "ASK { ?s ?p ?o }"},
    "graph": {"value": "CONSTRUCT WHERE { ?s a ?type } LIMIT 5"},
}
_ASKED = (
    query("query", "A SPARQL 1.1 query; without one, GET gives the description of the service.", examples=_EXAMPLES),
    query("default-graph-uri", "A graph to make the default graph of; may be given several times.", _SEVERAL),
    query("named-graph-uri", "A graph that GRAPH may name; may be given several times.", _SEVERAL),
    query("format", "The format of the answer, where no Accept header can be sent.", _NAMES),
    query("timeout", "Seconds the query may take, up to what the server gives.", {"type": "number", "minimum": 0.01}),
    query("queryId", "A name of the client's own for the query, hard to guess, by which it can stop it."),
)
_GRAPH = (
    query("graph", "The IRI of the graph.", _IRI),
    query("default", "In the place of a graph: the default graph.", _TEXT, allowEmptyValue=True),
    query("format", "The format of the answer, where no Accept header can be sent.", _NAMES),
)
_FORM: Schema = {
    "type": "object",
    "required": ["query"],
    "properties": {each["name"]: each["schema"] for each in _ASKED},
}
# JSON in a form of its own first, so that a client may tell the two by it.
_ANSWERS = {
    **_media(_TABLES),
    **{name: schema for name, schema in _media(_GRAPHS).items() if name != "application/json"},
}
_ANSWERS["application/json"] = {}
_REFUSED = {
    403: "The query asks for what the endpoint does not do, such as an update, or a call to another server.",
    406: "No format that is accepted can carry this kind of result.",
    409: "The query was called off, or its id is in use.",
}
_UNREAD = {415: "The body is of a kind that is not read here."}
_FOR_DATA = {303: "The client asks for RDF: where it is.", 304: "The client has this already."}

_JSON: dict[str, Schema] = {"application/json": {"type": "object"}}
_CANCEL = Operation("Stop a query by the id that its client gave it", gives={}, status=204, tag="SPARQL")

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("sparql.endpoint", "GET"): Operation(
        "Ask a query (SPARQL 1.1 Protocol)",
        _ASKED,
        gives=_ANSWERS,
        also={**_REFUSED, 303: "A browser without a query is sent to the query page.", 304: "Not changed."},
        tag="SPARQL",
    ),
    ("sparql.endpoint", "POST"): Operation(
        "Ask a query that is long (SPARQL 1.1 Protocol)",
        tuple(each for each in _ASKED if each["name"] != "query"),
        body={QUERY: _TEXT, FORM: _FORM},
        gives=_ANSWERS,
        also=_REFUSED | _UNREAD,
        tag="SPARQL",
    ),
    ("sparql.cancel", "DELETE"): _CANCEL,
    ("sparql.cancel", "POST"): _CANCEL,
    ("sparql.void", "GET"): Operation(
        "What is published, how large it is, and under which licence (VoID)",
        gives=_media(_GRAPHS),
        also={304: "Not changed.", 406: "No format that is accepted can carry a graph."},
        tag="SPARQL",
    ),
    ("graph_store.graph_store", "GET"): Operation(
        "A graph whole (SPARQL 1.1 Graph Store HTTP Protocol)",
        _GRAPH,
        gives=_media(_GRAPHS),
        also={304: "Not changed.", 406: "No format that is accepted can carry a graph."},
        tag="SPARQL",
    ),
    ("query.terms", "GET"): Operation(
        "The words of the graph, for completion",
        gives={"application/json": {"type": "object", "required": ["prefixes", "words"]}},
        also={304: "Not changed."},
        tag="query page",
    ),
    ("openapi.description", "GET"): Operation(
        "This description",
        gives={"application/json": {"type": "object", "required": ["openapi", "info", "paths"]}},
        also={304: "Not changed."},
        tag="about",
    ),
    ("assets.show", "GET"): Operation(
        "A style sheet, script or picture that the pages load",
        (query("v", "The hash of its content, so that it may be kept."),),
        gives={"text/css": {}, "text/javascript": {}, "application/javascript": {}, "image/svg+xml": {}},
        also={304: "Not changed."},
        tag="about",
    ),
    ("search.page", "GET"): Operation(
        parameters=(
            query("q", "Words of a name."),
            query("kind", "The IRI of a kind.", _IRI),
            query("page", "Which page of the results.", {"type": "integer", "minimum": 1}),
        )
    ),
    ("routes.page", "GET"): Operation(
        parameters=(
            query("from", "The name or IRI of one end."),
            query("to", "The name or IRI of the other."),
            query("steps", "The most steps of a route.", {"type": "integer", "minimum": 1, "maximum": 5}),
            query("count", "How many routes.", {"type": "integer", "minimum": 1, "maximum": 30}),
        )
    ),
    ("route_api.routes", "GET"): Operation(
        "Routes between two ends, as JSON",
        (
            query("from", "A name or IRI, or any of a kind, such as “any investor”.", required=True),
            query("to", "The other end, likewise.", required=True),
            query("steps", "The most steps of a route.", {"type": "integer", "minimum": 1, "maximum": 5}),
            query("count", "How many routes.", {"type": "integer", "minimum": 1, "maximum": 30}),
            query("kind", "A kind of relationship; may be given several times."),
            query("confidence", "The least confidence of a statement.", {"type": "number", "minimum": 0, "maximum": 1}),
            query("as_at", "A day or a year."),
            query("not", "What a route may not lead through; may be given several times."),
        ),
        gives={"application/json": {"type": "object"}},
        also={300: "A name that several have.", 304: "Not changed."},
        tag="routes",
    ),
    ("contribution_api.listed", "GET"): Operation(
        "Contributions, the latest first",
        (
            query("state", "Only those in this state; may be given several times."),
            query("limit", "How many.", {"type": "integer", "minimum": 1, "maximum": 200}),
            query("offset", "How many to skip.", {"type": "integer", "minimum": 0}),
        ),
        gives=_JSON,
        tag="contributions",
    ),
    ("contribution_api.send", "POST"): Operation(
        "Send a contribution: a file, or JSON that holds its text",
        gives=_JSON,
        status=201,
        also=_UNREAD,
        tag="contributions",
    ),
    ("contribution_api.report", "GET"): Operation(
        "The report on a contribution", gives=_JSON | {"text/turtle": {}}, tag="contributions"
    ),
    ("contribution_api.note", "POST"): Operation(
        "Add a note to a contribution", gives=_JSON, status=201, also=_UNREAD, tag="contributions"
    ),
    **{
        (f"contribution_api.{name}", method): Operation(
            gives=_JSON, also={202: "It is done; readers see it in a moment."} | _UNREAD, tag="contributions"
        )
        for name, method in (
            ("one", "GET"),
            ("statements", "GET"),
            ("accept", "POST"),
            ("reject", "POST"),
            ("undo", "POST"),
        )
    },
    ("support.page", "GET"): Operation(
        parameters=(
            query("need", "The last part of a need's IRI."),
            query("q", "A need in words."),
            query("stage", "The last part of a stage's IRI, or the IRI."),
            query("from", "An organisation to lead from."),
            _SAVED,
        ),
        gives=_PAGE_OR_FILE,
    ),
    **{
        (f"matrices.{name}", "GET"): Operation(parameters=(_SAVED,), gives=_PAGE_OR_FILE)
        for name in ("needs", "themes")
    },
    ("figures.page", "GET"): Operation(
        parameters=(
            query("q", "Words of a figure's name."),
            query("place", "The IRI of a place, or its last part."),
            _SAVED,
        ),
        gives=_PAGE_OR_FILE,
    ),
    ("analysis.page", "GET"): Operation(
        parameters=(query("table", "The table to save.", {"type": "string", "enum": _MATTERS}), _SAVED),
        gives=_PAGE_OR_FILE,
    ),
    ("home", "GET"): Operation("Where a scratch store's endpoint is", gives={}, status=302, tag="about"),
    ("query.page", "GET"): Operation(parameters=(query("query", "A query to show and run."),)),
}
for _method in ("PUT", "POST", "DELETE", "PATCH"):
    OPERATIONS["graph_store.graph_store", _method] = Operation(
        "Changes a graph of a scratch store; the published graph is read-only",
        _GRAPH,
        body={} if _method == "DELETE" else {name: {} for name in _media(_GRAPHS)},
        gives={},
        status=204,
        also={
            201: "Done, and the graph is new.",
            403: "The graph is read-only here.",
            411: "Content-Length is missing.",
        }
        | _UNREAD,
        tag="SPARQL",
    )
for _method in ("GET", "POST"):
    OPERATIONS["query.use_elsewhere", _method] = Operation(
        "A query as the lines that run it from a shell, Python and R",
        (query("query", "The query."),) if _method == "GET" else (),
        body={FORM: {"type": "object", "properties": {"query": _TEXT}}} if _method == "POST" else {},
        gives={"application/json": {"type": "object", "additionalProperties": _TEXT}},
        tag="query page",
    )
for _endpoint in ("entities.page", "things.assertion", "things.evidence", "things.concept"):
    OPERATIONS[_endpoint, "GET"] = Operation(
        also=_FOR_DATA | {301: "It was merged into another: where that is.", 300: "The name means several."},
        tag="things",
    )
OPERATIONS["things.described", "GET"] = Operation(
    "A term, scheme, agent or graph: where it is described as RDF", gives={}, status=303, tag="things"
)
#: What a scratch store answers to besides.
SCRATCH_BODY = {UPDATE: _TEXT}
