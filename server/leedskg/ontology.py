"""The reader of `ontology/`: terms and their labels, concepts, edge patterns and rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from leedskg.files import knowledge_files
from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.statements import Statements, read_turtle

_CLASS = REUSED["owl"] + "Class"
_PROPERTIES = tuple(REUSED["owl"] + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty"))
_SUBCLASS = REUSED["rdfs"] + "subClassOf"


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

    def wider(self, class_iri: str) -> frozenset[str]:
        """The class and every class that it is a kind of."""
        found: set[str] = set()
        waiting = [class_iri]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self.statements.texts(current, _SUBCLASS))
        return frozenset(found)

    def narrower(self, class_iri: str) -> frozenset[str]:
        """The class and every class that is a kind of it."""
        return frozenset(name for name in self.classes if class_iri in self.wider(name)) | {class_iri}

    def label(self, iri: str) -> str | None:
        """The label of a term or concept, or None for one that has none."""
        return self.statements.text(iri, REUSED["rdfs"] + "label") or self.statements.text(
            iri, REUSED["skos"] + "prefLabel"
        )


def read_ontology(root: Path, namespaces: Namespaces) -> Ontology:
    """Read every Turtle file and rule of `ontology/`. Raises KnowledgeError for Turtle that does not parse."""
    files = (read_turtle(path, root) for path in knowledge_files(root, "ontology", ".ttl"))
    rules = tuple(
        Rule(path.name, path.read_text(encoding="utf-8")) for path in knowledge_files(root, "ontology", ".rq")
    )
    return Ontology(Statements.of(files), rules, namespaces)
