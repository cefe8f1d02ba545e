"""Records of the model: entities with their names, assertions with their evidence."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Generator, Iterator, Sequence
from typing import Final

from leedskg.identity import ASSERTION_DIGITS, evidence_name, record_evidence_name
from tests.benchmarks.lines import Lines, Record
from tests.benchmarks.model import Model

_DOUBTS: Final = {
    "0.9": "A unit had to be resolved.",
    "0.7": "Implied by the heading.",
    "0.5": "Or it is planned only.",
}
_SECTIONS = ("Introduction", "Money", "People and places", "What comes next", "Partners", "Figures")


class Writer(Lines):
    """Writes records, and remembers what was claimed so that nothing is claimed twice."""

    def __init__(self, model: Model, chance: random.Random) -> None:
        super().__init__(model)
        self._chance = chance
        self._claims: set[str] = set()
        self._sources: list[str] = []
        self._evidence: list[tuple[str, str]] = []
        self._registered = 10_000_000

    # Records

    def agent(self) -> Record:
        """Who made the assertions, and the register that is cited."""
        self._begin("agents")
        term = self._term
        self._put(term["agent:curation-team"], "rdf:type", term["prov:Agent"])
        self._put(term["agent:curation-team"], "skos:prefLabel", '"Curation team"@en')
        self._described("id:made-up-register", "lhi:RegisterSource", "Made-up register of companies")
        return self._end()

    def source(self, name: str, label: str) -> Record:
        """A document that evidence points into."""
        self._begin("sources-and-places")
        iri = self._described(f"id:{name}", "lhi:SourceDocument", label)
        checksum = f"{iri[:-1]}#checksum>"
        self._put(iri, "lhi:fileName", f'"{name}.txt"')
        self._put(iri, "spdx:checksum", checksum)
        self._put(checksum, "rdf:type", self._term["spdx:Checksum"])
        self._put(checksum, "spdx:algorithm", self._term["spdx:checksumAlgorithm_sha256"])
        self._put(checksum, "spdx:checksumValue", f'"{_sha256(name)}"')
        self._sources.append(iri)
        return self._end()

    def entity(self, kind: str, group: str, name: str, label: str, variants: list[str]) -> tuple[str, Record]:
        """An entity with its names and where they are printed."""
        self._begin(group)
        iri = self._described(f"id:{name}", f"lhi:{kind}", label)
        self._graph_of[iri] = self._into
        for variant in variants:
            self._put(iri, "skos:altLabel", f'"{variant}"@en')
        for evidence, _ in self._cited():
            self._put(iri, "lhi:namedAt", evidence)
        return iri, self._end()

    def indicator(self, name: str, population: str) -> tuple[str, Record]:
        """An indicator."""
        self._begin("figures")
        iri = self._described(f"id:{name}", "lhi:Indicator", f"Number: {population}")
        self._put(iri, "lhi:population", f'"{population}."@en')
        return iri, self._end()

    def company_number(self, iri: str) -> Record:
        """An identifier of an entity, seen in the register."""
        self._begin_for(iri)
        self._registered += 1
        here, register = f"{iri[:-1]}#companies-house>", self._term["id:made-up-register"]
        self._put(iri, "adms:identifier", here)
        self._put(here, "rdf:type", self._term["adms:Identifier"])
        self._put(here, "lhi:identifierScheme", self._term["identifier:companies-house"])
        self._put(here, "skos:notation", f'"{self._registered}"')
        evidence = self._name(f"evidence:{record_evidence_name(register[1:-1], str(self._registered))}")
        self._put(here, "lhi:seenIn", evidence)
        self._put(evidence, "rdf:type", self._term["lhi:RegisterEvidence"])
        self._put(evidence, "oa:hasSource", register)
        self._put(evidence, "lhi:recordKey", f'"{self._registered}"')
        return self._end()

    def relationship(
        self, kind: str, parts: list[tuple[str, str]], more: Sequence[tuple[str, str]] = (), *, lasting: bool = False
    ) -> Generator[Record, None, bool]:
        """Yield a relationship, unless it was written before; return whether it was written.

        One that is `lasting` has no dates and is never deprecated.
        """
        term, part_of = self._term, self._term["lhi:hasParticipation"][1:-1]
        whole = f"lhi:{kind}"
        values = list(more)
        if not lasting and self._chance.random() < 0.35:
            start = self._chance.randint(2001, 2024)
            values.append(("lhi:validFrom", f'"{start}"'))
            if self._chance.random() < 0.4:
                values.append(("lhi:validTo", f'"{self._chance.randint(start, 2025)}"'))
        roles = [(term[f"role:{role}"], thing) for role, thing in parts]
        claim = self._claim(whole, values)
        for role, thing in roles:
            content = [f"a\x1e{term['lhi:Participation']}", f"{term['lhi:participant'][1:-1]}\x1e{thing}"]
            content.append(f"{term['org:role'][1:-1]}\x1e{role}")  # a name is made with ORG's term for the role
            claim.append(f"{part_of}\x1e" + "\x1f".join(sorted(content)))
        iri = self._begin_claim(claim, parts[0][1])
        if iri is None:
            return False
        self._asserted(iri, whole, values, deprecated=0.0 if lasting else 0.03)
        for number, (role, thing) in enumerate(roles, start=1):
            part = f"{iri[:-1]}#p{number}>"
            self._put(iri, "lhi:hasParticipation", part)
            self._put(part, "rdf:type", term["lhi:Participation"])
            self._put(part, "lhi:participant", thing)
            self._put(part, "lhi:role", role)
        yield self._end()
        return True

    def attribute(self, subject: str, name: str, how: str, value: str) -> Iterator[Record]:
        """An attribute statement, unless it was written before."""
        values = [("lhi:subject", subject), ("lhi:property", self._term[name]), (how, value)]
        iri = self._begin_claim(self._claim("lhi:AttributeStatement", values), subject)
        if iri is not None:
            self._asserted(iri, "lhi:AttributeStatement", values, deprecated=0.03)
            yield self._end()

    def figures(
        self, key: tuple[str, str, str, str | None, str], value: int, *, disagreeing: int | None
    ) -> Iterator[Record]:
        """Yield an observation, and one that disagrees if one does. The key is not used twice."""
        indicator, unit, place, about, period = key
        qualifiers = ("exact", "exact", "exact", "about", "more-than", "up-to")
        qualifier = "exact" if disagreeing else self._chance.choice(qualifiers)
        for number in (value,) if disagreeing is None else (value, disagreeing):
            evidence, source = self._passage_in(self._chance.choice(self._sources))
            values = [
                ("lhi:indicator", indicator),
                ("lhi:value", str(number)),
                ("lhi:unit", self._term[f"unit:{unit}"]),
            ]
            values += [("lhi:qualifier", self._term[f"qualifier:{qualifier}"]), ("lhi:geography", place)]
            values += [("lhi:referencePeriod", f'"{period}"'), ("lhi:reportedIn", source)]
            values += [("lhi:about", about)] if about else []
            iri = self._begin_claim(self._claim("lhi:IndicatorObservation", values), "figures")
            assert iri is not None, "a key is used once"
            self._write_passage(evidence, source)
            self._asserted(iri, "lhi:IndicatorObservation", values, deprecated=0.0, evidence=[evidence])
            yield self._end()

    # Parts of records

    def _described(self, name: str, kind: str, label: str) -> str:
        iri = self._name(name)
        self._put(iri, "rdf:type", self._term[kind])
        self._put(iri, "skos:prefLabel", f'"{label}"@en')
        self._put(iri, "dcterms:description", f'"{label}, made up for measurements."@en')
        return iri

    def _claim(self, kind: str, values: list[tuple[str, str]]) -> list[str]:
        """What the name of an assertion is made from, as `leedskg.identity` has it."""
        return [f"a\x1e{self._term[kind]}", *(f"{self._term[name][1:-1]}\x1e{value}" for name, value in values)]

    def _begin_claim(self, claim: list[str], where: str) -> str | None:
        """The name of a claim; None when it was made before."""
        name = _sha256("\n".join(sorted(claim)))[:ASSERTION_DIGITS]
        if name in self._claims:
            return None
        self._claims.add(name)
        if where in self._graph_of:
            self._begin_for(where)
        else:
            self._begin(where)
        return f"{self._term['assertion:'][:-1]}{name}>"

    def _asserted(
        self,
        iri: str,
        kind: str,
        values: list[tuple[str, str]],
        *,
        deprecated: float,
        evidence: list[str] | None = None,
    ) -> None:
        """Write what every assertion has."""
        drawn = self._chance.random()
        self._put(iri, "rdf:type", self._term[kind])
        for name, value in values:
            self._put(iri, name, value)
        confidence = self._chance.choices(("1.0", "0.9", "0.7", "0.5"), (80, 10, 8, 2))[0]
        self._put(iri, "lhi:confidence", confidence)
        if confidence in _DOUBTS:
            self._put(iri, "lhi:readingNote", f'"{_DOUBTS[confidence]}"')
        rank = "deprecated" if drawn < deprecated else "preferred" if drawn > 0.97 else "normal"
        self._put(iri, "lhi:rank", self._term[f"rank:{rank}"])
        self._put(iri, "prov:wasAttributedTo", self._term["agent:curation-team"])
        day = f"2026-{self._chance.randint(1, 11):02}-{self._chance.randint(1, 28):02}T09:{int(drawn * 60):02}:00Z"
        self._put(iri, "prov:generatedAtTime", f'"{day}"^^{self._term["xsd:dateTime"]}')
        for each in evidence or [name for name, _ in self._cited()]:
            self._put(iri, "lhi:hasEvidence", each)

    def _cited(self) -> list[tuple[str, str]]:
        """One or two passages, mostly new ones."""
        found = []
        for _ in range(2 if self._chance.random() < 0.25 else 1):
            if self._evidence and self._chance.random() < 0.25:
                found.append(self._chance.choice(self._evidence))
            else:
                passage = self._passage_in(self._chance.choice(self._sources))
                self._write_passage(*passage)
                found.append(passage)
        return list(dict.fromkeys(found))

    def _passage_in(self, source: str) -> tuple[str, str]:
        """A new passage of a document: its evidence and the document."""
        start = len(self._evidence) * 40
        digest = _sha256(f"{source} {start}")
        return self._name(f"evidence:{evidence_name(source[1:-1], start, start + 35, digest)}"), source

    def _write_passage(self, evidence: str, source: str) -> None:
        start = len(self._evidence) * 40
        span = f"{evidence[:-1]}#span>"
        self._put(evidence, "rdf:type", self._term["lhi:TextEvidence"])
        self._put(evidence, "oa:hasSource", source)
        self._put(evidence, "oa:hasSelector", span)
        self._put(evidence, "lhi:passageDigest", f'"{_sha256(f"{source} {start}")}"')
        self._put(evidence, "lhi:inSection", f'"{_SECTIONS[start // 40 % len(_SECTIONS)]}"')
        self._put(span, "rdf:type", self._term["oa:TextPositionSelector"])
        self._put(span, "oa:start", str(start))
        self._put(span, "oa:end", str(start + 35))
        self._evidence.append((evidence, source))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
