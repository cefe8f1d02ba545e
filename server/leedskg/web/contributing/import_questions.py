"""The questions on the bodies of an import, one key each, and the list of what was decided of names."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from leedskg.errors import KnowledgeError, LimitReachedError, RequestError
from leedskg.ledger.import_tasks import (
    QuestionAt,
    kept_judgements,
    publish_decisions,
    question_at,
    waits_for_publication,
)
from leedskg.ledger.process import UnderWayError
from leedskg.matching.queue import judged
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.contributing.contribution_views import person
from leedskg.web.contributing.imports import found_import
from leedskg.web.contributing.steward import ledger, steward
from leedskg.web.contributing.task_page import under_way
from leedskg.web.pages.presentation import href

blueprint = Blueprint("import_questions", __name__, url_prefix="/imports")
#: Stands in an address in place of a question, after the last.
_OVER = "end"
_MOST_LISTED, _LONGEST_WHY = 500, 500


@blueprint.get("/<int:number>/questions")
@blueprint.get("/<int:number>/questions/<name>")
@needs("review")
def page(number: int, name: str = "") -> str:
    """Show a question on a body of an import: the first, or the one that is named."""
    found = found_import(number)
    over = name == _OVER
    try:
        at = steward().look(question_at, number, "" if over else name)
    except LimitReachedError:
        at = None
    last = ledger().judged.last(security.account().id, number)
    return render_template("imports/questions.html", it=found, at=at, over=over, last=last, href=href)


@blueprint.post("/<int:number>/questions/<name>")
@needs("review")
def answer(number: int, name: str) -> Response:
    """Keep what a key says of a question, and go on to the next."""
    found_import(number)
    at = steward().look(question_at, number, name)
    if not at.stale:
        decide(at, request.form.get("key", ""), number)
    return _to(number, at.id if at.stale else at.next or _OVER)


@blueprint.post("/<int:number>/questions/undo")
@needs("review")
def undo(number: int) -> Response:
    """Take back the last decision of the account on the bodies of an import, and ask it again."""
    found_import(number)
    last = ledger().judged.last(security.account().id, number)
    if last is None:
        raise RequestError("You have decided nothing here that could be undone.")
    ledger().judged.take_back(last.number, who=security.account().id, why="Undone at once")
    at: QuestionAt = steward().look(question_at, number, "", last.judgements[0].name)
    return _to(number, at.id or _OVER)


@blueprint.get("/judgements")
@needs("review")
def judgements() -> str:
    """List what was decided of names, with who, when and why."""
    decisions = ledger().judged.decisions()[::-1]
    try:
        kept, waiting = steward().look(kept_judgements), steward().look(waits_for_publication)
    except (LimitReachedError, KnowledgeError):
        kept, waiting = [], False
    return render_template(
        "imports/judgements.html", decisions=decisions[:_MOST_LISTED], more=max(0, len(decisions) - _MOST_LISTED),
        kept=kept[:_MOST_LISTED], waiting=waiting, person=person,
    )  # fmt: skip


@blueprint.post("/judgements/<int:decision>")
@needs("review")
def take_back(decision: int) -> Response:
    """Take a decision back: the name is a question again."""
    why = request.form.get("why", "").strip()[:_LONGEST_WHY]
    ledger().judged.take_back(decision, who=security.account().id, why=why)
    security.accounts().audit.note(security.actor(), "took back decision on a name", str(decision))
    return make_response(redirect(url_for("import_questions.judgements"), 303))


@blueprint.post("/judgements/publish")
@needs("review")
def publish() -> Any:
    """Derive the statements of imports again, under what was decided."""
    try:
        steward().do(publish_decisions, who=security.account().id)
    except UnderWayError as error:
        return under_way(error)
    return make_response(redirect(url_for("import_questions.judgements"), 303))


def decide(at: QuestionAt, key: str, number: int) -> int:
    """Keep what a key says of a question; give the number of the decision, 0 for later. Raises RequestError."""
    said = judged(at.asked, key) if at.asked else None
    if said is None:
        raise RequestError("Answer with the number of a body that is shown, n for none of these, or s for later.")
    return ledger().judged.decide(said, who=security.account().id, contribution=number) if said else 0


def _to(number: int, name: str) -> Response:
    return make_response(redirect(url_for("import_questions.page", number=number, name=name), 303))
