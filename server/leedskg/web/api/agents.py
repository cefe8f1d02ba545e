"""Assistants over HTTP: the tools of `leedskg.agents` at `/mcp`, and the check of claims at `/api/check`.

The protocol of `/mcp` is carried by its official SDK. Each request is whole in itself, and so is its answer, in JSON:
no session is kept, so that any web process may answer any request. See docs/agents.md and decision 0201.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, json, request
from werkzeug.exceptions import NotFound, UnsupportedMediaType

from leedskg.agents import AskedGraph, Rendered, call
from leedskg.agents.claim_checker import Checked, check_all
from leedskg.agents.graph import NOT_A_NO
from leedskg.agents.server import http_answer, make_server
from leedskg.errors import RequestError
from leedskg.foreign_json import ForeignJsonError, read_json
from leedskg.generation_view import GenerationView
from leedskg.record import ShownAssertion
from leedskg.settings import Settings
from leedskg.web import current
from leedskg.web.serving.addresses import root_address

blueprint = Blueprint("agents", __name__)

_SERVER = "leedskg.agents"


def install(app: Flask, settings: Settings) -> None:
    """Make the server of an application, where its settings want one. Raises NoSdkError without the SDK."""
    app.extensions[_SERVER] = make_server(_answer, in_thread=False) if settings.mcp == "yes" else None
    app.register_blueprint(blueprint)


@blueprint.post("/mcp")
def mcp() -> Response:
    """Answer an assistant that speaks the Model Context Protocol."""
    # Of the application that has the route: a version that is mounted answers from its own graph through `current`.
    server = current.extension(_SERVER)
    if server is None:
        raise NotFound("Assistants cannot ask here; whoever runs the site can let them with LEEDSKG_MCP=yes.")
    found = http_answer(server, request.method, request.headers, request.get_data())
    return Response(found.body, found.status, headers=found.headers)


@blueprint.post("/api/check")
def check() -> Response:
    """Say of claims whether the graph supports them, contradicts them, or has them not recorded."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType('Send the claims as JSON: {"claims": ["A funds B"]}, as application/json.')
    try:
        sent = read_json(request.get_data())
    except ForeignJsonError as error:
        raise RequestError(f"The body is not JSON that can be read: {error}.") from None
    if not isinstance(sent, dict) or set(sent) != {"claims"}:
        raise RequestError("The body is an object with “claims” and nothing else, a list of sentences or triples.")
    return current.of_one_generation(lambda view: _checked(asked(view), sent["claims"]))


def _checked(graph: AskedGraph, claims: Any) -> Response:
    results = [_result(graph, each) for each in check_all(graph, claims)]
    body = {"generation": graph.view.published.id, "note": NOT_A_NO, "results": results}
    return Response(json.dumps(body, ensure_ascii=False, sort_keys=False), content_type="application/json")


def _result(graph: AskedGraph, checked: Checked) -> dict[str, Any]:
    return {
        "claim": checked.said,
        "verdict": checked.verdict,
        "by": [_told(graph, each) for each in checked.by],
        "disputed_by": [_told(graph, each) for each in checked.disputed_by],
        "note": checked.note or None,
        "candidates": [{"iri": each.iri, "label": each.label} for each in checked.candidates],
    }


def _told(graph: AskedGraph, statement: ShownAssertion) -> dict[str, Any]:
    return {
        "iri": statement.iri,
        "page": graph.address(statement.iri),
        "says": graph.statement_words(statement),
        "confidence": statement.confidence,
        "evidence": [
            {"iri": place.iri, "page": graph.address(place.iri), "source": place.source.label, "place": place.words}
            for place in statement.evidence
        ],
    }


def _answer(name: str, arguments: dict[str, Any] | None) -> Rendered:
    return current.of_one_generation(lambda view: call(asked(view), name, arguments))


def asked(view: GenerationView) -> AskedGraph:
    """Return a generation as a request asks it."""
    return AskedGraph(
        view,
        current.reader(),
        current.settings(),
        root_address(),
        client=request.remote_addr or "",
        let_in=current.route_gate().pass_through,
        today=current.today(),
    )
