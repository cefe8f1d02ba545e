"""How pages show things: the records of one generation as the objects that templates want."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import request, url_for

from leedskg.generation_view import GenerationView
from leedskg.kinds import telling_kind
from leedskg.namespaces import REUSED, Namespaces
from leedskg.network import EdgePattern
from leedskg.record import EvidencePlace, Name, Relation, ShownAssertion
from leedskg.routes import Hop, Route
from leedskg.sentences import Sentences
from leedskg.web import current
from leedskg.web.pages.views import (
    BackingView,
    ConflictView,
    EntityView,
    FigureView,
    HopView,
    LineView,
    PlaceView,
    RouteView,
    StatementRowView,
    TieGroupView,
)
from leedskg.wording import plain_date

#: Characters of a page's address where it is named in passing.
_LONGEST_ADDRESS = 48
#: Names that a web page is opened at.
_MOST_TEXTS = 3


def href(iri: str) -> str:
    """Return the address of a thing on this site; a foreign IRI is its own address."""
    local = current.settings().namespaces.local(iri)
    return iri if local is None else f"{request.script_root}/{local}"


def web_address(text: str) -> str:
    """Return the text if it is an address of the web, else nothing."""
    return text if text.startswith(("http://", "https://")) else ""


def at_text(address: str, names: Iterable[str]) -> str:
    """Return the address of a page at the first of these names that it has: a text fragment for each.

    A browser marks those that it finds, and opens the page at its top where it finds none or knows no text fragments.
    A dash is written as its code: between texts it would have a meaning.
    """
    texts = [f"text={quote(each, safe='').replace('-', '%2D')}" for each in dict.fromkeys(names)]
    if not address or not texts:
        return address
    return f"{address}{'' if '#' in address else '#'}:~:{'&'.join(texts[:_MOST_TEXTS])}"


def _page_words(place: EvidencePlace) -> str:
    """Say when a page was published and seen, such as `published 5 June 2025, seen on 28 November 2026 (excerpt)`."""
    by_then = place.seen_on.removeprefix("../")
    seen = f"{'seen on' if by_then == place.seen_on else 'seen by'} {plain_date(by_then)}"
    published = f"published {plain_date(place.issued)}, " if place.issued else ""
    return f"{published}{seen}{f' ({place.seen_as})' if place.seen_as else ''}"


@dataclass(frozen=True)
class Presenter:
    """Shows things of one generation."""

    view: GenerationView

    @property
    def _namespaces(self) -> Namespaces:
        return self.view.namespaces

    @property
    def _sentences(self) -> Sentences:
        return self.view.sentences

    def covered(self, iris: Iterable[str]) -> tuple[str, ...]:
        """Return what the registers cover whose projects are among these entities; nothing where none is."""
        covered = self.view.projects_cover
        return covered if covered and not self.view.artefacts.projects.isdisjoint(iris) else ()

    def entity(self, iri: str, label: str = "") -> EntityView:
        """Show an entity, or a concept or other thing that is not in the catalogue; without an IRI, a text."""
        entry = self.view.catalogue.entries.get(iri)
        if entry is not None:
            kind = telling_kind(entry.kinds, entry.kind_labels)
            return EntityView(entry.label, href(iri), kind, iri, not entry.in_use)
        if iri:
            return EntityView(label or self._namespaces.shorten(iri), href(iri), iri=iri)
        return EntityView(label, web_address(label))

    def place(self, place: EvidencePlace, names: Iterable[str] = ()) -> PlaceView:
        """Show a place in a source. A record that is a web address goes by it, cut to fit a line.

        A web page opens where it has one of these names.
        """
        page = web_address(place.record_key)
        address = page.partition("://")[2].removeprefix("www.").rstrip("/")
        short = address if len(address) <= _LONGEST_ADDRESS else f"{address[: _LONGEST_ADDRESS - 1]}…"
        return PlaceView(
            place.source.label,
            href(place.source.iri),
            place.section,
            self._words(place, f"page {short}" if page else ""),
            place.digest,
            href(place.iri),
            page or at_text(web_address(place.address), names),
            "passage" if place.digest else "page" if place.seen_on else "record" if place.record_key else "report",
            place.span,
            self._reading_href(place),
        )

    @staticmethod
    def _reading_href(place: EvidencePlace) -> str:
        """Return the address of a passage in the reading view of its document; nothing for what is no passage."""
        if not (place.digest and place.file_name):
            return ""
        slug, name = (iri.rpartition("/")[2] for iri in (place.source.iri, place.iri))
        return url_for("annotated_document.page", slug=slug, passage=name, _anchor=f"p-{name}")

    @staticmethod
    def _words(place: EvidencePlace, page: str) -> str:
        if place.seen_on:
            return _page_words(place)
        is_report = not (place.digest or place.record_key)
        if is_report and place.issued:
            return ", ".join(filter(None, (place.section_words, f"published {plain_date(place.issued)}")))
        return page or place.words

    def backing(self, statement: ShownAssertion) -> BackingView:
        """Show what a statement rests on."""
        return BackingView(
            href(statement.iri),
            tuple(self.place(place, self._names(statement)) for place in statement.evidence),
            statement.confidence,
            statement.rank,
            statement.asserted_by,
            plain_date(statement.asserted_at[:10]),
            statement.note,
        )

    def _names(self, statement: ShownAssertion) -> list[str]:
        """Return the names that a page which states this is likely to print: of bodies, and no concepts or sources."""
        term = self._namespaces.term
        things = [part.entity for part in statement.parts]
        things += [detail.value for detail in statement.details if detail.field.iri != term("reportedIn")]
        return [each.label for each in things if each.iri in self.view.catalogue.entries]

    def relations(self, relations: Iterable[Relation]) -> list[TieGroupView]:
        """Show the relationships of an entity, those in the same words together, the weightiest first.

        A group weighs what the ontology gives its kind of hop, and what is no hop comes after; within a group what has
        not ended comes first, then what is surest and has most places in sources.
        """
        groups: dict[str, list[StatementRowView]] = {}
        weights: dict[str, float] = {}
        for pattern in self.view.patterns:
            for words in (pattern.words, pattern.words_back) if pattern.hop else ():
                weights[words] = max(weights.get(words, 0.0), pattern.relevance)
        for relation in sorted(relations, key=lambda each: self._weight(each, weights)):
            statement, other = relation.statement, self.entity(relation.other.iri, relation.other.label)
            told = (self._sentences.amount(statement), self._sentences.dates(statement))
            row = StatementRowView(
                other,
                f"{relation.words} {other.label}",
                href(statement.iri),
                (self.backing(statement),),
                tuple(filter(None, told)),
            )
            groups.setdefault(relation.words, []).append(row)
        return [TieGroupView(words, tuple(rows)) for words, rows in groups.items()]

    def _weight(self, relation: Relation, weights: Mapping[str, float]) -> tuple[Any, ...]:
        statement = relation.statement
        ended = bool(self._sentences.label(statement, "validTo"))
        sure = (-statement.confidence, -len(statement.evidence))
        return -weights.get(relation.words, 0.0), relation.words, ended, *sure, relation.other.label.casefold()

    def attributes(self, statements: Iterable[ShownAssertion], subject: str) -> list[TieGroupView]:
        """Show the facts of an entity by field; where it is itself the value, the thing that has it."""
        term = self._namespaces.term
        groups: dict[str, list[StatementRowView]] = {}
        for statement in statements:
            stated = next((each for each in statement.details if each.field.iri in self._sentences.stated), None)
            if stated is None:
                continue
            value = stated.value
            words = stated.field.label
            if value.iri == subject:
                value = statement.detail(term("subject")) or value
                words = f"{words} of"
            label = value.label if value.iri else plain_date(value.label)
            row = StatementRowView(
                self.entity(value.iri, label),
                f"{words}, {label}",
                href(statement.iri),
                (self.backing(statement),),
                tuple(filter(None, (self._sentences.dates(statement),))),
            )
            groups.setdefault(words, []).append(row)
        return [TieGroupView(words, tuple(rows)) for words, rows in groups.items()]

    def figure(
        self, statement: ShownAssertion, others: Mapping[str, ShownAssertion] | None = None, of: str = ""
    ) -> FigureView:
        """Show an observation. `others` are those it may be in conflict with; `of` is the thing whose page this is."""
        place = statement.detail(self._namespaces.term("geography"))
        named = self._sentences.figure_parts(statement, of)
        where = place.label if place and named else ""
        period = plain_date(self._sentences.label(statement, "referencePeriod"))
        said_by = self._sentences.label(statement, "attributedTo")
        sources = f"reported in {self._sentences.label(statement, 'reportedIn')}"
        value, unit = self._sentences.value(statement)
        scope = self._sentences.label(statement, "scope").rstrip(".")
        return FigureView(
            value,
            unit,
            self._sentences.qualifier(statement),
            self._sentences.figure_name(statement, of),
            href(statement.iri),
            tuple(filter(None, (where, period or "no period given", scope))),
            f"according to {said_by}, as {sources}" if said_by else sources,
            (self.backing(statement),),
            self.conflicts(statement, others or {}),
        )

    def conflicts(self, statement: ShownAssertion, others: Mapping[str, ShownAssertion]) -> tuple[ConflictView, ...]:
        """Show the figures that cannot hold together with this one, as far as they are among `others` in words."""
        return tuple(self._conflict(name, others.get(name.iri)) for name in statement.conflicts)

    def _conflict(self, name: Name, other: ShownAssertion | None) -> ConflictView:
        if other is None:
            return ConflictView("Another statement contradicts this figure", href(name.iri))
        figure, source = self.figure(other), self._sentences.label(other, "reportedIn")
        return ConflictView(
            f"{source or 'Another source'} gives {figure.words}: the two contradict each other", figure.href
        )

    def sentence(self, statement: ShownAssertion) -> str:
        """Put a statement in one line: what it says of what."""
        return self._sentences.sentence(statement)

    def line(self, statement: ShownAssertion) -> LineView:
        """Return a statement in one line, and why it was withdrawn where it was."""
        why = statement.detail(REUSED["skos"] + "editorialNote") if statement.withdrawn else None
        return LineView(self.sentence(statement), href(statement.iri), statement.withdrawn, why.label if why else "")

    def route(self, route: Route, statements: Mapping[str, ShownAssertion]) -> RouteView:
        """Show a route with the evidence of each hop."""
        return RouteView(
            tuple(self.entity(iri) for iri in route.entities),
            tuple(self._hop(hop, statements) for hop in route.hops),
            route.cost,
            route.band.words if route.band else "",
            route.kind,
        )

    def _shared(self, statement: ShownAssertion, pattern: EdgePattern) -> str:
        """Say the money of an award, and of how many it comes: it is not what each of them gave."""
        amount = self._sentences.amount(statement)
        givers = len({part.entity.iri for part in statement.parts if part.role.iri == pattern.from_role})
        return f"{amount} from {givers} {pattern.from_label}s together" if amount and givers > 1 else amount

    def _hop(self, hop: Hop, statements: Mapping[str, ShownAssertion]) -> HopView:
        told = [statements[tie.relationship] for tie in hop.ties]
        also = sorted({f"also {other.words}" for other in hop.others})
        pattern = hop.pattern
        roles = (pattern.from_label, pattern.to_label)
        return HopView(
            hop.words,
            roles if hop.along else roles[::-1],
            next(filter(None, map(self._sentences.dates, told)), ""),
            (
                *(tie.in_words for tie in hop.ties if tie.projects),
                *filter(None, [next(filter(None, (self._shared(each, pattern) for each in told)), "")]),
                *also,
            ),
            hop.told(lambda iri: self.entity(iri).label),
            href(told[0].iri),
            tuple(map(self.backing, told)),
            hop.stated,
        )
