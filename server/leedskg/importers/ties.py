"""What becomes of a role that a body has in a record, and how certain it is: read from the ontology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leedskg.namespaces import RDF_TYPE
from leedskg.ontology import Ontology


@dataclass(frozen=True)
class ImportedTie:
    """A `lhi:ImportedTie`: kind of relationship, roles of body and record in it, confidence and its reason."""

    kind: str
    role: str
    record_is: str
    confidence: str
    reason: str


def read_ties(ontology: Ontology) -> Mapping[str, ImportedTie]:
    """Return the ties by the role in the record."""
    statements, term = ontology.statements, ontology.namespaces.term
    names = ("recordRole", "tieType", "tieRole", "recordIs", "tieConfidence", "tieReason")
    found: dict[str, ImportedTie] = {}
    for subject in statements.of_type([term("ImportedTie")], RDF_TYPE):
        role, *said = (statements.text(subject, term(name)) or "" for name in names)
        found[role] = ImportedTie(*said)
    return found
