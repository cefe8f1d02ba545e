"""One contribution as it is shown to whoever asks: its page, and the same in JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, json, make_response, render_template, request, url_for

from leedskg.contributions.change_wording import Told
from leedskg.errors import KnowledgeError, LimitReachedError
from leedskg.ledger import Contribution, tasks
from leedskg.ledger.duplicate_answers import questions
from leedskg.ledger.resending import ChangesSinceSent
from leedskg.publishing import mark_of
from leedskg.store.generations import current_generation
from leedskg.store.progress import step_under_way
from leedskg.validation.findings import Finding, Severity
from leedskg.validation.report import ContributionReport
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.contributing.contribution_views import (
    PUBLIC,
    STATES,
    Problems,
    counts,
    events,
    may_see_all,
    person,
    shown_statements,
)
from leedskg.web.contributing.decisions import Offered, offered
from leedskg.web.contributing.forms import FORM_FILES
from leedskg.web.contributing.steward import ledger, steward
from leedskg.web.errors import words_of
from leedskg.web.pages.presentation import href

#: Statements that a page lists; all of them are in the patch that it links to.
_MOST_STATEMENTS = 300


def rendered(found: Contribution, *, problems: Problems | None = None, entered: Mapping[str, Any] | None = None) -> str:
    """Render the page, with what was wrong with a form and what was entered in it."""
    account = security.visitor().account
    report = found.full_report if found.report else None
    known = ledger().events(found.id)
    permission = security.accounts().may_review(account, found.who) if account and security.can("review") else None
    told, unsaid = _told(found)
    wants_statements = "statements" in request.args
    recorded = shown_statements(found) if wants_statements else ()
    return render_template(
        "contributions/one.html",
        it=found,
        number=found.id,
        sender=person(found.who),
        state=STATES[found.state],
        counts=counts(found),
        own=account is not None and found.who == account.id,
        signed_in=account is not None,
        sentences=told.sentences,
        more_sentences=told.more,
        unsaid=unsaid,
        report=report if may_see_all(found) else None,
        violations=report.count(Severity.VIOLATION) if report else 0,
        beside=_beside(report) if report and may_see_all(found) else {},
        questions=questions(report.new) if report and found.is_open else [],
        may_answer=account is not None and (found.who == account.id or bool(permission)),
        warnings=report.count(Severity.WARNING) if report else 0,
        events=events(known) if account is not None else [],
        permission=permission,
        generation=generation_of(found, known),
        since=_since(found) if may_see_all(found) else None,
        kinds=report.by_kind() if report and may_see_all(found) else [],
        choices=offered(found) if permission and found.is_open else Offered(),
        statements=recorded[:_MOST_STATEMENTS],
        more_statements=max(0, len(recorded) - _MOST_STATEMENTS),
        wants_statements=wants_statements,
        record_href=_record_href,
        has_file=may_see_all(found),
        is_public=found.state in PUBLIC,
        problems=problems or Problems(),
        entered={"reason": "", "why_not": "", "why_undo": "", "note": "", "left_out": [], "without": []}
        | {"statement": "", "value": "", "why_edit": ""}
        | dict(entered or {}),
        done=request.args.get("done", "") if request.method != "POST" else "",
    )


def _since(found: Contribution) -> ChangesSinceSent | None:
    """Say what changed since it was sent before, while that matters; None where it cannot be said now."""
    if not found.is_open or found.file_name in FORM_FILES:
        return None
    try:
        return steward().look(tasks.since, found.id)
    except (LimitReachedError, KnowledgeError):
        return None


def _beside(report: ContributionReport) -> dict[str, list[Finding]]:
    """Return the violations and warnings of each record, to stand beside what is said of it."""
    found: dict[str, list[Finding]] = {}
    for each in report.new:
        if each.severity >= Severity.WARNING:
            found.setdefault(each.record.partition("#")[0], []).append(each)
    return found


def _told(found: Contribution) -> tuple[Told, str]:
    """Say what it changes, in words; or why that cannot be said now."""
    try:
        return steward().look(tasks.told, found.id), ""
    except (LimitReachedError, KnowledgeError) as error:
        return Told([]), words_of(error)


def generation_of(found: Contribution, known: list[Any]) -> dict[str, Any]:
    """Say since when readers see the last step of a contribution: the generation, or that it is not published yet."""
    steps = [step for step in ledger().steps_of(found.id) if step.kind in {"merge", "undo"}]
    if not steps or found.state not in PUBLIC:
        return {}
    try:
        generation = current_generation(current.settings().state_path)
    except KnowledgeError:
        return _waiting()
    mark = mark_of(generation)
    if mark.steps < steps[-1].number:
        return _waiting()
    recorded = [each for each in known if each.kind == "published" and each.at >= steps[-1].at]
    since = recorded[0] if recorded else None
    return {
        "waiting": False,
        "number": since.data["generation"] if since else generation.number,
        "at": since.at if since else generation.built_at,
        "since": since is not None,
    }


def _waiting() -> dict[str, Any]:
    step = step_under_way(current.settings().state_path)
    return {"waiting": True, "step": str(step) if step else ""}


def _record_href(record: str) -> str:
    """Return the address of a record's page, for records of ours that have one."""
    local = current.settings().namespaces.local(record)
    return href(record) if local and local.startswith(("id/", "assertion/", "evidence/")) else ""


def short(found: Contribution) -> dict[str, Any]:
    """Give a contribution as a line of a list."""
    return {
        "number": found.id,
        "href": url_for("contribution_api.one", number=found.id),
        "page": url_for("contributions.one", number=found.id),
        "title": found.title,
        "state": found.state,
        "version": found.version,
        "sent_by": person(found.who),
        "sent_at": found.at,
        "added": found.added,
        "removed": found.removed,
    }


def whole(found: Contribution, *, skip: int = 0, most: int = tasks.MOST_TOLD) -> dict[str, Any]:
    """Return a contribution; the report is for its sender and the stewards, events for those with an account."""
    more = 0
    try:
        told = steward().look(tasks.told, found.id, skip, most)
        changes = [
            {"kind": each.kind, "words": each.words, "record": each.record, "sources": each.sources}
            for each in told.sentences
        ]
        more = told.more
    except LimitReachedError:
        changes = None
    known = ledger().events(found.id)
    told_to_all = short(found) | {
        "message": found.message,
        "source": found.source,
        "file": {"sha256": found.sha256, "bytes": found.size}
        | ({"name": found.file_name} if may_see_all(found) else {}),
        "generation": generation_of(found, known).get("number"),
        "changes": changes,
        "more_changed_records": more,
    }
    if security.visitor().account is None:
        return told_to_all
    report = {"report": dict(found.report)} if may_see_all(found) else {}
    return told_to_all | report | {
        "events": [
            {"kind": each.kind, "who": person(each.who), "at": each.at, "reason": each.reason}
            for each in known
        ],
    }  # fmt: skip


def as_json(data: Any, status: int = 200) -> Response:
    """Make an answer in JSON."""
    response = make_response(json.dumps(data, ensure_ascii=False), status)
    response.headers["Content-Type"] = "application/json"
    return response
