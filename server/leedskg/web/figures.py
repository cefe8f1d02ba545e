"""The figures: each indicator with its values side by side, drawn on one scale where that says something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, render_template, request

from leedskg.catalogue import folded
from leedskg.errors import RequestError
from leedskg.figures import Figure, Indicator
from leedskg.web import current
from leedskg.web.presentation import Presenter
from leedskg.web.search import LONGEST_NAME
from leedskg.web.views import EntityView, FigureView
from leedskg.web.wording import listed, plain_date

blueprint = Blueprint("figures", __name__)

#: How far beyond the greatest bound the scale goes, so that an open end has somewhere to point.
_MARGIN = Decimal("1.15")


@dataclass(frozen=True)
class Drawn:
    """One value on its row's scale, in hundredths of the width; `open_above` and `open_below` for no bound."""

    at: float
    start: float
    end: float
    open_below: bool
    open_above: bool


@dataclass(frozen=True)
class RowView:
    """One value in a table of figures."""

    figure: FigureView
    place: EntityView | None
    subject: EntityView | None
    period: str
    source: EntityView | None
    drawn: Drawn | None


@dataclass(frozen=True)
class IndicatorView:
    """An indicator with its values, and a sentence on how they compare."""

    entity: EntityView
    anchor: str
    population: str
    rows: tuple[RowView, ...]
    comparison: str
    conflict: bool


@blueprint.get("/figures")
def page() -> str:
    """Every indicator whose name has the words of `q`, with the values for `place` if it is given."""
    text, place = request.args.get("q", "").strip(), request.args.get("place", "").strip()
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A name has no more than {LONGEST_NAME} characters.")
    edition = current.edition()
    presenter = Presenter(edition)
    everything = edition.indicators
    places = {
        figure.place.iri: figure.place.label for each in everything for figure in each.figures if figure.place.iri
    }
    wanted = [each for each in everything if _fits(each, folded(text).split(), place)]
    views = [_indicator(presenter, each) for each in wanted]
    return render_template(
        "figures.html",
        several=[view for view in views if len(view.rows) > 1],
        single=[view for view in views if len(view.rows) == 1],
        indicators=len(wanted),
        values=sum(len(each.figures) for each in wanted),
        all_indicators=len(everything),
        places=sorted(places.items(), key=lambda pair: pair[1].casefold()),
        chosen_place=place,
        place_label=places.get(place, ""),
        words=text,
    )


def _fits(indicator: Indicator, words: list[str], place: str) -> bool:
    if place and not any(figure.place.iri == place for figure in indicator.figures):
        return False
    subjects = (name for figure in indicator.figures for name in (figure.place.label, figure.subject.label))
    have = folded(" ".join((indicator.name.label, indicator.population, *subjects))).split()
    return all(any(part.startswith(word) for part in have) for word in words)


def _indicator(presenter: Presenter, indicator: Indicator) -> IndicatorView:
    statements = {figure.statement.iri: figure.statement for figure in indicator.figures}
    scale = _scale(indicator.figures) if indicator.drawable else None
    rows = tuple(
        RowView(
            presenter.figure(figure.statement, statements),
            _entity(presenter, figure.place.iri, figure.place.label),
            _entity(presenter, figure.subject.iri, figure.subject.label),
            plain_date(figure.period),
            _entity(presenter, figure.source.iri, figure.source.label),
            _drawn(figure, scale) if scale else None,
        )
        for figure in indicator.figures
    )
    anchor = indicator.name.iri.rpartition("/")[2]
    return IndicatorView(
        presenter.entity(indicator.name.iri, indicator.name.label),
        anchor,
        indicator.population,
        rows,
        _comparison(indicator),
        bool(indicator.conflicting),
    )


def _entity(presenter: Presenter, iri: str, label: str) -> EntityView | None:
    return presenter.entity(iri, label) if iri else None


def _comparison(indicator: Indicator) -> str:
    """How the values of an indicator stand to each other. It never says which of them is right."""
    count = len(indicator.figures)
    if count < 2:
        return ""
    conflicting = len(indicator.conflicting)
    if conflicting:
        same = "They are" if conflicting == count else f"{conflicting} of them are"
        return (
            f"{same} for the same place, subject and period and cannot all hold. The graph keeps them as their "
            "sources put them and chooses none."
        )
    values = {(figure.value, figure.factors, figure.unit.iri) for figure in indicator.figures}
    if indicator.differences and len(values) == 1:
        return f"They give the same value and differ in {listed(indicator.differences)}."
    if len(values) == 1:
        return "They give the same value for the same place, subject and period."
    if indicator.differences:
        return f"They differ in {listed(indicator.differences)}, so they are not compared: all of them can hold."
    return "They are for the same place, subject and period, and the ranges they admit meet: all of them can hold."


def _scale(figures: Iterable[Figure]) -> tuple[Decimal, Decimal]:
    """Least and greatest number of the drawing: from zero, so that lengths compare, unless a value is below it."""
    bounds = [
        bound for figure in figures for bound in (figure.value, figure.least, figure.greatest) if bound is not None
    ]
    low, high = min(Decimal(0), *bounds), max(Decimal(0), *bounds)
    return low * _MARGIN, (high or Decimal(1)) * _MARGIN


def _drawn(figure: Figure, scale: tuple[Decimal, Decimal]) -> Drawn | None:
    low, high = scale
    if figure.value is None or high == low:
        return None

    def at(value: Decimal) -> float:
        return round(float((value - low) / (high - low)) * 100, 2)

    least, greatest = figure.least, figure.greatest
    return Drawn(
        at(figure.value),
        0.0 if least is None else at(least),
        100.0 if greatest is None else at(greatest),
        least is None,
        greatest is None,
    )
