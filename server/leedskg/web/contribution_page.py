"""The page of one contribution, as it is shown to whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from leedskg.errors import KnowledgeError, LimitReachedError
from leedskg.ledger import Contribution, errands
from leedskg.ledger.effects import shown
from leedskg.publishing import mark_of
from leedskg.store.generations import current_generation
from leedskg.validation.findings import Severity
from leedskg.web import current, security
from leedskg.web.choices import Offered, offered
from leedskg.web.contribution_views import PUBLIC, STATES, Problems, counts, events, person
from leedskg.web.desk import desk, ledger
from leedskg.web.presentation import href

#: Statements that a page lists; all of them are in the patch that it links to.
_MOST_STATEMENTS = 300
#: Changes in words that a page lists, each of which can be left out.
_MOST_SENTENCES = 200


def rendered(found: Contribution, *, problems: Problems | None = None, entered: Mapping[str, Any] | None = None) -> str:
    """The page, with what was wrong with a form and what was entered in it."""
    account = security.visitor().account
    report = (
        shown(found.report, name=found.file_name, added=found.added, removed=found.removed) if found.report else None
    )
    known = ledger().events(found.id)
    permission = security.accounts().may_review(account, found.who) if account and account.may("review") else None
    sentences, unsaid = _sentences(found)
    wants_statements = "statements" in request.args
    recorded = ledger().statements(found.id) if wants_statements else ()
    return render_template(
        "contributions/one.html",
        it=found,
        number=found.id,
        sender=person(found.who),
        state=STATES[found.state],
        counts=counts(found),
        own=account is not None and found.who == account.id,
        signed_in=account is not None,
        sentences=sentences[:_MOST_SENTENCES],
        more_sentences=max(0, len(sentences) - _MOST_SENTENCES),
        unsaid=unsaid,
        report=report if account is not None else None,
        violations=report.count(Severity.VIOLATION) if report else 0,
        warnings=report.count(Severity.WARNING) if report else 0,
        events=events(known) if account is not None else [],
        permission=permission,
        generation=generation_of(found, known),
        choices=offered(found) if permission and found.is_open else Offered(),
        statements=recorded[:_MOST_STATEMENTS],
        more_statements=max(0, len(recorded) - _MOST_STATEMENTS),
        wants_statements=wants_statements,
        record_href=_record_href,
        is_public=found.state in PUBLIC,
        problems=problems or Problems(),
        entered={"reason": "", "why_not": "", "why_undo": "", "note": "", "left_out": [], "without": []}
        | dict(entered or {}),
        done=request.args.get("done", "") if request.method == "GET" else "",
    )


def _sentences(found: Contribution) -> tuple[list[Any], str]:
    """What it changes, in words; or why that cannot be said now."""
    try:
        return desk().look(errands.told, found.id), ""
    except (LimitReachedError, KnowledgeError) as error:
        return [], str(error)


def generation_of(found: Contribution, known: list[Any]) -> dict[str, Any]:
    """Since when readers see the last step of a contribution: the generation, or that it is not published yet."""
    steps = [step for step in ledger().steps() if step.contribution == found.id and step.kind in {"merge", "undo"}]
    if not steps or found.state not in PUBLIC:
        return {}
    try:
        generation = current_generation(current.settings().state_path)
    except KnowledgeError:
        return {"waiting": True}
    mark = mark_of(generation)
    if mark.steps < steps[-1].number:
        return {"waiting": True}
    recorded = [each for each in known if each.kind == "published" and each.at >= steps[-1].at]
    since = recorded[0] if recorded else None
    return {
        "waiting": False,
        "number": since.data["generation"] if since else generation.number,
        "at": since.at if since else generation.built_at,
        "since": since is not None,
    }


def _record_href(record: str) -> str:
    """The address of a record's page, for records of ours that have one."""
    local = current.settings().namespaces.local(record)
    return href(record) if local and local.startswith(("id/", "assertion/", "evidence/")) else ""
