"""What the rows of a query can be drawn as: decided by what their columns hold, with the reason where none fits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

from leedskg.picture.dates import span
from leedskg.store import Row, Term

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = frozenset(
    _XSD + name
    for name in (
        "integer", "decimal", "float", "double", "int", "long", "short", "byte", "nonNegativeInteger",
        "positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort",
        "unsignedByte",
    )
)  # fmt: skip
_DATES = frozenset(_XSD + name for name in ("date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth"))
_ZONE = re.compile(r"(?:Z|[+-]\d\d:\d\d)$")
_PAIR = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*")
_POINT = re.compile(r"(?:<[^>]*>\s*)?POINT\s*\(\s*(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)\s*\)", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_LATITUDES, _LONGITUDES = frozenset({"lat", "latitude"}), frozenset({"lon", "long", "lng", "longitude"})
_ENDS = frozenset({"to", "end", "ended", "until", "till", "after", "closed"})
_YEARS = frozenset({"year", "years", "begun", "founded", "since"})
_RELATIONS = frozenset({"relation", "relationship", "role", "how", "words", "property", "predicate", "link", "edge"})
_LABELS = ("Label", "_label", "Name", "_name")
#: Digits beyond which a number is written by its power of ten: nobody reads them, and a program takes long to.
_LONGEST_NUMBER = 400


class Misfit(str):
    """Why rows cannot be drawn in a way, as a sentence that says what would be needed."""

    __slots__ = ()


def words_in(name: str) -> list[str]:
    """Return the words in a column's name, such as `spin out` of `spinOut`, in small letters."""
    return [word.lower() for word in _WORD.findall(name)]


def number_of(term: Term | None) -> Decimal | None:
    """Return the number that a value is; None for what is none, and for what is not finite."""
    if term is None or term.datatype not in _NUMBERS or len(term.value) > _LONGEST_NUMBER:
        return None
    try:
        value = Decimal(term.value)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def date_of(term: Term | None, *, year: bool = False) -> str:
    """Return the date that a value is as EDTF, or nothing; with `year`, a whole number of four digits is one too.

    Of a time the day is taken, and a time zone is left off.
    """
    if term is None or term.kind != "literal":
        return ""
    if term.datatype in _DATES:
        text = _ZONE.sub("", term.value.partition("T")[0])
    elif term.datatype in _NUMBERS:
        text = term.value if year else ""
    else:
        text = term.value
    return text if text and span(text) else ""


def position_of(term: Term | None) -> tuple[float, float] | None:
    """Return the latitude and longitude that a text gives: `53.8,-1.55`, or as WKT `POINT(-1.55 53.8)`."""
    if term is None or term.kind != "literal":
        return None
    if found := _PAIR.fullmatch(term.value):
        return _on_earth(float(found[1]), float(found[2]))
    if found := _POINT.fullmatch(term.value.strip()):
        return _on_earth(float(found[2]), float(found[1]))
    return None


def _on_earth(latitude: float, longitude: float) -> tuple[float, float] | None:
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


@dataclass(frozen=True)
class NetworkColumns:
    """The columns of a network: the two ends of each line, and its words where a column has them."""

    source: str
    target: str
    words: str


@dataclass(frozen=True)
class PlaceColumns:
    """The columns of a map or of bars by place: the thing, its place where a column has it, and its coordinates."""

    thing: str
    place: str = ""
    latitude: str = ""
    longitude: str = ""
    position: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether the rows have coordinates themselves."""
        return bool(self.latitude or self.position)


@dataclass(frozen=True)
class DateColumns:
    """The columns of a time line: from when, until when, where there is such a column, and of what."""

    start: str
    end: str
    name: str


@dataclass(frozen=True)
class NumberColumns:
    """The columns of bars: the numbers, and the names beside them; `others` hold numbers too."""

    number: str
    names: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class ResultTable:
    """The rows of a query as they are drawn: at most so many, and whether there are more.

    `thing` gives the IRI of the thing that a value is or, as a text, is the only name of; nothing for other values.
    """

    columns: tuple[str, ...]
    rows: Sequence[Row]
    thing: Callable[[Term], str]
    is_cut: bool = False

    @cached_property
    def holds(self) -> dict[str, str]:
        """What each column holds in at least half of its values: things, dates, numbers, texts, or nothing at all.

        The names of the things in another column are texts.
        """
        found = {column: self._kind(column) for column in self.columns}
        for at, column in enumerate(self.columns):
            if found[column] == "things" and any(self._same(each, column) for each in self.columns[:at]):
                found[column] = "texts"
        return found

    def _same(self, one: str, other: str) -> bool:
        both = [(row[one], row[other]) for row in self.rows if one in row and other in row]
        same = sum(bool(self.thing(here)) and self.thing(here) == self.thing(there) for here, there in both)
        return bool(both) and 2 * same > len(both) and any(there.kind == "literal" for _, there in both)

    def _kind(self, column: str) -> str:
        is_year = not _YEARS.isdisjoint(words_in(column))
        kinds = Counter(self._kind_of(row[column], year=is_year) for row in self.rows if column in row)
        if not kinds:
            return ""
        (kind, number), *_ = kinds.most_common(1)
        return kind if 2 * number >= kinds.total() else "texts"

    def _kind_of(self, term: Term, *, year: bool) -> str:
        if term.kind == "triple":
            return "texts"
        if term.kind != "literal" or self.thing(term):
            return "things"
        if date_of(term, year=year):
            return "dates"
        return "numbers" if term.datatype in _NUMBERS else "texts"

    def of(self, kind: str) -> list[str]:
        """Return the columns that hold such values, in their order."""
        return [column for column in self.columns if self.holds[column] == kind]

    def label_of(self, column: str) -> str:
        """Return the column that has the names of the things in this one, by its name: `?aLabel` for `?a`."""
        return next((column + ending for ending in _LABELS if column + ending in self.columns), "")

    @property
    def told(self) -> str:
        """What its columns hold, in words."""
        return ", ".join(f"?{column} holds {self.holds[column] or 'nothing'}" for column in self.columns)

    def network(self, properties: frozenset[str]) -> NetworkColumns | Misfit:
        """Return the columns of a network: two of things. A column of properties, or one called so, has the words."""
        things = self.of("things")
        words = next((each for each in things if self._are_properties(each, properties)), "")
        ends = [each for each in things if each != words]
        if len(ends) < 2:
            return Misfit(
                "A network needs two columns of things, such as a body and its partner: their IRIs, or texts each of "
                "which is the name of one thing here."
            )
        if not words:
            named = (each for each in self.of("texts") if not _RELATIONS.isdisjoint(words_in(each)))
            words = next((each for each in named if each not in map(self.label_of, ends)), "")
        return NetworkColumns(ends[0], ends[1], words)

    def _are_properties(self, column: str, properties: frozenset[str]) -> bool:
        found = [row[column].value in properties for row in self.rows if column in row]
        return 2 * sum(found) >= len(found)

    def places(self, places: frozenset[str], located: frozenset[str]) -> PlaceColumns | Misfit:
        """Return the columns of a map or of bars by place: coordinates, a place, or things of which the graph has one.

        `places` are those that the graph knows, and `located` the things that it has coordinates or a place for.
        """
        things, texts = self.of("things"), self.of("texts")
        if self._coordinates:
            latitude, longitude = self._coordinates
            return PlaceColumns(next(iter((*things, *texts)), ""), latitude=latitude, longitude=longitude)
        if position := next((each for each in texts if self._are_positions(each)), ""):
            return PlaceColumns(next((each for each in (*things, *texts) if each != position), ""), position=position)
        place = next((each for each in things if 2 * self._among(each, places) >= self._filled(each)), "")
        if place and (other := next((each for each in things if each != place), "")):
            return PlaceColumns(other, place)
        if known := next((each for each in things if self._among(each, located)), ""):
            return PlaceColumns(known)
        return Misfit(
            "A map needs coordinates (?lat and ?long, or a text such as “53.8,-1.55”), and bars by place a column of "
            "places, or of things that a source puts in one."
        )

    @cached_property
    def _coordinates(self) -> tuple[str, ...]:
        """The columns of latitudes and of longitudes, by their names; nothing where one is missing."""
        found = [
            next((each for each in self.of("numbers") if not names.isdisjoint(words_in(each))), "")
            for names in (_LATITUDES, _LONGITUDES)
        ]
        return tuple(found) if all(found) else ()

    def _filled(self, column: str) -> int:
        return sum(column in row for row in self.rows)

    def _are_positions(self, column: str) -> bool:
        found = [position_of(row[column]) is not None for row in self.rows if column in row]
        return bool(found) and 2 * sum(found) >= len(found)

    def _among(self, column: str, known: frozenset[str]) -> int:
        return sum(self.thing(row[column]) in known for row in self.rows if column in row)

    def dates(self) -> DateColumns | Misfit:
        """Return the columns of a time line: one of dates, or one of beginnings and one of ends."""
        found = self.of("dates")
        if not found:
            return Misfit(
                "A time line needs a column of dates: years, months or days, as dates or as EDTF such as 2021-07."
            )
        ends = [each for each in found if not _ENDS.isdisjoint(words_in(each))]
        end = ends[0] if ends and len(found) > 1 else ""
        start = next(each for each in found if each != end)
        name = next((each for each in (*self.of("things"), *self.of("texts"), *self.of("numbers"))), "")
        return DateColumns(start, end, name)

    def numbers(self, wanted: str = "") -> NumberColumns | Misfit:
        """Return the columns of bars: one of numbers, `wanted` if it is one, and those that name them."""
        found = [each for each in self.of("numbers") if each not in self._coordinates]
        if not found:
            return Misfit("Bars need a column of numbers, such as a COUNT.")
        number = wanted if wanted in found else found[-1]
        names = (*self.of("things"), *self.of("texts"), *self.of("dates"))
        kept = sorted(names, key=self.columns.index)[:2]
        return NumberColumns(number, tuple(kept), tuple(each for each in found if each != number))
