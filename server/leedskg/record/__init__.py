"""What the graph says of an entity or an assertion, and on what evidence, as a person would read it."""

from __future__ import annotations

from leedskg.record.model import Concept, Detail, EvidencePlace, Identifier, Name, Part, Record, Relation, Statement
from leedskg.record.reading import RecordReader

__all__ = [
    "Concept",
    "Detail",
    "EvidencePlace",
    "Identifier",
    "Name",
    "Part",
    "Record",
    "RecordReader",
    "Relation",
    "Statement",
]
