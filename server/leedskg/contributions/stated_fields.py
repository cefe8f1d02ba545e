"""The fields of a record as a steward calls them: which record is meant, which field, and what it says now."""

from __future__ import annotations

import re

import pyoxigraph as ox

from leedskg.contributions.directory import Directory
from leedskg.contributions.values import CellError
from leedskg.contributions.wording import field_name
from leedskg.errors import UnknownNameError
from leedskg.graph import PREF_LABEL
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import Term, key

#: What a part of a name in the graph may have behind it: the participation that a participant stands on.
_PART = re.compile(r"#p[1-9][0-9]*$")


class StatedFields:
    """Finds records and what they state in the graph of a directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._graph = directory.knowledge.graph
        self._term = directory.knowledge.namespaces.term

    def find(self, text: str) -> str:
        """The entity or assertion that is meant: by name, short IRI or IRI. Raises CellError."""
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
        """The fields of a record that can be corrected, each with a value as it reads; none of an unknown record."""
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
        return {RDF_TYPE, self._term("hasParticipation"), REUSED["org"] + "role"}

    def subjects(self, record: str) -> list[str]:
        """The record and its parts."""
        return [record, *(each for each in self._graph.statements.subjects() if each.startswith(f"{record}#"))]

    def stated(self, record: str, field: str, old: str) -> ox.Triple:
        """The one statement on the record, or on a part of it, that field and old value mean. Raises CellError."""
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
        """What a steward may call a field: its label or name; a participant goes by the role."""
        namespaces = self._directory.knowledge.namespaces
        names = [
            field_name(predicate, self._directory.knowledge),
            namespaces.shorten(predicate),
            predicate.rpartition("#")[2].rpartition("/")[2],
        ]
        if _PART.search(subject):
            role = self._graph.statements.text(subject, REUSED["org"] + "role")
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
