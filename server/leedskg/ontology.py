"""The reader of `ontology/`: terms and their labels, concepts, edge patterns and rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from leedskg.files import knowledge_files
from leedskg.namespaces import RDF_TYPE, REUSED, WORDS, Namespaces
from leedskg.statements import Statements, read_statements

#: What the values of a property are.
Takes = Literal["iri", "literal"]

_CLASS = REUSED["owl"] + "Class"
_PROPERTIES = tuple(REUSED["owl"] + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty"))
_SUBCLASS = REUSED["rdfs"] + "subClassOf"
_RANGES = (REUSED["rdfs"] + "range", REUSED["schema"] + "rangeIncludes")
_LITERALS = frozenset([REUSED["rdfs"] + "Literal", REUSED["rdf"] + "PlainLiteral", REUSED["rdf"] + "langString"])
#: The range of properties that take text, in a language or in none.
_TEXT = REUSED["rdf"] + "PlainLiteral"
#: Annotation properties of other vocabularies that take days.
_DAYS = ("created", "modified", "issued")
#: What the properties take that every OWL ontology has and none declares.
_BUILT_IN: dict[str, Takes] = {
    RDF_TYPE: "iri",
    REUSED["owl"] + "deprecated": "literal",
    REUSED["owl"] + "sameAs": "iri",
    REUSED["rdfs"] + "seeAlso": "iri",
    REUSED["rdfs"] + "label": "literal",
    REUSED["rdfs"] + "comment": "literal",
}
#: What annotation properties of other vocabularies take. OWL gives them no kind, and an ontology states no axiom about
#: the terms of others.
_REUSED_ANNOTATIONS: dict[Takes, dict[str, tuple[str, ...]]] = {
    "literal": {
        "dcterms": ("title", "alternative", "description", "created", "modified", "issued"),
        "skos": ("prefLabel", "altLabel", "hiddenLabel", "definition", "example", "scopeNote", "editorialNote"),
    },
    "iri": {"dcterms": ("publisher", "license", "isPartOf", "isReplacedBy")},
}


@dataclass(frozen=True)
class Rule:
    """A CONSTRUCT query whose triples go into the graph of inferred statements."""

    name: str
    text: str


@dataclass(frozen=True)
class Ontology:
    """The terms of the ontology as its files state them."""

    statements: Statements
    rules: tuple[Rule, ...]
    namespaces: Namespaces

    @cached_property
    def classes(self) -> frozenset[str]:
        """Every declared class."""
        return frozenset(self.statements.of_type([_CLASS], RDF_TYPE))

    @cached_property
    def properties(self) -> frozenset[str]:
        """Every declared property."""
        return frozenset(self.statements.of_type(_PROPERTIES, RDF_TYPE))

    @cached_property
    def _takes(self) -> dict[str, Takes]:
        """What each property takes, as far as its kind or its range say so."""
        found = dict(_BUILT_IN)
        for takes, vocabularies in _REUSED_ANNOTATIONS.items():
            found |= {REUSED[prefix] + name: takes for prefix, names in vocabularies.items() for name in names}
        for name in self.properties:
            kinds = self.statements.texts(name, RDF_TYPE)
            ranges = {value for each in _RANGES for value in self.statements.texts(name, each)}
            literal = {value for value in ranges if value in _LITERALS or value.startswith(REUSED["xsd"])}
            if REUSED["owl"] + "ObjectProperty" in kinds or (ranges and not literal):
                found[name] = "iri"
            elif REUSED["owl"] + "DatatypeProperty" in kinds or (ranges and literal == ranges):
                found[name] = "literal"
        return found

    def takes(self, property_iri: str) -> Takes | None:
        """Return whether a property takes IRIs or literals; None where the ontology leaves it open."""
        return self._takes.get(property_iri)

    @cached_property
    def _datatypes(self) -> dict[str, str]:
        """The range of each property that takes literals of one kind."""
        texts = _REUSED_ANNOTATIONS["literal"]
        found = {REUSED[prefix] + name: _TEXT for prefix in texts for name in texts[prefix] if name not in _DAYS}
        found |= {REUSED["rdfs"] + "label": _TEXT, REUSED["rdfs"] + "comment": _TEXT}
        found[REUSED["owl"] + "deprecated"] = REUSED["xsd"] + "boolean"
        for name in self.properties:
            ranges = self.statements.texts(name, REUSED["rdfs"] + "range")
            if len(ranges) == 1 and (ranges[0] == _TEXT or ranges[0].startswith(REUSED["xsd"])):
                found[name] = ranges[0]
        return found

    def datatype(self, property_iri: str) -> str | None:
        """Return the range of a property that takes literals of one kind; None where the ontology leaves it open."""
        return self._datatypes.get(property_iri)

    def wider(self, class_iri: str) -> frozenset[str]:
        """Return the class and every class that it is a kind of."""
        found: set[str] = set()
        waiting = [class_iri]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self.statements.texts(current, _SUBCLASS))
        return frozenset(found)

    def narrower(self, class_iri: str) -> frozenset[str]:
        """Return the class and every class that is a kind of it."""
        return frozenset(name for name in self.classes if class_iri in self.wider(name)) | {class_iri}

    def label(self, iri: str) -> str | None:
        """Return the label of a term or concept, or None for one that has none."""
        statements = self.statements
        return (
            statements.text(iri, REUSED["rdfs"] + "label")
            or statements.text(iri, REUSED["skos"] + "prefLabel")
            or WORDS.get(iri)
        )


def read_ontology(root: Path, namespaces: Namespaces) -> Ontology:
    """Read every Turtle file and rule of `ontology/`. Raises KnowledgeError for Turtle that does not parse."""
    statements = read_statements(knowledge_files(root, "ontology", ".ttl"), root)
    rules = tuple(
        Rule(path.name, path.read_text(encoding="utf-8")) for path in knowledge_files(root, "ontology", ".rq")
    )
    return Ontology(statements, rules, namespaces)
