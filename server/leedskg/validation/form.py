"""The form of statements, checked before anything else: values that are literals or IRIs where they should be.

What is malformed is told and left out of the further checks: a shape, a rule or a query that meets it either fails or
says something beside the point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyoxigraph as ox

from leedskg.characters import Fault
from leedskg.graph import CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.literals import faults_of_literal
from leedskg.namespaces import REUSED
from leedskg.ontology import Ontology
from leedskg.statements import StatementFile, Statements, key
from leedskg.validation.findings import Finding, Severity

RULE = "form"
_MOST_SHOWN = 100


def faults_of(triple: ox.Triple, ontology: Ontology) -> Iterator[Fault]:
    """Return what is wrong with the form of one statement, whatever it is about."""
    takes, value = ontology.takes(triple.predicate.value), triple.object
    if takes == "iri" and not isinstance(value, ox.NamedNode):
        yield Fault(
            "Here belongs the IRI of a record, a concept or a page, and not a text. Write an IRI, such as id:nexus or "
            "<https://example.org/>; what has no record yet needs one first.",
            malformed=True,
        )
    elif takes == "literal" and not isinstance(value, ox.Literal):
        yield Fault("Here belongs a text, a number or a date, and not an IRI. Write it in quotation marks.", True)
    elif isinstance(value, ox.Literal) and (wrong := _of_another_kind(value, ontology, triple.predicate.value)):
        yield Fault(wrong)
    if isinstance(value, ox.Literal):
        yield from faults_of_literal(value)


#: What a property of each range takes: the datatypes, and how to write it. What is no text has no language.
_XSD, _STRING, _LANGUAGE = REUSED["xsd"], REUSED["xsd"] + "string", REUSED["rdf"] + "langString"
_TAKEN = {
    _STRING: ((_STRING,), "a plain text, in quotation marks, without a language or a datatype behind it"),
    REUSED["rdf"] + "PlainLiteral": ((_STRING, _LANGUAGE), 'a text, such as "…"@en'),
    _XSD + "decimal": ((_XSD + "decimal", _XSD + "integer"), 'a number, such as 1600 or "2.5"^^xsd:decimal'),
    _XSD + "integer": ((_XSD + "integer",), "a whole number, such as 1600"),
    _XSD + "boolean": ((_XSD + "boolean",), "true or false"),
}


def _of_another_kind(value: ox.Literal, ontology: Ontology, predicate: str) -> str:
    """Return what is wrong with a literal of another kind than its property takes; empty where nothing is.

    Readers compare texts with texts and numbers with numbers: a year that is a number is found by no query for dates.
    """
    kinds, how = _TAKEN.get(ontology.datatype(predicate) or "", ((), ""))
    if not kinds or value.datatype.value in kinds or value.direction:  # a direction has a fault of its own
        return ""
    kind = value.datatype.value
    what = f"in the language {value.language}" if value.language else f"given as {kind.replace(_XSD, 'xsd:')}"
    return f"“{shown(value)}” is {what}. Here belongs {how}."


def is_malformed(triple: ox.Triple, ontology: Ontology) -> bool:
    """Return whether a statement is one that other checks cannot judge."""
    return any(fault.malformed for fault in faults_of(triple, ontology))


def severity_of(fault: Fault) -> Severity:
    """Return how severe a fault of form is."""
    return Severity.WARNING if fault.minor else Severity.VIOLATION


def check_form(knowledge: Knowledge, files: Iterable[StatementFile]) -> Iterator[Finding]:
    """Check the form of every statement of some files."""
    graph, ontology = knowledge.graph, knowledge.ontology
    for file in files:
        for triple, line in zip(file.triples, file.lines, strict=True):
            for fault in faults_of(triple, ontology):
                subject, predicate = key(triple.subject), triple.predicate.value
                yield Finding(
                    severity_of(fault), subject, graph.label(subject), fault.message, RULE, graph.label(predicate),
                    shown(triple.object), file.name, line, predicate,
                )  # fmt: skip


def shown(value: object) -> str:
    """Return a value as a finding shows it: characters that nobody sees as their codes."""
    text = key(value) if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) else str(value)
    text = text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
    return "".join(each if each.isprintable() else f"\\u{ord(each):04X}" for each in text)


def without_malformed(knowledge: Knowledge) -> Knowledge:
    """Return the knowledge without the statements of its graph that cannot be judged; itself where there are none."""
    ontology = knowledge.ontology
    files = [_sound(file, ontology) for file in knowledge.graph.statements.files]
    if all(one is other for one, other in zip(files, knowledge.graph.statements.files, strict=True)):
        return knowledge
    return replace(knowledge, graph=CuratedGraph(Statements.of(files), ontology, knowledge.namespaces))


def _sound(file: StatementFile, ontology: Ontology) -> StatementFile:
    malformed = [is_malformed(triple, ontology) for triple in file.triples]
    if not any(malformed):
        return file
    kept = [
        each for each, wrong in zip(zip(file.triples, file.lines, strict=True), malformed, strict=True) if not wrong
    ]
    return StatementFile(file.name, tuple(triple for triple, _ in kept), tuple(line for _, line in kept))
