"""The passages of a document that the graph points at: with what rests on each, or why nothing does."""

from __future__ import annotations

from dataclasses import dataclass

from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.record.model import EvidencePlace, Name, ShownAssertion
from leedskg.record.record_reader import RecordReader
from leedskg.store import Reader

_OF_DOCUMENT = "?evidence oa:hasSource <%s> ; oa:hasSelector ?selector ."


@dataclass(frozen=True)
class DocumentPassage:
    """A passage: the statements that rest on it, what is named in it, and why it carries no claim if so."""

    place: EvidencePlace
    start: int
    end: int
    statements: tuple[ShownAssertion, ...]
    named: tuple[Name, ...]
    reason: Name | None


def read_passages(
    reader: Reader, namespaces: Namespaces, records: RecordReader, document: str
) -> list[DocumentPassage]:
    """Read every passage of a document that something points at, in the order of the document."""
    asserted: dict[str, dict[str, None]] = {}
    named: dict[str, dict[str, None]] = {}
    reasons: dict[str, Name] = {}
    for row in reader.rows(query_beside(__file__, "passages") % (namespaces.base, document)):
        evidence = row["evidence"].value
        for name, found in (("assertion", asserted), ("entity", named)):
            things = found.setdefault(evidence, {})
            if name in row:
                things[row[name].value] = None
        if "reason" in row:
            reasons[evidence] = Name(row["reason"].value, row["why"].value)
    places = records.places(_OF_DOCUMENT % document)
    statements = records.statements(iri for some in asserted.values() for iri in some)
    labels = records.labels(iri for some in named.values() for iri in some)
    passages = [
        DocumentPassage(
            places[iri],
            places[iri].start or 0,
            places[iri].end or 0,
            tuple(statements[each] for each in asserted[iri] if each in statements),
            tuple(sorted((Name(each, labels[each]) for each in named[iri]), key=lambda name: name.label.casefold())),
            reasons.get(iri),
        )
        for iri in asserted
        if iri in places and places[iri].digest
    ]
    return sorted(passages, key=lambda each: (each.start, each.end))
