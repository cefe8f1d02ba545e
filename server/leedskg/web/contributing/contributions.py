"""The routes of contributions: the queue, the page of each, and what stewards do with them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.errors import ConflictError, LedgerError, LimitReachedError, NotAllowedError, RequestError
from leedskg.ledger import Contribution, tasks
from leedskg.ledger.duplicate_answers import DuplicateAnswer
from leedskg.ledger.process import UnderWayError
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.api.parameters import DONE, PAGE, choice, query, reads
from leedskg.web.contributing import contribution_page, contribution_queue, decisions
from leedskg.web.contributing.contribution_views import (
    STATES,
    Problems,
    linked,
    may_amend,
    may_see,
    may_see_all,
    named,
    shown_statements,
)
from leedskg.web.contributing.decisions import left_out
from leedskg.web.contributing.steward import ledger, seen, steward
from leedskg.web.contributing.task_page import under_way
from leedskg.web.errors import words_of
from leedskg.web.pages.downloads import save_as

blueprint = Blueprint("contributions", __name__, url_prefix="/contributions")


@blueprint.get("")
@reads(
    choice("state", "Only those in this state.", "waiting", *STATES, "all"),
    choice("of", "One's own, or everybody's.", "me", "everybody"),
    query("q", "Words, a number, or who sent it."),
    PAGE,
)
def page() -> str:
    """Show the queue: what waits for a steward first, by state; for readers what is in the graph."""
    return contribution_queue.rendered()


@blueprint.post("/decide")
@needs("review")
def decide() -> Response:
    """Accept or reject several that were ticked in the queue, with one reason."""
    what, reason = request.form.get("do", ""), _text("reason")
    if what not in {"accept", "reject"}:
        abort(400, "The form does not say whether they are accepted or rejected. Load the page again.")
    problems = Problems()
    outcomes: list[tuple[int, str]] = []
    chosen = [_chosen(each) for each in request.form.getlist("chosen")]
    if not chosen:
        problems = Problems(found=[("chosen", "Tick at least one contribution.")])
    else:
        try:
            outcomes = decisions.decide_all(chosen, "accept" if what == "accept" else "reject", reason=reason)
        except UnderWayError as error:
            return under_way(error)
        except (RequestError, LimitReachedError, LedgerError) as error:
            problems = Problems(found=[("reason", words_of(error))])
    status = 200 if outcomes else 422
    ticked = {number for number, problem in outcomes if problem} or {found.id for found, _ in chosen}
    page = contribution_queue.rendered(outcomes, problems, what=what, reason=reason, ticked=ticked)
    return make_response(page, status)


def _chosen(text: str) -> tuple[Contribution, int]:
    number, _, version = text.partition(":")
    if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in (number, version)):
        abort(400, "The form names contributions that are none. Load the page again.")
    return _found(int(number)), int(version)


@blueprint.get("/<int:number>")
@reads(query("statements", "Whether every statement is shown; its value is not read.", allowEmptyValue=True), DONE)
def one(number: int) -> str:
    """Show what one contribution changes, what the check found, and what was done with it."""
    return contribution_page.rendered(_found(number))


@blueprint.get("/<int:number>/file")
@needs("contribute")
def file(number: int) -> Response:
    """Send the file as it was sent, byte for byte; never shown in the browser, for it may be anything."""
    found = _found(number)
    if not may_see_all(found):
        raise NotAllowedError(
            "The file as it was sent is for its sender and the stewards: some of it may not be taken."
        )
    response = make_response(ledger().files.read(found.sha256))
    response.headers["Content-Type"] = "application/octet-stream"
    return save_as(response, found.file_name)


@blueprint.get("/<int:number>/statements")
def statements(number: int) -> Response:
    """Show every statement as a patch: a line each of N-Triples, with + or - before it."""
    found = _found(number)
    with current.route_gate().pass_through():  # there may be hundreds of thousands
        lines = [f"{'+' if each.action == 'add' else '-'} {each.triple} .\n" for each in shown_statements(found)]
        return Response("".join(lines), content_type="text/plain; charset=utf-8")


@blueprint.post("/<int:number>/accept")
@needs("review")
def accept(number: int) -> Response:
    """Merge a contribution, whole or without what was unticked."""
    found, kept_out = _found(number), left_out()

    def decide() -> str:
        done = decisions.accept(
            found, reason=_text("reason"), version=_version(), left_out=kept_out.records, without=kept_out.statements
        )
        return "accepted" if done.published else "unpublished"

    return _decided(found, decide, "reason", **kept_out.entered)


@blueprint.post("/<int:number>/answers")
@needs("contribute", counted=True)
def answers(number: int) -> Response:
    """Answer whether what is new is something that is there already."""
    found = may_amend(_found(number))
    given = [each.split(" ") for name, each in request.form.items() if name.startswith("answer-") and each]
    if any(len(each) != 3 or each[0] not in {"same", "apart"} for each in given):
        abort(400, "An answer is “same” or “apart” with two records. Load the page again.")
    said = [DuplicateAnswer(record, other, "same" if what == "same" else "apart") for what, record, other in given]

    def decide() -> str:
        decisions.answer(found, said, version=_version())
        return "answered"

    return _decided(found, decide, "answer-1")


@blueprint.post("/<int:number>/edit")
@needs("review")
def edit(number: int) -> Response:
    """Correct a value of what was sent, before it is accepted."""
    found = _found(number)
    statement = request.form.get("statement", "")
    if not (statement.isascii() and statement.isdigit() and len(statement) < 10):
        problems = Problems(found=[("statement", "Choose which statement is corrected.")])
        entered = {"statement": "", "value": _text("value"), "why_edit": _text("why_edit")}
        return make_response(contribution_page.rendered(found, problems=problems, entered=entered), 400)

    def decide() -> str:
        decisions.edit(found, int(statement), _text("value"), reason=_text("why_edit"), version=_version())
        return "edited"

    return _decided(found, decide, "value", statement=statement, why_edit=_text("why_edit"))


@blueprint.post("/<int:number>/reject")
@needs("review")
def reject(number: int) -> Response:
    """Decide that a contribution is not taken."""
    found = _found(number)

    def decide() -> str:
        decisions.reject(found, reason=_text("why_not"), version=_version())
        return "rejected"

    return _decided(found, decide, "why_not")


@blueprint.post("/<int:number>/withdraw")
@needs("contribute", counted=True)
def withdraw(number: int) -> Response:
    """Withdraw what one has sent, while nobody has decided on it."""
    found = _found(number)

    def decide() -> str:
        decisions.withdraw(found, reason=_text("why_withdrawn"), version=_version())
        return "withdrawn"

    return _decided(found, decide, "content")


@blueprint.post("/<int:number>/undo")
@needs("review")
def undo(number: int) -> Response:
    """Take back what a merged contribution changed."""
    found = _found(number)

    def decide() -> str:
        done = decisions.undo(found, reason=_text("why_undo"), version=_version())
        return "undone" if done.published else "unpublished"

    return _decided(found, decide, "why_undo")


@blueprint.post("/<int:number>/check")
@needs("contribute", counted=True)
def check(number: int) -> Response:
    """Check an open contribution again, against the graph as it is now."""
    found = _found(number)
    if not found.is_open:
        return _refused(found, ConflictError(f"Contribution {number} was decided on meanwhile."), "content")
    try:
        steward().do(tasks.check, number, who=security.account().id)
    except UnderWayError as error:
        return under_way(error)
    return _there(number, done="checked")


@blueprint.post("/<int:number>/notes")
@needs("contribute", counted=True)
def note(number: int) -> Response:
    """Write a note to a contribution."""
    found = _found(number)
    try:
        decisions.note(found, _text("note"))
    except RequestError as error:
        return _refused(found, error, "note", note=_text("note"))
    except LedgerError as error:
        return _busy(found, error, "note")
    return _there(number, anchor="notes")


@blueprint.post("/publish")
@needs("review")
def publish() -> Response:
    """Publish what is recorded and not yet seen by readers."""
    seen(steward().do(tasks.publish))
    return make_response(redirect(request.form.get("next", "") if _is_ours() else url_for("contributions.page"), 303))


def _is_ours() -> bool:
    return security.local_path(request.form.get("next", "")) == request.form.get("next")


def _found(number: int) -> Contribution:
    """Find the contribution with this number; what somebody may not see is not there for them."""
    try:
        found = ledger().contribution(number)
    except RequestError:
        raise NotFound("There is no contribution with this number.") from None
    if not may_see(found):
        account = security.visitor().account
        if account is None:
            raise NotFound("No contribution that is in the graph has this number. Sign in to see those that wait.")
        raise NotFound("There is no contribution of yours, and none in the graph, with this number.")
    return found


def _decided(found: Contribution, decide: Callable[[], str], about: str, **entered: object) -> Response:
    """Carry a decision out, and lead to what it did; or show the page again with what was wrong and what was typed."""
    try:
        return _there(found.id, done=decide())
    except NotAllowedError:
        raise
    except RequestError as error:
        return _refused(found, error, about, **{about: _text(about)} | entered)
    except UnderWayError as error:
        return under_way(error)
    except (LimitReachedError, LedgerError) as error:
        return _busy(found, error, about, **entered)


def _refused(found: Contribution, error: RequestError, about: str, **entered: object) -> Response:
    """Show the page of the contribution as it is now, with what was wrong and what was typed."""
    fresh = ledger().contribution(found.id)
    first = isinstance(error, ConflictError) and _version() != fresh.version
    message = linked(named(error.message))
    typed = str(entered.get(about, ""))
    if first and typed and not fresh.is_open and about in {"reason", "why_not"}:
        # The form that it was typed into is gone with the decision.
        about, entered = "note", {"note": typed}
        message += " What you had written is kept as a note below, for you to send or not."
    problems = Problems("Somebody else was first" if first else "There is a problem", [(about, message)])
    return make_response(contribution_page.rendered(fresh, problems=problems, entered=entered), error.status)


def _busy(found: Contribution, error: LimitReachedError | LedgerError, about: str, **entered: object) -> Response:
    """Show the page of the contribution with what was typed, where there was no turn or no room for it."""
    problems = Problems(found=[(about, words_of(error))])
    page = contribution_page.rendered(found, problems=problems, entered={about: _text(about)} | entered)
    return make_response(page, error.status)


def _there(number: int, *, done: str | None = None, anchor: str | None = None) -> Response:
    return make_response(redirect(url_for("contributions.one", number=number, done=done, _anchor=anchor), 303))


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _version() -> int | None:
    text = request.form.get("version", "")
    if not text and request.endpoint in {"contributions.note", "contributions.check"}:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        abort(400, "The form does not say which version of the contribution you saw. Load the page again.")
    return int(text)
