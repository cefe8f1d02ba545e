"""Searching for an entity by name, and listing those of a kind."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from leedskg.catalogue import folded
from leedskg.errors import RequestError
from leedskg.web import current
from leedskg.web.presentation import Presenter

blueprint = Blueprint("search", __name__)

PAGE_SIZE = 50
_LONGEST = 200


@blueprint.get("/search")
def page() -> str:
    """Entities whose names have the words of `q`, of one `kind` if it is given."""
    text, kind = request.args.get("q", "").strip(), request.args.get("kind", "").strip()
    if len(text) > _LONGEST:
        raise RequestError(f"A name has no more than {_LONGEST} characters.")
    edition = current.edition()
    matches = edition.catalogue.search(text, limit=len(edition.catalogue.entries), kind=kind) if text or kind else []
    number = max(1, request.args.get("page", 1, type=int))
    shown = matches[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    presenter = Presenter(edition)

    def address(other: int) -> str:
        return url_for("search.page", q=text or None, kind=kind or None, page=other)

    return render_template(
        "search.html",
        search_text=text,
        kind=kind,
        kind_label=_kind_label(kind),
        total=len(matches),
        first=(number - 1) * PAGE_SIZE + 1,
        previous=address(number - 1) if number > 1 and shown else "",
        next=address(number + 1) if number * PAGE_SIZE < len(matches) else "",
        results=[
            (presenter.entity(each.entry.iri), each.entry, "" if each.name == each.entry.label else each.name)
            for each in shown
        ],
        near=bool(text) and bool(matches) and all(each.score < 0.5 for each in matches),  # no name has the words
        folded=folded(text),
    )


def _kind_label(kind: str) -> str:
    for entry in current.edition().catalogue.entries.values():
        for iri, label in zip(entry.kinds, entry.kind_labels, strict=True):
            if iri == kind:
                return label
    return ""
