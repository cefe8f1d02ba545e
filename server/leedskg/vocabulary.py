"""What a query can name: the classes and properties in use, the concepts and the entities, each with its label."""

from __future__ import annotations

from dataclasses import dataclass

from leedskg.catalogue import Catalogue
from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.store import Reader, Row

#: Entities that are named; a graph that has more is searched, not listed.
MOST_ENTITIES = 3000


@dataclass(frozen=True)
class Word:
    """A term of the graph: its short name, its label, what it is in a word, and what it means where that is said."""

    iri: str
    name: str
    label: str
    kind: str
    meaning: str = ""


def read_vocabulary(reader: Reader, catalogue: Catalogue, namespaces: Namespaces) -> list[Word]:
    """Read every word with a prefix: properties and classes, those in most use first, then concepts and entities."""
    told = {row["term"].value: row for row in reader.rows(query_beside(__file__, "vocabulary_labels"))}
    used = query_beside(__file__, "vocabulary_used")
    found = [_word(row, kind, told, namespaces) for kind, where in _USED for row in reader.rows(used % where)]
    known = {word.iri for word in found}
    concepts = reader.rows(_CONCEPTS)
    found += [_word(row, "concept", told, namespaces) for row in concepts if row["term"].value not in known]
    entities = [entry for entry in catalogue.entries.values() if entry.in_use]
    found += [
        Word(entry.iri, namespaces.shorten(entry.iri), entry.label, entry.kind or "entity")
        for entry in entities[:MOST_ENTITIES]
    ]
    return [word for word in found if not word.name.startswith("<")]


def _word(row: Row, kind: str, told: dict[str, Row], namespaces: Namespaces) -> Word:
    iri = row["term"].value
    said = told.get(iri, {})
    label, meaning = (said[key].value if key in said else "" for key in ("label", "meaning"))
    return Word(iri, namespaces.shorten(iri), label, kind, meaning)


#: What a query of the words in use is asked of: each kind of word, where it stands, and the classes that declare it.
_USED = (
    ("property", ("?s ?term ?o", "owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty")),
    ("class", ("?s a ?term", "owl:Class rdfs:Class")),
)
_CONCEPTS = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?term WHERE { ?term a skos:Concept FILTER(isIRI(?term)) } ORDER BY ?term
"""
