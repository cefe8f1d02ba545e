"""Contributions as programs get them: in a list, whole, in JSON."""

from __future__ import annotations

from typing import Any

from flask import Response, json, make_response, url_for

from leedskg.errors import LimitReachedError
from leedskg.ledger import Contribution, errands
from leedskg.web import security
from leedskg.web.contribution_page import generation_of
from leedskg.web.contribution_views import person
from leedskg.web.desk import desk, ledger


def short(found: Contribution) -> dict[str, Any]:
    """A contribution as a line of a list."""
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


def whole(found: Contribution) -> dict[str, Any]:
    """A contribution; report and events are for those with an account, as on its page."""
    try:
        told = desk().look(errands.told, found.id)
        changes = [{"kind": each.kind, "words": each.words, "record": each.record} for each in told]
    except LimitReachedError:
        changes = None
    known = ledger().events(found.id)
    told_to_all = short(found) | {
        "message": found.message,
        "source": found.source,
        "file": {"name": found.file_name, "sha256": found.sha256, "bytes": found.size},
        "generation": generation_of(found, known).get("number"),
        "changes": changes,
    }
    if security.visitor().account is None:
        return told_to_all
    return told_to_all | {
        "report": dict(found.report),
        "events": [
            {"kind": each.kind, "who": person(each.who), "at": each.at, "reason": each.reason}
            for each in known
        ],
    }  # fmt: skip


def as_json(data: Any, status: int = 200) -> Response:
    """An answer in JSON."""
    response = make_response(json.dumps(data, ensure_ascii=False), status)
    response.headers["Content-Type"] = "application/json"
    return response
