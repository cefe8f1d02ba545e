"""The home page and the help."""

from __future__ import annotations

from flask import Blueprint, render_template

from leedskg.web import current
from leedskg.web.presentation import Presenter

blueprint = Blueprint("home", __name__)

#: Two ends to try a route between, and how the page words it; shown only where the graph has both.
_EXAMPLE = ("digibete", "university-of-leeds")


@blueprint.get("/")
def page() -> str:
    """What this is, how much it holds, and the ways in."""
    edition = current.edition()
    entries = edition.catalogue.entries
    ends = [entries.get(edition.namespaces.entity(slug)) for slug in _EXAMPLE]
    kinds: dict[str, tuple[str, int]] = {}
    for entry in entries.values():
        for iri, label in zip(entry.kinds, entry.kind_labels, strict=True):
            kinds[iri] = (label, kinds.get(iri, ("", 0))[1] + 1)
    presenter = Presenter(edition)
    sources = edition.catalogue.search("", kind=edition.namespaces.term("SourceDocument"))
    return render_template(
        "home.html",
        counts=edition.counts,
        kinds=sorted(
            ((label, number, iri) for iri, (label, number) in kinds.items()), key=lambda kind: (-kind[1], kind[0])
        ),
        sources=[(presenter.entity(match.entry.iri), match.entry.description) for match in sources],
        example=[edition.catalogue.unique_name(end) for end in ends if end] if all(ends) else None,
    )


@blueprint.get("/help")
def help_page() -> str:
    """What the graph means, how to read it, and how to cite it."""
    edition = current.edition()
    return render_template("help.html", patterns=edition.network.patterns, model=edition.network.model)
