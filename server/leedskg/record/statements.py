"""Reads assertions and their evidence of the published graph."""

from __future__ import annotations

from collections.abc import Iterable

from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.record import questions
from leedskg.record.model import Detail, EvidencePlace, Name, Part, Statement
from leedskg.store import Reader, Term


class StatementReader:
    """Reads assertions, whole, with labels for all that they name."""

    def __init__(self, reader: Reader, namespaces: Namespaces) -> None:
        self._reader = reader
        self._namespaces = namespaces
        term = namespaces.term
        #: What a statement has fields of its own for.
        self._plain = {
            RDF_TYPE, term("hasParticipation"), term("hasEvidence"), term("confidence"), term("rank"),
            term("readingNote"), term("conflictsWith"), term("property"), REUSED["prov"] + "wasAttributedTo",
            REUSED["prov"] + "generatedAtTime",
        }  # fmt: skip

    def statements(self, iris: Iterable[str]) -> dict[str, Statement]:
        """The assertions with these IRIs, whole."""
        wanted = list(dict.fromkeys(iris))
        if not wanted:
            return {}
        values = " ".join(f"<{iri}>" for iri in wanted)
        rows = self._reader.rows(questions.ASSERTIONS % (self._namespaces.base, values))
        parts = self._parts(values)
        evidence: dict[str, list[str]] = {}
        facts: dict[str, list[tuple[str, Term]]] = {iri: [] for iri in wanted}
        for row in rows:
            iri, predicate, value = row["assertion"].value, row["property"].value, row["value"]
            facts[iri].append((predicate, value))
            if predicate == self._namespaces.term("hasEvidence"):
                evidence.setdefault(iri, []).append(value.value)
        places = self.places(questions.EVIDENCE % (self._namespaces.base, values))
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
        """A label for each IRI: the graph's own, or the short IRI."""
        wanted = [iri for iri in dict.fromkeys(iris) if iri]
        found = {iri: self._namespaces.shorten(iri) for iri in wanted}
        values = " ".join(f"<{iri}>" for iri in wanted)
        for row in self._reader.rows(questions.LABELS % values) if wanted else ():
            found[row["thing"].value] = row["label"].value
        return found

    def _statement(
        self,
        iri: str,
        said: list[tuple[str, Term]],
        parts: Iterable[Part],
        places: list[EvidencePlace],
        labels: dict[str, str],
    ) -> Statement:
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
            if predicate not in self._plain
        )
        kind = self._narrowest(kinds)
        return Statement(
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
        )

    def _field(self, predicate: str, values: dict[str, Term], labels: dict[str, str]) -> str:
        """The word for a field; the value of an attribute statement goes under the property that it states."""
        stated = values.get(self._namespaces.term("property"))
        if stated and predicate in (self._namespaces.term("object"), self._namespaces.term("literalValue")):
            return labels[stated.value]
        return labels[predicate]

    def _narrowest(self, kinds: list[str]) -> str:
        general = {self._namespaces.term(name) for name in ("Assertion", "Relationship")} | {REUSED["prov"] + "Entity"}
        return next((kind for kind in sorted(kinds) if kind not in general), kinds[0] if kinds else "")

    def _parts(self, values: str) -> dict[str, list[Part]]:
        parts: dict[str, list[Part]] = {}
        for row in self._reader.rows(questions.PARTS % (self._namespaces.base, values)):
            role = Name(row["role"].value, row["roleLabel"].value)
            entity = Name(row["entity"].value, row["label"].value)
            parts.setdefault(row["assertion"].value, []).append(Part(role, entity))
        return parts

    def places(self, query: str) -> dict[str, EvidencePlace]:
        """The places in sources that a query finds, by their IRIs."""
        places = {}
        for row in self._reader.rows(query):
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
            )
        return places
