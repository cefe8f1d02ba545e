"""Which knowledge file a record belongs into: where it stands, else where its like stand."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox

from leedskg.graph import HAS_SOURCE
from leedskg.knowledge import Knowledge
from leedskg.ledger.publication import Present
from leedskg.namespaces import RDF_TYPE
from leedskg.statements import key

#: Where a record goes whose subject area no file holds yet.
_NEW = "graph/contributed.ttl"


class Areas:
    """The subject areas of the knowledge files."""

    def __init__(self, present: Present) -> None:
        self._files, self._graph = present.files, present.graph.graph
        self._homes: dict[str, str] = {}
        self._typed: dict[str, str] = {}
        self._fields: dict[tuple[str, str], str] = {}
        self._of_kind: dict[str, Counter[str]] = {}
        self._about: dict[str, Counter[str]] = {}
        for file in self._files.graph.statements.files:
            for triple in file.triples:
                subject = key(triple.subject).partition("#")[0]
                self._homes.setdefault(subject, file.name)
                self._fields.setdefault((key(triple.subject), triple.predicate.value), file.name)
                if triple.predicate.value == RDF_TYPE:
                    self._typed.setdefault(subject, file.name)
                    self._of_kind.setdefault(key(triple.object), Counter())[file.name] += 1
                elif isinstance(triple.object, ox.NamedNode) and _is_assertion(subject, self._files):
                    self._about.setdefault(triple.object.value, Counter())[file.name] += 1
                elif triple.predicate.value == HAS_SOURCE:
                    self._about.setdefault(f"evidence in {key(triple.object)}", Counter())[file.name] += 1

    def file_for(self, triple: ox.Triple) -> str:
        """The name of the file for a statement: where the field stands, or the record, or its like."""
        subject = key(triple.subject)
        record = subject.partition("#")[0]
        same_field = self._fields.get((subject, triple.predicate.value))
        if same_field or record in self._typed:
            return same_field or self._typed[record]
        if record not in self._homes:
            self._homes[record] = self._guess(record)
        return self._homes[record]

    def _guess(self, record: str) -> str:
        statements, term = self._graph.statements, self._files.namespaces.term
        kinds = statements.texts(record, RDF_TYPE)
        source = statements.text(record, HAS_SOURCE)
        if source:
            return _most(self._about.get(f"evidence in {source}")) or self._homes.get(source, _NEW)
        if term("IndicatorObservation") not in kinds and _is_assertion(record, self._files):
            parts = [entity for _, entity in self._graph.parts_played(record)] + statements.texts(
                record, term("subject")
            )
            for entity in parts:
                if found := _most(self._about.get(entity)) or self._homes.get(entity):
                    return found
        return next((found for kind in kinds if (found := self._of_like(kind))), _NEW)

    def _of_like(self, kind: str) -> str:
        """The file with the most records of a kind; where there is none, of the closest wider kind that has some."""
        ontology = self._files.ontology
        families = sorted((ontology.narrower(wider) for wider in ontology.wider(kind)), key=len)
        for family in [{kind}, *families]:
            counted: Counter[str] = sum((self._of_kind.get(each, Counter()) for each in family), Counter())
            if counted:
                return _most(counted)
        return ""


def _is_assertion(record: str, knowledge: Knowledge) -> bool:
    return record.startswith(f"{knowledge.namespaces.base}assertion/")


def _most(counted: Counter[str] | None) -> str:
    return counted.most_common(1)[0][0] if counted else ""
