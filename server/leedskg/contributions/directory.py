"""What the knowledge files know by name: entities, kinds, roles, units, agents, documents. Found strictly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any, ParamSpec, TypeVar

import pyoxigraph as ox

from leedskg.catalogue import Catalogue, CatalogueEntry
from leedskg.contributions.values import CellError
from leedskg.documents import Documents, SourceText
from leedskg.errors import Candidate, UnknownNameError
from leedskg.graph import ALT_LABEL, HIDDEN_LABEL, PREF_LABEL, CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.naming import folded
from leedskg.statements import StatementFile, Statements

_IN_SCHEME = REUSED["skos"] + "inScheme"
_NOTATION = REUSED["skos"] + "notation"
_REPLACED_BY = REUSED["dcterms"] + "isReplacedBy"
_CHECKSUM = REUSED["spdx"] + "checksum"
_CHECKSUM_VALUE = REUSED["spdx"] + "checksumValue"
_AGENT = REUSED["prov"] + "Agent"
_MOST_LISTED = 20
#: Unknown names of one file for which a similar one is looked for; a table in which all are unknown has another fault.
_MOST_GUESSED = 100

P = ParamSpec("P")
T = TypeVar("T")
#: Kinds of relationship that are worked out at each publication, and stated by nobody (decision 0218).
WORKED_OUT = ("JointProjects",)


class Directory:
    """Looks names up; each look-up raises CellError, with what may be meant, for a name of none or of several."""

    def __init__(self, knowledge: Knowledge, documents: Documents | None, added: Iterable[ox.Triple] = ()) -> None:
        """Look names up in what is known, and among the entities that the statements in `added` make."""
        self.knowledge = knowledge
        self._added = added
        self.documents = documents
        self._guessed = 0
        self.concepts = cache(self._read_concepts)
        self.document = _remembered(self._find_document)
        self.agent = _remembered(self._find_agent)
        self.register = _remembered(self._find_register)
        self.entity = _remembered(self._find_entity)
        self.kind = _remembered(self._find_kind)
        self.concept = _remembered(self._find_concept)
        self.property_of_entities = _remembered(self._find_property)
        self._narrower = cache(lambda kind: knowledge.ontology.narrower(knowledge.namespaces.term(kind)))

    @cached_property
    def catalogue(self) -> Catalogue:
        """Every entity by name."""
        entries = self._entries(self.knowledge.graph)
        triples = tuple(self._added)
        if triples:
            added = Statements.of([StatementFile("added", triples, (0,) * len(triples))])
            entries |= self._entries(CuratedGraph(added, self.knowledge.ontology, self.knowledge.namespaces))
        return Catalogue(self.knowledge.namespaces, entries)

    def _entries(self, graph: CuratedGraph) -> dict[str, CatalogueEntry]:
        ontology = self.knowledge.ontology
        entries = {}
        for iri in graph.entities():
            kinds = tuple(graph.statements.texts(iri, RDF_TYPE))
            entries[iri] = CatalogueEntry(
                iri,
                graph.label(iri),
                tuple(graph.statements.texts(iri, ALT_LABEL)),
                kinds,
                tuple(ontology.label(kind) or self.short(kind) for kind in kinds),
                hidden=tuple(graph.statements.texts(iri, HIDDEN_LABEL)),
                replaced_by=graph.statements.text(iri, _REPLACED_BY) or "",
            )
        return entries

    def short(self, iri: str) -> str:
        """Write an IRI as a steward writes it."""
        return self.knowledge.namespaces.shorten(iri)

    def _find_entity(self, name: str, kind: str = "Entity") -> str:
        """Find the entity of this kind, or of a narrower one, that goes by the name."""
        fitting = self._narrower(kind)
        if not self.catalogue.named(name):
            self._guessed += 1
            if self._guessed > _MOST_GUESSED:
                raise CellError(self._unknown(name, kind, ()))
        try:
            entry = self.catalogue.find(name, guessing=False)
        except UnknownNameError as error:
            meant = [each for each in error.candidates if fitting & set(self.catalogue.entries[each.iri].kinds)]
            if not error.ambiguous:
                raise CellError(self._unknown(name, kind, meant)) from None
            if len(meant) != 1:
                raise CellError(
                    f"“{name}” is a name of {len(error.candidates)} entities: {self._listed(error.candidates)}. "
                    "Write the id of the one that is meant."
                ) from None
            return meant[0].iri
        if not fitting & set(entry.kinds):
            raise CellError(
                f"{entry.label} is in the graph as: {entry.kind}. This column takes the kind "
                f"{self.kind_label(self.knowledge.namespaces.term(kind))} and what is narrower."
            )
        return entry.iri

    def _unknown(self, name: str, kind: str, near: Iterable[Candidate]) -> str:
        listed = self._listed(near)
        what = "entity" if kind == "Entity" else self.kind_label(self.knowledge.namespaces.term(kind))
        hint = f"did you mean {listed}?" if listed else "fix the spelling, or add it with a table of entities first."
        return f"We found no {what} called “{name}”; {hint}"

    def _listed(self, candidates: Iterable[Candidate]) -> str:
        return ", ".join(f"{each.label} ({each.kind}, {self.short(each.iri)})" for each in list(candidates)[:4])

    def kind_label(self, kind: str) -> str:
        """Return what a class is called."""
        return self.knowledge.ontology.label(kind) or self.short(kind)

    def kinds_to_state(self, top: str) -> frozenset[str]:
        """Return the classes below one that somebody can state something as, without those that are worked out."""
        left_out = {self.knowledge.namespaces.term(name) for name in (top, *WORKED_OUT)}
        return self._narrower(top) - left_out

    def _find_kind(self, name: str, widest: str) -> str:
        """Find the class with this label or name, `widest` itself not counted."""
        names = {kind: self.kind_label(kind) for kind in self.kinds_to_state(widest)}
        return self._among(name, names, "kind")

    def _find_property(self, name: str) -> str:
        """Find the property with this label or name among those that attribute statements give to entities."""
        statements, term = self.knowledge.ontology.statements, self.knowledge.namespaces.term
        names = {
            iri: self.kind_label(iri)
            for iri in statements.of_type([REUSED["owl"] + "DatatypeProperty"], RDF_TYPE)
            if term("Entity") in statements.texts(iri, REUSED["rdfs"] + "domain")
        }
        return self._among(name, names | {term("hasTheme"): self.kind_label(term("hasTheme"))}, "property")

    def _find_concept(self, name: str, scheme: str) -> str:
        """Find the concept of a scheme with this label, variant, notation or name."""
        statements = self.knowledge.ontology.statements
        known = self.concepts(scheme)
        others: dict[str, list[str]] = {}
        for iri in known:
            for text in statements.texts(iri, ALT_LABEL) + statements.texts(iri, _NOTATION):
                others.setdefault(folded(text), []).append(iri)
        return self._among(name, known, scheme, others)

    def _read_concepts(self, scheme: str) -> dict[str, str]:
        """Read the label of each concept of a scheme."""
        statements, namespaces = self.knowledge.ontology.statements, self.knowledge.namespaces
        return {
            iri: statements.text(iri, PREF_LABEL) or self.short(iri)
            for iri in statements.subjects()
            if f"{namespaces.base}scheme/{scheme}" in statements.texts(iri, _IN_SCHEME)
        }

    def _find_agent(self, name: str) -> str:
        """Find the agent with this label or name."""
        graph = self.knowledge.graph
        return self._among(
            name, {iri: graph.label(iri) for iri in graph.statements.of_type([_AGENT], RDF_TYPE)}, "agent"
        )

    def _find_register(self, name: str) -> str:
        """Find the register with this name."""
        graph, kind = self.knowledge.graph, self.knowledge.namespaces.term("RegisterSource")
        labels = {iri: graph.label(iri) for iri in graph.statements.of_type([kind], RDF_TYPE)}
        return self._among(name, labels, "register")

    def _find_document(self, name: str) -> tuple[str, SourceText]:
        """Find the source document that goes by this name or file name, and its text."""
        statements, term = self.knowledge.graph.statements, self.knowledge.namespaces.term
        files = {
            iri: statements.text(iri, term("fileName")) or ""
            for iri in statements.of_type([term("SourceDocument")], RDF_TYPE)
        }
        by_file = [iri for iri, file in files.items() if name in (file, file.removesuffix(".txt"))]
        if self.documents is None:
            raise CellError(
                "The documents are not at hand here, so that no passage can be found in them. Give their folder with "
                "--documents or the setting LEEDSKG_DOCUMENTS; for a site that has none, make Turtle of the table with "
                "`leedskg draft` first."
            )
        if not by_file and name in self.documents.names():
            raise CellError(
                f"{name} is in the folder of documents, but graph/sources.ttl does not describe it. Describe it there "
                "as a lhi:SourceDocument first."
            )
        if by_file:
            iri = by_file[0]
        else:
            labels: dict[str, list[str]] = {}
            for each in files:
                for label in self.knowledge.graph.names(each):
                    labels.setdefault(folded(label), []).append(each)
            iri = self._among(name, files, "source document", labels)
        source = self.documents.get(files[iri])
        if source is None:
            raise CellError(f"{files[iri]} is not in the folder of documents that was given.")
        recorded = statements.text(statements.text(iri, _CHECKSUM) or "", _CHECKSUM_VALUE)
        if recorded and recorded != source.sha256:
            raise CellError(
                f"{files[iri]} is not the text that graph/sources.ttl records: its SHA-256 differs. Get the text that "
                "is recorded."
            )
        return iri, source

    def _among(
        self, name: str, labels: Mapping[str, str], what: str, others: Mapping[str, list[str]] | None = None
    ) -> str:
        """Find the one IRI whose label, short IRI or last part is `name`; a name of `others` comes after these."""
        for key in (str, folded):
            found = [
                iri for iri, label in labels.items() if key(name) in (key(label), key(self.short(iri)), key(_last(iri)))
            ]
            if len(found) == 1:
                return found[0]
        found = sorted(set((others or {}).get(folded(name), ())))
        if len(found) == 1:
            return found[0]
        by_folded = {folded(label): label for label in labels.values()}
        meant = [by_folded[near] for near in get_close_matches(folded(name), by_folded, n=2, cutoff=0.65)]
        if meant:
            hint = f"did you mean {' or '.join(meant)}?"
        else:
            listed = sorted(labels.values(), key=folded)
            more = "" if len(listed) <= _MOST_LISTED else f" and {len(listed) - _MOST_LISTED} more"
            hint = f"there are: {', '.join(listed[:_MOST_LISTED])}{more}." if listed else "there is none yet."
        raise CellError(f"No {what} is called “{name}”; {hint}")


def _remembered(look_up: Callable[P, T]) -> Callable[P, T]:
    """Make a look-up that is made once for a name: ten thousand rows name the same register, or misspell it."""
    known: dict[Any, T | CellError] = {}

    def found(*values: P.args, **named: P.kwargs) -> T:
        name = (values, *named.items())
        if name not in known:
            try:
                known[name] = look_up(*values, **named)
            except CellError as error:
                known[name] = error
        result = known[name]
        if isinstance(result, CellError):
            raise CellError(*result.args)
        return result

    return found


def _last(iri: str) -> str:
    return iri.rpartition("#")[2].rpartition("/")[2]
