"""Records of an import into statements, each with its register and record as evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from leedskg.identity import record_evidence_name, relationship_name
from leedskg.importers.model import IDENTIFIERS, SEVERAL, Participant, SourceRecord
from leedskg.importers.registry import source_named
from leedskg.importers.scope import Resolve
from leedskg.importers.slugs import body_slug, project_slug
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.ontology import Ontology

#: The identifiers that the graph gives an entity: scheme and notation.
KnownNumbers = Callable[[str], frozenset[tuple[str, str]]]

_COMPANY_ENDS = (" ltd", " limited", " plc", " llp", " inc", " inc.", " ltd.", " gmbh", " llc")
_HIERARCHY = {"parent": ("part", "whole"), "child": ("whole", "part")}
_SUCCESSION = {"predecessor": ("successor", "predecessor"), "successor": ("predecessor", "successor")}


@dataclass(frozen=True)
class ImportedTie:
    """A `lhi:ImportedTie`: kind of relationship, roles of body and record in it, confidence and its reason."""

    kind: str
    role: str
    record_is: str
    confidence: str
    reason: str


def read_ties(ontology: Ontology) -> Mapping[str, ImportedTie]:
    """Return the ties by the role in the record."""
    statements, term = ontology.statements, ontology.namespaces.term
    names = ("recordRole", "tieType", "tieRole", "recordIs", "tieConfidence", "tieReason")
    found: dict[str, ImportedTie] = {}
    for subject in statements.of_type([term("ImportedTie")], RDF_TYPE):
        role, *said = (statements.text(subject, term(name)) or "" for name in names)
        found[role] = ImportedTie(*said)
    return found


def derived_roles(ontology: Ontology) -> frozenset[str]:
    """Return the roles of participants that something is derived from; any other stays in the table."""
    return frozenset([*read_ties(ontology), *_HIERARCHY, *_SUCCESSION])


class Derivation:
    """The statements of one source's records. What a body is that the graph knows, the graph says and not this."""

    def __init__(  # noqa: PLR0913, PLR0917 - the records, and what the graph knows
        self, source: str, register: str, had_on: str, ontology: Ontology, resolve: Resolve,
        known_numbers: KnownNumbers = lambda _: frozenset(), described: set[str] | None = None,
        names_taken: set[str] | None = None,
    ) -> None:  # fmt: skip
        names = ontology.namespaces
        self._source, self._names, self._resolve, self._known_numbers = source, names, resolve, known_numbers
        self._register = names.entity(register)
        self._ties = read_ties(ontology)
        self._described_as = ox.Literal(f"Named in {source_named(source).about.title}.", language="en")
        #: Bodies that are described already, by this source or another: a body has one name.
        self._described = set() if described is None else described
        #: Names that something has already, folded: a project of the same title is told from it by its reference.
        self._names_taken = set() if names_taken is None else names_taken
        self._agent = ox.NamedNode(f"{names.base}agent/importer")
        self._at = ox.Literal(f"{had_on}T00:00:00Z", datatype=ox.NamedNode(f"{REUSED['xsd']}dateTime"))
        term = lru_cache(maxsize=200)(lambda name: ox.NamedNode(names.term(name)))
        self._term: Callable[[str], ox.NamedNode] = term
        self._normal, self._deprecated = (
            ox.NamedNode(names.concept("rank", each)) for each in ("normal", "deprecated")
        )

    def agent(self) -> Iterator[ox.Triple]:
        """Yield what is said of who made the statements."""
        yield ox.Triple(self._agent, _TYPE, ox.NamedNode(f"{REUSED['prov']}Agent"))
        yield ox.Triple(self._agent, _LABEL, ox.Literal("The import of a register", language="en"))

    def of(self, record: SourceRecord) -> Iterator[ox.Triple]:
        """Yield the statements of one record."""
        evidence = ox.NamedNode(f"{self._names.base}evidence/{record_evidence_name(self._register, record.id)}")
        made = list(self._project(record, evidence) if record.kind == "project" else self._body(record, evidence))
        if made:
            yield ox.Triple(evidence, _TYPE, self._term("RegisterEvidence"))
            yield ox.Triple(evidence, _SOURCE, ox.NamedNode(self._register))
            yield ox.Triple(evidence, self._term("recordKey"), ox.Literal(record.id))
            yield from made

    # Projects

    def _project(self, record: SourceRecord, evidence: ox.NamedNode) -> Iterator[ox.Triple]:
        project = self._names.entity(project_slug(self._source, record.id))
        node = ox.NamedNode(project)
        yield ox.Triple(node, _TYPE, self._term("Project"))
        yield ox.Triple(node, _LABEL, ox.Literal(self._title(record), language="en"))
        yield ox.Triple(node, self._term("namedAt"), evidence)
        description = f"{record.values.get('category') or 'Project'} {record.id}."
        others = record.values.get("other-bodies")
        if others:
            description += f" {others} more {'body takes' if others == '1' else 'bodies take'} part, not named here."
        yield ox.Triple(node, _DESCRIPTION, ox.Literal(description, language="en"))
        if others:
            yield ox.Triple(node, self._term("otherBodies"), ox.Literal(others, datatype=_INTEGER))
        groups: dict[tuple[str, str, str, str, str], list[Participant]] = {}
        for each in record.participants:
            tie = self._ties.get(each.role)
            if tie is None or tie.kind == self._names.term("FundingAward"):
                continue
            mine = (each.values.get("start", ""), each.values.get("end", "")) if each.role != "spin-out" else ("", "")
            groups.setdefault((each.role, each.values.get("status", ""), *mine, ""), []).append(each)
        yield from self._awards(record, project, evidence)
        for (role, status, *_), members in groups.items():
            tie = self._ties[role]
            if role == "spin-out":
                for member in members:
                    parts = [(tie.role, self._entity(member.values, role)), (tie.record_is, project)]
                    yield from self._described_once(member.values, evidence, role)
                    values = {"start": member.values["start"]} if "start" in member.values else {}
                    yield from self._relationship(tie, parts, evidence, values)
                continue
            for member in members:
                yield from self._described_once(member.values, evidence, role)
            entities = dict.fromkeys(self._entity(member.values, role) for member in members)
            parts = [*((tie.role, entity) for entity in entities), (tie.record_is, project)]
            yield from self._relationship(tie, parts, evidence, self._dates(record), withdrawn=status == "withdrawn")

    def _title(self, record: SourceRecord) -> str:
        title = record.name or record.id
        if title.casefold() in self._names_taken:
            title = f"{title} ({record.id})"
        self._names_taken.add(title.casefold())
        return title

    def _awards(self, record: SourceRecord, project: str, evidence: ox.NamedNode) -> Iterator[ox.Triple]:
        """Yield the awards: one of the record's amount, or one for each participant that has an amount of its own."""
        by_role: dict[str, list[Participant]] = {}
        for each in record.participants:
            by_role.setdefault(each.role, []).append(each)
            tie = self._ties.get(each.role)
            if tie and tie.kind == self._names.term("FundingAward"):
                yield from self._described_once(each.values, evidence, each.role)
        funders = [self._entity(each.values, "funder") for each in by_role.get("funder", ())]
        led = [each for role in ("lead", "recipient") for each in by_role.get(role, ())]
        own = [each for each in (*led, *by_role.get("partner", ())) if "amount" in each.values]
        dates = self._dates(record)
        paid = self._ties.get("funder")
        if funders and paid:
            start = [(paid.role, entity) for entity in dict.fromkeys(funders)]
            recipient = self._ties["lead"].role
            without = [each for each in led if each not in own]
            if without or not own:
                parts = [
                    *start,
                    *((recipient, entity) for entity in self._entities(without)),
                    (paid.record_is, project),
                ]
                yield from self._relationship(paid, parts, evidence, dates | _money(record.values))
            for each in own:
                parts = [*start, (recipient, self._entity(each.values, each.role)), (paid.record_is, project)]
                withdrawn = each.values.get("status") == "withdrawn"
                yield from self._relationship(paid, parts, evidence, dates | _money(each.values), withdrawn=withdrawn)
        elif led:
            tie = self._ties["partner"]
            parts = [*((tie.role, entity) for entity in self._entities(led)), (tie.record_is, project)]
            yield from self._relationship(tie, parts, evidence, dates)
        more = self._ties.get("co-funder")
        if more and by_role.get("co-funder"):
            parts = [
                *((more.role, entity) for entity in self._entities(by_role["co-funder"])),
                (more.record_is, project),
            ]
            yield from self._relationship(more, parts, evidence, dates)

    def _entities(self, participants: list[Participant]) -> list[str]:
        return list(dict.fromkeys(self._entity(each.values, each.role) for each in participants))

    def _dates(self, record: SourceRecord) -> dict[str, str]:
        found = {column: record.values[column] for column in ("start", "end") if column in record.values}
        gone = record.values.get("gone")
        if gone and found.get("end", "9999") > gone:
            found["end"] = gone
        if found.get("start", "") > found.get("end", "9999"):
            del found["end"]
        return found

    # Bodies

    def _entity(self, values: Mapping[str, str], role: str) -> str:
        known = self._resolve(self._source, values)
        return known or self._names.entity(body_slug(self._source, values))

    def _described_once(self, values: Mapping[str, str], evidence: ox.NamedNode, role: str = "") -> Iterator[ox.Triple]:
        """Yield what is said of a body that the graph does not know: its kind, its name, and where it is named."""
        if self._resolve(self._source, values):
            return
        entity = self._entity(values, role)
        if entity not in self._described:
            self._described.add(entity)
            node = ox.NamedNode(entity)
            yield ox.Triple(node, _TYPE, self._term(_kind(values, role)))
            yield ox.Triple(node, _LABEL, ox.Literal(values.get("name", ""), language="en"))
            yield ox.Triple(node, _DESCRIPTION, self._described_as)
            yield ox.Triple(node, self._term("namedAt"), evidence)

    def _body(self, record: SourceRecord, evidence: ox.NamedNode) -> Iterator[ox.Triple]:
        known = self._resolve(self._source, record.body)
        entity = known or self._names.entity(body_slug(self._source, record.values))
        node = ox.NamedNode(entity)
        if not known:
            yield from self._described_once(record.body, evidence)
        had = self._known_numbers(entity) if known else frozenset()
        for scheme in IDENTIFIERS:
            notations = [each for each in record.values.get(scheme, "").split(SEVERAL) if each]
            for number, notation in enumerate(notations, start=1):
                if (scheme, notation) in had:
                    continue
                behind = f"-{number}" if number > 1 else ""
                part = ox.NamedNode(f"{entity}#{self._source}-{scheme}{behind}")
                yield ox.Triple(node, _IDENTIFIER, part)
                yield ox.Triple(part, _TYPE, _IDENTIFIER_CLASS)
                scheme_node = ox.NamedNode(self._names.concept("identifier", scheme))
                yield ox.Triple(part, self._term("identifierScheme"), scheme_node)
                yield ox.Triple(part, _NOTATION, ox.Literal(notation))
                yield ox.Triple(part, self._term("seenIn"), evidence)
        for each in record.participants:
            yield from self._between(entity, each, evidence)

    def _between(self, entity: str, other: Participant, evidence: ox.NamedNode) -> Iterator[ox.Triple]:
        """Yield the relationship of two bodies of the graph; a register's names of others alone bring in nobody."""
        there = self._resolve(self._source, other.values)
        roles, kind = _HIERARCHY.get(other.role), "Composition"
        if roles is None:
            roles, kind = _SUCCESSION.get(other.role), "Succession"
        if there and roles and there != entity:
            mine, theirs = (self._names.concept("role", each) for each in roles)
            tie = ImportedTie(self._names.term(kind), mine, theirs, "1.0", "")
            yield from self._relationship(tie, [(mine, entity), (theirs, there)], evidence, {})

    # Relationships

    def _relationship(
        self, tie: ImportedTie, parts: list[tuple[str, str]], evidence: ox.NamedNode, said: Mapping[str, str], *,
        withdrawn: bool = False,
    ) -> Iterator[ox.Triple]:  # fmt: skip
        values = [
            (self._names.term(name), _literal(column, said[column]))
            for column, name in (
                ("start", "validFrom"),
                ("end", "validTo"),
                ("amount", "amount"),
                ("currency", "currency"),
            )
            if column in said
        ]
        name = relationship_name(self._names, tie.kind, parts, values)
        iri = f"{self._names.base}assertion/{name}"
        node = ox.NamedNode(iri)
        yield ox.Triple(node, _TYPE, ox.NamedNode(tie.kind))
        for number, (role, participant) in enumerate(parts, start=1):
            part = ox.NamedNode(f"{iri}#p{number}")
            yield ox.Triple(node, self._term("hasParticipation"), part)
            yield ox.Triple(part, _TYPE, self._term("Participation"))
            yield ox.Triple(part, self._term("role"), ox.NamedNode(role))
            yield ox.Triple(part, self._term("participant"), ox.NamedNode(participant))
        for predicate, value in values:
            yield ox.Triple(node, ox.NamedNode(predicate), value)
        yield ox.Triple(node, self._term("hasEvidence"), evidence)
        yield ox.Triple(node, self._term("confidence"), ox.Literal(tie.confidence, datatype=_DECIMAL))
        yield ox.Triple(node, self._term("rank"), self._deprecated if withdrawn else self._normal)
        if withdrawn:
            note = "The register says that the body withdrew from the project."
            yield ox.Triple(node, _NOTE, ox.Literal(note, language="en"))
        if tie.confidence != "1.0":
            yield ox.Triple(node, self._term("readingNote"), ox.Literal(tie.reason, language="en"))
        yield ox.Triple(node, _AUTHOR, self._agent)
        yield ox.Triple(node, _WHEN, self._at)


_TYPE = ox.NamedNode(RDF_TYPE)
_LABEL = ox.NamedNode(f"{REUSED['skos']}prefLabel")
_DESCRIPTION = ox.NamedNode(f"{REUSED['dcterms']}description")
_SOURCE = ox.NamedNode(f"{REUSED['oa']}hasSource")
_NOTATION = ox.NamedNode(f"{REUSED['skos']}notation")
_NOTE = ox.NamedNode(f"{REUSED['skos']}editorialNote")
_IDENTIFIER = ox.NamedNode(f"{REUSED['adms']}identifier")
_IDENTIFIER_CLASS = ox.NamedNode(f"{REUSED['adms']}Identifier")
_AUTHOR = ox.NamedNode(f"{REUSED['prov']}wasAttributedTo")
_WHEN = ox.NamedNode(f"{REUSED['prov']}generatedAtTime")
_DECIMAL = ox.NamedNode(f"{REUSED['xsd']}decimal")
_INTEGER = ox.NamedNode(f"{REUSED['xsd']}integer")


def _literal(column: str, value: str) -> ox.Literal:
    if column == "amount":
        return ox.Literal(value, datatype=_DECIMAL if "." in value else _INTEGER)
    return ox.Literal(value)


def _money(values: Mapping[str, str]) -> dict[str, str]:
    return {column: values[column] for column in ("amount", "currency") if "amount" in values and column in values}


def _kind(values: Mapping[str, str], role: str) -> str:
    """Return the kind of a body that the register says, or that its number or its legal form does."""
    if role == "spin-out":
        return "SpinOutCompany"
    if said := values.get("type"):
        return said
    if "ods" in values:
        return "NHSOrganisation"
    if "charity-ew" in values:
        return "Charity"
    if "companies-house" in values or values.get("name", "").casefold().endswith(_COMPANY_ENDS):
        return "Company"
    return "Organisation"
