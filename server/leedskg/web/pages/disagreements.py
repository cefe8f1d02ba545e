"""Where the sources disagree: figures that cannot both hold, side by side."""

from __future__ import annotations

from flask import Blueprint, render_template

from leedskg.web import current
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.views import FigureView

blueprint = Blueprint("disagreements", __name__)


@blueprint.get("/disagreements")
def page() -> str:
    """Show every group of figures of one indicator, place and subject of which two cannot both hold."""
    view = current.view()
    presenter = Presenter(view)
    groups: dict[str, list[FigureView]] = {}
    statements = {statement.iri: statement for statement in view.records.in_conflict()}
    for statement in statements.values():
        figure = presenter.figure(statement, statements)
        place = statement.detail(view.namespaces.term("geography"))
        groups.setdefault(f"{figure.name}, {place.label}" if place else figure.name, []).append(figure)
    return render_template("disagreements.html", groups=sorted(groups.items()), figures=view.figure_count)
