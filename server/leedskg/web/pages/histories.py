"""The history of an entity: who changed what is said of it, and what was said of it at any date."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, render_template, request, url_for

from leedskg.ledger import tasks
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.api.parameters import query, reads
from leedskg.web.contributing.contribution_views import Problems, person
from leedskg.web.contributing.steward import steward
from leedskg.web.pages.presentation import href

blueprint = Blueprint("histories", __name__)
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@blueprint.get("/id/<slug>/history")
@reads(query("as-at", "A year, month or day: what was said at its end."))
def page(slug: str) -> Any:
    """Show the changes of one entity, the latest first; with `as-at`, what was said at the end of a date."""
    iri = current.settings().namespaces.entity(slug)
    date = request.args.get("as-at", "").strip()
    problems = Problems()
    if date and not _DATE.fullmatch(date):
        problems = Problems(found=[("as-at", "Write a date as 2026, 2026-11 or 2026-11-21.")])
    entry = current.view().catalogue.entries.get(iri)
    label = entry.label if entry else steward().look(tasks.known, iri)
    said = steward().look(tasks.said_at, iri, date) if date and not problems.found else []
    happened = steward().look(tasks.happenings, iri)
    return (
        render_template(
            "contributions/history.html",
            label=label,
            entity=href(iri) if entry else "",
            happened=[
                (each, _who(each.who, each.contribution), url_for("contributions.one", number=each.contribution))
                for each in reversed(happened)
            ],
            date=date,
            said=[(each, _page(each.record)) for each in said],
            problems=problems,
            signed_in=security.visitor().account is not None,
        ),
        400 if problems.found else 200,
    )


def _who(who: str, contribution: int) -> str:
    """Return who changed it: the curators of the files by name, the sender of a contribution as its page says it."""
    return person(who) if contribution else who


def _page(record: str) -> str:
    local = current.settings().namespaces.local(record) or ""
    return href(record) if local.startswith(("id/", "assertion/")) else ""
