"""What a query can name: the classes and properties in use, the concepts and the entities, each with its label."""

from __future__ import annotations

from dataclasses import dataclass

from leedskg.catalogue import Catalogue
from leedskg.namespaces import Namespaces
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
    """Every word that a prefix fits: properties and classes, those in most use first, then concepts and entities."""
    told = {row["term"].value: row for row in reader.rows(_LABELS)}
    found = [_word(row, kind, told, namespaces) for kind, query in _USED for row in reader.rows(query)]
    known = {word.iri for word in found}
    concepts = reader.rows(_CONCEPTS)
    found += [_word(row, "concept", told, namespaces) for row in concepts if row["term"].value not in known]
    entities = [entry for entry in catalogue.entries.values() if not entry.replaced_by]
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


_DECLARED = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?term (SUM(?count) AS ?number) WHERE {
  { SELECT ?term (COUNT(*) AS ?count) WHERE { %s } GROUP BY ?term }
  UNION { VALUES ?type { %s } ?term a ?type BIND(0 AS ?count) }
  FILTER(isIRI(?term))
} GROUP BY ?term ORDER BY DESC(?number) ?term
"""
_USED = (
    ("property", _DECLARED % ("?s ?term ?o", "owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty")),
    ("class", _DECLARED % ("?s a ?term", "owl:Class rdfs:Class")),
)
_LABELS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?term (MIN(?said) AS ?label) (MIN(?means) AS ?meaning) WHERE {
  { ?term rdfs:label ?said } UNION { ?term a skos:Concept ; skos:prefLabel ?said }
  FILTER(isIRI(?term))
  OPTIONAL { ?term skos:definition ?means }
} GROUP BY ?term
"""
_CONCEPTS = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?term WHERE { ?term a skos:Concept FILTER(isIRI(?term)) } ORDER BY ?term
"""
