"""Reads what the published graph says of an entity, a concept, an assertion or a place in a document."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from leedskg.namespaces import RDF_TYPE, REUSED, WORDS, Namespaces
from leedskg.network import Tie, read_model, read_patterns
from leedskg.network.joint import JointProject, joint_address, joint_ends, projects_of, together
from leedskg.query_files import query_beside
from leedskg.record.joint import joint_statement
from leedskg.record.model import (
    Concept,
    Detail,
    EntityRecord,
    EvidencePlace,
    Identifier,
    Name,
    Participation,
    Relation,
    ShownAssertion,
)
from leedskg.store import Reader, Term

#: Where the places of a statement, a name, an identifier and a citation are: each takes the IRIs in question.
_EVIDENCE = "VALUES ?assertion { %s } ?assertion lhi:hasEvidence ?evidence ."
_NAMED_AT = "<%s> lhi:namedAt ?evidence ."
_SEEN_IN = "<%s> adms:identifier/lhi:seenIn ?evidence ."
_ONE_PLACE = "VALUES ?evidence { <%s> }"
_ASSERTIONS = """PREFIX lhi: <%sdef#>
SELECT ?assertion ?property ?value WHERE { VALUES ?assertion { %s } ?assertion ?property ?value }"""
_CITED_FOR = """PREFIX lhi: <%sdef#>
PREFIX oa: <http://www.w3.org/ns/oa#>
SELECT DISTINCT ?assertion WHERE { ?evidence oa:hasSource <%s> . ?assertion lhi:hasEvidence ?evidence } LIMIT %d"""
#: Statements of a source that its page shows whole; of a register with more, its first ones.
_MOST_CITED, _FIRST_CITED = 1000, 100
_SAME_AS = "SELECT ?same WHERE { <%s> <https://schema.org/sameAs> ?same }"


class StatementReader:
    """Reads assertions, whole, with labels for all that they name."""

    def __init__(self, reader: Reader, namespaces: Namespaces) -> None:
        self._reader = reader
        self._namespaces = namespaces
        term = namespaces.term
        self._withdrawn = namespaces.concept("rank", "deprecated")
        #: What a statement has fields of its own for.
        self._plain = {
            RDF_TYPE, term("hasParticipation"), term("hasEvidence"), term("confidence"), term("rank"),
            term("readingNote"), term("conflictsWith"), term("property"), REUSED["prov"] + "wasAttributedTo",
            term("concerns"),
            REUSED["prov"] + "generatedAtTime",
        }  # fmt: skip

    def statements(self, iris: Iterable[str]) -> dict[str, ShownAssertion]:
        """Read the assertions with these IRIs, whole."""
        wanted = list(dict.fromkeys(iris))
        if not wanted:
            return {}
        values = " ".join(f"<{iri}>" for iri in wanted)
        rows = self._reader.rows(_ASSERTIONS % (self._namespaces.base, values))
        parts = self._parts(values)
        evidence: dict[str, list[str]] = {}
        facts: dict[str, list[tuple[str, Term]]] = {iri: [] for iri in wanted}
        for row in rows:
            iri, predicate, value = row["assertion"].value, row["property"].value, row["value"]
            facts[iri].append((predicate, value))
            if predicate == self._namespaces.term("hasEvidence"):
                evidence.setdefault(iri, []).append(value.value)
        places = self.places(_EVIDENCE % values)
        things = {value.value for said in facts.values() for _, value in said if value.is_iri}
        labels = self.labels(things | {predicate for said in facts.values() for predicate, _ in said})
        return {
            iri: self._statement(
                iri, said, parts.get(iri, ()), [places[e] for e in evidence.get(iri, ()) if e in places], labels
            )
            for iri, said in facts.items()
            if said
        }

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """Return a label for each IRI: the graph's own, words for terms of others, or the short IRI."""
        wanted = [iri for iri in dict.fromkeys(iris) if iri]
        found = {iri: WORDS.get(iri) or self._namespaces.shorten(iri) for iri in wanted}
        values = " ".join(f"<{iri}>" for iri in wanted)
        for row in self._reader.rows(query_beside(__file__, "labels") % values) if wanted else ():
            found[row["thing"].value] = row["label"].value
        return found

    def _statement(
        self,
        iri: str,
        said: list[tuple[str, Term]],
        parts: Iterable[Participation],
        places: list[EvidencePlace],
        labels: dict[str, str],
    ) -> ShownAssertion:
        term, prov = self._namespaces.term, REUSED["prov"]
        values = dict(said)
        kinds = [value.value for predicate, value in said if predicate == RDF_TYPE]

        def text(predicate: str) -> str:
            value = values.get(predicate)
            return labels.get(value.value, value.value) if value else ""

        def name(value: Term) -> Name:
            return Name(value.value, labels[value.value]) if value.is_iri else Name("", value.value)

        details = tuple(
            Detail(Name(predicate, self._field(predicate, values, labels)), name(value))
            for predicate, value in sorted(said, key=lambda pair: (pair[0], pair[1].value))
            if predicate not in self._plain and not self._repeats(predicate)
        )
        kind = self._narrowest(kinds)
        return ShownAssertion(
            iri,
            Name(kind, labels.get(kind, kind)),
            tuple(parts),
            details,
            float(values[term("confidence")].value) if term("confidence") in values else 0.0,
            text(term("rank")),
            text(prov + "wasAttributedTo"),
            text(prov + "generatedAtTime"),
            text(term("readingNote")),
            tuple(sorted(places, key=lambda place: (place.source.label, place.start or 0))),
            tuple(name(value) for predicate, value in said if predicate == term("conflictsWith")),
            (term("rank"), self._withdrawn) in ((predicate, value.value) for predicate, value in said),
        )

    def _field(self, predicate: str, values: dict[str, Term], labels: dict[str, str]) -> str:
        """Return the word for a field; the value of an attribute statement goes under the property that it states."""
        stated = values.get(self._namespaces.term("property"))
        if stated and predicate in (self._namespaces.term("object"), self._namespaces.term("literalValue")):
            return labels[stated.value]
        return labels[predicate]

    def _repeats(self, predicate: str) -> bool:
        """Return whether a property of another vocabulary says again, by rule, what one of ours says."""
        return predicate.startswith((REUSED["qb"], REUSED["schema"])) or self._namespaces.term("cube") in predicate

    def _narrowest(self, kinds: list[str]) -> str:
        general = {self._namespaces.term(name) for name in ("Assertion", "Relationship")}
        ours = (kind for kind in sorted(kinds) if kind.startswith(self._namespaces.term("")) and kind not in general)
        return next(ours, kinds[0] if kinds else "")

    def _parts(self, values: str) -> dict[str, list[Participation]]:
        parts: dict[str, list[Participation]] = {}
        for row in self._reader.rows(query_beside(__file__, "parts") % (self._namespaces.base, values)):
            role = Name(row["role"].value, row["roleLabel"].value)
            entity = Name(row["entity"].value, row["label"].value)
            parts.setdefault(row["assertion"].value, []).append(Participation(role, entity, row["part"].value))
        return parts

    def places(self, pattern: str) -> dict[str, EvidencePlace]:
        """Read the places in sources that a pattern finds as `?evidence`, by their IRIs."""
        places = {}
        for row in self._reader.rows(query_beside(__file__, "places") % (self._namespaces.base, pattern)):
            text = {name: term.value for name, term in row.items()}
            places[text["evidence"]] = EvidencePlace(
                text["evidence"],
                Name(text["source"], text.get("title", self._namespaces.shorten(text["source"]))),
                text.get("file", ""),
                text.get("section", ""),
                int(text["start"]) if "start" in text else None,
                int(text["end"]) if "end" in text else None,
                text.get("digest", ""),
                text.get("key", ""),
                (text.get("address") if "seen" in text else "")  # a page; a register's own address is not the record's
                or (text.get("pattern", "").replace("{}", text["key"]) if "key" in text else ""),
                text.get("issued", ""),
                text.get("seen", ""),
                text.get("extent", ""),
            )
        return places


def _by_field(statement: ShownAssertion) -> list[str]:
    return [text for detail in statement.details for text in (detail.field.label, detail.value.label)]


class RecordReader(StatementReader):
    """Reads records; the words of the edge patterns are read once."""

    def __init__(
        self, reader: Reader, namespaces: Namespaces, joint_tie: Callable[[tuple[str, str]], Tie | None] | None = None
    ) -> None:
        """Read through `reader`; `joint_tie` has what two bodies have together, where an index of that is at hand."""
        super().__init__(reader, namespaces)
        self._joint_tie = joint_tie or (lambda ends: self.joint(ends)[0])
        self._patterns = read_patterns(reader, namespaces)

    def statements(self, iris: Iterable[str]) -> dict[str, ShownAssertion]:
        """Read the assertions with these IRIs, whole; and what two bodies have together, by the IRI of that."""
        wanted = list(dict.fromkeys(iris))
        joint = {iri: ends for iri in wanted if (ends := joint_ends(self._namespaces, iri))}
        found = super().statements(iri for iri in wanted if iri not in joint)
        for iri, ends in joint.items():
            if tie := self._joint_tie(ends):
                labels = self.labels([*ends, *tie.sources, tie.pattern.from_role])
                found[iri] = joint_statement(tie, ends, labels, self._namespaces)
        return found

    def joint(self, ends: tuple[str, str]) -> tuple[Tie | None, list[JointProject], int]:
        """Read what two bodies have together: the tie, its projects, and how many more are too large to tie them."""
        kind = self._namespaces.term("JointProjects")
        pattern = next((each for each in self._patterns if each.relationship_type == kind), None)
        if pattern is None:
            return None, [], 0
        most = read_model(self._reader, self._namespaces).most_in_project
        projects, larger = projects_of(self._reader, self._namespaces, ends, most)
        address = joint_address(self._namespaces, *ends)
        return together(address, pattern, ends, projects) if projects else None, projects, larger

    def record(self, iri: str, without: Container[str] = ()) -> EntityRecord:
        """Read the record of one entity; empty of statements for an IRI that nothing is said of.

        `without` are assertions that are left out, such as those on hundreds of projects.
        """
        about = self._reader.rows(query_beside(__file__, "about") % (self._namespaces.base, iri))
        rows = [row for row in about if row["assertion"].value not in without]
        by_use: dict[str, list[str]] = {}
        for row in rows:
            by_use.setdefault(row["use"].value, []).append(row["assertion"].value)
        statements = self.statements(dict.fromkeys(row["assertion"].value for row in rows))
        relations = [
            relation
            for each in dict.fromkeys(by_use.get("part", ()))
            for relation in self._relations(iri, statements[each])
        ]
        places = self.places(_NAMED_AT % iri)
        return EntityRecord(
            iri,
            tuple(sorted(relations, key=lambda found: (found.words, found.other.label.casefold()))),
            tuple(sorted((statements[each] for each in dict.fromkeys(by_use.get("subject", ()))), key=_by_field)),
            tuple(statements[each] for each in dict.fromkeys(by_use.get("figure", ()))),
            self._identifiers(iri),
            tuple(sorted(places.values(), key=lambda each: (each.source.label, each.start or 0))),
            tuple(sorted(row["same"].value for row in self._reader.rows(_SAME_AS % iri))),
            self._own(iri),
        )

    def _own(self, iri: str) -> tuple[Detail, ...]:
        """Read what stands on the entity by itself, without an assertion."""
        found = []
        for row in self._reader.rows(query_beside(__file__, "own") % {"base": self._namespaces.base, "entity": iri}):
            value = row["value"]
            label = row["label"].value if "label" in row else value.value
            found.append(
                Detail(
                    Name(row["property"].value, row["field"].value),
                    Name(value.value if value.is_iri else "", label),
                    row["part"].value if "part" in row else "",
                )
            )
        return tuple(found)

    def _relations(self, iri: str, statement: ShownAssertion) -> list[Relation]:
        """Say what one relationship says from the entity's side, in the words of the edge patterns that fit."""
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
        found: dict[tuple[str, str, str, str, str], list[str]] = {}
        for row in self._reader.rows(query_beside(__file__, "identifiers") % (self._namespaces.base, iri)):
            value = row["value"].value
            address = row["pattern"].value.replace("{}", "".join(value.split())) if "pattern" in row else ""
            key = (row["label"].value, value, row["scheme"].value, address, row["identifier"].value)
            seen = found.setdefault(key, [])
            if "seen" in row:
                seen.append(row["seen"].value)
        places = self.places(_SEEN_IN % iri) if found else {}
        return tuple(
            Identifier(
                name, Name(scheme, label), value, address, tuple(places[each] for each in seen if each in places)
            )
            for (label, value, scheme, address, name), seen in sorted(found.items())
        )

    def place(self, iri: str) -> EvidencePlace | None:
        """Return one place in a source, or None for an IRI that is none."""
        return self.places(_ONE_PLACE % iri).get(iri)

    def citing(self, place: str) -> tuple[list[ShownAssertion], list[Name]]:
        """Read the statements that a place is evidence for, and the entities that are named there."""
        rows = self._reader.rows(query_beside(__file__, "citing") % (self._namespaces.base, place))
        stating = dict.fromkeys(row["assertion"].value for row in rows if "assertion" in row)
        named = dict.fromkeys(row["entity"].value for row in rows if "entity" in row)
        labels = self.labels(named)
        return list(self.statements(stating).values()), [Name(iri, labels[iri]) for iri in named]

    def cited_for(self, source: str) -> tuple[list[tuple[EvidencePlace, ShownAssertion]], bool]:
        """Return every statement that rests on a document, in its order; of very many some, and that there are more."""
        rows = self._reader.rows(_CITED_FOR % (self._namespaces.base, source, _MOST_CITED + 1))
        more = len(rows) > _MOST_CITED
        found = self.statements(row["assertion"].value for row in rows[: _FIRST_CITED if more else None])
        pairs = [
            (place, statement)
            for statement in found.values()
            for place in statement.evidence
            if place.source.iri == source
        ]
        return sorted(pairs, key=lambda pair: (pair[0].start or 0, pair[0].end or 0, pair[1].iri)), more

    def in_conflict(self) -> list[ShownAssertion]:
        """Return every observation that another one contradicts, those of one indicator together."""
        rows = self._reader.rows(query_beside(__file__, "in_conflict") % self._namespaces.base)
        return list(self.statements(dict.fromkeys(row["assertion"].value for row in rows)).values())

    def concept(self, iri: str) -> Concept | None:
        """Read a concept with what entities have to do with it, or return None for an IRI that is none."""
        rows = self._reader.rows(query_beside(__file__, "concept") % iri)
        if not rows:
            return None
        text = {name: term.value for name, term in rows[0].items()}
        uses: dict[str, list[Name]] = {}
        for row in self._reader.rows(query_beside(__file__, "concept_uses") % (self._namespaces.base, iri)):
            uses.setdefault(row["words"].value, []).append(Name(row["thing"].value, row["label"].value))
        scheme = Name(text.get("scheme", ""), text.get("schemeLabel", ""))
        return Concept(iri, text["label"], text.get("definition", ""), scheme, uses)

    def in_common(self, one: str, other: str) -> list[tuple[str, Name]]:
        """Read what two entities share that is no hop: places, themes and needs, with the words for the link."""
        rows = self._reader.rows(query_beside(__file__, "in_common") % (self._namespaces.base, one, other))
        return [(row["words"].value, Name(row["shared"].value, row["label"].value)) for row in rows]
