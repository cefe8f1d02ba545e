"""How pages show things: addresses, entities, statements, figures and routes as the templates want them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from flask import request

from leedskg.edition import Edition
from leedskg.namespaces import Namespaces
from leedskg.record import EvidencePlace, Name, Relation, Statement
from leedskg.routes import Hop, Route
from leedskg.web import current


def href(iri: str) -> str:
    """The address of a thing on this site; a foreign IRI is its own address."""
    local = current.settings().namespaces.local(iri)
    return iri if local is None else f"{request.script_root}/{local}"


@dataclass(frozen=True)
class EntityView:
    """An entity as a link with its kind."""

    label: str
    href: str
    kind: str
    iri: str = ""


@dataclass(frozen=True)
class EvidenceView:
    """Evidence as a block: place, confidence, rank, author."""

    document: str
    document_href: str
    section: str
    start: int | None
    end: int | None
    record_key: str
    digest: str
    href: str
    confidence: float | None = None
    rank: str = ""
    asserted_by: str = ""
    asserted_on: str = ""
    note: str = ""


@dataclass(frozen=True)
class RelationView:
    """A relationship beside its ends: what is told of it, and its evidence."""

    words: str
    other: EntityView
    href: str
    evidence: tuple[EvidenceView, ...]
    role: str = ""
    amount: str = ""
    dates: str = ""
    place: str = ""
    reasons: tuple[str, ...] = ()
    ended: bool = False


@dataclass(frozen=True)
class FigureView:
    """One observation of an indicator."""

    value: str
    unit: str
    qualifier: str
    indicator: str
    href: str
    geography: str
    period: str
    scope: str
    attributed_to: str
    evidence: tuple[EvidenceView, ...]
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True)
class RouteView:
    """A route as stations and the hops between them."""

    stations: tuple[EntityView, ...]
    hops: tuple[RelationView, ...]
    cost: float
    strength: float
    rows: tuple[tuple[EntityView, RelationView, EntityView], ...] = field(default=())


@dataclass(frozen=True)
class Presenter:
    """Shows things of one edition."""

    edition: Edition

    @property
    def _namespaces(self) -> Namespaces:
        return self.edition.namespaces

    def entity(self, iri: str, label: str = "") -> EntityView:
        """An entity, or a concept or other thing that is not in the catalogue."""
        entry = self.edition.catalogue.entries.get(iri)
        if entry is None:
            return EntityView(label or self._namespaces.shorten(iri), href(iri), "", iri)
        return EntityView(entry.label, href(iri), entry.kind_labels[0] if entry.kind_labels else "", iri)

    def place(self, place: EvidencePlace) -> EvidenceView:
        """Evidence by itself."""
        return EvidenceView(
            place.source.label,
            href(place.source.iri),
            place.section,
            place.start,
            place.end,
            place.record_key,
            place.digest,
            href(place.iri),
        )

    def evidence(self, statement: Statement) -> tuple[EvidenceView, ...]:
        """The evidence of a statement, each place with the standing of the statement."""
        views = []
        for number, place in enumerate(statement.evidence):
            view = self.place(place)
            views.append(
                EvidenceView(
                    **(
                        vars(view)
                        | {
                            "confidence": statement.confidence,
                            "rank": statement.rank,
                            "asserted_by": statement.asserted_by,
                            "asserted_on": statement.asserted_at[:10],
                            "note": statement.note if number == 0 else "",
                        }
                    )
                )
            )
        return tuple(views)

    def relation(self, relation: Relation) -> RelationView:
        """A relationship as seen from one of its entities."""
        statement = relation.statement
        return RelationView(
            relation.words,
            self.entity(relation.other.iri, relation.other.label),
            href(statement.iri),
            self.evidence(statement),
            amount=self.amount(statement),
            dates=self.dates(statement),
            ended=bool(statement.detail(self._namespaces.term("validTo"))),
        )

    def amount(self, statement: Statement) -> str:
        """The money of a funding award in words, or nothing."""
        amount = statement.detail(self._namespaces.term("amount"))
        currency = statement.detail(self._namespaces.term("currency"))
        return money(amount.label, currency.label) if amount and currency else ""

    def dates(self, statement: Statement) -> str:
        """When a relationship held, as far as a source says so."""
        start = statement.detail(self._namespaces.term("validFrom"))
        end = statement.detail(self._namespaces.term("validTo"))
        if start and end:
            return f"{start.label} to {end.label}"
        return f"since {start.label}" if start else f"until {end.label}" if end else ""

    def figure(self, statement: Statement, others: Mapping[str, Statement] | None = None) -> FigureView:
        """An observation; `others` are the observations that it may be in conflict with."""
        term = self._namespaces.term

        def label(name: str) -> str:
            value = statement.detail(term(name))
            return value.label if value else ""

        about, indicator = label("about"), statement.detail(term("indicator"))
        value, unit = self._amount_and_unit(statement)
        return FigureView(
            value,
            unit,
            label("qualifier"),
            (indicator.label if indicator else "") + (f": {about}" if about else ""),
            href(statement.iri),
            label("geography"),
            label("referencePeriod"),
            label("scope"),
            label("attributedTo"),
            self.evidence(statement),
            tuple(self._conflict((others or {}).get(name.iri)) for name in statement.conflicts),
        )

    def _conflict(self, other: Statement | None) -> str:
        if other is None:
            return "Another statement gives a value that cannot hold together with this one."
        value, unit = self._amount_and_unit(other)
        qualifier = other.detail(self._namespaces.term("qualifier"))
        source = other.detail(self._namespaces.term("reportedIn"))
        words = " ".join(filter(None, (qualifier.label if qualifier else "", value, unit)))
        return f"{source.label if source else 'Another source'} gives {words}: the two cannot both hold."

    def _amount_and_unit(self, statement: Statement) -> tuple[str, str]:
        value, unit = (statement.detail(self._namespaces.term(name)) for name in ("value", "unit"))
        number = value.label if value else ""
        if unit and unit.iri == self._namespaces.concept("unit", "pound-sterling"):
            return money(number, "GBP"), ""
        return grouped(number), unit.label if unit else ""

    def route(self, route: Route, statements: Mapping[str, Statement]) -> RouteView:
        """A route with the evidence of each hop."""
        stations = tuple(self.entity(iri) for iri in route.entities)
        hops = tuple(self._hop(hop, statements) for hop in route.hops)
        return RouteView(
            stations, hops, route.cost, route.strength, tuple(zip(stations[:-1], hops, stations[1:], strict=True))
        )

    def _hop(self, hop: Hop, statements: Mapping[str, Statement]) -> RelationView:
        told = [statements[tie.relationship] for tie in hop.ties]
        also = {f"also {other.words}" for other in hop.others}
        return RelationView(
            hop.words,
            self.entity(hop.target),
            href(told[0].iri),
            tuple(view for statement in told for view in self.evidence(statement)),
            role=roles(told[0], hop),
            amount=next(filter(None, (self.amount(each) for each in told)), ""),
            dates=next(filter(None, (self.dates(each) for each in told)), ""),
            reasons=(*hop.reasons, *sorted(also)),
        )


def roles(statement: Statement, hop: Hop) -> str:
    """The roles of both ends of a hop, such as `funder to funded`."""
    by_entity: dict[str, str] = {part.entity.iri: part.role.label for part in statement.parts}
    return f"{by_entity.get(hop.source, '')} to {by_entity.get(hop.target, '')}"


def names(things: Iterable[Name]) -> str:
    """The labels of several things in a row."""
    return ", ".join(thing.label for thing in things)


def grouped(number: str) -> str:
    """A number with its thousands apart; a text that is no number as it is."""
    try:
        value = Decimal(number)
    except ArithmeticError:
        return number
    return f"{value.normalize():,f}" if value == value.to_integral() else f"{value:,}"


def money(number: str, currency: str) -> str:
    """An amount of money in words, such as `£1.6 billion`."""
    try:
        value = Decimal(number)
    except ArithmeticError:
        return f"{number} {currency}"
    sign = {"GBP": "£", "EUR": "€", "USD": "$"}.get(currency, f"{currency} ")
    for size, word in ((10**9, " billion"), (10**6, " million")):
        if value >= size:
            return f"{sign}{grouped(str((value / size).normalize()))}{word}"
    return f"{sign}{grouped(number)}"
