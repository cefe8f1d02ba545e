"""The contributions: the queue, the page of each, and what stewards do with them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.errors import ConflictError, LimitReachedError, NotAllowedError, RefusedError, RequestError
from leedskg.ledger import Contribution, errands
from leedskg.ledger.desk import UnderWayError
from leedskg.web import contribution_page, security
from leedskg.web.choices import left_out
from leedskg.web.contribution_views import PUBLIC, STATES, WAITING, Problems, card, linked, may_see, named
from leedskg.web.desk import desk, ledger, seen
from leedskg.web.security import needs

blueprint = Blueprint("contributions", __name__, url_prefix="/contributions")
PAGE_SIZE = 25
_LONGEST = 5_000


@blueprint.get("")
def page() -> str:
    """The queue: what waits for a steward first, by state; for readers what is in the graph."""
    account = security.visitor().account
    reviews = account is not None and account.may("review")
    of = request.args.get("of", "everybody" if reviews or account is None else "me")
    mine = of == "me" and account is not None
    who = account.id if account is not None and mine else ""
    allowed = [state for state in STATES if mine or reviews or state in PUBLIC]
    everyone = ledger().counts(who)
    states = _states(allowed, waits=reviews and not mine)
    total = sum(everyone.get(state, 0) for state in states)
    last_page = max(1, -(-total // PAGE_SIZE))
    number = min(max(1, request.args.get("page", 1, type=int)), last_page)
    found = ledger().page(states, who, most=PAGE_SIZE, skip=(number - 1) * PAGE_SIZE)

    def address(**more: str | int | None) -> str:
        known: dict[str, Any] = {"state": request.args.get("state"), "of": request.args.get("of")}
        return url_for("contributions.page", **(known | more))

    return render_template(
        "contributions/queue.html",
        cards=[card(each) for each in found],
        filters=[
            ("Waiting", address(state="waiting", page=None), sum(everyone.get(each, 0) for each in WAITING),
             tuple(states) == WAITING),
            *((STATES[state].capitalize(), address(state=state, page=None), everyone.get(state, 0), states == (state,))
              for state in allowed if state not in WAITING),
            ("All", address(state="all", page=None), sum(everyone.get(each, 0) for each in allowed),
             len(states) == len(allowed)),
        ][0 if "checked" in allowed else 1 :],
        total=total, first=(number - 1) * PAGE_SIZE + 1,
        previous=address(page=number - 1) if number > 1 else "",
        next=address(page=number + 1) if number < last_page else "",
        reviews=reviews, mine=mine, signed_in=account is not None,
        mine_href=address(of="everybody" if mine else "me", page=None, state=None),
    )  # fmt: skip


def _states(allowed: list[str], *, waits: bool) -> tuple[str, ...]:
    asked = request.args.get("state", "waiting" if waits else "all")
    if asked == "waiting" and "checked" in allowed:
        return WAITING
    return (asked,) if asked in allowed else tuple(allowed)


@blueprint.get("/<int:number>")
def one(number: int) -> str:
    """What one contribution changes, what the check found, and what was done with it."""
    return contribution_page.rendered(_found(number))


@blueprint.get("/<int:number>/file")
@needs("contribute")
def file(number: int) -> Response:
    """The file as it was sent, byte for byte; never shown in the browser, for it may be anything."""
    found = _found(number)
    response = make_response(ledger().files.read(found.sha256))
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers.set("Content-Disposition", "attachment", filename=found.file_name)
    return response


@blueprint.get("/<int:number>/statements")
def statements(number: int) -> Response:
    """Every statement as a patch: a line each of N-Triples, with + or - before it."""
    found = _found(number)
    lines = [f"{'+' if each.action == 'add' else '-'} {each.triple} .\n" for each in ledger().statements(found.id)]
    return Response("".join(lines), content_type="text/plain; charset=utf-8")


@blueprint.post("/<int:number>/accept")
@needs("review")
def accept(number: int) -> Response:
    """Merge a contribution, whole or without what was unticked."""
    found = _reviewed(number)
    account = security.account()
    kept_out = left_out()
    try:
        done = desk().do(
            errands.accept, number, who=account.id, reason=_text("reason"), version=_version(),
            left_out=kept_out.records, without=kept_out.statements,
        )  # fmt: skip
    except (RefusedError, ConflictError) as error:
        return _refused(found, error, "reason", reason=_text("reason"), **kept_out.entered)
    except UnderWayError:
        return _there(number, done="under-way")
    except LimitReachedError as error:
        return _busy(found, error, "reason", **kept_out.entered)
    security.accounts().audit.note(security.actor(), "accepted contribution", str(number))
    shown = bool(done.generation) and seen(done.generation)
    return _there(number, done="accepted" if shown else "unpublished")


@blueprint.post("/<int:number>/reject")
@needs("review")
def reject(number: int) -> Response:
    """Decide that a contribution is not taken."""
    found = _reviewed(number)
    try:
        desk().do(errands.reject, number, who=security.account().id, reason=_text("why_not"), version=_version())
    except RequestError as error:
        return _refused(found, error, "why_not", why_not=_text("why_not"))
    except LimitReachedError as error:
        return _busy(found, error, "why_not")
    security.accounts().audit.note(security.actor(), "rejected contribution", str(number))
    return _there(number, done="rejected")


@blueprint.post("/<int:number>/undo")
@needs("review")
def undo(number: int) -> Response:
    """Take back what a merged contribution changed."""
    found = _found(number)
    try:
        done = desk().do(errands.undo, number, who=security.account().id, reason=_text("why_undo"), version=_version())
    except RequestError as error:
        return _refused(found, error, "why_undo", why_undo=_text("why_undo"))
    except UnderWayError:
        return _there(number, done="under-way")
    except LimitReachedError as error:
        return _busy(found, error, "why_undo")
    security.accounts().audit.note(security.actor(), "undid contribution", str(number))
    shown = bool(done.generation) and seen(done.generation)
    return _there(number, done="undone" if shown else "unpublished")


@blueprint.post("/<int:number>/check")
@needs("contribute", counted=True)
def check(number: int) -> Response:
    """Check an open contribution again, against the graph as it is now."""
    found = _found(number)
    if not found.is_open:
        return _refused(found, ConflictError(f"Contribution {number} was decided on meanwhile."), "content")
    try:
        desk().do(errands.check, number, who=security.account().id)
    except UnderWayError:
        return _there(number, done="under-way")
    return _there(number, done="checked")


@blueprint.post("/<int:number>/notes")
@needs("contribute", counted=True)
def note(number: int) -> Response:
    """Write a note to a contribution."""
    found = _found(number)
    text = _text("note")
    if not text:
        return _refused(found, RequestError("Write the note first."), "note", note=text)
    if len(text) > _LONGEST:
        message = f"The note has {len(text):,} characters; {_LONGEST:,} is the most."
        return _refused(found, RequestError(message), "note", note=text)
    ledger().note(number, text, who=security.account().id)
    return _there(number, anchor="notes")


@blueprint.post("/publish")
@needs("review")
def publish() -> Response:
    """Publish what is recorded and not yet seen by readers."""
    seen(desk().do(errands.publish))
    return make_response(redirect(request.form.get("next", "") if _is_ours() else url_for("contributions.page"), 303))


def _is_ours() -> bool:
    return security.local_path(request.form.get("next", "")) == request.form.get("next")


def _found(number: int) -> Contribution:
    """The contribution with this number; what somebody may not see is not there for them."""
    try:
        found = ledger().contribution(number)
    except RequestError:
        raise NotFound("There is no contribution with this number.") from None
    if not may_see(found, security.visitor().account):
        account = security.visitor().account
        if account is None:
            raise NotFound("No contribution that is in the graph has this number. Sign in to see those that wait.")
        raise NotFound("There is no contribution of yours, and none in the graph, with this number.")
    return found


def _reviewed(number: int) -> Contribution:
    """The same, for a steward who may decide on it."""
    found = _found(number)
    permission = security.accounts().may_review(security.account(), found.who)
    if not permission:
        raise NotAllowedError(permission.why)
    return found


def _refused(found: Contribution, error: RequestError, about: str, **entered: object) -> Response:
    """The page of the contribution as it is now, with what was wrong and what was typed."""
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


def _busy(found: Contribution, error: LimitReachedError, about: str, **entered: object) -> Response:
    """The same where there was no turn for it."""
    problems = Problems(found=[(about, error.message)])
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
