"""The figures: each indicator with its values side by side, drawn on one scale where that says something."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request

from leedskg.catalogue import folded
from leedskg.edition import Edition
from leedskg.errors import RequestError
from leedskg.figures import Indicator
from leedskg.record import Name
from leedskg.web import current
from leedskg.web.comparison import comparison
from leedskg.web.figure_tables import figures_table
from leedskg.web.presentation import Presenter
from leedskg.web.scales import Drawn, Scale
from leedskg.web.search import LONGEST_NAME
from leedskg.web.tables import asked_table_format, saved, table_links
from leedskg.web.views import EntityView, FigureView
from leedskg.web.wording import plain_date

blueprint = Blueprint("figures", __name__)


@dataclass(frozen=True)
class RowView:
    """One value in a table of figures. `scope` is what a source says it covers; `said_by` whom the source names."""

    figure: FigureView
    place: EntityView | None
    subject: EntityView | None
    scope: str
    period: str
    source: EntityView | None
    said_by: EntityView | None
    withdrawn: bool
    drawn: Drawn | None


@dataclass(frozen=True)
class IndicatorView:
    """An indicator with its values, how they compare in words, and the scale that they are drawn on."""

    entity: EntityView
    anchor: str
    population: str
    rows: tuple[RowView, ...]
    comparison: str
    conflict: bool
    scale: Scale | None


@blueprint.get("/figures")
def page() -> str | Response:
    """Every indicator whose name has the words of `q`, with the values for `place` if it is given."""
    return current.of_one_generation(_page)


def _page(edition: Edition) -> str | Response:
    text, place = request.args.get("q", "").strip(), request.args.get("place", "").strip()
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A name has no more than {LONGEST_NAME} characters.")
    format_name = asked_table_format()
    presenter = Presenter(edition)
    everything = edition.indicators
    places = {
        figure.place.iri: figure.place.label for each in everything for figure in each.figures if figure.place.iri
    }
    chosen = next((iri for iri in places if place and place in (iri, iri.rpartition("/")[2])), place)
    wanted = [each for each in everything if _fits(each, folded(text).split(), chosen)]
    if format_name:
        return saved(figures_table(presenter, wanted), format_name)
    views = [_indicator(presenter, each) for each in wanted]
    return render_template(
        "figures.html",
        several=[view for view in views if len(view.rows) > 1],
        single=[view for view in views if len(view.rows) == 1],
        indicators=len(wanted),
        values=sum(len(each.figures) for each in wanted),
        all_indicators=len(everything),
        places=sorted(places.items(), key=lambda pair: pair[1].casefold()),
        chosen_place=chosen,
        place_label=places.get(chosen, ""),
        words=text,
        files=table_links(),
    )


def _fits(indicator: Indicator, words: list[str], place: str) -> bool:
    if place and not any(figure.place.iri == place for figure in indicator.figures):
        return False
    subjects = (name for figure in indicator.figures for name in (figure.place.label, figure.subject.label))
    have = folded(" ".join((indicator.name.label, indicator.population, *subjects))).split()
    return all(any(part.startswith(word) for part in have) for word in words)


def _indicator(presenter: Presenter, indicator: Indicator) -> IndicatorView:
    statements = {figure.statement.iri: figure.statement for figure in indicator.figures}
    scale = Scale.of(indicator.held) if indicator.drawable else None
    term = presenter.edition.namespaces.term
    rows = []
    for figure in indicator.figures:
        said_by = figure.statement.detail(term("attributedTo"))
        rows.append(
            RowView(
                presenter.figure(figure.statement, statements),
                _entity(presenter, figure.place),
                _entity(presenter, figure.subject),
                figure.scope.rstrip("."),
                plain_date(figure.period),
                _entity(presenter, figure.source),
                _entity(presenter, said_by),
                figure.withdrawn,
                scale.place(figure) if scale and not figure.withdrawn else None,
            )
        )
    return IndicatorView(
        presenter.entity(indicator.name.iri, indicator.name.label),
        indicator.name.iri.rpartition("/")[2],
        indicator.population,
        tuple(rows),
        comparison(indicator),
        bool(indicator.conflicting),
        scale,
    )


def _entity(presenter: Presenter, name: Name | None) -> EntityView | None:
    return presenter.entity(name.iri, name.label) if name and name.iri else None
