"""One shape for every error: a page for a browser, problem+json or plain text for a program."""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, json, redirect, render_template, request
from flask.globals import request_ctx
from jinja2 import TemplateError
from werkzeug.exceptions import HTTPException, NotFound

from leedskg.errors import (
    AccountsClosedError,
    Candidate,
    GoneError,
    KnowledgeError,
    LedgerError,
    LeedskgError,
    LimitReachedError,
    RequestError,
    StoreError,
    TooHeavyError,
    UnknownNameError,
)
from leedskg.sparql.protocol.negotiation import HTML, choose
from leedskg.web.pages.presentation import href
from leedskg.web.pages.views import EntityView

PROBLEM, JSON = "application/problem+json", "application/json"
#: The shapes that an error can have; a program that names none of them gets the first.
_SHAPES = ("text/plain", PROBLEM, JSON, HTML)
#: What is said where a page does not exist or is asked for in a way that it does not answer to.
_SENTENCES = {
    400: "The request cannot be read.",
    404: "There is no page at this address. It may have been mistyped, or what was here has moved.",
    405: "{method} is not answered at this address; these are: {methods}.",
    411: "Send the request with its Content-Length.",
    413: "More was sent than is read at this address.",
    415: "What was sent is of a kind that is not read here.",
}
_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Have an application answer errors in this shape."""
    app.register_error_handler(LeedskgError, _known)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _unforeseen)


def _known(error: LeedskgError) -> Response:
    # Where the server keeps its files is nobody's business but of those at the machine.
    return answer(error, words_of(error))


def answer(error: LeedskgError, message: str, **more: Any) -> Response:
    """Return the response to an error, in these words; `more` is what a program is told with them."""
    status, title = status_and_title(error)
    response = _response(status, title, message, error, **more)
    if isinstance(error, (LimitReachedError, StoreError)) and error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def words_of(error: LeedskgError) -> str:
    """Return the words of an error without the paths of this machine, which the log has."""
    if isinstance(error, AccountsClosedError):
        return error.message
    if isinstance(error, KnowledgeError):
        _log.error("%s %s: %s", request.method, request.path, error)
        if isinstance(error, LedgerError):
            said = error.message[:1].upper() + error.message[1:]
            return f"{said}. Reading the graph needs no record of contributions. The log of the server says more."
        return "The graph cannot be read at the moment. The log of the server says what is wrong."
    return str(error)


def problem(status: int, title: str, detail: str, **more: Any) -> str:
    """Return an error as RFC 9457 has it, `application/problem+json`."""
    return json.dumps({"status": int(status), "title": title, "detail": detail, **more}, ensure_ascii=False)


def status_and_title(error: LeedskgError) -> tuple[int, str]:
    """Return the HTTP status of an error, and its title."""
    if isinstance(error, (RequestError, LimitReachedError, AccountsClosedError, StoreError)):
        return error.status, error.title
    if isinstance(error, LedgerError):
        return error.status, error.title
    if isinstance(error, KnowledgeError):
        return HTTPStatus.SERVICE_UNAVAILABLE, "The graph cannot be read"
    return HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong"


def _of_http(error: HTTPException) -> Response | HTTPException:
    """Answer Flask's own: no such page, a method that a page does not answer to. A redirect stays what it is."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    if isinstance(error, NotFound) and (elsewhere := _elsewhere()):
        return elsewhere
    said = error.description or error.name
    title = HTTPStatus(error.code).phrase.capitalize()
    if said == type(error).description and error.code in _SENTENCES:  # nobody has said more about it
        methods = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        said = _SENTENCES[error.code].format(method=request.method, methods=methods or "other methods")
    response = _response(error.code, title, said)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _elsewhere() -> Response | None:
    """Return a redirect where the address is that of a page but for a last slash, or for capitals.

    What names a thing keeps its capitals, so the first part is written small by itself before all of them are.
    """
    adapter = request_ctx.url_adapter
    if adapter is None or not request.path.rstrip("/"):
        return None
    path, first = request.path.rstrip("/"), request.path.rstrip("/").split("/")[1]
    forms = [path] if path != request.path else []
    if not adapter.test(path, request.method):
        forms = [path.replace(first, first.lower(), 1), path.lower()]
    found = next((form for form in forms if form != request.path and adapter.test(form, request.method)), None)
    if found is None:
        return None
    if request.method == "OPTIONS":  # which no browser follows further
        return Response(status=204, headers={"Allow": ", ".join(sorted(adapter.allowed_methods(found)))})
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    target = quote(request.script_root + found, safe="/:@!$&'()*+,;=~")
    if target.startswith("//"):  # a browser would take what follows for another site
        return None
    made = redirect(target + query, 301 if request.method in {"GET", "HEAD"} else 308)
    assert isinstance(made, Response)
    return made


def _unforeseen(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    _log.error("%s %s failed, reference %s", request.method, request.path, reference, exc_info=error)
    message = f"This should not have happened. It has been logged as {reference}, and is ours to fix."
    return _response(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", message, reference=reference)


def _suggestion(candidate: Candidate) -> EntityView:
    return EntityView(candidate.label, href(candidate.iri), candidate.kind, candidate.iri)


def _response(
    status: int, title: str, message: str, error: LeedskgError | None = None, reference: str = "", **more: Any
) -> Response:
    detail: dict[str, Any] = dict(more)
    if isinstance(error, RequestError) and error.line is not None:
        detail |= {"line": error.line, "column": error.column}
    causes = list(error.causes) if isinstance(error, TooHeavyError) else []
    if causes:
        detail["causes"] = causes
    elsewhere = error.elsewhere if isinstance(error, GoneError) else ""
    lines = [message, *(f"- {cause}" for cause in causes)]
    candidates = error.candidates if isinstance(error, UnknownNameError) else ()
    wanted = JSON if request.path.startswith("/api/") else choose(request.headers.get("Accept"), _SHAPES)
    if wanted == HTML:
        shown = {name: detail[name] for name in ("line", "column", "causes") if name in detail}
        told = {"status": int(status), "title": title, "message": message, "reference": reference}
        suggestions = [_suggestion(each) for each in candidates]
        try:
            page = render_template("error.html", **shown, **told, suggestions=suggestions, elsewhere=elsewhere)
            return _varying(Response(page, status, content_type="text/html; charset=utf-8"))
        except (TemplateError, LeedskgError):  # an error page that fails must not hide the error
            _log.exception("the error page cannot be shown")
    if elsewhere:
        detail["elsewhere"] = elsewhere
        lines.append(f"What became of it: {elsewhere}")
    lines += [f"Is this meant? {each.label}: {each.iri}" for each in candidates]
    if wanted in {PROBLEM, JSON}:
        if isinstance(error, UnknownNameError):
            detail["candidates"] = [asdict(each) for each in candidates]
        return _varying(Response(problem(status, title, message, **detail), status, content_type=PROBLEM))
    return _varying(Response("\n".join((*lines, "")), status, content_type="text/plain; charset=utf-8"))


def _varying(response: Response) -> Response:
    response.vary.add("Accept")
    return response
