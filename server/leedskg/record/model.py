"""What a page says of an entity or an assertion, as plain data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

#: Where in a report something stands, when that is a page and no heading.
_PAGE = re.compile(r"(pp?\.|pages?)\s*\d", re.I)


@dataclass(frozen=True)
class Name:
    """A thing with the words for it."""

    iri: str
    label: str


@dataclass(frozen=True)
class EvidencePlace:
    """The place in a source that states something: a span of characters, a record, a web page or a report."""

    iri: str
    source: Name
    file_name: str
    section: str
    start: int | None
    end: int | None
    digest: str
    record_key: str
    address: str = ""
    issued: str = ""
    seen_on: str = ""
    seen_as: str = ""

    @property
    def words(self) -> str:
        """The place in words that a reader can look for, such as `section “Funding”`; `span` has the offsets."""
        if self.seen_on:
            day = self.seen_on.removeprefix("../")
            seen = f"{'seen by' if self.seen_on != day else 'seen on'} {day}"
            return f"page {seen}{f' ({self.seen_as})' if self.seen_as else ''}"
        if self.record_key:
            return f"record {self.record_key}"
        if self.digest:
            return self.section_words or "a passage under no heading"
        return ", ".join(filter(None, (self.section_words, f"published {self.issued}" if self.issued else "no date")))

    @property
    def section_words(self) -> str:
        """The heading that it stands under, or the page of a report, such as `section “Funding”` and `p. 12`."""
        if not self.section or _PAGE.match(self.section):
            return self.section
        return f"section “{self.section}”"

    @property
    def span(self) -> str:
        """The offsets of a passage, such as `characters 120 to 180`, for those who check it; empty of what has none."""
        return "" if self.start is None or self.end is None else f"characters {self.start:,} to {self.end:,}"


@dataclass(frozen=True)
class Participation:
    """An entity in its role in a relationship."""

    role: Name
    entity: Name
    #: What has its IRI behind the # of the statement's; nothing for what is worked out.
    iri: str = ""


@dataclass(frozen=True)
class Detail:
    """A property of a statement with its value: a thing, or a text when `value.iri` is empty.

    `part` is the IRI of the part that has the value, where it is one of a part.
    """

    field: Name
    value: Name
    part: str = ""


@dataclass(frozen=True)
class ShownAssertion:
    """An assertion as a page shows it."""

    iri: str
    kind: Name
    parts: tuple[Participation, ...]
    details: tuple[Detail, ...]
    confidence: float
    rank: str
    asserted_by: str
    asserted_at: str
    note: str
    evidence: tuple[EvidencePlace, ...]
    conflicts: tuple[Name, ...] = ()
    #: Whether it was withdrawn: corrected, or retired. It is kept for the record and counts for nothing.
    withdrawn: bool = False

    def detail(self, *iris: str) -> Name | None:
        """Return the value of the first of these properties that the statement has."""
        return next((detail.value for iri in iris for detail in self.details if detail.field.iri == iri), None)


@dataclass(frozen=True)
class Relation:
    """A relationship as seen from one of its entities: the words, the other entity, and the statement behind it."""

    words: str
    other: Name
    statement: ShownAssertion


@dataclass(frozen=True)
class Identifier:
    """An identifier of an entity in a register, the web address of its record if it has one, and where it was seen."""

    iri: str
    scheme: Name
    value: str
    address: str
    seen_in: tuple[EvidencePlace, ...]


@dataclass(frozen=True)
class EntityRecord:
    """Everything the graph says of one entity. `details` stand on it by themselves: notes, titles, a population."""

    iri: str
    relations: tuple[Relation, ...]
    attributes: tuple[ShownAssertion, ...]
    figures: tuple[ShownAssertion, ...]
    identifiers: tuple[Identifier, ...]
    named_at: tuple[EvidencePlace, ...]
    same_as: tuple[str, ...]
    details: tuple[Detail, ...] = ()

    @property
    def in_force(self) -> EntityRecord:
        """The record without the statements that were withdrawn."""
        return replace(
            self,
            relations=tuple(each for each in self.relations if not each.statement.withdrawn),
            attributes=_in_force(self.attributes),
            figures=_in_force(self.figures),
        )

    @property
    def withdrawn(self) -> tuple[ShownAssertion, ...]:
        """The statements that were withdrawn, each once."""
        every = (*(each.statement for each in self.relations), *self.attributes, *self.figures)
        return tuple({each.iri: each for each in every if each.withdrawn}.values())


def _in_force(statements: Iterable[ShownAssertion]) -> tuple[ShownAssertion, ...]:
    return tuple(each for each in statements if not each.withdrawn)


@dataclass(frozen=True)
class Concept:
    """A concept of a scheme, and the entities linked to it by the words for the link."""

    iri: str
    label: str
    definition: str
    scheme: Name
    uses: dict[str, list[Name]]
