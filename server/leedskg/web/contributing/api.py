"""Contributions over HTTP, for programs: `/api/contributions`, in JSON, with an API token.

Errors are problem+json (RFC 9457); one about what was sent carries the report with every finding.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from leedskg.contributions.sheets.mapping import FileMapping
from leedskg.errors import LeedskgError, NotAllowedError, RefusedError, RequestError
from leedskg.ledger import Contribution, tasks
from leedskg.ledger.duplicate_answers import DuplicateAnswer
from leedskg.ledger.process import UnderWayError
from leedskg.ledger.sheet_tasks import proposal_as_dict, sheet_proposal, submit_table
from leedskg.ledger.tasks import MOST_TOLD
from leedskg.sparql.protocol.negotiation import choose
from leedskg.validation.findings import Report
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.api.parameters import number as number_of
from leedskg.web.api.parameters import reads, several, whole_number
from leedskg.web.contributing import decisions
from leedskg.web.contributing.contribution_page import as_json, short, whole
from leedskg.web.contributing.contribution_views import (
    PUBLIC,
    STATES,
    may_amend,
    may_see,
    may_see_all,
    named,
    named_report,
    shown_statements,
)
from leedskg.web.contributing.steward import ledger, seen, steward, task_log
from leedskg.web.contributing.task_page import task_of
from leedskg.web.contributing.uploads import ABOUT_A_FILE, body, check_here, sent, text_of, too_long, version_of
from leedskg.web.errors import answer, words_of
from leedskg.web.serving.request_bodies import limit_body

blueprint = Blueprint("contribution_api", __name__, url_prefix="/api/contributions")
_MOST_LISTED = 200


@blueprint.get("")
@reads(
    several("state", "Only those in this state.", {"type": "string", "enum": [*STATES]}),
    number_of("limit", "How many.", least=1, most=_MOST_LISTED),
    number_of("offset", "How many to skip."),
)
def listed() -> Response:
    """Show contributions, the latest first: `state`, `limit` and `offset` narrow them down."""
    account = security.visitor().account
    reviews = security.can("review")
    states = request.args.getlist("state")
    allowed = [*STATES] if account is not None else [*PUBLIC]
    if unknown := [state for state in states if state not in STATES]:
        raise RequestError(f"There is no state {unknown[0]}; there are: {', '.join(STATES)}.")
    who = account.id if account is not None and not reviews else ""
    limit = whole_number("limit", 50, least=1, most=_MOST_LISTED)
    offset = whole_number("offset", 0)
    wanted = [state for state in states or allowed if state in allowed]
    found = ledger().page(wanted, who, most=limit, skip=offset) if wanted else []
    total = sum(number for state, number in ledger().counts(who).items() if state in wanted)
    return as_json({"total": total, "offset": offset, "contributions": [short(each) for each in found]})


@blueprint.post("")
@needs("contribute", counted=True)
@reads(*ABOUT_A_FILE)
def send() -> Response:
    """Send a contribution: a file as multipart/form-data, the file itself as the body, or JSON that holds its text."""
    check_here()
    limit_body()
    name, content, about = sent()
    if problems := too_long(about):
        raise RequestError(f"{problems[0][0]}: {problems[0][1]}")
    mapping = request.form.get("mapping", "")
    number = steward().do(submit_table, content, name, mapping, who=security.account().id, **about)
    made = as_json(whole(ledger().contribution(number)), 201)
    made.headers["Location"] = url_for("contribution_api.one", number=number)
    return made


@blueprint.post("/table")
@needs("contribute", counted=True)
@reads(*ABOUT_A_FILE)
def table() -> Response:
    """Give the mapping that is proposed for a table of any form, or what the one in the field `mapping` comes to."""
    check_here()
    limit_body()
    name, content, _ = sent()
    said = FileMapping.of_json(request.form["mapping"]) if request.form.get("mapping") else None
    return as_json(proposal_as_dict(steward().look(sheet_proposal, content, name, said)))


@blueprint.get("/<int:number>")
@reads(
    number_of("limit", "How many records of its change.", least=1, most=5 * MOST_TOLD),
    number_of("offset", "How many of them to skip."),
)
def one(number: int) -> Response:
    """Show a contribution with report, events and change in words: of `limit` records, without the first `offset`."""
    found = _found(number)
    most = whole_number("limit", MOST_TOLD, least=1, most=5 * MOST_TOLD)
    return as_json(whole(found, skip=whole_number("offset", 0, most=10**9), most=most))


@blueprint.get("/<int:number>/report")
def report(number: int) -> Response:
    """Give the report to its sender and the stewards: JSON, or Turtle (sh:ValidationReport) for who prefers it."""
    security.account()
    found = _found(number)
    if not may_see_all(found):
        raise NotAllowedError("The report is for its sender and the stewards: it tells of what was not taken too.")
    made = found.full_report
    if choose(request.headers.get("Accept"), ("application/json", "text/turtle")) == "text/turtle":
        return Response(made.as_shacl(current.settings().base), content_type="text/turtle; charset=utf-8")
    return as_json(made.as_answer())


@blueprint.get("/<int:number>/statements")
def statements(number: int) -> Response:
    """Show every statement of a contribution, with its number, its place in the file and what was decided of it."""
    contribution = _found(number)
    has_file = may_see_all(contribution)  # places name the file, which its sender has named for themselves
    with current.route_gate().pass_through():  # there may be hundreds of thousands
        told = [
            {"number": each.number, "action": each.action, "statement": f"{each.triple} .",
             "place": each.place.words if has_file else "", "decision": each.decision, "effective": each.effective}
            for each in shown_statements(contribution)
        ]  # fmt: skip
        return as_json({"statements": told})


@blueprint.post("/<int:number>/accept")
@needs("review")
def accept(number: int) -> Response:
    """Accept: `reason`, `version` that was read, and what is not taken: records `left_out`, statements `without`."""
    found = _found(number)
    asked = body("reason", "version", "left_out", "without")
    left_out = asked.get("left_out", [])
    if not isinstance(left_out, list) or not all(isinstance(each, str) for each in left_out):
        raise RequestError("left_out is a list of the IRIs of records.")
    without = asked.get("without", [])
    if not isinstance(without, list) or not all(type(each) is int and 0 < each < 2**31 for each in without):
        raise RequestError("without is a list of the numbers of statements.")
    done = decisions.accept(
        found, reason=text_of(asked, "reason"), version=version_of(asked), left_out=left_out, without=without
    )
    return _after(number, done)


@blueprint.post("/<int:number>/answers")
@needs("contribute", counted=True)
def answers(number: int) -> Response:
    """Answer whether new entities are there already: `answers`, each `record`, `other` and `says` (same or apart)."""
    found = may_amend(_found(number))
    asked = body("answers", "version")
    given = asked.get("answers")
    if not isinstance(given, list) or not all(_is_answer(each) for each in given):
        raise RequestError("answers is a list of objects with record, other and says, which is same or apart.")
    made = [DuplicateAnswer(each["record"], each["other"], each["says"]) for each in given]
    decisions.answer(found, made, version=version_of(asked))
    return as_json(whole(ledger().contribution(number)))


def _is_answer(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"record", "other", "says"}
        and all(isinstance(each, str) for each in value.values())
        and value["says"] in {"same", "apart"}
    )


@blueprint.post("/<int:number>/edit")
@needs("review")
def edit(number: int) -> Response:
    """Correct a value before it is accepted: `statement` by its number, `value`, `reason`, `version`."""
    found = _found(number)
    asked = body("statement", "value", "reason", "version")
    statement = asked.get("statement")
    if type(statement) is not int or not 0 < statement < 2**31:
        raise RequestError("statement is the number of a statement of the contribution.")
    decisions.edit(
        found, statement, text_of(asked, "value"), reason=text_of(asked, "reason"), version=version_of(asked)
    )
    return as_json(whole(ledger().contribution(number)))


@blueprint.post("/<int:number>/reject")
@needs("review")
def reject(number: int) -> Response:
    """Reject, with a `reason`."""
    found = _found(number)
    asked = body("reason", "version")
    decisions.reject(found, reason=text_of(asked, "reason"), version=version_of(asked))
    return as_json(whole(ledger().contribution(number)))


@blueprint.post("/<int:number>/withdraw")
@needs("contribute", counted=True)
def withdraw(number: int) -> Response:
    """Withdraw what one has sent while it waits, with a `reason` or without."""
    found = _found(number)
    asked = body("reason", "version")
    decisions.withdraw(found, reason=text_of(asked, "reason"), version=version_of(asked))
    return as_json(whole(ledger().contribution(number)))


@blueprint.post("/<int:number>/undo")
@needs("review")
def undo(number: int) -> Response:
    """Take back what was merged, with a `reason`."""
    found = _found(number)
    asked = body("reason", "version")
    return _after(number, decisions.undo(found, reason=text_of(asked, "reason"), version=version_of(asked)))


@blueprint.post("/<int:number>/notes")
@needs("contribute", counted=True)
def note(number: int) -> Response:
    """Write a note: `text`."""
    made = decisions.note(_found(number), text_of(body("text"), "text"))
    return as_json({"number": made.number, "at": made.at, "text": made.reason}, 201)


def _found(number: int) -> Contribution:
    try:
        found = ledger().contribution(number)
    except RequestError:
        found = None
    if found is None or not may_see(found):
        raise _UnknownError("There is no contribution with this number that you may see.")
    return found


class _UnknownError(RequestError):
    status = 404
    title = "No such contribution"


def _after(number: int, done: decisions.DecisionOutcome) -> Response:
    answer = whole(ledger().contribution(number)) | {"published": done.published}
    return as_json(answer | ({"problem": done.problem} if done.problem else {}), 200 if done.published else 202)


@blueprint.get("/tasks/<task>")
def task(task: str) -> Response:
    """Tell how far something is that took too long to wait for, and what came of it."""
    found = task_of(task)
    number = int(found.outcome.get("number") or found.contribution)
    told: dict[str, Any] = {
        "task": found.id,
        "what": found.what,
        "state": found.state,
        "step": found.step,
        "asked_at": found.asked,
    }
    told |= {"ended_at": found.ended or None, "number": number or None}
    told |= {"contribution": url_for("contribution_api.one", number=number)} if number else {}
    return as_json(told | {key: value for key, value in found.outcome.items() if key != "number" and value})


@blueprint.post("/publish")
@needs("review")
def publish() -> Response:
    """Publish what is recorded and not yet seen by readers, such as after a publication that was killed."""
    generation = steward().do(tasks.publish)
    return as_json({"generation": generation, "published": seen(generation)})


@blueprint.errorhandler(UnderWayError)
def under_way(error: UnderWayError) -> Response:
    """Say where to look: it goes on."""
    found = task_log().find(error.task)
    href = url_for("contribution_api.task", task=error.task) if found else None
    number = (found.contribution or None) if found else None
    answer = as_json({"task": href, "number": number, "published": False, "detail": error.message}, 202)
    if href:
        answer.headers["Location"] = href
    answer.headers["Retry-After"] = "5"
    return answer


@blueprint.errorhandler(LeedskgError)
def refused(error: LeedskgError) -> Response:
    """Answer an error with the names of people in place of their accounts, and with the report where there is one."""
    more = {}
    if isinstance(error, RefusedError) and isinstance(error.report, Report):
        more["report"] = named_report(error.report).as_dict()
    return answer(error, named(words_of(error)), **more)
