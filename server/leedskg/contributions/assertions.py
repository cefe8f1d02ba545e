"""Rows of assertions: relationships with a column for each role, observations, and attributes of an entity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from leedskg.contributions import turtle
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.statements import Properties, RowStatement, Writer
from leedskg.contributions.templates import role_columns
from leedskg.contributions.values import amount, currency, figure
from leedskg.knowledge import Knowledge
from leedskg.namespaces import REUSED
from leedskg.statements import Statements

_FIRST, _REST = REUSED["rdf"] + "first", REUSED["rdf"] + "rest"


@dataclass(frozen=True)
class RoleRule:
    """The roles that a kind of relationship takes, those it cannot do without, and how many participants it has."""

    allowed: tuple[str, ...]
    needed: tuple[str, ...]
    least: int


def role_rule(knowledge: Knowledge, kind: str) -> RoleRule:
    """Read the rule for a kind of relationship from its shape."""
    shapes, sh = knowledge.shapes, REUSED["sh"]
    roles = knowledge.namespaces.concept("role", "")
    allowed: list[str] = []
    needed: list[str] = []
    least = 1
    for shape in shapes.of_type([sh + "NodeShape"], REUSED["rdf"] + "type"):
        if kind not in shapes.texts(shape, sh + "targetClass"):
            continue
        for part in shapes.texts(shape, sh + "property"):
            allowed += [role for role in _list(shapes, shapes.text(part, sh + "in")) if role.startswith(roles)]
            needed += [role for role in shapes.texts(part, sh + "hasValue") if role.startswith(roles)]
            if knowledge.namespaces.term("participant") in _list(shapes, shapes.text(part, sh + "path")):
                least = int(shapes.text(part, sh + "minCount") or "1")
    return RoleRule(tuple(allowed), tuple(needed), least)


def _list(shapes: Statements, node: str | None) -> Iterator[str]:
    while node and shapes.text(node, _FIRST):
        yield from shapes.texts(node, _FIRST)
        node = shapes.text(node, _REST)


class Relationships:
    """Builds relationships from rows."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._directory = writer.directory
        self._rules: dict[str, RoleRule] = {}

    @cached_property
    def roles(self) -> dict[str, str]:
        """The role of each role column, by its heading."""
        return role_columns(self._directory.concepts("role"))

    def build(self, reader: RowReader) -> RowStatement | None:
        """Return the relationship of a row, or None where something is wrong."""
        reader.needed("kind", "Say which kind of relationship this is, such as funding award or partnership.")
        kind = reader.value("kind", lambda text: self._directory.kind(text, "Relationship"))
        played = [
            (role, column, entity)
            for column, role in self.roles.items()
            for entity in reader.values(column, self._directory.entity)
        ]
        citations = self._writer.places(reader)
        money = self._money(reader, kind)
        support = self._support(reader, kind)
        if kind:
            self._check_roles(reader, kind, played)
        carried = self._writer.carried(reader, citations)
        if not kind:
            return None
        short = self._directory.short
        return RowStatement(
            (short(kind),),
            [*money, *support, *carried],
            tuple(citations),
            self._about(kind, played),
            tuple((short(entity), short(role)) for role, _, entity in played),
        )

    def _check_roles(self, reader: RowReader, kind: str, played: list[tuple[str, str, str]]) -> None:
        if kind not in self._rules:
            self._rules[kind] = role_rule(self._directory.knowledge, kind)
        rule = self._rules[kind]
        label = self._directory.kind_label(kind)
        columns = {role: column for column, role in self.roles.items()}
        takes = ", ".join(columns[role] for role in rule.allowed)
        for role, column in columns.items():
            if rule.allowed and role not in rule.allowed and reader.text(column):
                reader.wrong(column, f"The kind {label} takes no {column}. It takes: {takes}.", reader.text(column))
            if role in rule.needed and not reader.text(column):
                self._say_missing(
                    reader, column, f"The kind {label} needs an entity in the role {column}. Fill the column {column}."
                )
        if len({entity for _, _, entity in played}) < rule.least and reader.sound:
            reader.wrong("kind", f"The kind {label} joins at least {rule.least} different entities. It takes: {takes}.")

    @staticmethod
    def _say_missing(reader: RowReader, column: str, message: str) -> None:
        if reader.has(column):
            reader.missing(column, message)
        else:
            reader.wrong("kind", message.replace("Fill the", "Add the"))

    def _money(self, reader: RowReader, kind: str | None) -> Properties:
        paid, coin = reader.value("amount", amount), reader.value("currency", currency)
        given = [column for column in ("amount", "currency") if reader.text(column)]
        if given and kind and kind != self._directory.knowledge.namespaces.term("FundingAward"):
            reader.wrong(
                given[0], "Only a funding award has an amount. Write other money as a figure, with observations."
            )
        elif given == ["amount"]:
            self._say_missing(
                reader, "currency", "There is an amount and no currency. Fill the column currency, such as GBP."
            )
        elif given == ["currency"]:
            reader.missing("amount", "There is a currency and no amount. Write the amount, or empty both cells.")
        return [("lhi:amount", [paid] if paid else []), ("lhi:currency", [turtle.text(coin, "")] if coin else [])]

    def _support(self, reader: RowReader, kind: str | None) -> Properties:
        found: Properties = []
        for column in ("need", "stage"):
            values = reader.values(column, lambda text, scheme=column: self._directory.concept(text, scheme))  # type: ignore[misc]
            if values and kind and kind != self._directory.knowledge.namespaces.term("Support"):
                reader.wrong(column, f"Only support has a {column}. Empty the cell, or change the kind.")
            found.append((f"lhi:{column}", [self._directory.short(value) for value in values]))
        if kind == self._directory.knowledge.namespaces.term("Support") and not reader.text("need"):
            self._say_missing(reader, "need", "Support meets a need. Fill the column need.")
        return found

    def _about(self, kind: str, played: list[tuple[str, str, str]]) -> str:
        names: dict[str, list[str]] = {}
        for role, _, entity in played:
            label = self._directory.concepts("role")[role]
            names.setdefault(label, []).append(self._directory.knowledge.graph.label(entity))
        parts = "; ".join(f"{role} {', '.join(entities)}" for role, entities in names.items())
        return f"{kind.rpartition('#')[2]}: {parts}"


class Observations:
    """Builds figures from rows."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._directory = writer.directory

    def build(self, reader: RowReader) -> RowStatement | None:
        """Return the figure of a row, or None where something is wrong."""
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
            ("lhi:reportedIn", [reported] if reported else []),
            ("lhi:attributedTo", [self._directory.short(origin) for origin in attributed]),
        ]
        carried = self._writer.carried(reader, citations)
        if not (indicator and value):
            return None
        names = ", ".join(self._label(each) for each in (place, about) if each)
        comment = self._label(indicator) + (f": {names}" if names else "")
        return RowStatement(("lhi:IndicatorObservation",), [*said, *carried], tuple(citations), comment)

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


_RANGE = REUSED["rdfs"] + "range"


class Attributes:
    """Builds attribute statements from rows."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._directory = writer.directory

    def build(self, reader: RowReader) -> RowStatement | None:
        """Return the attribute statement of a row, or None where something is wrong."""
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
        return RowStatement(("lhi:AttributeStatement",), [*said, *carried], tuple(citations), about)

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
