"""Suggested partners that a steward dismisses with a reason, and takes back."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from leedskg.errors import EntryError
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.api.parameters import DONE, reads
from leedskg.web.contributing.contribution_views import person
from leedskg.web.contributing.steward import ledger
from leedskg.web.pages.presentation import Presenter

blueprint = Blueprint("dismissals", __name__, url_prefix="/network/dismissals")
_LONGEST_WHY, _MOST_LISTED = 500, 500


@blueprint.get("")
@needs("review")
@reads(DONE)
def page() -> str:
    """List the suggestions that were dismissed, with who, when and why."""
    presenter = Presenter(current.view())
    found = ledger().dismissed.dismissals()
    rows = [(each, presenter.entity(each.one), presenter.entity(each.other)) for each in found[:_MOST_LISTED]]
    return render_template(
        "imports/dismissals.html", rows=rows, more=max(0, len(found) - _MOST_LISTED), person=person,
        done=request.args.get("done", ""),
    )  # fmt: skip


@blueprint.post("")
@needs("review")
def dismiss() -> Response:
    """Dismiss a suggestion; the reason is kept."""
    one, other = (request.form.get(name, "") for name in ("one", "other"))
    entries = current.view().catalogue.entries
    if one not in entries or other not in entries or one == other:
        raise EntryError("one", "A suggestion is of two bodies of the graph. Load the page again.")
    ledger().dismissed.dismiss(one, other, who=security.account().id, why=_why())
    return _to("analysis.page", "dismissed", "partners")


@blueprint.post("/<int:number>")
@needs("review")
def take_back(number: int) -> Response:
    """Take a dismissal back: the two may be suggested again."""
    ledger().dismissed.take_back(number, who=security.account().id, why=_why())
    return _to("dismissals.page", "taken-back")


def _why() -> str:
    return " ".join(request.form.get("why", "").split())[:_LONGEST_WHY]


def _to(endpoint: str, done: str, anchor: str | None = None) -> Response:
    return make_response(redirect(url_for(endpoint, done=done, _anchor=anchor), 303))
