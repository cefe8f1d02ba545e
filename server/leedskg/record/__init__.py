"""What the graph says of an entity or an assertion, and on what evidence, as a person would read it."""

from __future__ import annotations

from leedskg.record.certainty import CERTAINTIES, Certainty, certainty
from leedskg.record.model import (
    Concept,
    Detail,
    EntityRecord,
    EvidencePlace,
    Identifier,
    Name,
    Participation,
    Relation,
    ShownAssertion,
)
from leedskg.record.overviews import (
    PARENT,
    PLACE,
    PURPOSE,
    SINCE,
    WEBSITE,
    Overview,
    read_every_overview,
    read_overviews,
)
from leedskg.record.record_reader import RecordReader

__all__ = [
    "CERTAINTIES",
    "PARENT",
    "PLACE",
    "PURPOSE",
    "SINCE",
    "WEBSITE",
    "Certainty",
    "Concept",
    "Detail",
    "EntityRecord",
    "EvidencePlace",
    "Identifier",
    "Name",
    "Overview",
    "Participation",
    "RecordReader",
    "Relation",
    "ShownAssertion",
    "certainty",
    "read_every_overview",
    "read_overviews",
]
