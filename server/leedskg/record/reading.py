"""Reads what the published graph says of an entity, a concept or a place in a document."""

from __future__ import annotations

from leedskg.namespaces import Namespaces
from leedskg.network import read_patterns
from leedskg.record import questions
from leedskg.record.model import Concept, Detail, EvidencePlace, Identifier, Name, Record, Relation, Statement
from leedskg.record.statements import StatementReader
from leedskg.store import Reader


def _by_field(statement: Statement) -> list[str]:
    return [text for detail in statement.details for text in (detail.field.label, detail.value.label)]


class RecordReader(StatementReader):
    """Reads records; the words of the edge patterns are read once."""

    def __init__(self, reader: Reader, namespaces: Namespaces) -> None:
        super().__init__(reader, namespaces)
        self._patterns = read_patterns(reader, namespaces)

    def record(self, iri: str) -> Record:
        """The record of one entity; empty of statements for an IRI that nothing is said of."""
        rows = self._reader.rows(questions.ABOUT % (self._namespaces.base, iri))
        by_use: dict[str, list[str]] = {}
        for row in rows:
            by_use.setdefault(row["use"].value, []).append(row["assertion"].value)
        statements = self.statements(dict.fromkeys(row["assertion"].value for row in rows))
        relations = [
            relation
            for each in dict.fromkeys(by_use.get("part", ()))
            for relation in self._relations(iri, statements[each])
        ]
        places = self.places(questions.NAMED_AT % (self._namespaces.base, iri))
        return Record(
            iri,
            tuple(sorted(relations, key=lambda found: (found.words, found.other.label.casefold()))),
            tuple(sorted((statements[each] for each in dict.fromkeys(by_use.get("subject", ()))), key=_by_field)),
            tuple(statements[each] for each in dict.fromkeys(by_use.get("figure", ()))),
            self._identifiers(iri),
            tuple(
                places[key]
                for key in sorted(places, key=lambda key: (places[key].source.label, places[key].start or 0))
            ),
            tuple(sorted(row["same"].value for row in self._reader.rows(questions.SAME_AS % iri))),
            self._own(iri),
        )

    def _own(self, iri: str) -> tuple[Detail, ...]:
        """What stands on the entity by itself, without an assertion."""
        found = []
        for row in self._reader.rows(questions.OWN % (self._namespaces.base, iri)):
            value = row["value"]
            label = row["label"].value if "label" in row else value.value
            found.append(
                Detail(
                    Name(row["property"].value, row["field"].value), Name(value.value if value.is_iri else "", label)
                )
            )
        return tuple(found)

    def _relations(self, iri: str, statement: Statement) -> list[Relation]:
        """What one relationship says from the entity's side, in the words of the edge patterns that fit."""
        mine = [part.role.iri for part in statement.parts if part.entity.iri == iri]
        found: dict[tuple[str, str], Relation] = {}
        for other in statement.parts:
            if other.entity.iri == iri:
                continue
            for role in mine:
                words = self._words(statement.kind.iri, role, other.role.iri)
                if words:
                    found.setdefault((words, other.entity.iri), Relation(words, other.entity, statement))
        if not found:  # together in a relationship, but not joined by an edge: two funders of one study
            for other in statement.parts:
                if other.entity.iri != iri and other.role.iri in mine:
                    words = f"also {other.role.label} in the same {statement.kind.label}"
                    found.setdefault((words, other.entity.iri), Relation(words, other.entity, statement))
        need = statement.detail(self._namespaces.term("need"))
        if need and not found:
            found["helps", need.iri] = Relation("helps with", need, statement)
        return list(found.values())

    def _words(self, kind: str, role: str, other: str) -> str:
        for pattern in self._patterns:
            if pattern.relationship_type == kind:
                if (pattern.from_role, pattern.to_role) == (role, other):
                    return pattern.words
                if (pattern.to_role, pattern.from_role) == (role, other):
                    return pattern.words_back
        return ""

    def _identifiers(self, iri: str) -> tuple[Identifier, ...]:
        found: dict[tuple[str, str, str, str], list[str]] = {}
        for row in self._reader.rows(questions.IDENTIFIERS % (self._namespaces.base, iri)):
            value = row["value"].value
            pattern = row["pattern"].value if "pattern" in row else ""
            address = pattern.replace("{}", "".join(value.split()))
            seen = found.setdefault((row["label"].value, value, row["scheme"].value, address), [])
            if "seen" in row:
                seen.append(row["seen"].value)
        places = self.places(questions.SEEN_IN % (self._namespaces.base, iri)) if found else {}
        return tuple(
            Identifier(Name(scheme, label), value, address, tuple(places[place] for place in seen if place in places))
            for (label, value, scheme, address), seen in sorted(found.items())
        )

    def place(self, iri: str) -> EvidencePlace | None:
        """One place in a source, or None for an IRI that is none."""
        return self.places(questions.ONE_PLACE % (self._namespaces.base, iri)).get(iri)

    def citing(self, place: str) -> tuple[list[Statement], list[Name]]:
        """The statements that a place is evidence for, and the entities that are named there."""
        rows = self._reader.rows(questions.CITING % (self._namespaces.base, place))
        stating = dict.fromkeys(row["assertion"].value for row in rows if "assertion" in row)
        named = dict.fromkeys(row["entity"].value for row in rows if "entity" in row)
        labels = self.labels(named)
        return list(self.statements(stating).values()), [Name(iri, labels[iri]) for iri in named]

    def cited_for(self, source: str) -> list[tuple[EvidencePlace, Statement]]:
        """Every statement that rests on a document, in the order in which the document makes them."""
        rows = self._reader.rows(questions.CITED_FOR % (self._namespaces.base, source))
        found = self.statements(dict.fromkeys(row["assertion"].value for row in rows))
        pairs = [
            (place, statement)
            for statement in found.values()
            for place in statement.evidence
            if place.source.iri == source
        ]
        return sorted(pairs, key=lambda pair: (pair[0].start or 0, pair[0].end or 0, pair[1].iri))

    def in_conflict(self) -> list[Statement]:
        """Every observation that another one contradicts, those of one indicator together."""
        rows = self._reader.rows(questions.IN_CONFLICT % self._namespaces.base)
        return list(self.statements(dict.fromkeys(row["assertion"].value for row in rows)).values())

    def concept(self, iri: str) -> Concept | None:
        """A concept with what entities have to do with it, or None for an IRI that is none."""
        rows = self._reader.rows(questions.CONCEPT % iri)
        if not rows:
            return None
        text = {name: term.value for name, term in rows[0].items()}
        uses: dict[str, list[Name]] = {}
        for row in self._reader.rows(questions.CONCEPT_USES % (self._namespaces.base, iri)):
            uses.setdefault(row["words"].value, []).append(Name(row["thing"].value, row["label"].value))
        scheme = Name(text.get("scheme", ""), text.get("schemeLabel", ""))
        return Concept(iri, text["label"], text.get("definition", ""), scheme, uses)

    def in_common(self, one: str, other: str) -> list[tuple[str, Name]]:
        """What two entities share that is no hop: places, themes and needs, with the words for the link."""
        rows = self._reader.rows(questions.IN_COMMON % (self._namespaces.base, one, other))
        return [(row["words"].value, Name(row["shared"].value, row["label"].value)) for row in rows]
