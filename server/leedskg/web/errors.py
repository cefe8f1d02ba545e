"""One shape for every error: a page for a browser, problem+json or plain text for a program."""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, json, render_template, request
from jinja2 import TemplateError
from werkzeug.exceptions import HTTPException

from leedskg.errors import (
    AccountsClosedError,
    Candidate,
    KnowledgeError,
    LeedskgError,
    LimitReachedError,
    RequestError,
    StoreError,
    TooHeavyError,
    UnknownNameError,
)
from leedskg.sparql.negotiation import names_explicitly
from leedskg.web.presentation import href

_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Have an application answer errors in this shape."""
    app.register_error_handler(LeedskgError, _known)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _unforeseen)


def _known(error: LeedskgError) -> Response:
    status, title = status_and_title(error)
    # Where the server keeps its files is nobody's business but of those at the machine.
    message = error.message if isinstance(error, AccountsClosedError) else str(error)
    response = _response(status, title, message, error)
    if isinstance(error, (LimitReachedError, StoreError)) and error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def status_and_title(error: LeedskgError) -> tuple[int, str]:
    """The HTTP status of an error, and its title."""
    if isinstance(error, (RequestError, LimitReachedError, AccountsClosedError, StoreError)):
        return error.status, error.title
    if isinstance(error, KnowledgeError):
        return HTTPStatus.SERVICE_UNAVAILABLE, "The graph cannot be read"
    return HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong"


def _of_http(error: HTTPException) -> Response | HTTPException:
    """Flask's own: no such page, a method that a page does not answer to. A redirect stays what it is."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    response = _response(error.code, error.name, error.description or error.name)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    _log.error("%s %s failed, reference %s", request.method, request.path, reference, exc_info=error)
    message = f"This should not have happened. It has been logged as {reference}, and is ours to mend."
    return _response(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", message, reference=reference)


@dataclass(frozen=True)
class _Suggestion:
    label: str
    href: str
    kind: str


def _suggestion(candidate: Candidate) -> _Suggestion:
    return _Suggestion(candidate.label, href(candidate.iri), candidate.kind)


def _response(
    status: int, title: str, message: str, error: LeedskgError | None = None, *, reference: str = ""
) -> Response:
    accept = request.headers.get("Accept")
    detail: dict[str, Any] = {"status": int(status), "title": title, "detail": message}
    if isinstance(error, RequestError) and error.line is not None:
        detail |= {"line": error.line, "column": error.column}
    causes = list(error.causes) if isinstance(error, TooHeavyError) else []
    if causes:
        detail["causes"] = causes
    candidates = error.candidates if isinstance(error, UnknownNameError) else ()
    if names_explicitly(accept, "text/html"):
        shown = {name: value for name, value in detail.items() if name != "detail"}
        suggestions = [_suggestion(each) for each in candidates]
        try:
            page = render_template("error.html", **shown, message=message, suggestions=suggestions, reference=reference)
            return Response(page, status, content_type="text/html; charset=utf-8")
        except TemplateError:  # an error page that fails must not hide the error
            _log.exception("the error page cannot be shown")
    if names_explicitly(accept, "application/problem+json", "application/json"):
        if candidates:
            detail["candidates"] = [asdict(each) for each in candidates]
        return Response(json.dumps(detail), status, content_type="application/problem+json")
    lines = [message, *(f"- {cause}" for cause in causes)]
    return Response("\n".join((*lines, "")), status, content_type="text/plain; charset=utf-8")
