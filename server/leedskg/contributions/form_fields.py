"""The fields of a form for a kind of record, read from the shapes that guard it.

A form is a table of one row: each field is a column, so that what is entered is drafted, checked and told as a row of
a spreadsheet is. What a field is called, whether it is needed, which values it takes and what they are is said by the
shapes (sh:name, sh:description, sh:minCount, sh:maxCount, sh:class, sh:in, sh:node, sh:datatype, sh:order); where a
shape has no sh:description, the ontology's definition of the property is the help.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from leedskg.contributions.amendments import Amendments
from leedskg.contributions.directory import Directory
from leedskg.contributions.relationships import role_rule
from leedskg.contributions.templates import role_column
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED

Control = Literal["text", "long", "number", "date", "choice", "entity", "record"]
FormKind = Literal["entities", "relationships", "observations", "corrections", "retirements"]

_SH, _RDF = REUSED["sh"], REUSED["rdf"]
_DEFINITION = REUSED["skos"] + "definition"
_VIOLATION = _SH + "Violation"
_LONG = ("description", "population", "scope", "passage", "reading note", "note", "reason")
#: What parts a field from its value in a choice of both: no field has it in its name.
BETWEEN = " = "
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


@dataclass(frozen=True)
class FormField:
    """One field: its column, its words, and what may be entered. `several` values have an input each.

    `kinds` are the classes of the entities that it takes, `property_iri` what a finding about it names.
    """

    column: str
    label: str
    hint: str = ""
    needed: bool = False
    control: Control = "text"
    options: tuple[tuple[str, str], ...] = ()
    several: bool = False
    kinds: tuple[str, ...] = ()
    property_iri: str = ""
    place: str = "claim"


@dataclass(frozen=True)
class Rule:
    """What the shapes say of one property of one class, all property shapes for it together."""

    name: str = ""
    help: str = ""
    needed: bool = False
    several: bool = True
    class_iri: str = ""
    scheme: str = ""
    values: tuple[str, ...] = ()
    datatype: str = ""
    order: float = 1000.0


class FormFields:
    """Makes the fields of forms from one state of the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._directory = Directory(knowledge, None)

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
            known = Amendments(self._directory, "").fields(record) if form == "corrections" and record else []
            return [self._of_record(each, known) for each in _AMENDING[form]] if known else list(_AMENDING[form])
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
                rule = self.rule(class_iri, iri)
                hint = rule.help or "The narrowest that fits."
                found.append((rule.order, FormField("kind", "Kind", hint, True, "choice", options, property_iri=iri)))
                continue
            rule = self.rule(class_iri, iri)
            if not rule.name or (column in {"amount", "currency", "need", "stage"} and not self._takes(class_iri, iri)):
                continue
            found.append((rule.order, self._field(column, iri, rule)))
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    def _field(self, column: str, iri: str, rule: Rule) -> FormField:
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

    def rule(self, class_iri: str, property_iri: str) -> Rule:
        """What the shapes that hold for a class say of a property."""
        shapes = self._knowledge.shapes
        found = Rule(help=self._definition(property_iri))
        for shape in self._property_shapes(class_iri):
            if shapes.text(shape, _SH + "path") != property_iri:
                continue
            node = shapes.text(shape, _SH + "node") or ""
            scheme = next(
                (
                    value.rpartition("/")[2]
                    for part in shapes.texts(node, _SH + "property")
                    if shapes.text(part, _SH + "path") == REUSED["skos"] + "inScheme"
                    for value in shapes.texts(part, _SH + "hasValue")
                ),
                "",
            )
            violates = shapes.text(shape, _SH + "severity") in {None, _VIOLATION}
            least = int(shapes.text(shape, _SH + "minCount") or 0)
            most = shapes.text(shape, _SH + "maxCount")
            found = Rule(
                found.name or shapes.text(shape, _SH + "name") or "",
                shapes.text(shape, _SH + "description") or found.help,
                found.needed or (violates and least > 0),
                found.several and most != "1",
                found.class_iri or shapes.text(shape, _SH + "class") or "",
                found.scheme or scheme,
                found.values or tuple(self._list(shapes.text(shape, _SH + "in"))),
                found.datatype or shapes.text(shape, _SH + "datatype") or "",
                min(found.order, float(shapes.text(shape, _SH + "order") or 1000)),
            )
        return found

    def _property_shapes(self, class_iri: str) -> Iterator[str]:
        """The property shapes of a class and of those that it is a kind of."""
        shapes, wider = self._knowledge.shapes, self._knowledge.ontology.wider(class_iri)
        targets = {*wider, class_iri}
        for shape in self._node_shapes:
            if targets & set(shapes.texts(shape, _SH + "targetClass")):
                yield from shapes.texts(shape, _SH + "property")

    @cached_property
    def _node_shapes(self) -> list[str]:
        return list(self._knowledge.shapes.of_type([_SH + "NodeShape"], RDF_TYPE))

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

    def _definition(self, iri: str) -> str:
        statements = self._knowledge.ontology.statements
        said = statements.text(iri, _DEFINITION) or ""
        example = statements.text(iri, REUSED["skos"] + "example")
        return f"{said} For example: {example}".strip() if example else said

    def _narrower(self, class_iri: str) -> tuple[str, ...]:
        return tuple(sorted(self._knowledge.ontology.narrower(class_iri)))

    def _label(self, iri: str) -> str:
        return self._knowledge.ontology.label(iri) or self._knowledge.graph.label(iri)

    def _expanded(self, short: str) -> str:
        prefix, _, local = short.partition(":")
        return self._knowledge.namespaces.prefixes.get(prefix, REUSED.get(prefix, "")) + local

    def _list(self, node: str | None) -> Iterator[str]:
        while node and self._knowledge.shapes.text(node, _RDF + "first"):
            yield from self._knowledge.shapes.texts(node, _RDF + "first")
            node = self._knowledge.shapes.text(node, _RDF + "rest")


#: Forms that change what is there: they are about a record and not of a class, so that no shape describes them.
_AMENDING: dict[FormKind, tuple[FormField, ...]] = {
    "corrections": (
        FormField("record", "Which record is wrong",
                  "The name of an entity; or the address of a statement, as its page shows it.", True, "record"),
        FormField("field", "Which field of it", "As the page calls it, such as description, amount or funder.", True),
        FormField("old value", "What it says now", "Needed only where the field has more than one value."),
        FormField("new value", "What it should say", "", True),
        FormField("reason", "Why", "On what ground. It is kept with the record.", True, "long"),
    ),
    "retirements": (
        FormField("record", "Which record is retired",
                  "The name of an entity; or the address of a statement, as its page shows it.", True, "record"),
        FormField("replaced by", "What takes its place", "The other entity, where there is one.", False, "entity"),
        FormField("reason", "Why", "It is told to those who follow a link to the record.", True, "long"),
    ),
}  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_OPTION else f"{text[: _LONGEST_OPTION - 1]}…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
