"""The reader of `graph/`: the curated entities, assertions and evidence as their files state them."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from leedskg.files import knowledge_files
from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.ontology import Ontology
from leedskg.statements import Statements, read_turtle

PREF_LABEL = REUSED["skos"] + "prefLabel"
ALT_LABEL = REUSED["skos"] + "altLabel"
HIDDEN_LABEL = REUSED["skos"] + "hiddenLabel"
IS_REPLACED_BY = REUSED["dcterms"] + "isReplacedBy"
HAS_SOURCE = REUSED["oa"] + "hasSource"


@dataclass(frozen=True)
class CuratedGraph:
    """The curated statements, with the words for a record that a person would use."""

    statements: Statements
    ontology: Ontology
    namespaces: Namespaces

    def assertions(self) -> list[str]:
        """Return every assertion, of whatever kind."""
        kinds = self.ontology.narrower(self.namespaces.term("Assertion"))
        return list(self.statements.of_type(kinds, RDF_TYPE))

    def entities(self) -> list[str]:
        """Return every entity."""
        kinds = self.ontology.narrower(self.namespaces.term("Entity"))
        return list(self.statements.of_type(kinds, RDF_TYPE))

    def evidence(self) -> list[str]:
        """Return every span or record that evidence points at, and every passage marked as without a claim."""
        kinds = self.ontology.narrower(self.namespaces.term("Evidence"))
        return list(self.statements.of_type([*kinds, self.namespaces.term("PassageWithoutClaim")], RDF_TYPE))

    def names(self, entity: str) -> list[str]:
        """Return the preferred label and every variant."""
        return self.statements.texts(entity, PREF_LABEL) + self.statements.texts(entity, ALT_LABEL)

    def parts_played(self, assertion: str) -> list[tuple[str, str]]:
        """Yield role and participant of each participation of a relationship."""
        played: list[tuple[str, str]] = []
        for part in self.statements.texts(assertion, self.namespaces.term("hasParticipation")):
            role = self.statements.text(part, self.namespaces.term("role")) or ""
            played.extend((role, entity) for entity in self.statements.texts(part, self.namespaces.term("participant")))
        return played

    def label(self, iri: str) -> str:
        """Return what a person would call the record: its label, what an assertion is about, or its short IRI."""
        label = self.statements.text(iri, PREF_LABEL) or self.ontology.label(iri)
        if label:
            return label
        whole, hash_sign, part = iri.partition("#")
        if hash_sign and whole in self.statements:
            return f"{part} of {self.label(whole)}"
        term = self.namespaces.term
        kind = self.ontology.label(self.statements.text(iri, RDF_TYPE) or "")
        about = [entity for _, entity in self.parts_played(iri)]
        about += self.statements.texts(iri, term("subject")) + self.statements.texts(iri, term("indicator"))
        about += self.statements.texts(iri, HAS_SOURCE)
        named = [self.statements.text(entity, PREF_LABEL) or self.namespaces.shorten(entity) for entity in about]
        if kind and named:
            return f"{kind}: {', '.join(named)}"
        return self.namespaces.shorten(iri)


def follow_replacements(replaced_by: Mapping[str, str], known: Container[str]) -> dict[str, str]:
    """Return what is in use in place of each retired record: the end of its replacements.

    What leads round in a circle, or to nothing that is `known`, replaces nothing.
    """
    found: dict[str, str] = {}
    for old in replaced_by:
        seen, new = {old}, replaced_by[old]
        while new in known and replaced_by.get(new) in known and new not in seen:
            seen.add(new)
            new = replaced_by[new]
        if new in known and new not in seen:
            found[old] = new
    return found


def read_graph(root: Path, ontology: Ontology) -> CuratedGraph:
    """Read every Turtle file of `graph/`. Raises KnowledgeError for Turtle that does not parse."""
    files = (read_turtle(path, root) for path in knowledge_files(root, "graph", ".ttl"))
    return CuratedGraph(Statements.of(files), ontology, ontology.namespaces)


def named_graph(namespaces: Namespaces, file_name: str) -> ox.NamedNode:
    """Return the named graph that holds the statements of one knowledge file, such as `…/graph/curated/places`.

    What a contribution added is called `contribution/7/award.csv` in place of a file, and stands in `…/contribution/7`.
    """
    folder, _, rest = file_name.partition("/")
    if folder == "contribution":
        return ox.NamedNode(namespaces.graph(f"contribution/{rest.partition('/')[0]}"))
    stem = rest.removesuffix(".ttl")
    return ox.NamedNode(namespaces.graph(f"curated/{stem}" if folder == "graph" else folder))


def with_lasting_blank_nodes(triples: Sequence[ox.Triple], file_name: str) -> Iterable[ox.Triple]:
    """Return the statements of a file with names for its blank nodes that are the same each time it is read.

    The parser gives random ones, by which the same files would give another graph each time (RDFC-1.0 is what names
    them). The name of the file tells those of one from those of another.
    """
    if not any(isinstance(term, ox.BlankNode) for triple in triples for term in (triple.subject, triple.object)):
        return triples
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    mark = hashlib.sha256(file_name.encode()).hexdigest()[:8]

    def named(term: Any) -> Any:
        return ox.BlankNode(f"f{mark}{term.value}") if isinstance(term, ox.BlankNode) else term

    return [ox.Triple(named(each.subject), each.predicate, named(each.object)) for each in dataset]
