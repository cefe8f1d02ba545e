"""The page of a colleague's file: what its columns, values and names mean, proposed and confirmed; and forms known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.contributions.sheets.mapping import FileMapping, SheetMapping, What
from leedskg.errors import ConflictError, LedgerError, LimitReachedError, RefusedError
from leedskg.ledger.process import UnderWayError
from leedskg.ledger.sheet_drafts import SheetDraft, SheetDrafts
from leedskg.ledger.sheet_forms import SheetForms
from leedskg.ledger.sheet_tasks import forget_form, sheet_proposal, submit_sheet
from leedskg.validation.findings import Report, Severity
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.contributing.contribution_views import Problems, linked, named
from leedskg.web.contributing.forms import names
from leedskg.web.contributing.steward import ledger, steward
from leedskg.web.contributing.task_page import under_way
from leedskg.web.contributing.uploads import check_here
from leedskg.web.errors import words_of

blueprint = Blueprint("sheets", __name__, url_prefix="/contribute/table")
_MOST_ASIDE = 50
_WHATS = ("organisations", "relationships", "aside")


def waits(content: bytes, name: str, about: dict[str, str]) -> Response:
    """Keep a file whose columns are to be explained, and lead to the page where that is done."""
    token = SheetDrafts(current.settings().state_path).keep(content, name, security.account().id, about)
    return make_response(redirect(url_for("sheets.page", token=token), 303))


@blueprint.get("")
@needs("contribute")
def forms() -> str:
    """Show the forms of tables that are remembered, each with what was said of it."""
    return render_template("contributions/sheet_forms.html", forms=SheetForms(ledger()).listed())


@blueprint.post("/forget")
@needs("contribute", counted=True)
def forget() -> Response:
    """Forget what is remembered of a form of tables."""
    check_here()
    steward().do(forget_form, request.form.get("form", ""), who=security.account().id)
    return make_response(redirect(url_for("sheets.forms"), 303))


@blueprint.get("/<token>")
@needs("contribute")
def page(token: str) -> Response:
    """Show what the columns of a file are proposed to mean."""
    return _shown(_draft(token), None)


@blueprint.post("/<token>")
@needs("contribute", counted=True)
def send(token: str) -> Response:
    """Show what was chosen comes to, or send the file as a contribution."""
    check_here()
    draft, said = _draft(token), mapping_of(request.form)
    if request.form.get("do") != "send":
        return _shown(draft, said)
    about = {name: draft.about.get(name, "") for name in ("title", "message", "source")}
    try:
        found = steward().look(sheet_proposal, draft.content, draft.name, said)
        if found.problems:
            return _shown(draft, said, [("sheet", linked(each)) for each in found.problems], status=422)
        number = steward().do(submit_sheet, draft.content, draft.name, said, who=security.account().id, **about)
    except UnderWayError as error:
        return under_way(error)
    except (RefusedError, ConflictError) as error:
        return _shown(draft, said, _told(error), status=error.status)
    except (LimitReachedError, LedgerError) as error:
        return _shown(draft, said, [("sheet", words_of(error))], status=error.status)
    SheetDrafts(current.settings().state_path).remove(token)
    return make_response(redirect(url_for("contributions.one", number=number, done="sent"), 303))


def _told(error: RefusedError | ConflictError) -> Sequence[tuple[str, str]]:
    """Say what is wrong with a file, the worst first: as its report says it, if there is one."""
    report = error.report if isinstance(error, RefusedError) and isinstance(error.report, Report) else Report()
    wrong = [
        ("sheet", linked(named(f"{each.place or each.record_label}: {each.message}")))
        for each in report.worst_first() if each.severity is Severity.VIOLATION
    ]  # fmt: skip
    return wrong[:30] or [("sheet", linked(named(error.message)))]


def mapping_of(sent: Mapping[str, str]) -> FileMapping:
    """Return what the page's form says. A table whose headings or sort were changed is proposed anew."""
    found = FileMapping()
    count = sent.get("sheets", "0")
    for number in range(min(int(count), 100) if count.isascii() and count.isdigit() and len(count) < 5 else 0):
        own = f"s{number}-"
        what, header = sent.get(f"{own}what", ""), sent.get(f"{own}header", "")
        sheet = SheetMapping(cast(What, what if what in _WHATS else ""))
        if header.strip().isascii() and header.strip().isdigit() and len(header) < 7:
            sheet.header = int(header)
        if what == sent.get(f"{own}was", "") and header == sent.get(f"{own}under", ""):
            sheet.order, sheet.every = sent.get(f"{own}order", ""), sent.get(f"{own}every", "")
            for name, meaning in sent.items():
                if match := re.fullmatch(rf"{own}c([0-9]{{1,4}})", name):
                    sheet.columns[int(match[1])] = meaning[:100]
        found.sheets.append(sheet)
    for prefix, into in (("k", found.kinds), ("r", found.roles), ("n", found.names)):
        for name, value in sent.items():
            if match := re.fullmatch(rf"{prefix}-([0-9]{{1,6}})", name):
                into[sent.get(f"{prefix}v-{match[1]}", "")[:500]] = value[:500]
    found.report = {name: sent.get(name, "").strip()[:300] for name in ("title", "publisher", "date")}
    return found


def _draft(token: str) -> SheetDraft:
    found = SheetDrafts(current.settings().state_path).find(token, security.account().id)
    if found is None:
        raise NotFound("No file of yours waits here. It was sent on, or is older than a week: upload it again.")
    return found


def _shown(
    draft: SheetDraft, said: FileMapping | None, problems: Sequence[tuple[str, str]] = (), status: int = 200
) -> Response:
    try:
        found = steward().look(sheet_proposal, draft.content, draft.name, said, draft.about.get("source", ""))
    except RefusedError as error:
        page = render_template(
            "contributions/sheet.html", it=None, draft=draft, problems=Problems(found=[*_told(error)])
        )
        return make_response(page, error.status)
    page = render_template(
        "contributions/sheet.html", it=found, draft=draft, problems=Problems(found=list(problems)),
        aside=found.aside[:_MOST_ASIDE], more_aside=max(0, len(found.aside) - _MOST_ASIDE),
        names=names(current.view()),
        remembered=[form for key in found.keys if (form := SheetForms(ledger()).like(key))] if said is None else [],
    )  # fmt: skip
    return make_response(page, status)
