"""Rows that retire records and correct single values: what goes, what comes, and the reason with it.

An entity that is retired gets `owl:deprecated`, and `dcterms:isReplacedBy` where another took its place. An assertion
gets the rank deprecated. Either keeps its IRI and all that is said of it, with the reason as an editorial note.

A correction changes one value. Where the value is part of what an assertion claims, the assertion's name would no
longer fit; so the corrected claim becomes an assertion of its own, and the old one is retired (docs/decisions/0026).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyoxigraph as ox

from leedskg.contributions.change import Action
from leedskg.contributions.directory import Directory
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.stated_fields import StatedFields
from leedskg.contributions.values import CellError
from leedskg.identity import about_the_claim, assertion_name
from leedskg.namespaces import REUSED
from leedskg.statements import StatementFile, Statements, Term, key

_NOTE = ox.NamedNode(REUSED["skos"] + "editorialNote")
_DEPRECATED = ox.NamedNode(REUSED["owl"] + "deprecated")
_REPLACED_BY = ox.NamedNode(REUSED["dcterms"] + "isReplacedBy")


@dataclass(frozen=True)
class Amendment:
    """Statements that a row adds or takes out."""

    action: Action
    triple: ox.Triple


class Amendments:
    """Builds retirements and corrections from rows."""

    def __init__(self, directory: Directory, today: str) -> None:
        self._directory = directory
        self._today = today
        self._graph = directory.knowledge.graph
        self._term = directory.knowledge.namespaces.term
        self._stated = StatedFields(directory)

    def retirement(self, reader: RowReader) -> list[Amendment]:
        """What a row retires; empty where something is wrong."""
        reader.needed("record", "Say which entity or assertion is retired.")
        reader.needed("reason", "Say why, for those who follow a link to it.")
        record = reader.value("record", self._stated.find)
        heir = reader.value("replaced by", self._directory.entity)
        if not (record and reader.sound):
            return []
        is_assertion = record in set(self._graph.assertions())
        if heir and is_assertion:
            reader.wrong(
                "replaced by", "Only an entity is replaced by another. Add the better assertion as a row of its own."
            )
        if heir == record:
            reader.wrong("replaced by", "This is the entity itself. Name the other one.")
        if self._is_retired(record):
            reader.wrong("record", f"{self._graph.label(record)} is retired already.")
        return self._retired(record, reader.text("reason"), heir) if reader.sound else []

    def correction(self, reader: RowReader) -> list[Amendment]:
        """What a row corrects; empty where something is wrong."""
        for column, message in (
            ("record", "Say which entity or assertion is wrong."),
            ("field", "Say which field is wrong, such as description, amount or funder."),
            ("new value", "Write what it should say. To take a record out of use, write a table of retirements."),
            ("reason", "Say why, and on what ground."),
        ):
            reader.needed(column, message)
        record = reader.value("record", self._stated.find)
        if not (record and reader.sound):
            return []
        try:
            old = self._stated.stated(record, reader.text("field"), reader.text("old value"))
        except CellError as error:
            column = "old value" if reader.text("old value") else "field"
            reader.wrong(column if reader.has(column) else "field", str(error), reader.text(column))
            return []
        value = reader.value("new value", lambda text: self._like(old.object, text))
        if value is None:
            return []
        if value == old.object:
            reader.wrong("new value", "This is what the graph says already.", reader.text("new value"))
            return []
        new = ox.Triple(old.subject, old.predicate, value)
        if record in set(self._graph.assertions()) and old.predicate.value not in about_the_claim(
            self._directory.knowledge.namespaces
        ):
            return self._restated(reader, record, old, new)
        return [Amendment("remove", old), Amendment("add", new)]

    def _is_retired(self, record: str) -> bool:
        rank = self._directory.knowledge.namespaces.concept("rank", "deprecated")
        statements = self._graph.statements
        return bool(statements.values(record, _DEPRECATED.value)) or rank in statements.texts(
            record, self._term("rank")
        )

    def _retired(self, record: str, reason: str, heir: str | None) -> list[Amendment]:
        subject = ox.NamedNode(record)
        note = ox.Literal(f"Retired on {self._today}: {reason}", language="en")
        found = [Amendment("add", ox.Triple(subject, _NOTE, note))]
        if record in set(self._graph.assertions()):
            rank = ox.NamedNode(self._term("rank"))
            deprecated = ox.NamedNode(self._directory.knowledge.namespaces.concept("rank", "deprecated"))
            old = self._graph.statements.values(record, rank.value)
            found += [Amendment("remove", ox.Triple(subject, rank, value)) for value in old]
            return [*found, Amendment("add", ox.Triple(subject, rank, deprecated))]
        found.append(Amendment("add", ox.Triple(subject, _DEPRECATED, ox.Literal(True))))
        if heir:
            found.append(Amendment("add", ox.Triple(subject, _REPLACED_BY, ox.NamedNode(heir))))
        return found

    def _like(self, old: Term, text: str) -> Term:
        """The new value, of the same sort as the old one: an entity, a concept of the same scheme, a number, a text."""
        if isinstance(old, ox.Literal):
            made = ox.Literal(text, language=old.language) if old.language else ox.Literal(text, datatype=old.datatype)
            if old.datatype.value in {REUSED["xsd"] + name for name in ("integer", "decimal", "double")}:
                if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
                    raise CellError(f"“{text}” is not a plain number, such as {old.value}.")
                number = "integer" if "." not in text and old.datatype.value.endswith("integer") else "decimal"
                made = ox.Literal(text, datatype=ox.NamedNode(REUSED["xsd"] + number))
            return made
        scheme = re.fullmatch(r"scheme/([a-z-]+)/.*", self._directory.knowledge.namespaces.local(key(old)) or "")
        if scheme:
            return ox.NamedNode(self._directory.concept(text, scheme[1]))
        if text.startswith(("http://", "https://", "<", "evidence:", "agent:")):
            return ox.NamedNode(self._stated.find(text) if ":" in text and not text.startswith("http") else text)
        return ox.NamedNode(self._directory.entity(text))

    def _restated(self, reader: RowReader, record: str, old: ox.Triple, new: ox.Triple) -> list[Amendment]:
        """The corrected claim under its own name, and the old one retired."""
        statements = self._graph.statements
        draft: list[ox.Triple] = []
        for subject in self._stated.subjects(record):
            for predicate, values in statements.about(subject).items():
                for value in values:
                    triple = ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)
                    draft.append(new if triple == old else triple)
        claim = Statements.of([StatementFile("draft", tuple(draft), (0,) * len(draft))])
        namespaces = self._directory.knowledge.namespaces
        iri = namespaces.prefixes["assertion"] + assertion_name(claim, record, namespaces)
        if iri in statements:
            reader.wrong(
                "new value", f"The graph says this already, as {namespaces.shorten(iri)}. Retire the wrong one."
            )
            return []
        moved = [_moved(triple, record, iri) for triple in draft]
        reason = f"{reader.text('reason')} Corrected as {namespaces.shorten(iri)}."
        return [*(Amendment("add", triple) for triple in moved), *self._retired(record, reason, None)]


def _moved(triple: ox.Triple, old: str, new: str) -> ox.Triple:
    """The statement with the record, or a part of it, under its new name."""

    def term(value: object) -> ox.NamedNode | None:
        whole, mark, part = key(value).partition("#") if isinstance(value, ox.NamedNode) else ("", "", "")
        return ox.NamedNode(new + mark + part) if whole == old else None

    return ox.Triple(term(triple.subject) or triple.subject, triple.predicate, term(triple.object) or triple.object)
