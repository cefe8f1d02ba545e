"""The figures: each indicator with its values side by side, drawn on one scale where that says something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from flask import Blueprint, Response, render_template, request

from leedskg.errors import RequestError
from leedskg.figures import Figure, Indicator
from leedskg.generation_view import GenerationView
from leedskg.naming import folded
from leedskg.record import Name
from leedskg.web import current
from leedskg.web.api.parameters import LONGEST_NAME, check_known, query, reads
from leedskg.web.pages.limits import STATED, limits_form, narrowed
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.tables import AS_FILE, SavedTable, asked_table_format, saved, table_links
from leedskg.web.pages.views import EntityView, FigureView
from leedskg.wording import grouped, listed, money, plain_date

_KEPT = "The graph keeps each as its source puts it and chooses none."
_WORDED = "Their sources describe what they cover in different words, which may be why."


def comparison(indicator: Indicator) -> str:
    """Return whether the values differ, in what, and whether all of them can hold; nothing for one value alone."""
    if len(indicator.figures) < 2:
        return ""
    said = []
    if len(indicator.held) > 1:
        said.append(_disagreement(indicator) if indicator.conflicting else _agreement(indicator))
    withdrawn = len(indicator.figures) - len(indicator.held)
    if withdrawn:
        said.append(f"{withdrawn} withdrawn {'value is' if withdrawn == 1 else 'values are'} not compared.")
    return " ".join(said)


def _disagreement(indicator: Indicator) -> str:
    count, conflicting = len(indicator.held), len(indicator.conflicting)
    worded = [_WORDED] if len({figure.scope for figure in indicator.conflicting}) > 1 else []
    if len(indicator.groups) > 1:
        first = (
            f"They differ in {listed(indicator.differences)}; values are compared where these are the same. "
            f"{conflicting} of the {count} cannot hold beside another one."
        )
    else:
        which = "They are" if conflicting == count else f"{conflicting} of them are"
        first = f"{which} for {_alike(indicator.held[0])} and cannot all hold."
    return " ".join([first, *worded, _KEPT])


def _agreement(indicator: Indicator) -> str:
    differ = f"differ in {listed(indicator.differences)}"
    meet = "the ranges that they admit meet: all of them can hold."
    if len(indicator.groups) == 1:
        alike = _alike(indicator.held[0])
        return f"They give the same value for {alike}." if indicator.agreed else f"They are for {alike}, and {meet}"
    if indicator.agreed:
        return f"They give the same value and {differ}."
    if len(indicator.groups) == len(indicator.held):
        return f"They {differ}, so they are not compared: all of them can hold."
    return f"They {differ}. Where these are the same, {meet}"


def _alike(figure: Figure) -> str:
    """Say what figures that can be compared share: of place, subject and period those that are given."""
    given = {"place": figure.place.iri, "subject": figure.subject.iri, "period": figure.period}
    shared = [name for name, value in given.items() if value]
    missing = [f"no {name}" for name, value in given.items() if not value]
    words = f"the same {listed(shared)}" if shared else ""
    without = f"{listed(missing)} given" if missing else ""
    return " with ".join(filter(None, (words, without)))


#: How far beyond the greatest bound the scale goes at least, so that an open end has somewhere to point.
_MARGIN = Decimal("1.05")
#: First digits of the ends of a scale, which a person reads at a glance.
_ROUND = tuple(map(Decimal, ("1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "8", "10")))


@dataclass(frozen=True)
class Drawn:
    """One value on its scale, in hundredths of the width; `open_above` and `open_below` for no bound."""

    at: float
    start: float
    end: float
    open_below: bool
    open_above: bool
    conflict: bool


@dataclass(frozen=True)
class Scale:
    """From the least to the greatest number of a drawing, both round; and what these are in words."""

    low: Decimal
    high: Decimal
    unit: str

    @classmethod
    def of(cls, figures: Iterable[Figure]) -> Scale | None:
        """Make a scale from zero, so that lengths compare, unless a value is below it. None for zeros alone."""
        shown = list(figures)
        bounds = [
            bound for figure in shown for bound in (figure.value, figure.least, figure.greatest) if bound is not None
        ]
        low, high = -_round_up(-min([Decimal(0), *bounds])), _round_up(max([Decimal(0), *bounds]))
        return cls(low, high, shown[0].unit.iri.rpartition("/")[2]) if high > low else None

    @property
    def words(self) -> str:
        """Both ends, such as `0 to 300`."""
        return f"{self._end(self.low)} to {self._end(self.high)}"

    def place(self, figure: Figure) -> Drawn | None:
        """Return where a value stands; None for one that is no number."""
        if figure.value is None:
            return None
        least, greatest = figure.least, figure.greatest
        return Drawn(
            self._at(figure.value),
            0.0 if least is None else self._at(least),
            100.0 if greatest is None else self._at(greatest),
            least is None,
            greatest is None,
            bool(figure.statement.conflicts),
        )

    def _at(self, value: Decimal) -> float:
        return round(float((value - self.low) / (self.high - self.low)) * 100, 2)

    def _end(self, value: Decimal) -> str:
        text = f"{value:f}"
        if self.unit == "pound-sterling" and value >= 0:
            return money(text, "GBP")
        return f"{grouped(text)}%" if self.unit == "percent" else grouped(text)


def _round_up(value: Decimal) -> Decimal:
    """Return a round number a little above a positive one; 0 for 0."""
    if value <= 0:
        return Decimal(0)
    wanted = value * _MARGIN
    size = Decimal(1).scaleb(wanted.adjusted())
    first = (wanted / size).quantize(Decimal("0.1"), ROUND_CEILING)
    return next(each for each in _ROUND if each >= min(first, Decimal(10))) * size


_COLUMNS = (
    "indicator", "indicator_iri", "what_is_counted", "value", "unit", "qualifier", "least", "greatest", "place",
    "about", "scope", "period", "source", "according_to", "withdrawn", "cannot_hold_with", "confidence", "statement",
    "passages",
)  # fmt: skip
_EXPLAINED = (
    "Every value that a source gives for each indicator; none is chosen. “least” and “greatest” are the range that the "
    "qualifier admits, empty where it has no bound; “period” is EDTF, empty where the source gives none; "
    "“cannot_hold_with” names the statements of the same place, subject and period that contradict it."
)


def figures_table(presenter: Presenter, indicators: Iterable[Indicator]) -> SavedTable:
    """Make the table of the values of these indicators."""
    rows = [_row(presenter, indicator, figure) for indicator in indicators for figure in indicator.figures]
    return SavedTable("Figures", _EXPLAINED, _COLUMNS, rows)


def _row(presenter: Presenter, indicator: Indicator, figure: Figure) -> tuple[object, ...]:
    statement, term = figure.statement, presenter.view.namespaces.term

    def of(name: str) -> str:
        value = statement.detail(term(name))
        return value.label if value else ""

    places = presenter.backing(statement).places
    return (
        indicator.name.label, indicator.name.iri, indicator.population,
        _number(figure.value, of("value")), figure.unit.label, of("qualifier"),
        _number(figure.least), _number(figure.greatest), figure.place.label, figure.subject.label, of("scope"),
        figure.period, figure.source.label, of("attributedTo"), "yes" if figure.withdrawn else "no",
        " ".join(name.iri for name in statement.conflicts), statement.confidence, statement.iri,
        "; ".join(f"{place.document}, {place.words}" for place in places),
    )  # fmt: skip


def _number(value: Decimal | None, words: str = "") -> int | float | str:
    """Return a number as one, so that a spreadsheet adds it up; `words` are what stands in the place of none."""
    if value is None:
        return words
    return int(value) if value == value.to_integral_value() else float(value)


blueprint = Blueprint("figures", __name__)


@dataclass(frozen=True)
class FigureRow:
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
    rows: tuple[FigureRow, ...]
    comparison: str
    conflict: bool
    scale: Scale | None


@blueprint.get("/figures")
@reads(
    query("q", "Words of a figure's name."),
    query("place", "The IRI of a place, or its last part."),
    *STATED,
    AS_FILE,
)
@current.one_generation
def page(whole: GenerationView) -> str | Response:
    """Show every indicator whose name has the words of `q`, with the values for `place` if it is given."""
    view = narrowed(whole, relations=False)
    text, place = request.args.get("q", "").strip(), request.args.get("place", "").strip()
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A name has no more than {LONGEST_NAME} characters.")
    format_name = asked_table_format()
    presenter = Presenter(view)
    everything = view.indicators
    places = {
        figure.place.iri: figure.place.label for each in everything for figure in each.figures if figure.place.iri
    }
    chosen = next((iri for iri in places if place and place in (iri, iri.rpartition("/")[2])), place)
    if chosen:
        shown = sorted(iri.rpartition("/")[2] for iri in places)
        check_known([chosen], places, "place that a figure is about", shown)
    wanted = [each for each in everything if _fits(each, folded(text).split(), chosen)]
    if format_name:
        return saved(figures_table(presenter, wanted), format_name)
    views = [_indicator(presenter, each) for each in wanted]
    return render_template(
        "figures.html",
        several=[each for each in views if len(each.rows) > 1],
        single=[each for each in views if len(each.rows) == 1],
        indicators=len(wanted),
        values=sum(len(each.held) for each in wanted),
        withdrawn=sum(len(each.figures) - len(each.held) for each in wanted),
        all_indicators=len(everything),
        places=sorted(places.items(), key=lambda pair: pair[1].casefold()),
        chosen_place=chosen,
        place_label=places.get(chosen, ""),
        words=text,
        files=table_links(),
        limits=limits_form(whole, relations=False),
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
    term = presenter.view.namespaces.term
    rows = []
    for figure in indicator.figures:
        said_by = figure.statement.detail(term("attributedTo"))
        rows.append(
            FigureRow(
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
