"""What a page says of an entity or an assertion, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """A thing with the words for it."""

    iri: str
    label: str


@dataclass(frozen=True)
class EvidencePlace:
    """The place in a source that states something: a span of characters, or a record of a register."""

    iri: str
    source: Name
    file_name: str
    section: str
    start: int | None
    end: int | None
    digest: str
    record_key: str

    @property
    def words(self) -> str:
        """The place in words, such as `characters 120 to 180`."""
        if self.start is not None and self.end is not None:
            return f"characters {self.start:,} to {self.end:,}"
        return f"record {self.record_key}"


@dataclass(frozen=True)
class Part:
    """An entity in its role in a relationship."""

    role: Name
    entity: Name


@dataclass(frozen=True)
class Detail:
    """A property of a statement with its value: a thing, or a text when `value.iri` is empty."""

    field: Name
    value: Name


@dataclass(frozen=True)
class Statement:
    """An assertion as a page shows it."""

    iri: str
    kind: Name
    parts: tuple[Part, ...]
    details: tuple[Detail, ...]
    confidence: float
    rank: str
    asserted_by: str
    asserted_at: str
    note: str
    evidence: tuple[EvidencePlace, ...]
    conflicts: tuple[Name, ...] = ()

    def detail(self, *iris: str) -> Name | None:
        """The value of the first of these properties that the statement has."""
        return next((detail.value for iri in iris for detail in self.details if detail.field.iri == iri), None)


@dataclass(frozen=True)
class Relation:
    """A relationship as seen from one of its entities: the words, the other entity, and the statement behind it."""

    words: str
    other: Name
    statement: Statement


@dataclass(frozen=True)
class Identifier:
    """An identifier of an entity in a register, the web address of its record if it has one, and where it was seen."""

    scheme: Name
    value: str
    address: str
    seen_in: tuple[EvidencePlace, ...]


@dataclass(frozen=True)
class Record:
    """Everything the graph says of one entity. `details` stand on it by themselves: notes, titles, a population."""

    iri: str
    relations: tuple[Relation, ...]
    attributes: tuple[Statement, ...]
    figures: tuple[Statement, ...]
    identifiers: tuple[Identifier, ...]
    named_at: tuple[EvidencePlace, ...]
    same_as: tuple[str, ...]
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True)
class Concept:
    """A concept of a scheme, and the entities linked to it by the words for the link."""

    iri: str
    label: str
    definition: str
    scheme: Name
    uses: dict[str, list[Name]]
