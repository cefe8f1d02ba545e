"""The scale that the values of an indicator are drawn on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from leedskg.figures import Figure
from leedskg.web.wording import grouped, money

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
        """A scale from zero, so that lengths compare, unless a value is below it. None for zeros alone."""
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
        """Where a value stands; None for one that is no number."""
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
    """A round number a little above a positive one; 0 for 0."""
    if value <= 0:
        return Decimal(0)
    wanted = value * _MARGIN
    size = Decimal(1).scaleb(wanted.adjusted())
    first = (wanted / size).quantize(Decimal("0.1"), ROUND_CEILING)
    return next(each for each in _ROUND if each >= min(first, Decimal(10))) * size
