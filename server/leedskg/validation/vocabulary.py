"""Checks that need no shape: undeclared terms, references to nothing, and names that do not fit their content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import chain

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from leedskg.graph import IS_REPLACED_BY
from leedskg.identifiers import problem
from leedskg.identity import DRAFT, expected_name
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import StatementFile, Statements, key
from leedskg.validation.findings import Finding, Severity

NOTATION = REUSED["skos"] + "notation"
#: Kinds of our own IRIs that must be described where they are used.
_DESCRIBED = ("id/", "assertion/", "evidence/", "scheme/", "agent/")
#: The languages that every OWL ontology speaks; their terms need no declaration.
_BUILT_IN = tuple(REUSED[prefix] for prefix in ("rdf", "rdfs", "owl"))


def check_vocabulary(knowledge: Knowledge) -> Iterator[Finding]:
    """Check that every class and property is declared, and every one of our own IRIs described somewhere."""
    for file in [*knowledge.graph.statements.files, *knowledge.ontology.statements.files]:
        yield from check_terms(knowledge, file)
    yield from check_types(knowledge, knowledge.graph.statements.subjects())


def check_terms(knowledge: Knowledge, file: StatementFile) -> Iterator[Finding]:
    """Check the terms in the statements of one file in the same way."""
    ontology, graph = knowledge.ontology, knowledge.graph
    seen: set[tuple[str, str]] = set()
    for triple, line in zip(file.triples, file.lines, strict=True):
        predicate, value = triple.predicate.value, triple.object
        problems: list[tuple[str, str, str]] = []
        if predicate not in ontology.properties and not predicate.startswith(_BUILT_IN):
            problems.append((predicate, "property", _undeclared_message(knowledge, predicate, ontology.properties)))
        if isinstance(value, ox.NamedNode):
            if predicate == RDF_TYPE:
                if _is_misspelt(knowledge, value.value):
                    problems.append(
                        (value.value, "type", _undeclared_message(knowledge, value.value, ontology.classes))
                    )
            elif _needs_description(knowledge, value.value):
                problems.append((value.value, graph.label(predicate), _missing_message(knowledge, value.value)))
        for term, field, message in problems:
            if (term, key(triple.subject)) in seen:
                continue
            seen.add((term, key(triple.subject)))
            subject = key(triple.subject)
            yield Finding(
                Severity.VIOLATION, subject, graph.label(subject), message, "vocabulary", field,
                knowledge.namespaces.shorten(term), file.name, line, predicate,
            )  # fmt: skip


def _is_misspelt(knowledge: Knowledge, kind: str) -> bool:
    """Return whether a type is one that the ontology should declare: ours, or nearly one that it declares.

    Other vocabularies may say what a record is too, beside ours.
    """
    classes = knowledge.ontology.classes
    if kind in classes or kind.startswith(_BUILT_IN):
        return False
    return knowledge.namespaces.local(kind) is not None or bool(get_close_matches(kind, classes, n=1, cutoff=0.95))


def check_types(knowledge: Knowledge, subjects: Iterable[str]) -> Iterator[Finding]:
    """Check that each of these records has a type of the ontology that fits its name; others may stand beside it."""
    graph = knowledge.graph
    kinds = _kinds_by_name(knowledge)
    for subject in subjects:
        room = _room(knowledge.namespaces.local(subject) or "")
        if room not in kinds:
            continue
        types = graph.statements.values(subject, RDF_TYPE)
        allowed, example = kinds[room]
        if any(isinstance(each, ox.NamedNode) and each.value in allowed for each in types):
            continue
        shorten = knowledge.namespaces.shorten
        given = ", ".join(shorten(each.value) if isinstance(each, ox.NamedNode) else key(each) for each in types)
        message = (
            f"This record has no type of ours that fits its name. Give it one, such as `a {example}`; the kinds are in "
            "ontology/core.ttl. Types of other vocabularies may stand beside it."
        )
        file, line = graph.statements.place(subject, RDF_TYPE if types else None) or ("", None)
        yield Finding(
            Severity.VIOLATION,
            subject,
            graph.label(subject),
            message,
            "vocabulary",
            "type",
            given,
            file,
            line,
            RDF_TYPE,
        )


def _kinds_by_name(knowledge: Knowledge) -> dict[str, tuple[frozenset[str], str]]:
    """Return the types that a record may have by the form of its name, and an example of each."""
    term, narrower = knowledge.namespaces.term, knowledge.ontology.narrower
    evidence = narrower(term("Evidence")) | {term("PassageWithoutClaim")}
    return {
        "id/": (narrower(term("Entity")), "lhi:Company"),
        "id/#": (frozenset([REUSED["adms"] + "Identifier", REUSED["spdx"] + "Checksum"]), "adms:Identifier"),
        "assertion/": (narrower(term("Assertion")) - {term("Assertion"), term("Relationship")}, "lhi:FundingAward"),
        "assertion/#": (frozenset([term("Participation")]), "lhi:Participation"),
        "evidence/": (evidence - {term("Evidence")}, "lhi:TextEvidence"),
        "evidence/#": (frozenset([REUSED["oa"] + "TextPositionSelector"]), "oa:TextPositionSelector"),
        "agent/": (frozenset([REUSED["prov"] + "Agent"]), "prov:Agent"),
    }


def _room(local: str) -> str:
    folder, slash, name = local.partition("/")
    return folder + slash + ("#" if "#" in name else "")


def _needs_description(knowledge: Knowledge, iri: str) -> bool:
    local = knowledge.namespaces.local(iri)
    if local is None or not local.startswith((*_DESCRIBED, "def#")):
        return False
    return iri not in knowledge.graph.statements and iri not in knowledge.ontology.statements


def _undeclared_message(knowledge: Knowledge, iri: str, declared: frozenset[str]) -> str:
    short = knowledge.namespaces.shorten
    near = get_close_matches(iri, declared, n=1, cutoff=0.8)
    if not near:
        hint = "declare it in ontology/core.ttl, or use a term that is there."
    elif re.split("[/#]", near[0])[-1] == re.split("[/#]", iri)[-1]:
        hint = f"did you mean <{near[0]}>? Look at what its prefix is declared as."
    else:
        hint = f"did you mean {short(near[0])}?"
    return f"The ontology does not declare {short(iri)}: {hint}"


def _missing_message(knowledge: Knowledge, iri: str) -> str:
    folder = re.split(r"(?<=[/#])[^/#]*$", iri)[0]
    everything = chain(knowledge.graph.statements.subjects(), knowledge.ontology.statements.subjects())
    known = [each for each in everything if each.startswith(folder)]
    short = knowledge.namespaces.shorten
    names = {each: each.removeprefix(folder) for each in known}
    near = process.extractOne(iri.removeprefix(folder), names, scorer=fuzz.ratio, score_cutoff=70)
    hint = f"did you mean {short(near[2])}?" if near else "describe it in a file of graph/, or fix the spelling."
    return f"No file says what {short(iri)} is: {hint}"


def check_identifiers(knowledge: Knowledge) -> Iterator[Finding]:
    """Check the check digits of identifiers, which a pattern cannot judge."""
    statements, scheme = knowledge.graph.statements, knowledge.namespaces.term("identifierScheme")
    for iri in statements.of_type([REUSED["adms"] + "Identifier"], RDF_TYPE):
        register = (statements.text(iri, scheme) or "").rpartition("/")[2]
        for value in statements.values(iri, NOTATION):
            wrong = problem(register, key(value))
            if wrong:
                file, line = statements.place(iri, NOTATION, value) or ("", None)
                yield Finding(
                    Severity.VIOLATION, iri, knowledge.graph.label(iri), wrong, "check digits", "identifier",
                    key(value), file, line, NOTATION,
                )  # fmt: skip


def check_names(knowledge: Knowledge) -> Iterator[Finding]:
    """Check that the IRI of every assertion and every piece of evidence is the hash of its content."""
    graph, namespaces = knowledge.graph, knowledge.namespaces
    for iri in [*graph.assertions(), *graph.evidence()]:
        local = (namespaces.local(iri) or iri).rpartition("/")[2]
        wanted = expected_name(graph.statements, iri, namespaces)
        if wanted is None or wanted == local:
            continue
        file, line = graph.statements.place(iri) or ("", None)
        if local.startswith(DRAFT):
            message = f"This is still a draft name: run `leedskg mint {file}`, which gives it the name {wanted}."
        else:
            message = (
                "The name no longer fits what is said: the name is a hash of the content. Give the changed statement "
                f"a draft name (`{DRAFT}` and anything) and run `leedskg mint {file}`."
            )
        yield Finding(Severity.VIOLATION, iri, graph.label(iri), message, "identity", "IRI", local, file, line)


def check_replacements(knowledge: Knowledge, subjects: Iterable[str]) -> Iterator[Finding]:
    """Check that none of these records is replaced by itself, by way of however many others."""
    graph, shorten = knowledge.graph, knowledge.namespaces.shorten
    for subject in subjects:
        circle = _circle(graph.statements, subject)
        if not circle:
            continue
        way = " → ".join(shorten(each) for each in (subject, *circle))
        file, line = graph.statements.place(subject, IS_REPLACED_BY) or ("", None)
        yield Finding(
            Severity.VIOLATION, subject, graph.label(subject),
            f"The replacements go round in a circle, and whoever follows them never arrives: {way}. Take out the "
            "dcterms:isReplacedBy, and owl:deprecated, of the record that is in use.",
            "replacement", graph.label(IS_REPLACED_BY), shorten(circle[0]), file, line, IS_REPLACED_BY,
        )  # fmt: skip


def _circle(statements: Statements, subject: str) -> tuple[str, ...]:
    """Return the records that lead from a record back to it; empty where none do."""
    came_from: dict[str, str] = {}
    waiting = [subject]
    while waiting:
        current = waiting.pop()
        for follower in statements.texts(current, IS_REPLACED_BY):
            if follower == subject:
                way = [subject]
                while current != subject:
                    way.append(current)
                    current = came_from[current]
                return tuple(reversed(way))
            if follower not in came_from:
                came_from[follower] = current
                waiting.append(follower)
    return ()
