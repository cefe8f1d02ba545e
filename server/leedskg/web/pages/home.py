"""The home page and the help."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, url_for

from leedskg.generation_view import GenerationView
from leedskg.kinds import by_family
from leedskg.web import current
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.routes import end_words
from leedskg.web.pages.support import address_of_need
from leedskg.wording import capital, plural

blueprint = Blueprint("home", __name__)

#: Two ends to try a route between; shown only where the graph has both.
_EXAMPLE = ("digibete", "university-of-leeds")


@blueprint.get("/")
def page() -> str:
    """Show what this is, how much it holds, and the ways in."""
    view = current.view()
    presenter = Presenter(view)
    sources = view.catalogue.search("", kind=view.namespaces.term("SourceDocument"))
    return render_template(
        "home.html",
        counts=view.counts,
        families=_families(view),
        needs=[(each.label, address_of_need(each.iri), view.support.bodies(each.iri)) for each in view.support.needs],
        sources=[(presenter.entity(match.entry.iri), match.entry.description) for match in sources],
        example=_example(view),
        names=end_words(view),
    )


@dataclass(frozen=True)
class _Example:
    start: str
    goal: str
    href: str


def _example(view: GenerationView) -> _Example | None:
    """Give a question about routes to try, where the graph has both ends."""
    entries = view.catalogue.entries
    ends = [entries.get(view.namespaces.entity(slug)) for slug in _EXAMPLE]
    start, goal = [view.catalogue.unique_name(end) for end in ends if end] if all(ends) else ["", ""]
    address = f"{url_for('routes.page')}?{urlencode({'from': start, 'to': goal})}"
    return _Example(start, goal, address) if start else None


def _families(view: GenerationView) -> list[tuple[str, list[tuple[str, str, int, str]]]]:
    """Return the kinds in the graph by family: kind, its plural, how many there are, and where they are listed."""
    found = {kind.label: kind for kind in view.catalogue.kinds}
    return [
        (
            family,
            [
                (kind, capital(plural(kind)), found[kind].number, url_for("search.page", kind=found[kind].iri))
                for kind in kinds
            ],
        )
        for family, kinds in by_family({kind.label: kind.iri for kind in view.catalogue.kinds})
    ]


@blueprint.get("/help")
def help_page() -> str:
    """Show what the graph means, how to read it, and how to cite it."""
    view = current.view()
    settings = current.settings()
    return render_template(
        "help.html",
        patterns=view.patterns,
        model=view.route_model,
        documents_shown=settings.documents_shown if settings.documents else "no",
    )
