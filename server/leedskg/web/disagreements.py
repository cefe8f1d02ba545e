"""Where the sources disagree: figures that cannot both hold, side by side."""

from __future__ import annotations

from flask import Blueprint, render_template

from leedskg.web import current
from leedskg.web.presentation import Presenter
from leedskg.web.views import FigureView

blueprint = Blueprint("disagreements", __name__)


@blueprint.get("/disagreements")
def page() -> str:
    """Every group of figures of one indicator, place and subject of which two cannot both hold."""
    edition = current.edition()
    presenter = Presenter(edition)
    groups: dict[str, list[FigureView]] = {}
    statements = {statement.iri: statement for statement in edition.records.in_conflict()}
    for statement in statements.values():
        figure = presenter.figure(statement, statements)
        place = statement.detail(edition.namespaces.term("geography"))
        groups.setdefault(f"{figure.name}, {place.label}" if place else figure.name, []).append(figure)
    return render_template("disagreements.html", groups=sorted(groups.items()), figures=edition.figure_count)
