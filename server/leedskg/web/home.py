"""The home page and the help."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, url_for

from leedskg.edition import Edition
from leedskg.kinds import by_family
from leedskg.web import current
from leedskg.web.presentation import Presenter
from leedskg.web.routes import end_words
from leedskg.web.support import address_of_need
from leedskg.web.wording import capital, plural

blueprint = Blueprint("home", __name__)

#: Two ends to try a route between; shown only where the graph has both.
_EXAMPLE = ("digibete", "university-of-leeds")


@blueprint.get("/")
def page() -> str:
    """What this is, how much it holds, and the ways in."""
    edition = current.edition()
    presenter = Presenter(edition)
    sources = edition.catalogue.search("", kind=edition.namespaces.term("SourceDocument"))
    return render_template(
        "home.html",
        counts=edition.counts,
        families=_families(edition),
        needs=[
            (each.label, address_of_need(each.iri), each.number) for each in edition.topics if each.scheme == "need"
        ],
        sources=[(presenter.entity(match.entry.iri), match.entry.description) for match in sources],
        example=_example(edition),
        names=end_words(edition),
    )


@dataclass(frozen=True)
class _Example:
    start: str
    goal: str
    href: str


def _example(edition: Edition) -> _Example | None:
    """A question about routes to try, where the graph has both ends."""
    entries = edition.catalogue.entries
    ends = [entries.get(edition.namespaces.entity(slug)) for slug in _EXAMPLE]
    start, goal = [edition.catalogue.unique_name(end) for end in ends if end] if all(ends) else ["", ""]
    address = f"{url_for('routes.page')}?{urlencode({'from': start, 'to': goal})}"
    return _Example(start, goal, address) if start else None


def _families(edition: Edition) -> list[tuple[str, list[tuple[str, str, int, str]]]]:
    """The kinds in the graph by family: kind, its plural, how many there are of it, and where they are listed."""
    found = {kind.label: kind for kind in edition.catalogue.kinds}
    return [
        (
            family,
            [
                (kind, capital(plural(kind)), found[kind].number, url_for("search.page", kind=found[kind].iri))
                for kind in kinds
            ],
        )
        for family, kinds in by_family(found)
    ]


@blueprint.get("/help")
def help_page() -> str:
    """What the graph means, how to read it, and how to cite it."""
    edition = current.edition()
    return render_template("help.html", patterns=edition.patterns, model=edition.route_model)
