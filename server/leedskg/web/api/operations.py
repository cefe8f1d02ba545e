"""What each route takes and gives, as the OpenAPI description has it; `web/api/openapi.py` puts the routes to it.

A route that is not named here is a page: it gives HTML, and what is told of it is the first line of its function.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from leedskg.sparql.protocol.request import FORM, QUERY, UPDATE
from leedskg.web.api.parameters import TEXT, Schema
from leedskg.web.api.schemas import (
    ANSWERS,
    CLAIMS,
    DOCUMENTS,
    FORM_OF_QUERY,
    GRAPHS,
    JSON,
    MESSAGE,
    PAGE_OR_FILE,
    PAGE_OR_PICTURE,
    VERSION_FILES,
)

#: What any route may answer; the web server gives 400, 414 and 431 itself when it cannot read a request at all.
COMMON = {
    400: "The request cannot be read, or asks for what cannot be; the text says what to fix.",
    404: "There is nothing at this address.",
    405: "The route does not answer to this method.",
    408: "The request did not come in time.",
    413: "The body is longer than what is read here.",
    414: "The address is longer than what is read here.",
    431: "The headers are longer than what is read here.",
    503: "A limit was reached (time, memory, size, or everything is busy); Retry-After says when to come back.",
}


#: What else routes may answer that want to know who asks.
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
    {
        "account",
        "administration",
        "alerts",
        "alert_links",
        "following",
        "sign_in",
        "contribute",
        "contributions",
        "contribution_api",
        "histories",
        "tasks",
    }
    | {"imports", "import_api", "import_questions", "sheets", "dismissals"}
)


#: What 202 means where something takes longer than its asker can wait.
_GOES_ON = "it goes on: Location says where to look how far it is."


@dataclass(frozen=True)
class ApiOperation:
    """One method of one route."""

    summary: str = ""
    #: Parameters of the view that this method takes in its body instead.
    in_body: frozenset[str] = frozenset()
    #: Media type of the body by its schema; nothing where there is none.
    body: dict[str, Schema] = field(default_factory=dict)
    #: Media types of the answer and their schemas.
    gives: dict[str, Schema] = field(default_factory=lambda: {"text/html": {"type": "string"}})
    status: int = 200
    #: Other answers than `status` and what every route may give.
    also: dict[int, str] = field(default_factory=dict)
    tag: str = "pages"


_IN_BODY = frozenset({"query"})
_REFUSED = {
    403: "The query asks for what the endpoint does not do, such as an update, or a call to another server.",
    406: "No format that is accepted can carry this kind of result.",
    409: "The query was called off, or its id is in use.",
}
_UNREAD = {415: "The body is of a kind that is not read here."}
_FOR_DATA = {303: "The client asks for RDF: where it is.", 304: "The client has this already."}

_CANCEL = ApiOperation("Stop a query by the id that its client gave it", gives={}, status=204, tag="SPARQL")

OPERATIONS: dict[tuple[str, str], ApiOperation] = {
    ("citing.page", "GET"): ApiOperation(
        gives={"text/html": TEXT, "application/x-bibtex": TEXT, "application/x-research-info-systems": TEXT}
        | {"application/vnd.citationstyles.csl+json": {"type": "array"}}
    ),
    ("discovery.robots", "GET"): ApiOperation(gives={"text/plain": TEXT}, tag="data"),
    ("discovery.sitemap", "GET"): ApiOperation(gives={"application/xml": TEXT}, tag="data"),
    ("discovery.health", "GET"): ApiOperation(gives={"application/json": {"type": "object"}}, tag="data"),
    ("discovery.metrics", "GET"): ApiOperation(gives={"text/plain": TEXT}, tag="data"),
    ("versions.page", "GET"): ApiOperation(gives={"text/html": TEXT, "application/json": {"type": "array"}}),
    ("versions.version", "GET"): ApiOperation(also={303: "What it is, as JSON."}),
    ("versions.linkset", "GET"): ApiOperation(gives={"application/linkset+json": {"type": "object"}}, tag="data"),
    ("versions.file", "GET"): ApiOperation(
        gives={name: {} for name in VERSION_FILES},
        also={303: "On to the site of now.", 206: "A part of it.", 304: "It is the same.", 416: "It has no such part."},
        tag="data",
    ),
    ("changes.event", "GET"): ApiOperation(gives={"text/html": TEXT, "application/rdf-patch": TEXT}),
    **{
        (f"changes.{each}", "GET"): ApiOperation(gives={"application/atom+xml": TEXT}, tag="data")
        for each in ("feed", "entity_feed", "query_feed")
    },
    ("changes.stream", "GET"): ApiOperation(gives={"application/activity+json": {"type": "object"}}, tag="data"),
    ("sparql.endpoint", "GET"): ApiOperation(
        "Ask a query (SPARQL 1.1 Protocol)",
        gives=ANSWERS,
        also={**_REFUSED, 303: "A browser without a query is sent to the query page.", 304: "Not changed."},
        tag="SPARQL",
    ),
    ("sparql.endpoint", "POST"): ApiOperation(
        "Ask a query that is long (SPARQL 1.1 Protocol)",
        in_body=_IN_BODY,
        body={QUERY: TEXT, FORM: FORM_OF_QUERY},
        gives=ANSWERS,
        also=_REFUSED | _UNREAD,
        tag="SPARQL",
    ),
    ("sparql.cancel", "DELETE"): _CANCEL,
    ("sparql.cancel", "POST"): _CANCEL,
    ("sparql.void", "GET"): ApiOperation(
        "What is published, how large it is, and under which licence (VoID)",
        gives=GRAPHS,
        also={
            303: "A browser is led to the page of the data set.",
            304: "Not changed.",
            406: "No format that is accepted can carry a graph.",
        },
        tag="SPARQL",
    ),
    ("graph_store.graph_store", "GET"): ApiOperation(
        "A graph whole (SPARQL 1.1 Graph Store HTTP Protocol)",
        gives=GRAPHS,
        also={304: "Not changed.", 406: "No format that is accepted can carry a graph."},
        tag="SPARQL",
    ),
    ("query.terms", "GET"): ApiOperation(
        "The words of the graph, for completion",
        gives={"application/json": {"type": "object", "required": ["prefixes", "words"]}},
        also={304: "Not changed."},
        tag="query page",
    ),
    ("openapi.description", "GET"): ApiOperation(
        "This description",
        gives={"application/json": {"type": "object", "required": ["openapi", "info", "paths"]}},
        also={304: "Not changed."},
        tag="about",
    ),
    ("assets.show", "GET"): ApiOperation(
        "A style sheet, script or picture that the pages load",
        gives={"text/css": {}, "text/javascript": {}, "application/javascript": {}, "image/svg+xml": {}},
        also={304: "Not changed."},
        tag="about",
    ),
    ("route_api.routes", "GET"): ApiOperation(
        "Routes between two ends, as JSON",
        gives={"application/json": {"type": "object"}},
        also={300: "A name that several have.", 304: "Not changed."},
        tag="routes",
    ),
    ("agents.mcp", "POST"): ApiOperation(
        "The Model Context Protocol, for assistants (streamable HTTP, without sessions)",
        body={"application/json": MESSAGE},
        gives={"application/json": {"type": "object"}},
        also={202: "A notification was taken.", 406: "The client does not accept JSON.", 415: "The body is no JSON."},
        tag="assistants",
    ),
    ("agents.check", "POST"): ApiOperation(
        "Whether the graph supports claims, contradicts them (by what), or has them not recorded",
        body={"application/json": CLAIMS},
        gives=JSON,
        also=_UNREAD,
        tag="assistants",
    ),
    ("import_api.listed", "GET"): ApiOperation("Imports, the latest first", gives=JSON, tag="contributions"),
    ("import_api.one", "GET"): ApiOperation(gives=JSON, also={202: _GOES_ON} | _UNREAD, tag="contributions"),
    ("import_api.send", "POST"): ApiOperation(
        "Send a file of a publisher", gives=JSON, status=201, also={202: _GOES_ON} | _UNREAD, tag="contributions"
    ),
    ("contribution_api.listed", "GET"): ApiOperation(
        "Contributions, the latest first",
        gives=JSON,
        tag="contributions",
    ),
    ("contribution_api.send", "POST"): ApiOperation(
        "Send a contribution: a file, or JSON that holds its text",
        gives=JSON,
        status=201,
        also={202: _GOES_ON} | _UNREAD,
        tag="contributions",
    ),
    ("contribution_api.table", "POST"): ApiOperation(
        "The mapping that is proposed for a table of any form", gives=JSON, also=_UNREAD, tag="contributions"
    ),
    ("contribution_api.report", "GET"): ApiOperation(
        "The report on a contribution", gives=JSON | {"text/turtle": {}}, tag="contributions"
    ),
    ("contribution_api.note", "POST"): ApiOperation(
        "Add a note to a contribution", gives=JSON, status=201, also=_UNREAD, tag="contributions"
    ),
    **{
        (f"contribution_api.{name}", method): ApiOperation(
            gives=JSON,
            also={202: f"It is done, and readers see it in a moment; or {_GOES_ON}"} | _UNREAD,
            tag="contributions",
        )
        for name, method in (
            ("one", "GET"),
            ("statements", "GET"),
            ("accept", "POST"),
            ("reject", "POST"),
            ("answers", "POST"),
            ("withdraw", "POST"),
            ("undo", "POST"),
            ("publish", "POST"),
            ("task", "GET"),
        )
    },
    **{
        (endpoint, "GET"): ApiOperation(gives=PAGE_OR_FILE)
        for endpoint in (
            "search.page",
            "support.page",
            "matrices.needs",
            "matrices.themes",
            "figures.page",
            "analysis.page",
            "compare.page",
            "lists.page",
        )
    },
    **{
        (endpoint, "GET"): ApiOperation(gives=PAGE_OR_PICTURE, tag="pictures")
        for endpoint in (
            "pictures.around",
            "pictures.whole",
            "pictures.communities",
            "pictures.money",
            "pictures.timeline",
            "pictures.places",
            "pictures.routes",
            "pictures.members",
        )
    },
    **{
        (f"reconciling.{name}", "GET"): ApiOperation(summary, gives=JSON, tag="reconciliation")
        for name, summary in (
            ("service", "The manifest of the Reconciliation Service API 0.2, or matches, or values"),
            ("proposed", "Properties whose values entities of a type have"),
            ("suggest", "Entities, types or properties whose names begin so"),
            ("flyout", "A few words on an entity, type or property"),
        )
    },
    ("reconciling.service", "POST"): ApiOperation(
        "Match names with entities, or give values of entities (Reconciliation Service API 0.2)",
        in_body=frozenset({"queries", "extend"}),
        body={FORM: {"type": "object", "properties": {"queries": TEXT, "extend": TEXT}}},
        gives=JSON,
        tag="reconciliation",
    ),
    ("home", "GET"): ApiOperation("Where a scratch store's endpoint is", gives={}, status=302, tag="about"),
}
for _method in ("PUT", "POST", "DELETE", "PATCH"):
    OPERATIONS["graph_store.graph_store", _method] = ApiOperation(
        "Changes a graph of a scratch store; the published graph is read-only",
        body={} if _method == "DELETE" else {name: {} for name in GRAPHS},
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
    OPERATIONS["query.use_elsewhere", _method] = ApiOperation(
        "A query as the lines that run it from a shell, Python and R",
        in_body=_IN_BODY if _method == "POST" else frozenset(),
        body={FORM: {"type": "object", "properties": {"query": TEXT}}} if _method == "POST" else {},
        gives={"application/json": {"type": "object", "additionalProperties": TEXT}},
        tag="query page",
    )
    OPERATIONS["query.nothing", _method] = ApiOperation(
        "What is likely wrong with a query that finds nothing: what it names and the graph does not have",
        in_body=_IN_BODY if _method == "POST" else frozenset(),
        body={FORM: {"type": "object", "properties": {"query": TEXT}}} if _method == "POST" else {},
        gives={"application/json": {"type": "object", "required": ["reasons"]}},
        tag="query page",
    )
for _endpoint in ("entities.page", "things.assertion", "things.evidence", "things.concept"):
    OPERATIONS[_endpoint, "GET"] = ApiOperation(
        gives=DOCUMENTS,
        also=_FOR_DATA
        | {406: "None of its formats is accepted."}
        | {301: "It was merged into another: where that is.", 300: "The name means several."}
        | {410: "It was taken back with a contribution: where its history is."},
        tag="things",
    )
OPERATIONS["described.page", "GET"] = ApiOperation(
    "A term, scheme, agent, graph, shape or rule",
    gives=DOCUMENTS,
    also=_FOR_DATA | {406: "None of its formats is accepted."},
    tag="things",
)
for _endpoint, _what in (("dataset.page", "What the data set is, in DCAT as data"), ("ontology.shapes", "All shapes"),
                         ("query.page", "The query page; with a name, a saved query, which is a thing")):  # fmt: skip
    OPERATIONS[_endpoint, "GET"] = ApiOperation(
        _what, gives=DOCUMENTS, also=_FOR_DATA | {406: "None of its formats is accepted."}, tag="things"
    )
OPERATIONS["dump.page", "GET"] = ApiOperation(
    "Every named graph in one file, as N-Quads or TriG",
    gives={"application/n-quads": {}, "application/trig": {}},
    also={206: "A part of it.", 304: "It is the same.", 416: "It has no such part."},
    tag="SPARQL",
)
#: What else a scratch store answers to.
SCRATCH_BODY = {UPDATE: TEXT}
