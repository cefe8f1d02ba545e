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

from leedskg.contributions.amendments import StatedFields
from leedskg.contributions.assertions import role_rule
from leedskg.contributions.directory import Directory
from leedskg.contributions.form_field import AMENDING, BETWEEN, Control, FormField, FormKind
from leedskg.contributions.registered import COMMON
from leedskg.contributions.templates import role_column
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.naming import folded
from leedskg.wording import capital

_SH, _RDF = REUSED["sh"], REUSED["rdf"]
_DEFINITION = REUSED["skos"] + "definition"
_VIOLATION = _SH + "Violation"


@dataclass(frozen=True)
class PropertyRule:
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


class PropertyRules:
    """Reads the rules of properties from one state of the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def rule(self, class_iri: str, property_iri: str) -> PropertyRule:
        """Return what the shapes that hold for a class say of a property."""
        shapes = self._knowledge.shapes
        found = PropertyRule(help=self.definition(property_iri))
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
            found = PropertyRule(
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
        """Yield the property shapes of a class and of those that it is a kind of."""
        shapes, wider = self._knowledge.shapes, self._knowledge.ontology.wider(class_iri)
        targets = {*wider, class_iri}
        for shape in self._node_shapes:
            if targets & set(shapes.texts(shape, _SH + "targetClass")):
                yield from shapes.texts(shape, _SH + "property")

    @cached_property
    def _node_shapes(self) -> list[str]:
        return list(self._knowledge.shapes.of_type([_SH + "NodeShape"], RDF_TYPE))

    def definition(self, iri: str) -> str:
        """Return what the ontology says a term means, with its example; empty where it says nothing."""
        statements = self._knowledge.ontology.statements
        said = statements.text(iri, _DEFINITION) or ""
        example = statements.text(iri, REUSED["skos"] + "example")
        return f"{said} For example: {example}".strip() if example else said

    def _list(self, node: str | None) -> Iterator[str]:
        while node and self._knowledge.shapes.text(node, _RDF + "first"):
            yield from self._knowledge.shapes.texts(node, _RDF + "first")
            node = self._knowledge.shapes.text(node, _RDF + "rest")


_LONG = ("description", "population", "scope", "passage", "reading note", "note", "reason")
_LONGEST_OPTION = 90
_DATES = ("valid from", "valid to", "reference period")
#: The column of each property, in the order of a form where the shapes give none.
COLUMNS: dict[FormKind, tuple[tuple[str, str], ...]] = {
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
#: What every statement carries too, in the same way.
CARRIED = (
    ("valid from", "lhi:validFrom"), ("valid to", "lhi:validTo"), ("confidence", "lhi:confidence"),
    ("reading note", "lhi:readingNote"),
)  # fmt: skip
#: Kinds that come with a file or a key, and are described by hand.
_BY_HAND = ("SourceDocument", "RegisterSource", "WebPage", "Indicator")


class FormFields:
    """Makes the fields of forms from one state of the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._directory = Directory(knowledge, None)
        self._rules = PropertyRules(knowledge)

    def kinds(self, top: str) -> list[tuple[str, str, str]]:
        """List the kinds of entities or relationships that a form can make: name, label and definition."""
        term, ontology = self._knowledge.namespaces.term, self._knowledge.ontology
        left_out = {term(name) for name in (*_BY_HAND, top)}
        found = [
            (kind.rpartition("#")[2], self._label(kind), ontology.statements.text(kind, _DEFINITION) or "")
            for kind in ontology.narrower(term(top)) - left_out
            if top != "Relationship" or role_rule(self._knowledge, kind).allowed
        ]
        return sorted(found, key=lambda each: each[1].casefold())

    def fields(self, form: FormKind, kind: str = "", record: str = "") -> list[FormField]:
        """List the fields of a form: of one kind of relationship, or to correct one record, where these are known."""
        if form in {"corrections", "retirements"}:
            known = StatedFields(self._directory).fields(record) if form == "corrections" and record else []
            return [self._of_record(each, known) for each in AMENDING[form]] if known else list(AMENDING[form])
        name = {"entities": "Entity", "observations": "IndicatorObservation"}.get(form, kind)
        class_iri = self._knowledge.namespaces.term(name)
        found = [*(self._roles(class_iri) if form == "relationships" else ())]
        found += self._of_properties(class_iri, COLUMNS[form])
        if form == "entities":
            found += self._identifiers()
        found += self._places(needed=form != "entities")
        if form != "entities":
            found += [replace(each, needed=False, place="standing") for each in self._of_properties(class_iri, CARRIED)]
        note = "What other curators should know of this record. It is shown to readers of the data."
        return [*found, FormField("note", "Note", note, control="long", place="standing")]

    @staticmethod
    def _of_record(field: FormField, known: list[tuple[str, str]]) -> FormField:
        """Make the field of a correction that says which field of the record is wrong a choice of those it has."""
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
        label = {"name": "Name", "geography": "Place", "about": "About which entity"}.get(column, capital(rule.name))
        several = rule.several and column in {"also printed as", "attributed to", "need", "stage"}
        kinds = self._narrower(rule.class_iri) if control == "entity" else ()
        return FormField(column, label, rule.help, rule.needed, control, options, several, kinds, iri)

    def _takes(self, class_iri: str, property_iri: str) -> bool:
        """Return whether the ontology gives the property to this very class, and not only to some other kind."""
        domains = self._knowledge.ontology.statements.texts(property_iri, REUSED["rdfs"] + "domain")
        return not domains or bool(set(domains) & self._knowledge.ontology.wider(class_iri))

    def _roles(self, class_iri: str) -> list[FormField]:
        """Make a field for each role that the shape of a relationship allows."""
        rule, statements = role_rule(self._knowledge, class_iri), self._knowledge.ontology.statements
        kinds = self._narrower(self._knowledge.namespaces.term("Entity"))
        found = []
        for role in rule.allowed:
            label = statements.text(role, REUSED["skos"] + "prefLabel") or role
            hint = statements.text(role, _DEFINITION) or ""
            needed = role in rule.needed
            found.append(FormField(role_column(label), capital(label), hint, needed, "entity", (), True, kinds, role))
        return found

    def _identifiers(self) -> list[FormField]:
        """Make a field for the number in each of the registers that organisations are mostly found in."""
        shape = f"{self._knowledge.namespaces.base}shape/%s-like-notation"
        labels = {iri.rpartition("/")[2]: label for iri, label in self._directory.concepts("identifier").items()}
        return [
            FormField(
                folded(labels[register]), capital(labels[register]),
                self._knowledge.shapes.text(shape % register, REUSED["sh"] + "message") or "",
            )
            for register in COMMON
            if register in labels
        ]  # fmt: skip

    def _places(self, *, needed: bool) -> list[FormField]:
        """Make the fields of evidence: a passage of a document, or a record of a register."""
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
            FormField(
                "web page", "Or a web page", "Its whole address, where the statement rests on a page of the web.",
                False, "text", (), False, (), "", "evidence",
            ),
            FormField(
                "seen on", "Seen on", "The day on which you saw the page, such as 2026-11-28.", False, "date", (),
                False, (), "", "evidence",
            ),
            FormField(
                "page title", "Title of the page", "Where the graph does not know the page yet.", False, "text", (),
                False, (), "", "evidence",
            ),
            FormField(
                "report", "Or a report", "The title of a report or other document that is not listed above.", False,
                "text", (), False, (), "", "evidence",
            ),
            FormField(
                "report page", "Page or heading", "Where in the report, such as p. 12.", False, "text", (), False, (),
                "", "evidence",
            ),
            FormField(
                "report publisher", "Who published it", "Where the graph does not know the report yet.", False,
                "entity", (), False, self._narrower(term("Entity")), "", "evidence",
            ),
            FormField(
                "report date", "When it was published", "Such as 2025 or 2025-06, where the report is new here.", False,
                "date", (), False, (), "", "evidence",
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
