"""What a contribution may say at all, before the shapes are asked: under whose names and in which words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

import pyoxigraph as ox

from leedskg.graph import ALT_LABEL, PREF_LABEL
from leedskg.identity import DRAFT, expected_name
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import StatementFile, Statements, key
from leedskg.validation.change import ProposedStatement, finding
from leedskg.validation.findings import Finding, Severity
from leedskg.validation.form import faults_of, severity_of, shown

_SLUG = "[a-z0-9]+(?:-[a-z0-9]+)*"
#: The names that a record may have, and those of its parts.
_SUBJECTS = (
    (re.compile(rf"(?=.{{4,500}}$)id/{_SLUG}(?:#{_SLUG})?"), "id/ and a slug of lower-case letters, digits and single "
     "hyphens, 500 characters in all"),
    (re.compile(rf"assertion/(?:[0-9a-f]{{16}}|{DRAFT}{_SLUG})(?:#p[1-9][0-9]*)?"), "assertion/ and 16 hex digits"),
    (re.compile(rf"evidence/(?:[0-9a-f]{{12}}|{DRAFT}{_SLUG})(?:#[a-z]+)?"), "evidence/ and 12 hex digits"),
    (re.compile(rf"agent/{_SLUG}"), "agent/ and a slug"),
)  # fmt: skip
_LONGEST_TEXT = 5_000
#: Longer names fit into no address, list or picture.
_LONGEST_NAME = 500
_NAMES = (PREF_LABEL, ALT_LABEL)
#: Of the languages of ontologies and shapes, all that a record may use.
_OF_RECORDS = {REUSED["owl"] + "deprecated", RDF_TYPE}
_ABOUT_TERMS = tuple(REUSED[prefix] for prefix in ("sh", "owl", "rdfs", "rdf"))


class Screening:
    """Holds proposals against what may be contributed to one state of the graph."""

    def __init__(self, state: Knowledge) -> None:
        self._state = state
        self._statements = state.graph.statements
        self._namespaces = state.namespaces

    def changes(self, proposal: ProposedStatement) -> bool:
        """Return whether a proposal would change the graph: what it adds is not there yet, what it takes out is."""
        return self._statements.holds(proposal.triple) != (proposal.action == "add")

    @cached_property
    def _derived(self) -> frozenset[str]:
        """The properties that rules make, and nobody states of an entity."""
        ontology, term = self._state.ontology.statements, self._namespaces.term
        derives, inverse = term("derives"), REUSED["owl"] + "inverseOf"
        found = {name for pattern in ontology.subjects() for name in ontology.texts(pattern, derives)}
        found |= {term(name) for name in ("helpsWith", "meetsNeed", "atStage", "within", "hasTheme", "conflictsWith")}
        found |= {other for name in list(found) for other in ontology.texts(name, inverse)}
        found |= {name for name in ontology.subjects() if found & set(ontology.texts(name, inverse))}
        return frozenset(found)

    def minted(self, proposals: list[ProposedStatement]) -> list[ProposedStatement]:
        """Give the proposals real names in place of draft names, as `leedskg mint` does.

        A draft that misses what its name is made from keeps its draft name, which the check finds.
        """
        for kind in ("evidence", "assertion"):
            prefix = f"{self._namespaces.base}{kind}/{DRAFT}"
            if not any(key(each.triple.subject).startswith(prefix) for each in proposals):
                continue
            triples = tuple(each.triple for each in proposals)
            statements = Statements.of([StatementFile("draft", triples, (0,) * len(triples))])
            names = {
                subject: f"{self._namespaces.base}{kind}/{name}"
                for subject in statements.subjects()
                if subject.startswith(prefix) and "#" not in subject
                and (name := expected_name(statements, subject, self._namespaces))
            }  # fmt: skip
            proposals = [replace(each, triple=_renamed(each.triple, names)) for each in proposals]
        return proposals

    def findings(self, proposals: Iterable[ProposedStatement]) -> Iterator[Finding]:
        """Yield what may not be said, each place once."""
        told: set[tuple[str, str]] = set()
        for proposal in proposals:
            for fault in faults_of(proposal.triple, self._state.ontology) if proposal.action == "add" else ():
                subject, predicate = key(proposal.triple.subject), proposal.triple.predicate.value
                yield finding(
                    fault.message, proposal.place, record=subject, label=self._state.graph.label(subject),
                    value=shown(proposal.triple.object), property_iri=predicate, severity=severity_of(fault),
                    field=self._state.graph.label(predicate),
                )  # fmt: skip
            for message, value, predicate in self._faults(proposal):
                subject = key(proposal.triple.subject)
                if (subject, message) not in told:
                    told.add((subject, message))
                    yield finding(
                        message, proposal.place, record=subject, label=self._state.graph.label(subject), value=value,
                        property_iri=predicate,
                    )  # fmt: skip

    def collisions(self, proposals: Iterable[ProposedStatement]) -> Iterator[Finding]:
        """Return entities that are in the graph under another label or type than the one they are given here."""
        changes = list(proposals)
        removed = {each.triple for each in changes if each.action == "remove"}
        named = {key(each.triple.subject) for each in changes if each.triple.predicate.value == PREF_LABEL}
        for each in changes:
            subject, predicate = key(each.triple.subject), each.triple.predicate.value
            if each.action == "remove" or predicate not in {PREF_LABEL, RDF_TYPE}:
                continue
            kept = [
                value
                for value in self._statements.values(subject, predicate)
                if value != each.triple.object
                and ox.Triple(each.triple.subject, each.triple.predicate, value) not in removed
            ]
            if not kept or (
                predicate == RDF_TYPE and each.triple.object in self._statements.values(subject, predicate)
            ):
                continue
            shown = self._namespaces.shorten(subject)
            known = self._state.graph.label(key(kept[0])) if predicate == RDF_TYPE else key(kept[0])
            here = (
                self._state.graph.label(key(each.triple.object)) if predicate == RDF_TYPE else key(each.triple.object)
            )
            what = "kind" if predicate == RDF_TYPE else "label"
            surely = predicate == PREF_LABEL or subject in named
            yield finding(
                f"{shown} is in the graph with the {what} “{known}”, and is given the {what} “{here}” here. If it is "
                "something else, give it an IRI of its own; if the graph is wrong, take the old one out as well.",
                each.place, record=subject, label=self._state.graph.label(subject), value=here,
                severity=Severity.VIOLATION if surely else Severity.WARNING, property_iri=predicate,
            )  # fmt: skip

    def retired_already(self, held: Iterable[ProposedStatement]) -> Iterator[Finding]:
        """Say of statements that are in the graph already which of them retire what is retired by now."""
        deprecated = {
            (REUSED["owl"] + "deprecated", ox.Literal(True)),
            (self._namespaces.term("rank"), ox.NamedNode(self._namespaces.concept("rank", "deprecated"))),
        }
        for each in held:
            subject, predicate = key(each.triple.subject), each.triple.predicate.value
            if each.action == "add" and (predicate, each.triple.object) in deprecated:
                label = self._state.graph.label(subject)
                yield finding(
                    f"{label} is retired already. What is left of this would add a second reason.", each.place,
                    record=subject, label=label, severity=Severity.WARNING, property_iri=predicate,
                )  # fmt: skip

    def _faults(self, proposal: ProposedStatement) -> Iterator[tuple[str, str, str]]:
        """Return message, value and property of each fault of one statement."""
        triple = proposal.triple
        subject, predicate = key(triple.subject), triple.predicate.value
        local = self._namespaces.local(subject)
        if local is None:
            yield (
                "This is about something that is not ours to describe. Contributions are about our own records.",
                subject,
                "",
            )
        elif proposal.action == "add" and not (
            subject in self._statements or any(form.fullmatch(local) for form, _ in _SUBJECTS)
        ):
            if local.startswith(("def#", "scheme/", "shape/", "graph/")):
                yield (
                    (
                        "The ontology, its concepts and the shapes are not changed by contributions. Ask the curators "
                        "for a new term."
                    ),
                    subject,
                    "",
                )
            else:
                forms = (
                    "; ".join(words for _, words in _SUBJECTS)
                    + "; or, for drafts, new- and a word in place of the digits"
                )
                yield (
                    f"No record of ours is named so. The names are, behind {self._namespaces.base}: {forms}.",
                    subject,
                    "",
                )
        if predicate.startswith(_ABOUT_TERMS) and predicate not in _OF_RECORDS:
            yield (
                "This is said of terms and shapes, and not of records. Leave it out.",
                self._namespaces.shorten(predicate),
                predicate,
            )
        kind = key(triple.object) if predicate == RDF_TYPE else ""
        if kind.startswith(_ABOUT_TERMS):
            yield (
                "A contribution makes no classes, properties or shapes. Leave it out.",
                self._namespaces.shorten(kind),
                predicate,
            )
        if proposal.action == "add" and (local or "").startswith("id/") and predicate in self._derived:
            yield (
                "This edge is derived from assertions, and not stated. Write the assertion, with its evidence.",
                self._namespaces.shorten(predicate),
                predicate,
            )
        what, most = ("name", _LONGEST_NAME) if predicate in _NAMES else ("text", _LONGEST_TEXT)
        if isinstance(triple.object, ox.Literal) and len(triple.object.value) > most:
            length = len(triple.object.value)
            yield f"The {what} has {length:,} characters; {most:,} is the most. Say it in fewer.", "", predicate

    def split_held(
        self, proposals: Iterable[ProposedStatement]
    ) -> tuple[list[ProposedStatement], list[ProposedStatement]]:
        """Return those that would change the graph, each once, and those that would not."""
        changing: dict[tuple[str, ox.Triple], ProposedStatement] = {}
        held: list[ProposedStatement] = []
        for each in proposals:
            if self.changes(each):
                changing.setdefault((each.action, each.triple), each)
            else:
                held.append(each)
        return list(changing.values()), held


def _renamed(triple: ox.Triple, names: dict[str, str]) -> ox.Triple:
    def term(value: object) -> ox.NamedNode | None:
        if isinstance(value, ox.NamedNode):
            whole, mark, part = value.value.partition("#")
            if whole in names:
                return ox.NamedNode(names[whole] + mark + part)
        return None

    return ox.Triple(term(triple.subject) or triple.subject, triple.predicate, term(triple.object) or triple.object)
