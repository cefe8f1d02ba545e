"""What a program can ask here, at `/openapi.json`: an OpenAPI 3.1 description, built from the routes themselves.

Built and not written, so that no route is left out and none is told of that is gone.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Flask, Response, current_app, json, request, url_for
from werkzeug.routing import Rule

from leedskg.web import current
from leedskg.web.api.operations import COMMON, FOR_ACCOUNTS, OPERATIONS, SCRATCH_BODY, SIGNED_IN, ApiOperation
from leedskg.web.api.parameters import read_by
from leedskg.web.api.schemas import PROBLEM
from leedskg.web.api.sparql import is_known, share, unchanged
from leedskg.web.serving.addresses import root_address

blueprint = Blueprint("openapi", __name__)
blueprint.after_request(share)

#: HEAD and OPTIONS go without saying.
_TOLD = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_LINKED_FROM = frozenset({"home.page", "home", "sparql.endpoint", "sparql.void", "query.page"})


@blueprint.get("/openapi.json")
def description() -> Response:
    """Give the description of what can be asked here."""
    body = json.dumps(describe(current_app, scratch=current.reader().is_writable, server=root_address()))
    tag = hashlib.sha256(body.encode()).hexdigest()[:24]
    if is_known(tag):
        return unchanged(tag)
    response = Response(body, content_type="application/json")
    response.set_etag(tag, weak=True)
    return response


@blueprint.after_app_request
def link(response: Response) -> Response:
    """Tell programs where the description is, by a link header (RFC 8631), at the doors they come in by."""
    if request.endpoint in _LINKED_FROM and not request.args:
        response.headers.add("Link", f'<{url_for("openapi.description")}>; rel="service-desc"')
    return response


def describe(app: Flask, *, scratch: bool, server: str = "/") -> dict[str, Any]:
    """Describe an application's routes, as JSON has it."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in _TOLD:
            if method in (rule.methods or ()):
                shown = _PARAMETER.sub(r"{\g<name>}", rule.rule)
                paths.setdefault(shown, {})[method.lower()] = _operation(app, rule, method, scratch=scratch)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "leedskg",
            "version": version("leedskg"),
            "description": "A knowledge graph of the Leeds health innovation ecosystem: a SPARQL 1.1 endpoint, a graph "
            "store, a description of every thing as RDF, and pages about them.",
            "license": {"name": "Apache-2.0 (the program)", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "responses": {f"Problem{status}": _problem(about) for status, about in COMMON.items()},
        },
    }


def _operation(app: Flask, rule: Rule, method: str, *, scratch: bool) -> dict[str, Any]:
    known = OPERATIONS.get((rule.endpoint, method), ApiOperation(status=200 if method == "GET" else 303))
    if scratch and (rule.endpoint, method) == ("sparql.endpoint", "POST"):
        known = replace(known, body=known.body | SCRATCH_BODY, also=known.also | {204: "The update is done."})
    if rule.endpoint.partition(".")[0] in FOR_ACCOUNTS:
        known = replace(known, also=SIGNED_IN | known.also)
    # Every rule of an endpoint has a view; its first line is what the operation is called where nothing else is said.
    summary = known.summary or (app.view_functions[rule.endpoint].__doc__ or rule.endpoint).split("\n")[0].rstrip(".")
    told: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{rule.endpoint} {method.lower()} {rule.rule}").strip("_"),
        "summary": summary,
        "tags": [known.tag],
        "parameters": [*_path_parameters(rule), *_query_parameters(app, rule, known)],
        "responses": _responses(known),
    }
    if known.body:
        told["requestBody"] = {"content": {name: {"schema": schema} for name, schema in known.body.items()}}
    return told


def _query_parameters(app: Flask, rule: Rule, known: ApiOperation) -> list[dict[str, Any]]:
    """Return what the view of a route has declared beside itself, without what this method takes in its body."""
    declared = read_by(app.view_functions[rule.endpoint])
    return [each for each in declared if each["name"] not in known.in_body]


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    """Describe the parameters of a path: a name ends at the next slash, except one of the converter `path`."""
    return [
        {
            "name": found["name"],
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0}
            if found["converter"] == "int"
            else {"type": "string", "minLength": 1, "pattern": "^[^/?#]+$"},
        }
        for found in _PARAMETER.finditer(rule.rule)
    ]


def _responses(known: ApiOperation) -> dict[str, Any]:
    done: dict[str, Any] = {"description": HTTPStatus(known.status).phrase}
    if known.gives:
        done["content"] = {name: {"schema": schema} for name, schema in known.gives.items()}
    responses = {str(known.status): done}
    for status, about in known.also.items():
        responses[str(status)] = _problem(about) if status >= HTTPStatus.BAD_REQUEST else {"description": about}
    for status in COMMON:
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    return dict(sorted(responses.items()))


def _problem(about: str) -> dict[str, Any]:
    return {
        "description": about,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
            "text/plain": {"schema": {"type": "string"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }
