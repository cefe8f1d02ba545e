"""Rows of attributes: one entity, one property, one value."""

from __future__ import annotations

from leedskg.contributions import turtle
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.statements import Properties, Statement, Writer
from leedskg.namespaces import REUSED

_RANGE = REUSED["rdfs"] + "range"


class Attributes:
    """Builds attribute statements from rows."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._directory = writer.directory

    def build(self, reader: RowReader) -> Statement | None:
        """The attribute statement of a row, or None where something is wrong."""
        reader.needed("subject", "Say which entity this is about.")
        reader.needed("property", "Say which property this is, such as theme, purpose or speciality.")
        reader.needed("value", "Write the value.")
        subject = reader.value("subject", self._directory.entity)
        stated = reader.value("property", self._directory.property_of_entities)
        citations = self._writer.places(reader)
        value = self._value(reader, stated) if stated else None
        carried = self._writer.carried(reader, citations)
        if not (subject and stated and value):
            return None
        said: Properties = [
            ("lhi:subject", [self._directory.short(subject)]),
            ("lhi:property", [self._directory.short(stated)]),
            value,
        ]
        about = f"{self._directory.knowledge.graph.label(subject)}: {stated.rpartition('#')[2]}"
        if value[0] == "lhi:object":
            about += f" {value[1][0].partition(':')[2]}"
        return Statement(("lhi:AttributeStatement",), [*said, *carried], tuple(citations), about)

    def _value(self, reader: RowReader, stated: str) -> tuple[str, list[str]] | None:
        term, ontology = self._directory.knowledge.namespaces.term, self._directory.knowledge.ontology
        if stated == term("hasTheme"):
            theme = reader.value("value", lambda text: self._directory.concept(text, "theme"))
            return ("lhi:object", [self._directory.short(theme)]) if theme else None
        if stated == term("begun"):
            date = reader.value("value", self._writer.date)
            return ("lhi:literalValue", [date]) if date else None
        self._writer.citing.check_own_words(reader, "value")
        plain = REUSED["xsd"] + "string" in ontology.statements.texts(stated, _RANGE)
        return "lhi:literalValue", [turtle.text(reader.text("value"), "" if plain else "en")]
