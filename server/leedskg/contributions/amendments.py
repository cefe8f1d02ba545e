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

from leedskg.contributions.change_wording import field_name
from leedskg.contributions.directory import Directory
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.values import CellError
from leedskg.errors import UnknownNameError
from leedskg.graph import PREF_LABEL
from leedskg.identity import about_the_claim, assertion_name
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import StatementFile, Statements, Term, key
from leedskg.validation.change import Action

#: What a part of a name in the graph may have behind it: the participation that a participant stands on.
_PART = re.compile(r"#p[1-9][0-9]*$")


class StatedFields:
    """Finds records and what they state in the graph of a directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._graph = directory.knowledge.graph
        self._term = directory.knowledge.namespaces.term

    def find(self, text: str) -> str:
        """Find the entity or assertion that is meant: by name, short IRI or IRI. Raises CellError."""
        namespaces = self._directory.knowledge.namespaces
        plain = text.strip("<>")
        prefix, colon, local = plain.partition(":")
        iri = namespaces.prefixes[prefix] + local if colon and prefix in namespaces.prefixes else plain
        if iri in self._graph.statements:
            return iri
        if namespaces.prefixes["assertion"] + plain in self._graph.statements:
            return namespaces.prefixes["assertion"] + plain
        try:
            return self._directory.entity(text)
        except (CellError, UnknownNameError) as error:
            raise CellError(
                f"{error} An assertion is named as its page shows it, such as assertion:835543c0d8ad1986."
            ) from None

    def fields(self, name: str) -> list[tuple[str, str]]:
        """List the fields of a record that can be corrected, each with a value as it reads; none if it is unknown."""
        try:
            record = self.find(name)
        except CellError:
            return []
        return [
            (self._names_of_field(subject, predicate)[0], self._shown(value))
            for subject in self.subjects(record)
            for predicate, values in self._graph.statements.about(subject).items()
            if predicate not in self._apart
            for value in values
        ]

    @property
    def _apart(self) -> set[str]:
        """Properties that hold a record together, and are no field of it."""
        return {RDF_TYPE, self._term("hasParticipation"), self._term("role")}

    def subjects(self, record: str) -> list[str]:
        """Return the record and its parts."""
        return [record, *self._graph.statements.parts(record)]

    def stated(self, record: str, field: str, old: str) -> ox.Triple:
        """Find the one statement on the record, or on a part of it, that field and old value mean. Raises CellError."""
        statements = self._graph.statements
        found: list[ox.Triple] = []
        fields: set[str] = set()
        for subject in self.subjects(record):
            for predicate, values in statements.about(subject).items():
                if predicate in self._apart:
                    continue
                names = self._names_of_field(subject, predicate)
                fields.update(names[:1])
                if field.casefold() in (each.casefold() for each in names):
                    found += [ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value) for value in values]
        if not found:
            raise CellError(f"{self._graph.label(record)} has no field “{field}”; it has: {', '.join(sorted(fields))}.")
        meant = [each for each in found if old and self._means(each.object, old)]
        if old and not meant:
            shown = "; ".join(self._shown(each.object) for each in found)
            raise CellError(f"The graph does not say “{old}” there; it says: {shown}.")
        if not old and len(found) > 1:
            shown = "; ".join(self._shown(each.object) for each in found)
            raise CellError(
                f"The field has {len(found)} values: {shown}. Write in the column old value which one is wrong."
            )
        return (meant or found)[0]

    def _names_of_field(self, subject: str, predicate: str) -> list[str]:
        """Return what a steward may call a field: its label or name; a participant goes by the role."""
        namespaces = self._directory.knowledge.namespaces
        names = [
            field_name(predicate, self._directory.knowledge),
            namespaces.shorten(predicate),
            predicate.rpartition("#")[2].rpartition("/")[2],
        ]
        if _PART.search(subject):
            role = self._graph.statements.text(subject, self._term("role"))
            return [self._graph.label(role), *names] if role else names
        if predicate == PREF_LABEL:
            return ["name", "label", *names]
        return names

    def _means(self, value: Term, text: str) -> bool:
        if isinstance(value, ox.NamedNode):
            short = self._directory.knowledge.namespaces.shorten(value.value)
            return text in {value.value, short} or text.casefold() in {
                name.casefold() for name in self._names(value.value)
            }
        return key(value) == text

    def _names(self, iri: str) -> list[str]:
        return [self._graph.label(iri), *self._graph.names(iri)]

    def _shown(self, value: Term) -> str:
        return self._graph.label(value.value) if isinstance(value, ox.NamedNode) else key(value)


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
        """Return what a row retires, or an empty list where something is wrong."""
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
            reader.wrong(
                "replaced by",
                "This is the entity itself, or one that it replaced: the replacements would go round in a circle. Name "
                "the entity that is in use.",
                reader.text("replaced by"),
            )
        if self._is_retired(record):
            reader.wrong("record", f"{self._graph.label(record)} is retired already.")
        return self._retired(record, reader.text("reason"), heir) if reader.sound else []

    def correction(self, reader: RowReader) -> list[Amendment]:
        """Return what a row corrects, or an empty list where something is wrong."""
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
        value = reader.value("new value", lambda text: self.like(old.object, text))
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

    def like(self, old: Term, text: str) -> Term:
        """Make the new value of the same sort as the old: an entity, a concept of the same scheme, a number, a text."""
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
        """Return the corrected claim under its own name, and the old one retired."""
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
    """Return the statement with the record, or a part of it, under its new name."""

    def term(value: object) -> ox.NamedNode | None:
        whole, mark, part = key(value).partition("#") if isinstance(value, ox.NamedNode) else ("", "", "")
        return ox.NamedNode(new + mark + part) if whole == old else None

    return ox.Triple(term(triple.subject) or triple.subject, triple.predicate, term(triple.object) or triple.object)
