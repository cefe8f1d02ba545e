"""What the generator follows of the ontology: wider kinds, edge patterns, inverses and the concepts of schemes.

Read from the ontology's files, so that what is made up keeps to the model when the model changes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pyoxigraph as ox

from leedskg.namespaces import Namespaces
from leedskg.ontology import Ontology

_WIDER = "SELECT DISTINCT ?a ?b { ?a rdfs:subClassOf+ ?b FILTER(STRSTARTS(STR(?a), ?own) && STRSTARTS(STR(?b), ?own)) }"
_PATTERNS = """SELECT ?kind ?from ?to ?edge
{ ?p lhi:relationshipType ?kind ; lhi:fromRole ?from ; lhi:toRole ?to ; lhi:derives ?edge }"""
_INVERSES = """SELECT DISTINCT ?edge ?inverse {
  { ?inverse owl:inverseOf ?edge } UNION { ?edge owl:inverseOf ?inverse }
  UNION { ?edge a owl:SymmetricProperty . BIND(?edge AS ?inverse) }
}"""
_CONCEPTS = "SELECT ?scheme ?concept { ?concept skos:inScheme ?scheme }"


class Terms(dict[str, str]):
    """Prefixed names as they stand in N-Quads: `terms["lhi:funds"]` is the whole IRI in angle brackets."""

    def __init__(self, namespaces: Namespaces) -> None:
        super().__init__()
        self._prefixes = namespaces.prefixes

    def __missing__(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        self[name] = whole = f"<{self._prefixes[prefix]}{local}>"
        return whole


@dataclass(frozen=True)
class Model:
    """The part of the ontology that the rules in `ontology/rules/` work with. Every name is in angle brackets."""

    terms: Terms
    wider: dict[str, list[str]]
    patterns: dict[str, list[tuple[str, str, str]]]
    inverses: dict[str, list[str]]
    concepts: dict[str, list[str]]


def read_model(ontology: Ontology) -> Model:
    """The model as the ontology's files state it."""
    namespaces = ontology.namespaces
    store = ox.Store()
    store.extend(
        ox.Quad(triple.subject, triple.predicate, triple.object)
        for file in ontology.statements.files
        for triple in file.triples
    )

    def rows(query: str) -> list[tuple[str, ...]]:
        found = store.query(query.replace("?own", f'"{namespaces.base}def#"'), prefixes=namespaces.prefixes)
        assert isinstance(found, ox.QuerySolutions)
        return sorted(tuple(str(value) for value in row) for row in found)

    def listed(query: str) -> dict[str, list[str]]:
        found = defaultdict(list)
        for one, other in rows(query):
            found[one].append(other)
        return dict(found)

    patterns = defaultdict(list)
    for kind, role, other_role, edge in rows(_PATTERNS):
        patterns[kind].append((role, other_role, edge))
    return Model(Terms(namespaces), listed(_WIDER), dict(patterns), listed(_INVERSES), listed(_CONCEPTS))
