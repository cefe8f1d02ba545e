"""Contributions over HTTP, for programs: `/api/contributions`, in JSON, with an API token.

Errors are problem+json (RFC 9457); one about what was sent carries the report with every finding.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import HTTPException

from leedskg.errors import ConflictError, LeedskgError, LimitReachedError, NotAllowedError, RefusedError, RequestError
from leedskg.ledger import Contribution, errands
from leedskg.ledger.desk import UnderWayError
from leedskg.ledger.effects import shown
from leedskg.validation.findings import Report
from leedskg.web import current, security
from leedskg.web.bodies import limit_body
from leedskg.web.contribution_answers import as_json, short, whole
from leedskg.web.contribution_requests import body, sent, text_of, version_of
from leedskg.web.contribution_views import PUBLIC, STATES, may_see, named, named_report
from leedskg.web.desk import desk, ledger, seen
from leedskg.web.errors import status_and_title
from leedskg.web.security import needs
from leedskg.web.sendings import check_here, too_long

blueprint = Blueprint("contribution_api", __name__, url_prefix="/api/contributions")
_MOST_LISTED = 200


@blueprint.get("")
def listed() -> Response:
    """Contributions, the latest first: `state`, `limit` and `offset` narrow them down."""
    account = security.visitor().account
    reviews = account is not None and account.may("review")
    states = request.args.getlist("state")
    allowed = [*STATES] if account is not None else [*PUBLIC]
    if unknown := [state for state in states if state not in STATES]:
        raise RequestError(f"There is no state {unknown[0]}; there are: {', '.join(STATES)}.")
    who = account.id if account is not None and not reviews else ""
    limit = min(max(1, request.args.get("limit", 50, type=int)), _MOST_LISTED)
    offset = max(0, request.args.get("offset", 0, type=int))
    wanted = [state for state in states or allowed if state in allowed]
    found = ledger().page(wanted, who, most=limit, skip=offset) if wanted else []
    total = sum(number for state, number in ledger().counts(who).items() if state in wanted)
    return as_json({"total": total, "offset": offset, "contributions": [short(each) for each in found]})


@blueprint.post("")
@needs("contribute", counted=True)
def send() -> Response:
    """Send a contribution: a file as multipart/form-data, the file itself as the body, or JSON that holds its text."""
    check_here()
    limit_body()
    name, content, about = sent()
    if problems := too_long(about):
        raise RequestError(f"{problems[0][0]}: {problems[0][1]}")
    number = desk().do(errands.submit, content, name, who=security.account().id, **about)
    made = as_json(whole(ledger().contribution(number)), 201)
    made.headers["Location"] = url_for("contribution_api.one", number=number)
    return made


@blueprint.get("/<int:number>")
def one(number: int) -> Response:
    """One contribution with its change in words, its report and its events."""
    return as_json(whole(_found(number)))


@blueprint.get("/<int:number>/report")
def report(number: int) -> Response:
    """The report, for those with an account: JSON, or for a client that prefers it Turtle, a sh:ValidationReport."""
    security.account()
    found = _found(number)
    made = shown(found.report or {}, name=found.file_name, added=found.added, removed=found.removed)
    kinds = request.accept_mimetypes
    if kinds.best_match(["application/json", "text/turtle"], "application/json") == "text/turtle":
        return Response(made.as_shacl(current.settings().base), content_type="text/turtle; charset=utf-8")
    return as_json(made.as_dict())


@blueprint.get("/<int:number>/statements")
def statements(number: int) -> Response:
    """Every statement of a contribution, with its number, its place in the file and what was decided of it."""
    found = ledger().statements(_found(number).id)
    return as_json(
        {
            "statements": [
                {"number": each.number, "action": each.action, "statement": f"{each.triple} .",
                 "place": each.place.words, "decision": each.decision, "effective": each.effective}
                for each in found
            ]
        }
    )  # fmt: skip


@blueprint.post("/<int:number>/accept")
@needs("review")
def accept(number: int) -> Response:
    """Accept: `reason`, `version` that was read, and what is not taken: records `left_out`, statements `without`."""
    _reviewed(number)
    asked = body("reason", "version", "left_out", "without")
    left_out = asked.get("left_out", [])
    if not isinstance(left_out, list) or not all(isinstance(each, str) for each in left_out):
        raise RequestError("left_out is a list of the IRIs of records.")
    without = asked.get("without", [])
    if not isinstance(without, list) or not all(type(each) is int and 0 < each < 2**31 for each in without):
        raise RequestError("without is a list of the numbers of statements.")
    try:
        done = desk().do(
            errands.accept, number, who=security.account().id, reason=text_of(asked, "reason"),
            version=version_of(asked), left_out=left_out, without=without,
        )  # fmt: skip
    except UnderWayError:
        return as_json({"number": number, "published": False}, 202)
    security.accounts().audit.note(security.actor(), "accepted contribution", str(number))
    return _after(number, done)


@blueprint.post("/<int:number>/reject")
@needs("review")
def reject(number: int) -> Response:
    """Reject, with a `reason`."""
    _reviewed(number)
    asked = body("reason", "version")
    desk().do(
        errands.reject, number, who=security.account().id, reason=text_of(asked, "reason"), version=version_of(asked)
    )  # fmt: skip
    security.accounts().audit.note(security.actor(), "rejected contribution", str(number))
    return as_json(whole(ledger().contribution(number)))


@blueprint.post("/<int:number>/undo")
@needs("review")
def undo(number: int) -> Response:
    """Take back what was merged, with a `reason`."""
    _found(number)
    asked = body("reason", "version")
    try:
        done = desk().do(
            errands.undo, number, who=security.account().id, reason=text_of(asked, "reason"), version=version_of(asked)
        )  # fmt: skip
    except UnderWayError:
        return as_json({"number": number, "published": False}, 202)
    security.accounts().audit.note(security.actor(), "undid contribution", str(number))
    return _after(number, done)


@blueprint.post("/<int:number>/notes")
@needs("contribute", counted=True)
def note(number: int) -> Response:
    """Write a note: `text`."""
    _found(number)
    text = text_of(body("text"), "text")
    if not text or len(text) > 5_000:
        raise RequestError("text holds the note, in at most 5,000 characters.")
    made = ledger().note(number, text, who=security.account().id)
    return as_json({"number": made.number, "at": made.at, "text": made.reason}, 201)


def _found(number: int) -> Contribution:
    try:
        found = ledger().contribution(number)
    except RequestError:
        found = None
    if found is None or not may_see(found, security.visitor().account):
        raise _NoneSuchError("There is no contribution with this number that you may see.")
    return found


class _NoneSuchError(RequestError):
    status = 404
    title = "No such contribution"


def _reviewed(number: int) -> None:
    permission = security.accounts().may_review(security.account(), _found(number).who)
    if not permission:
        raise NotAllowedError(permission.why)


def _after(number: int, done: errands.Done) -> Response:
    published = bool(done.generation) and seen(done.generation)
    answer = whole(ledger().contribution(number)) | {"published": published}
    return as_json(answer | ({"problem": done.problem} if done.problem else {}), 200 if published else 202)


@blueprint.errorhandler(LeedskgError)
def _refused(error: LeedskgError) -> Response:
    status, title = status_and_title(error)
    detail: dict[str, Any] = {"status": int(status), "title": title, "detail": named(str(error))}
    if isinstance(error, RefusedError) and isinstance(error.report, Report):
        detail["report"] = named_report(error.report).as_dict()
    if isinstance(error, ConflictError):
        detail["title"] = "The contribution is not as it was"
    return _problem(detail, error)


@blueprint.errorhandler(HTTPException)
def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    response = _problem({"status": status, "title": error.name, "detail": error.description or error.name}, None)
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _problem(detail: dict[str, Any], error: LeedskgError | None) -> Response:
    response = as_json(detail, detail["status"])
    response.headers["Content-Type"] = "application/problem+json"
    if isinstance(error, LimitReachedError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
