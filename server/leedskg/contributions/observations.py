"""Rows of observations: an indicator, its value, and what the value is about."""

from __future__ import annotations

from leedskg.contributions import turtle
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.statements import Properties, Statement, Writer
from leedskg.contributions.values import figure


class Observations:
    """Builds figures from rows."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._directory = writer.directory

    def build(self, reader: RowReader) -> Statement | None:
        """The figure of a row, or None where something is wrong."""
        reader.needed("indicator", "Say what was counted or measured, by the name of an indicator.")
        reader.needed("value", "Write the number, in digits.")
        reader.needed("unit", "Say in which unit the number is; a plain number of things is in items.")
        reader.needed("qualifier", "Say how the source qualifies the number: exactly, where it is printed bare.")
        indicator = self._entity(reader, "indicator", "Indicator")
        value = reader.value("value", figure)
        citations = self._writer.places(reader)
        reported = self._entity(reader, "reported in", "Document")
        if not reported and citations:
            reported = self._directory.short(citations[0].document)
        if not (reader.text("geography") or reader.text("about") or reader.text("scope")):
            self._say_where(reader)
        scope = reader.text("scope")
        period = reader.value("reference period", self._writer.period)
        attributed = reader.values("attributed to", self._directory.entity)
        said: Properties = [
            ("lhi:indicator", [indicator]),
            ("lhi:value", [value or ""]),
            ("lhi:unit", self._concept(reader, "unit")),
            ("lhi:qualifier", self._concept(reader, "qualifier")),
            ("lhi:geography", [place] if (place := self._entity(reader, "geography", "Place")) else []),
            ("lhi:about", [about] if (about := self._entity(reader, "about", "Entity")) else []),
            ("lhi:referencePeriod", [period] if period else []),
            ("lhi:scope", [turtle.text(scope)] if scope else []),
            ("lhi:reportedIn", [reported]),
            ("lhi:attributedTo", [self._directory.short(origin) for origin in attributed]),
        ]
        carried = self._writer.carried(reader, citations)
        if not (indicator and value):
            return None
        names = ", ".join(self._label(each) for each in (place, about) if each)
        comment = self._label(indicator) + (f": {names}" if names else "")
        return Statement(("lhi:IndicatorObservation",), [*said, *carried], tuple(citations), comment)

    @staticmethod
    def _say_where(reader: RowReader) -> None:
        message = "Say what place the number is about, in the column geography, or what entity, in the column about."
        if reader.has("geography"):
            reader.missing("geography", message)
        elif not reader.has("about"):
            reader.wrong("value", message)
        else:
            reader.missing("about", message)

    def _entity(self, reader: RowReader, column: str, kind: str) -> str:
        found = reader.value(column, lambda text: self._directory.entity(text, kind))
        return self._directory.short(found) if found else ""

    def _concept(self, reader: RowReader, scheme: str) -> list[str]:
        found = reader.value(scheme, lambda text: self._directory.concept(text, scheme))
        return [self._directory.short(found)] if found else []

    def _label(self, short: str) -> str:
        namespaces = self._directory.knowledge.namespaces
        prefix, _, local = short.partition(":")
        return self._directory.knowledge.graph.label(namespaces.prefixes.get(prefix, "") + local)
