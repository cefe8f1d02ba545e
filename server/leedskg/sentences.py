"""Statements in one line of plain English: what pages, tools of programs and the check of claims all say of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from leedskg.namespaces import Namespaces
from leedskg.network import EdgePattern
from leedskg.record import Name, ShownAssertion
from leedskg.wording import awarded, capital, grouped, listed, money, ordinal, plain_date, singular

#: Names in a sentence; more are counted.
_MOST_NAMES = 4
#: Relationships that begin and are over in one moment: nobody founds a company “since July 2021”.
_AT_ONCE = ("Founding", "SpinOut", "Succession")


@dataclass(frozen=True)
class Sentences:
    """Puts statements of one generation in words."""

    namespaces: Namespaces
    patterns: tuple[EdgePattern, ...]

    @property
    def stated(self) -> tuple[str, str]:
        """The properties that hold the value of an attribute statement."""
        return self.namespaces.term("object"), self.namespaces.term("literalValue")

    def sentence(self, statement: ShownAssertion, most: int = _MOST_NAMES) -> str:
        """Put a statement in one line: what it says of what; of more names than `most` the rest are counted."""
        if statement.detail(self.namespaces.term("indicator")):
            place = self.label(statement, "geography")
            name = self.figure_name(statement)
            return f"{name}{f' in {place}' if place else ''}: {self.figure_words(statement)}"
        value = self.stated_value(statement)
        if value is not None:
            field, told = value
            return f"{self.label(statement, 'subject')}, {field.label}: {plain_date(told.label)}"
        return relationship_sentence(statement, self.patterns, self.namespaces.term("need"), most)

    def stated_value(self, statement: ShownAssertion) -> tuple[Name, Name] | None:
        """Return the field of an attribute statement and its value; None for another statement."""
        found = next((each for each in statement.details if each.field.iri in self.stated), None)
        return (found.field, found.value) if found else None

    def amount(self, statement: ShownAssertion) -> str:
        """Give the money of a funding award in words, or nothing."""
        amount, currency = self.label(statement, "amount"), self.label(statement, "currency")
        if amount and statement.kind.iri == self.namespaces.term("JointProjects"):
            return f"{awarded(float(amount))} of awards"
        return money(amount, currency) if amount and currency else ""

    def dates(self, statement: ShownAssertion) -> str:
        """Say when a statement held, as far as a source says so: in a project is not all the time of the project."""
        start, end = (self.label(statement, name) for name in ("validFrom", "validTo"))
        if self.has_dates_of_a_project(statement):
            start, end = start[:4], end[:4]
            if start and end:
                return f"in a project of {start} to {end}" if start != end else f"in a project of {start}"
            return f"in a project since {start}" if start else f"in a project until {end}" if end else ""
        start, end = plain_date(start), plain_date(end)
        if start and end:
            return f"{start} to {end}"
        if start and statement.kind.iri in map(self.namespaces.term, _AT_ONCE):
            return f"{'on' if start[0].isdigit() and ' ' in start else 'in'} {start}"
        return f"since {start}" if start else f"until {end}" if end else ""

    def has_dates_of_a_project(self, statement: ShownAssertion) -> bool:
        """Return whether a register says when the project ran, and not when those in it took part or paid."""
        if not any(each.record_key for each in statement.evidence):
            return False
        roles = {part.role.iri for part in statement.parts}
        role, term = self.namespaces.concept, self.namespaces.term
        if statement.kind.iri == term("FundingAward"):
            return role("role", "funded") in roles and role("role", "recipient") not in roles
        return statement.kind.iri == term("Involvement")

    def label(self, statement: ShownAssertion, name: str) -> str:
        """Return the words of a value of a statement, by the name of our term; nothing where it has none."""
        value = statement.detail(self.namespaces.term(name))
        return value.label if value else ""

    def figure_name(self, statement: ShownAssertion, of: str = "") -> str:
        """Say what a figure counts, and of what; `of` is the thing whose page this is, which goes without saying."""
        named = self.figure_parts(statement, of)
        return ": ".join(named) or self.label(statement, "geography")

    def figure_parts(self, statement: ShownAssertion, of: str = "") -> list[str]:
        """Return the labels of the indicator of a figure and of what it is about."""
        found = (statement.detail(self.namespaces.term(name)) for name in ("indicator", "about"))
        return [name.label for name in found if name and name.iri != of]

    def figure_words(self, statement: ShownAssertion) -> str:
        """Give the value of a figure in words, such as `more than 250 companies`."""
        return " ".join(filter(None, (self.qualifier(statement), *self.value(statement))))

    def qualifier(self, statement: ShownAssertion) -> str:
        """Say how exact a figure is; nothing for one that is exact."""
        qualifier = statement.detail(self.namespaces.term("qualifier"))
        exact = self.namespaces.concept("qualifier", "exact")
        return qualifier.label if qualifier and qualifier.iri != exact else ""

    def value(self, statement: ShownAssertion) -> tuple[str, str]:
        """Give value and unit as they read: an amount of money, a place in a ranking or a share needs no unit."""
        number, unit = self.label(statement, "value"), statement.detail(self.namespaces.term("unit"))
        concept = self.namespaces.concept
        if unit is None or unit.iri == concept("unit", "count"):
            return grouped(number), ""
        if unit.iri == concept("unit", "pound-sterling"):
            return money(number, "GBP"), ""
        if unit.iri == concept("unit", "rank"):
            return ordinal(number), ""
        if unit.iri == concept("unit", "percent"):
            return f"{grouped(number)}%", ""
        return grouped(number), singular(unit.label) if number == "1" else unit.label


def relationship_sentence(
    statement: ShownAssertion, patterns: Iterable[EdgePattern], need_property: str, most: int = _MOST_NAMES
) -> str:
    """Put a relationship in the words of an edge pattern that fits all its parts, else its kind and who is in it."""
    for pattern in patterns:
        if pattern.relationship_type != statement.kind.iri or pattern.from_role == pattern.to_role:
            continue
        one, other = (
            [part.entity.label for part in statement.parts if part.role.iri == role]
            for role in (pattern.from_role, pattern.to_role)
        )
        if not (one and other) or len(one) + len(other) < len(statement.parts):
            continue
        if len(one) == 1:
            return f"{one[0]} {pattern.words} {listed(other, most)}"
        if len(other) == 1:
            return f"{other[0]} {pattern.words_back} {listed(one, most)}"
    need = statement.detail(need_property)
    things = [part.entity.label for part in statement.parts] + ([need.label] if need else [])
    return f"{capital(statement.kind.label)}: {listed(things, most)}"
