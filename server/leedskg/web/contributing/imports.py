"""The pages of imports: a publisher's file sent in, and what an import would change before it is decided on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.contributions.imported import IMPORT
from leedskg.errors import LedgerError, LimitReachedError, RefusedError, RequestError
from leedskg.importers.registry import sources
from leedskg.ledger import Contribution
from leedskg.ledger.import_tasks import import_file, import_told
from leedskg.ledger.importing import ImportRequest
from leedskg.ledger.process import UnderWayError
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.contributing.contribution_views import Problems, card, linked, may_see, named
from leedskg.web.contributing.steward import ledger, steward, why_not_here
from leedskg.web.contributing.task_page import under_way
from leedskg.web.contributing.uploads import check_here, sent_file
from leedskg.web.errors import words_of
from leedskg.web.pages.presentation import href

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
_MOST_LISTED = 50


@blueprint.get("")
@needs("contribute")
def page() -> str:
    """Show the form to send a publisher's file, and the imports so far."""
    return _page({})


@blueprint.post("")
@needs("contribute", counted=True)
def send() -> Response:
    """Take a publisher's file as an import, or say why not."""
    check_here()
    entered = {name: request.form.get(name, "").strip() for name in ("source", "had_on", "least", "part")}
    name, content = sent_file()
    if not name:
        return make_response(_page(entered, Problems(found=[("file", "Choose a file.")])), 400)
    try:
        number = steward().do(import_file, content, name, import_request(entered), who=security.account().id)
    except UnderWayError as error:
        return under_way(error)
    except (RefusedError, RequestError, LimitReachedError, LedgerError) as error:
        return make_response(_page(entered, Problems(found=[("file", linked(named(words_of(error))))])), error.status)
    return make_response(redirect(url_for("imports.one", number=number), 303))


@blueprint.get("/<int:number>")
@needs("contribute")
def one(number: int) -> str:
    """Show what an import holds and what it would change."""
    found = found_import(number)
    try:
        told = steward().look(import_told, number)
    except LimitReachedError:
        told = None
    return render_template(
        "imports/one.html",
        it=found,
        card=card(found),
        told=told,
        href=href,
        may_decide=security.can("review"),
        permission=security.can("review") and security.accounts().may_review(security.account(), found.who),
    )


def import_request(sent: dict[str, str]) -> ImportRequest:
    """Return what is to be read of a file, from the fields of a form. Raises RequestError."""
    least = sent.get("least") or ""
    if least and not (least.isascii() and least.isdigit() and 0 < int(least[:4]) <= 20):
        raise RequestError("How many bodies of the graph a record has to touch is a number from 1 to 20.")
    if sent.get("source") and sent["source"] not in sources():
        raise RequestError(f"There is no source {sent['source'][:80]}. The sources are {', '.join(sources())}.")
    return ImportRequest(
        sent.get("source", ""), sent.get("had_on", ""), int(least) if least else None, part=bool(sent.get("part"))
    )


def imports_listed() -> list[Contribution]:
    """Return the imports that the visitor may see, the latest first."""
    return [each for each in ledger().contributions() if each.form == IMPORT and may_see(each)][:_MOST_LISTED]


def found_import(number: int) -> Contribution:
    """Return an import that the visitor may see. Raises NotFound."""
    try:
        found = ledger().contribution(number)
    except RequestError:
        found = None
    if found is None or found.form != IMPORT or not may_see(found):
        raise NotFound("There is no import with this number that you may see.")
    return found


def _page(entered: dict[str, Any], problems: Problems | None = None) -> str:
    return render_template(
        "imports/page.html",
        entered={"source": "", "had_on": "", "least": "", "part": ""} | entered,
        problems=problems or Problems(),
        sources=[(name, source.about.title) for name, source in sources().items()],
        imports=[card(each) for each in imports_listed()],
        limit=current.settings().contribution_limit,
        not_here=why_not_here(),
        may_decide=security.can("review"),
    )
