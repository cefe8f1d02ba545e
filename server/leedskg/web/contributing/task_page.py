"""The page of something that took too long to wait for: how far it is, and what came of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from werkzeug.exceptions import NotFound

from leedskg.errors import LimitReachedError
from leedskg.ledger.process import UnderWayError
from leedskg.ledger.task_log import TaskRecord
from leedskg.validation.findings import Report
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.contributing.contribution_views import linked, named, named_report
from leedskg.web.contributing.steward import task_log

blueprint = Blueprint("tasks", __name__, url_prefix="/contributions/tasks")
#: Seconds after which the page is loaded again while it goes on.
_AGAIN = 4
#: What the page of the contribution says where it is done.
_DONE = {
    "submit": "sent",
    "submit_sheet": "sent",
    "submit_table": "sent",
    "accept": "accepted",
    "undo": "undone",
    "reject": "rejected",
    "check": "checked",
    "edit": "edited",
}
_WORDS = {
    "submit": "Your contribution is read and checked",
    "import_file": "The file is read, and compared with the import that is in force",
    "submit_table": "Your contribution is read and checked",
    "submit_sheet": "Your table is read and checked",
    "preview": "What you entered is checked",
    "check": "The contribution is checked again",
    "accept": "The contribution is accepted and published",
    "undo": "The contribution is taken back",
    "reject": "The contribution is rejected",
    "publish_decisions": "What is derived of imports is published again, under what was decided of names",
    "publish": "What is recorded is published",
    "edit": "The value is corrected, and the contribution checked again",
    "decide_all": "The contributions that you chose are decided on",
}


@blueprint.get("/<task>")
@needs("contribute")
def page(task: str) -> Any:
    """Show how far it is; the contribution where it is done, and what was wrong where it was refused."""
    found = task_of(task)
    number = int(found.outcome.get("number") or found.contribution)
    if found.state == "done" and number and found.what == "import_file":
        return redirect(url_for("imports.one", number=number), 303)
    if found.state == "done" and number and found.what in _DONE:
        done = "unpublished" if found.outcome.get("problem") else _DONE[found.what]
        return redirect(url_for("contributions.one", number=number, done=done), 303)
    report = found.outcome.get("report")
    response = make_response(
        render_template(
            "contributions/task.html",
            task=found,
            words=_WORDS.get(found.what, "It is being done"),
            number=number,
            problem=linked(named(str(found.outcome.get("problem", "")))),
            findings=named_report(Report.from_dict(report)).worst_first() if report else (),
        )
    )
    if found.state == "under way":
        response.headers["Refresh"] = str(_AGAIN)
    return response


def task_of(task: str) -> TaskRecord:
    """Return a task that the visitor may see: who asked for it may, and stewards."""
    account = security.account()
    found = task_log().find(task)
    if found is None or not (found.who == account.id or security.can("review")):
        raise NotFound("Nothing that you asked for has this address. What is done is forgotten after a week.")
    return found


def under_way(error: UnderWayError) -> Response:
    """Send who asked to where they can see how far it is."""
    if not error.task:
        raise LimitReachedError(error.message) from None
    return make_response(redirect(url_for("tasks.page", task=error.task), 303))
