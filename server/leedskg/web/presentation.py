"""How pages show things: the records of one edition as the objects that templates want."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import request

from leedskg.edition import Edition
from leedskg.namespaces import Namespaces
from leedskg.network import EdgePattern
from leedskg.record import EvidencePlace, Name, Relation, Statement
from leedskg.routes import Hop, Route
from leedskg.web import current
from leedskg.web.relationship_sentences import relationship_sentence
from leedskg.web.views import (
    BackingView,
    ConflictView,
    EntityView,
    FigureView,
    GroupView,
    HopView,
    PlaceView,
    RouteView,
    RowView,
)
from leedskg.web.wording import grouped, money, ordinal, plain_date, singular

#: Characters of a page's address where it is named in passing.
_LONGEST_ADDRESS = 48


def href(iri: str) -> str:
    """The address of a thing on this site; a foreign IRI is its own address."""
    local = current.settings().namespaces.local(iri)
    return iri if local is None else f"{request.script_root}/{local}"


def web_address(text: str) -> str:
    """The text if it is an address of the web, else nothing."""
    return text if text.startswith(("http://", "https://")) else ""


@dataclass(frozen=True)
class Presenter:
    """Shows things of one edition."""

    edition: Edition

    @property
    def _namespaces(self) -> Namespaces:
        return self.edition.namespaces

    def entity(self, iri: str, label: str = "") -> EntityView:
        """An entity, or a concept or other thing that is not in the catalogue; without an IRI, a text."""
        entry = self.edition.catalogue.entries.get(iri)
        if entry is not None:
            return EntityView(entry.label, href(iri), entry.kind_labels[0] if entry.kind_labels else "", iri)
        if iri:
            return EntityView(label or self._namespaces.shorten(iri), href(iri), iri=iri)
        return EntityView(label, web_address(label))

    def place(self, place: EvidencePlace) -> PlaceView:
        """A place in a source. A record that is a page of a website goes by its address, cut to fit a line."""
        page = web_address(place.record_key)
        address = page.partition("://")[2].removeprefix("www.").rstrip("/")
        short = address if len(address) <= _LONGEST_ADDRESS else f"{address[: _LONGEST_ADDRESS - 1]}…"
        return PlaceView(
            place.source.label,
            href(place.source.iri),
            place.section,
            f"page {short}" if page else place.words,
            place.digest,
            href(place.iri),
            page,
        )

    def backing(self, statement: Statement) -> BackingView:
        """What a statement rests on."""
        return BackingView(
            href(statement.iri),
            tuple(self.place(place) for place in statement.evidence),
            statement.confidence,
            statement.rank,
            statement.asserted_by,
            plain_date(statement.asserted_at[:10]),
            statement.note,
        )

    def relations(self, relations: Iterable[Relation]) -> list[GroupView]:
        """The relationships of an entity, those in the same words together."""
        groups: dict[str, list[RowView]] = {}
        for relation in relations:
            statement, other = relation.statement, self.entity(relation.other.iri, relation.other.label)
            told = (self.amount(statement), self._dates(statement))
            row = RowView(
                other,
                f"{relation.words} {other.label}",
                href(statement.iri),
                (self.backing(statement),),
                tuple(filter(None, told)),
            )
            groups.setdefault(relation.words, []).append(row)
        return [GroupView(words, tuple(rows)) for words, rows in groups.items()]

    def attributes(self, statements: Iterable[Statement], subject: str) -> list[GroupView]:
        """The facts of an entity by field; where it is itself the value, the thing that has it."""
        term = self._namespaces.term
        groups: dict[str, list[RowView]] = {}
        for statement in statements:
            stated = next((each for each in statement.details if each.field.iri in self._stated), None)
            if stated is None:
                continue
            value = stated.value
            words = stated.field.label
            if value.iri == subject:
                value = statement.detail(term("subject")) or value
                words = f"{words} of"
            label = value.label if value.iri else plain_date(value.label)
            row = RowView(
                self.entity(value.iri, label),
                f"{words}, {label}",
                href(statement.iri),
                (self.backing(statement),),
                tuple(filter(None, (self._dates(statement),))),
            )
            groups.setdefault(words, []).append(row)
        return [GroupView(words, tuple(rows)) for words, rows in groups.items()]

    @property
    def _stated(self) -> tuple[str, str]:
        """The properties that hold the value of an attribute statement."""
        return self._namespaces.term("object"), self._namespaces.term("literalValue")

    def amount(self, statement: Statement) -> str:
        """The money of a funding award in words, or nothing."""
        amount, currency = self._label(statement, "amount"), self._label(statement, "currency")
        return money(amount, currency) if amount and currency else ""

    def _dates(self, statement: Statement) -> str:
        """When a statement held, as far as a source says so."""
        start, end = (plain_date(self._label(statement, name)) for name in ("validFrom", "validTo"))
        if start and end:
            return f"{start} to {end}"
        return f"since {start}" if start else f"until {end}" if end else ""

    def _label(self, statement: Statement, name: str) -> str:
        value = statement.detail(self._namespaces.term(name))
        return value.label if value else ""

    def figure(self, statement: Statement, others: Mapping[str, Statement] | None = None, of: str = "") -> FigureView:
        """An observation. `others` are those that it may be in conflict with; `of` is the thing whose page this is."""
        indicator = statement.detail(self._namespaces.term("indicator")) or Name("", "")
        about, place = (statement.detail(self._namespaces.term(name)) for name in ("about", "geography"))
        named = [name.label for name in (indicator, about) if name and name.iri != of]
        where = place.label if place and named else ""
        period = plain_date(self._label(statement, "referencePeriod"))
        said_by = self._label(statement, "attributedTo")
        sources = f"reported in {self._label(statement, 'reportedIn')}"
        value, unit = self._value(statement)
        return FigureView(
            value,
            unit,
            self._qualifier(statement),
            ": ".join(named) or (place.label if place else ""),
            href(statement.iri),
            tuple(filter(None, (where, period or "no period given", self._label(statement, "scope").rstrip(".")))),
            f"according to {said_by}, as {sources}" if said_by else sources,
            (self.backing(statement),),
            self.conflicts(statement, others or {}),
        )

    def conflicts(self, statement: Statement, others: Mapping[str, Statement]) -> tuple[ConflictView, ...]:
        """The figures that cannot hold together with this one, as far as they are among `others` in words."""
        return tuple(self._conflict(name, others.get(name.iri)) for name in statement.conflicts)

    def _conflict(self, name: Name, other: Statement | None) -> ConflictView:
        if other is None:
            return ConflictView(
                "Another statement gives a value that cannot hold together with this one", href(name.iri)
            )
        figure, source = self.figure(other), self._label(other, "reportedIn")
        return ConflictView(f"{source or 'Another source'} gives {figure.words}: the two cannot both hold", figure.href)

    def _qualifier(self, statement: Statement) -> str:
        qualifier = statement.detail(self._namespaces.term("qualifier"))
        exact = self._namespaces.concept("qualifier", "exact")
        return qualifier.label if qualifier and qualifier.iri != exact else ""

    def _value(self, statement: Statement) -> tuple[str, str]:
        """The value and the unit as they read: an amount of money, a place in a ranking or a share needs no unit."""
        number, unit = self._label(statement, "value"), statement.detail(self._namespaces.term("unit"))
        concept = self._namespaces.concept
        if unit is None or unit.iri == concept("unit", "count"):
            return grouped(number), ""
        if unit.iri == concept("unit", "pound-sterling"):
            return money(number, "GBP"), ""
        if unit.iri == concept("unit", "rank"):
            return ordinal(number), ""
        if unit.iri == concept("unit", "percent"):
            return f"{grouped(number)}%", ""
        return grouped(number), singular(unit.label) if number == "1" else unit.label

    def sentence(self, statement: Statement) -> str:
        """A statement in one line: what it says of what."""
        if statement.detail(self._namespaces.term("indicator")):
            figure = self.figure(statement)
            place = self._label(statement, "geography")
            return f"{figure.name}{f' in {place}' if place else ''}: {figure.words}"
        stated = next((each for each in statement.details if each.field.iri in self._stated), None)
        if stated is not None:
            return f"{self._label(statement, 'subject')}, {stated.field.label}: {plain_date(stated.value.label)}"
        return relationship_sentence(statement, self.edition.patterns, self._namespaces.term("need"))

    def route(self, route: Route, statements: Mapping[str, Statement]) -> RouteView:
        """A route with the evidence of each hop."""
        return RouteView(
            tuple(self.entity(iri) for iri in route.entities),
            tuple(self._hop(hop, statements) for hop in route.hops),
            route.cost,
            route.band.words if route.band else "",
            route.kind,
        )

    def _shared(self, statement: Statement, pattern: EdgePattern) -> str:
        """The money of an award, and of how many it comes: it is not what each of them gave."""
        amount = self.amount(statement)
        givers = len({part.entity.iri for part in statement.parts if part.role.iri == pattern.from_role})
        return f"{amount} from {givers} {pattern.from_label}s together" if amount and givers > 1 else amount

    def _hop(self, hop: Hop, statements: Mapping[str, Statement]) -> HopView:
        told = [statements[tie.relationship] for tie in hop.ties]
        also = sorted({f"also {other.words}" for other in hop.others})
        pattern = hop.pattern
        roles = (pattern.from_label, pattern.to_label)
        return HopView(
            hop.words,
            roles if hop.along else roles[::-1],
            next(filter(None, map(self._dates, told)), ""),
            (*filter(None, [next(filter(None, (self._shared(each, pattern) for each in told)), "")]), *also),
            hop.told(lambda iri: self.entity(iri).label),
            href(told[0].iri),
            tuple(map(self.backing, told)),
            hop.stated,
        )
