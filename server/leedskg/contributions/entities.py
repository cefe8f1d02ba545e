"""Rows of entities: a name, a kind, and where the name is printed."""

from __future__ import annotations

import re

from leedskg.contributions import turtle
from leedskg.contributions.citing import Citation
from leedskg.contributions.registered import Given, RegisteredIdentifiers
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.statements import Properties, RowStatement, Writer
from leedskg.contributions.values import CellError, parts
from leedskg.naming import slug

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Kinds that come with a file or a key, and are described by hand.
_BY_HAND = ("SourceDocument", "RegisterSource", "WebPage")
#: Kinds that are named by the curators, or too well known to need a place where they are named.
_WITHOUT_PLACE = ("Indicator", "SupportService", "Place", "Document")


class Entities:
    """Builds entities from rows."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._directory = writer.directory
        self.registered = RegisteredIdentifiers(writer.directory)

    def build(self, reader: RowReader) -> RowStatement | None:
        """Return the entity of a row, or what it adds to one that is there; None for nothing and where it is wrong."""
        name = reader.needed("name", "Write the name, as the best source prints it.")
        reader.needed("kind", "Say which kind of thing this is, such as charity, company or programme.")
        kinds = reader.values("kind", self._kind)
        variants = [variant for variant in dict.fromkeys(parts(reader.text("also printed as"))) if variant != name]
        indicator = self._term("Indicator") in kinds
        reader.value("id", self._chosen)
        given = self.registered.read(reader)
        if not (name and kinds) or (known := self._known(reader, name, kinds)) is None:
            return None
        if known:
            return self._more(reader, name, known, given)
        local = self._local(reader, name, indicator)
        if not local:
            return None
        self._check_population(reader, indicator)
        self._writer.citing.check_own_words(reader, "description")
        citations = self._places(reader, name, variants, kinds)
        seen = self.registered.seen_in(reader, given, citations)
        identifiers, blocks = self.registered.blocks(f"id:{local}", given, seen)
        said: Properties = [
            ("skos:prefLabel", [turtle.text(name)]),
            ("skos:altLabel", [turtle.text(variant) for variant in variants]),
            ("dcterms:description", _texts(reader, "description")),
            ("lhi:population", _texts(reader, "population")),
            ("skos:editorialNote", _texts(reader, "note")),
            ("lhi:namedAt", [citation.name for citation in citations]),
            ("adms:identifier", identifiers),
        ]
        shorts = tuple(self._directory.short(kind) for kind in kinds)
        return RowStatement(shorts, said, tuple(citations), subject=f"id:{local}", blocks=tuple(blocks))

    def _more(self, reader: RowReader, name: str, known: str, given: list[Given]) -> RowStatement | None:
        """Return the identifiers that a row gives of an entity which is there."""
        here = self._directory.short(known)
        citations = self._writer.citing.cited(reader) if given else []
        seen = self.registered.seen_in(reader, given, citations)
        identifiers, blocks = self.registered.blocks(here, given, seen)
        said = f"Already there: “{name}” is a name of {here} ({self._directory.catalogue.entries[known].kind})."
        if not identifiers:
            reader.note(f"{said} Nothing was added for this row.")
            return None
        reader.note(f"{said} The identifiers of this row are added to it, and nothing else.")
        used = tuple(each for each in citations if each.name in seen)
        return RowStatement((), [("adms:identifier", identifiers)], used, subject=here, blocks=tuple(blocks))

    def _term(self, name: str) -> str:
        return self._directory.knowledge.namespaces.term(name)

    def _kind(self, text: str) -> str:
        kind = self._directory.kind(text, "Entity")
        if kind in map(self._term, _BY_HAND):
            raise CellError(
                "Source documents and registers come with a file or a key: describe this one in graph/sources.ttl."
            )
        return kind

    def _known(self, reader: RowReader, name: str, kinds: list[str]) -> str | None:
        """Return the entity that has the name; empty for a new one, and None where it cannot be told or is another."""
        if reader.text("id"):
            return ""
        catalogue = self._directory.catalogue
        found = catalogue.named(name)
        if not found:
            return ""
        if len(found) > 1:
            reader.wrong("name", f"“{name}” is a name of {len(found)} entities already. Give another an id.")
            return None
        entry = catalogue.entries.get(found[0].replaced_by, found[0])
        here = f"{self._directory.short(entry.iri)} ({entry.kind})"
        if set(kinds) & set(entry.kinds):
            return entry.iri
        reader.wrong(
            "name", f"“{name}” is a name of {here} already. If something else is meant, give it an id of its own.", name
        )
        return None

    def _local(self, reader: RowReader, name: str, indicator: bool) -> str:
        """Return the local name: the one that is given, else one made from the name."""
        if reader.text("id"):
            return (reader.value("id", self._chosen) or "") if reader.sound else ""
        local = slug(name)
        if not local:
            reader.missing("id", "No id can be made from this name. Give one, in lower-case letters a to z.")
            return ""
        local = f"indicator-{local}" if indicator and not local.startswith("indicator-") else local
        if self._directory.knowledge.namespaces.entity(local) in self._directory.knowledge.graph.statements:
            message = (
                f"The id that this name makes, id:{local}, is taken by another entity. Give another in the column id."
            )
            reader.wrong("name", message, name)
            return ""
        return local

    def _chosen(self, text: str) -> str:
        local = text.removeprefix("id:")
        if not _SLUG.fullmatch(local):
            raise CellError(
                "An id is lower-case letters a to z and digits, with single hyphens between, such as loom-charity."
            )
        if self._directory.knowledge.namespaces.entity(local) in self._directory.knowledge.graph.statements:
            raise CellError(f"The id:{local} is taken by another entity. Give another.")
        return local

    @staticmethod
    def _check_population(reader: RowReader, indicator: bool) -> None:
        if indicator and not reader.text("population"):
            message = "An indicator counts or measures one population. Say in plain words who or what is counted."
            if reader.has("population"):
                reader.missing("population", message)
            else:
                reader.wrong("kind", f"{message} Add the column population.")
        if not indicator and reader.text("population"):
            reader.wrong("population", "Only an indicator has a population. Empty the cell, or change the kind.")

    def _places(self, reader: RowReader, name: str, variants: list[str], kinds: list[str]) -> list[Citation]:
        """Return where the name and its variants are printed: the passages of the row, or the first place of each."""
        if any(reader.text(column) for column in ("passage", "register", "web page", "report")):
            return self._writer.citing.cited(reader)
        document = reader.text("document")
        if not document:
            ontology = self._directory.knowledge.ontology
            free = {kind for top in _WITHOUT_PLACE for kind in ontology.narrower(self._term(top))}
            if not reader.text("note") and not set(kinds) & free:
                message = "Say which document prints the name, or in the column note why none does."
                if reader.has("document"):
                    reader.missing("document", message)
                else:
                    reader.wrong("name", message)
            return []
        if self._term("Indicator") in kinds:
            reader.wrong("document", "The curators name indicators, documents do not. Empty the cell.")
            return []
        try:
            self._directory.document(document)
        except CellError as error:
            reader.wrong("document", str(error), document)
            return []
        found: list[Citation] = []
        for column, printed in [("name", name), *(("also printed as", variant) for variant in variants)]:
            try:
                citation = self._writer.citing.first(document, printed)
            except CellError as error:
                reader.wrong(column, str(error), printed)
            else:
                found += [citation] if citation.name not in [each.name for each in found] else []
        return found


def _texts(reader: RowReader, column: str) -> list[str]:
    return [turtle.text(reader.text(column))] if reader.text(column) else []
