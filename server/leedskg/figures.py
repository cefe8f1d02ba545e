"""Figures side by side: the values of each indicator, the range that each admits, and which can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.record import Name, RecordReader, ShownAssertion
from leedskg.store import Reader, Row
from leedskg.wording import finite_decimal

_NONE = Name("", "")


@dataclass(frozen=True)
class Factors:
    """What a qualifier does to a number: the least and greatest value admitted, as factors; None for no bound."""

    lower: Decimal | None
    upper: Decimal | None


@dataclass(frozen=True)
class Figure:
    """One observation as it compares with others: its number, what tells it apart, and what its qualifier admits."""

    statement: ShownAssertion
    value: Decimal | None
    unit: Name
    place: Name
    subject: Name
    period: str
    source: Name
    scope: str
    factors: Factors

    @property
    def least(self) -> Decimal | None:
        """The least value that the qualifier admits; None where it sets no lower bound."""
        return self._bound(self.factors.lower)

    @property
    def greatest(self) -> Decimal | None:
        """The greatest value that the qualifier admits; None where it sets no upper bound."""
        return self._bound(self.factors.upper)

    def _bound(self, factor: Decimal | None) -> Decimal | None:
        """Return a bound as ontology/rules/70-conflicts.rq does: wider by the size of the number, whatever its sign."""
        if self.value is None or factor is None:
            return None
        return self.value + abs(self.value) * (factor - 1)

    @property
    def withdrawn(self) -> bool:
        """Whether the statement is held to be wrong or out of date now, and is kept for the record."""
        return self.statement.withdrawn

    @property
    def comparable(self) -> tuple[str, str, str, str]:
        """Two figures of one indicator can contradict each other only when these four are the same."""
        return self.unit.iri, self.place.iri, self.subject.iri, self.period


@dataclass(frozen=True)
class Indicator:
    """An indicator with all its figures, those that can be compared next to each other."""

    name: Name
    population: str
    figures: tuple[Figure, ...]

    @cached_property
    def held(self) -> tuple[Figure, ...]:
        """Those that are not withdrawn, which alone are compared and drawn."""
        return tuple(figure for figure in self.figures if not figure.withdrawn)

    @cached_property
    def conflicting(self) -> tuple[Figure, ...]:
        """Those that cannot hold together with another one of the graph."""
        return tuple(figure for figure in self.held if figure.statement.conflicts)

    @cached_property
    def groups(self) -> tuple[tuple[Figure, ...], ...]:
        """The figures in groups that can be compared: of the same unit, place, subject and period."""
        found: dict[tuple[str, str, str, str], list[Figure]] = {}
        for figure in self.held:
            found.setdefault(figure.comparable, []).append(figure)
        return tuple(map(tuple, found.values()))

    @property
    def agreed(self) -> bool:
        """Whether all give the very same value, with the same qualifier and unit."""
        return len({(figure.value, figure.factors, figure.unit.iri) for figure in self.held}) == 1

    @property
    def drawable(self) -> bool:
        """Whether a common scale makes sense: several numbers of one unit, which is not a place in a ranking."""
        units = {figure.unit.iri for figure in self.held}
        numbers = [figure for figure in self.held if figure.value is not None]
        return len(numbers) > 1 and len(units) == 1 and not any(unit.endswith("/unit/rank") for unit in units)

    @property
    def differences(self) -> tuple[str, ...]:
        """In which of unit, place, subject and period its figures differ, in words."""
        words = ("unit", "place", "what they are about", "period")
        keys = zip(*(figure.comparable for figure in self.held), strict=True)
        return tuple(word for word, values in zip(words, keys, strict=False) if len(set(values)) > 1)


def read_indicators(reader: Reader, records: RecordReader, namespaces: Namespaces) -> list[Indicator]:
    """Return every indicator that has a figure, by name."""
    factors = {
        row["qualifier"].value: Factors(_decimal(row, "lower"), _decimal(row, "upper"))
        for row in reader.rows(query_beside(__file__, "figures_factors") % namespaces.base)
    }
    rows = reader.rows(query_beside(__file__, "figures_observations") % namespaces.base)
    statements = records.statements(row["observation"].value for row in rows)
    indicators = []
    for (iri, label, population), group in groupby(rows, key=_indicator):
        figures = [
            _figure(statements[row["observation"].value], namespaces, factors)
            for row in group
            if row["observation"].value in statements
        ]
        figures.sort(key=_order)
        indicators.append(Indicator(Name(iri, label), population, tuple(figures)))
    return sorted(indicators, key=lambda indicator: indicator.name.label.casefold())


def _indicator(row: Row) -> tuple[str, str, str]:
    return row["indicator"].value, row["label"].value, row["population"].value if "population" in row else ""


def _order(figure: Figure) -> tuple[bool, str, str, str, str, Decimal]:
    return (
        figure.withdrawn,
        figure.place.label,
        figure.subject.label,
        figure.period,
        figure.source.label,
        figure.value if figure.value is not None else Decimal(0),
    )


def _figure(statement: ShownAssertion, namespaces: Namespaces, factors: dict[str, Factors]) -> Figure:
    def of(name: str) -> Name:
        return statement.detail(namespaces.term(name)) or _NONE

    unbounded = Factors(Decimal(1), Decimal(1))
    return Figure(
        statement,
        finite_decimal(of("value").label),
        of("unit"),
        of("geography"),
        of("about"),
        of("referencePeriod").label,
        of("reportedIn"),
        of("scope").label,
        factors.get(of("qualifier").iri, unbounded),
    )


def _decimal(row: Row, name: str) -> Decimal | None:
    return finite_decimal(row[name].value) if name in row else None
