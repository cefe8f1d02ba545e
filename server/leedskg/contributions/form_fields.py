"""The fields of a form for a kind of record, read from the shapes that guard it.

A form is a table of one row: each field is a column, so that what is entered is drafted, checked and told as a row of
a spreadsheet is. What a field is called, whether it is needed, which values it takes and what they are is said by the
shapes (sh:name, sh:description, sh:minCount, sh:maxCount, sh:class, sh:in, sh:node, sh:datatype, sh:order); where a
shape has no sh:description, the ontology's definition of the property is the help.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from leedskg.contributions.directory import Directory
from leedskg.contributions.form_field import AMENDING, BETWEEN, Control, FormField, FormKind
from leedskg.contributions.property_rules import PropertyRule, PropertyRules
from leedskg.contributions.relationships import role_rule
from leedskg.contributions.stated_fields import StatedFields
from leedskg.contributions.templates import role_column
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED

_DEFINITION = REUSED["skos"] + "definition"
_LONG = ("description", "population", "scope", "passage", "reading note", "note", "reason")
_LONGEST_OPTION = 90
_DATES = ("valid from", "valid to", "reference period")
#: The column of each property, in the order of a form where the shapes give none.
_COLUMNS: dict[FormKind, tuple[tuple[str, str], ...]] = {
    "entities": (
        ("name", "skos:prefLabel"), ("kind", "rdf:type"), ("also printed as", "skos:altLabel"),
        ("description", "dcterms:description"), ("population", "lhi:population"),
    ),
    "relationships": (
        ("amount", "lhi:amount"), ("currency", "lhi:currency"), ("need", "lhi:need"), ("stage", "lhi:stage"),
    ),
    "observations": (
        ("indicator", "lhi:indicator"), ("value", "lhi:value"), ("unit", "lhi:unit"), ("qualifier", "lhi:qualifier"),
        ("geography", "lhi:geography"), ("about", "lhi:about"), ("reference period", "lhi:referencePeriod"),
        ("scope", "lhi:scope"), ("attributed to", "lhi:attributedTo"),
    ),
    "corrections": (),
    "retirements": (),
}  # fmt: skip
#: What every statement carries besides, in the same way.
_CARRIED = (
    ("valid from", "lhi:validFrom"), ("valid to", "lhi:validTo"), ("confidence", "lhi:confidence"),
    ("reading note", "lhi:readingNote"),
)  # fmt: skip
#: Kinds that come with a file or a key, and are described by hand.
_BY_HAND = ("SourceDocument", "RegisterSource", "Indicator")


class FormFields:
    """Makes the fields of forms from one state of the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._directory = Directory(knowledge, None)
        self._rules = PropertyRules(knowledge)

    def kinds(self, top: str) -> list[tuple[str, str, str]]:
        """The kinds of entities or relationships that a form can make: name, label and definition."""
        term, ontology = self._knowledge.namespaces.term, self._knowledge.ontology
        left_out = {term(name) for name in (*_BY_HAND, top)}
        found = [
            (kind.rpartition("#")[2], self._label(kind), ontology.statements.text(kind, _DEFINITION) or "")
            for kind in ontology.narrower(term(top)) - left_out
            if top != "Relationship" or role_rule(self._knowledge, kind).allowed
        ]
        return sorted(found, key=lambda each: each[1].casefold())

    def fields(self, form: FormKind, kind: str = "", record: str = "") -> list[FormField]:
        """The fields of a form: of one kind of relationship, or to correct one record, where these are known."""
        if form in {"corrections", "retirements"}:
            known = StatedFields(self._directory).fields(record) if form == "corrections" and record else []
            return [self._of_record(each, known) for each in AMENDING[form]] if known else list(AMENDING[form])
        name = {"entities": "Entity", "observations": "IndicatorObservation"}.get(form, kind)
        class_iri = self._knowledge.namespaces.term(name)
        found = [*(self._roles(class_iri) if form == "relationships" else ())]
        found += self._of_properties(class_iri, _COLUMNS[form])
        found += self._places(needed=form != "entities")
        if form != "entities":
            found += [
                replace(each, needed=False, place="standing") for each in self._of_properties(class_iri, _CARRIED)
            ]
        note = "What other curators should know of this record. It is shown to readers of the data."
        return [*found, FormField("note", "Note", note, control="long", place="standing")]

    @staticmethod
    def _of_record(field: FormField, known: list[tuple[str, str]]) -> FormField:
        """The field of a correction that says which field of the record is wrong, as a choice of those it has."""
        if field.column != "field":
            return field
        options = tuple((f"{name}{BETWEEN}{value}", f"{name}: {_short(value)}") for name, value in known)
        return replace(field, control="choice", hint="With what it says now.", options=options)

    def _of_properties(self, class_iri: str, columns: Iterable[tuple[str, str]]) -> list[FormField]:
        found = []
        for column, short in columns:
            iri = self._expanded(short)
            if column == "kind":
                options = tuple((label, label) for _, label, _ in self.kinds("Entity"))
                rule = self._rules.rule(class_iri, iri)
                hint = rule.help or "The narrowest that fits."
                found.append((rule.order, FormField("kind", "Kind", hint, True, "choice", options, property_iri=iri)))
                continue
            rule = self._rules.rule(class_iri, iri)
            if not rule.name or (column in {"amount", "currency", "need", "stage"} and not self._takes(class_iri, iri)):
                continue
            found.append((rule.order, self._field(column, iri, rule)))
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    def _field(self, column: str, iri: str, rule: PropertyRule) -> FormField:
        control: Control = "long" if column in _LONG else "date" if column in _DATES else "text"
        options: tuple[tuple[str, str], ...] = ()
        if rule.scheme:
            control = "choice"
            labels = self._directory.concepts(rule.scheme)
            options = tuple((label, label) for label in sorted(labels.values(), key=str.casefold))
        elif rule.values:
            control = "choice"
            options = tuple((self._label(value), self._label(value)) for value in rule.values)
        elif rule.class_iri:
            control = "entity"
        elif column in {"value", "amount", "confidence"}:
            control = "number"
        label = {"name": "Name", "geography": "Place", "about": "About which entity"}.get(column, _capital(rule.name))
        several = rule.several and column in {"also printed as", "attributed to", "need", "stage"}
        kinds = self._narrower(rule.class_iri) if control == "entity" else ()
        return FormField(column, label, rule.help, rule.needed, control, options, several, kinds, iri)

    def _takes(self, class_iri: str, property_iri: str) -> bool:
        """Whether the ontology gives the property to this very class, and not only to some other kind."""
        domains = self._knowledge.ontology.statements.texts(property_iri, REUSED["rdfs"] + "domain")
        return not domains or bool(set(domains) & self._knowledge.ontology.wider(class_iri))

    def _roles(self, class_iri: str) -> list[FormField]:
        """A field for each role that the shape of a relationship allows."""
        rule, statements = role_rule(self._knowledge, class_iri), self._knowledge.ontology.statements
        kinds = self._narrower(self._knowledge.namespaces.term("Entity"))
        found = []
        for role in rule.allowed:
            label = statements.text(role, REUSED["skos"] + "prefLabel") or role
            hint = statements.text(role, _DEFINITION) or ""
            needed = role in rule.needed
            found.append(FormField(role_column(label), _capital(label), hint, needed, "entity", (), True, kinds, role))
        return found

    def _places(self, *, needed: bool) -> list[FormField]:
        """The fields of evidence: a passage of a document, or a record of a register."""
        statements, term = self._knowledge.graph.statements, self._knowledge.namespaces.term
        documents = tuple(
            (statements.text(iri, term("fileName")) or "", self._knowledge.graph.label(iri))
            for iri in statements.of_type([term("SourceDocument")], RDF_TYPE)
        )
        evidence = term("hasEvidence") if needed else term("namedAt")
        shown = sorted(documents, key=lambda each: each[1].casefold())
        hint = "Which document says this. A document that is not here has to be added by the curators first."
        passage = "A few words of the document, copied as they are printed. They are looked up, and not kept."
        if not needed:
            passage = "Leave it empty, and the first place is taken where the document prints the name."
        registers = [self._knowledge.graph.label(iri) for iri in statements.of_type([term("RegisterSource")], RDF_TYPE)]
        return [
            FormField("document", "Document", hint, needed, "choice", tuple(shown), False, (), evidence, "evidence"),
            FormField("passage", "Passage", passage, needed, "long", (), False, (), evidence, "evidence"),
            FormField(
                "occurrence", "Which of the places",
                "Only where the document prints the passage more than once: 1 is the first.", False, "number", (),
                False, (), "", "evidence",
            ),
            FormField(
                "register", "Or a register", "Where the statement rests on a record of a register, and on no document.",
                False, "choice", tuple((label, label) for label in sorted(registers, key=str.casefold)), False, (), "",
                "evidence",
            ),
            FormField(
                "record key", "Key of the record", "As the register has it, such as a company number.", False, "text",
                (), False, (), "", "evidence",
            ),
        ]  # fmt: skip

    def _narrower(self, class_iri: str) -> tuple[str, ...]:
        return tuple(sorted(self._knowledge.ontology.narrower(class_iri)))

    def _label(self, iri: str) -> str:
        return self._knowledge.ontology.label(iri) or self._knowledge.graph.label(iri)

    def _expanded(self, short: str) -> str:
        prefix, _, local = short.partition(":")
        return self._knowledge.namespaces.prefixes.get(prefix, REUSED.get(prefix, "")) + local


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_OPTION else f"{text[: _LONGEST_OPTION - 1]}…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
