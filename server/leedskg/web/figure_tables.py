"""The figures as rows of a file: a row for each value that a source gives, none chosen."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from leedskg.figures import Figure, Indicator
from leedskg.web.presentation import Presenter
from leedskg.web.tables import Table

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


def figures_table(presenter: Presenter, indicators: Iterable[Indicator]) -> Table:
    """The values of these indicators."""
    rows = [_row(presenter, indicator, figure) for indicator in indicators for figure in indicator.figures]
    return Table("Figures", _EXPLAINED, _COLUMNS, rows)


def _row(presenter: Presenter, indicator: Indicator, figure: Figure) -> tuple[object, ...]:
    statement, term = figure.statement, presenter.edition.namespaces.term

    def of(name: str) -> str:
        value = statement.detail(term(name))
        return value.label if value else ""

    places = presenter.backing(statement).places
    return (
        indicator.name.label, indicator.name.iri, indicator.population, of("value"), figure.unit.label, of("qualifier"),
        _number(figure.least), _number(figure.greatest), figure.place.label, figure.subject.label, of("scope"),
        figure.period, figure.source.label, of("attributedTo"), "yes" if figure.withdrawn else "no",
        " ".join(name.iri for name in statement.conflicts), statement.confidence, statement.iri,
        "; ".join(f"{place.document}, {place.words}" for place in places),
    )  # fmt: skip


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
