"""The answer of “Who can help”: each body once, what it does about each thing asked for, and a message of it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leedskg.record import Name, ShownAssertion
from leedskg.support import Offer, SupportTerm, WorksOn
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.profiles import Fact, glances
from leedskg.web.pages.provider_routes import Way
from leedskg.web.pages.views import BackingView, EntityView
from leedskg.wording import MISSING, listed


@dataclass(frozen=True)
class ServiceView:
    """A service by which a body helps, and what it is."""

    view: EntityView
    description: str


@dataclass(frozen=True)
class HelpView:
    """One statement: that a body helps with a need, and by what, or that it works on a theme."""

    topic: Name
    is_theme: bool
    services: tuple[ServiceView, ...]
    stages: tuple[str, ...]
    backing: BackingView


@dataclass(frozen=True)
class ProviderView:
    """A body in the answer: what it is and does, where, what it does about what was asked for, and the way to it."""

    provider: EntityView
    #: The name by which a route to it is asked for.
    name: str
    description: str
    purposes: tuple[Fact, ...]
    websites: tuple[Fact, ...]
    places: tuple[EntityView, ...]
    operators: tuple[EntityView, ...]
    planned: bool
    helps: tuple[HelpView, ...]
    #: The things that were asked for that it is recorded with, in their words.
    met: tuple[str, ...]
    way: Way | None

    @property
    def backing(self) -> list[BackingView]:
        """The statements that all of this rests on, those of help first."""
        every = (*(each.backing for each in self.helps), *(one for fact in self.purposes for one in fact.backing))
        return list({each.href: each for each in every}.values())


@dataclass(frozen=True)
class Found:
    """The statements that answer some terms."""

    offers: tuple[Offer, ...]
    workers: tuple[WorksOn, ...]

    @property
    def iris(self) -> list[str]:
        """The bodies, each once."""
        every = [offer.provider.iri for offer in self.offers] + [each.entity.iri for each in self.workers]
        return list(dict.fromkeys(every))


def find(presenter: Presenter, terms: Iterable[SupportTerm], stage: str) -> Found:
    """Find who helps with the needs, at a stage if one is given, and which bodies work on the themes."""
    view = presenter.view
    needs = {need.iri: need for term in terms for need in term.needs}
    offers = tuple(offer for need in needs for offer in view.support.for_need(need, stage))
    themes = {theme.iri: theme for term in terms for theme in term.themes}
    return Found(offers, tuple(view.bodies_on(themes.values())))


def providers(
    presenter: Presenter, terms: Sequence[SupportTerm], found: Found, ways: Mapping[str, Way]
) -> list[ProviderView]:
    """Show who was found: who does most of what was asked for first, then by the strength of the way, then by name."""
    catalogue = presenter.view.catalogue
    entries = [catalogue.entries[iri] for iri in found.iris if iri in catalogue.entries]
    at_a_glance = glances(presenter, entries)
    shown = []
    for entry in entries:
        offers = [offer for offer in found.offers if offer.provider.iri == entry.iri]
        workers = [each for each in found.workers if each.entity.iri == entry.iri]
        topics = {offer.need.iri for offer in offers} | {each.theme.iri for each in workers}
        glance = at_a_glance[entry.iri]
        shown.append(
            ProviderView(
                glance.view,
                catalogue.unique_name(entry),
                entry.description,
                glance.purposes[:2],
                glance.facts.get("Website", ()),
                _places(presenter, offers) or tuple(fact.value for fact in glance.facts.get("Place", ())),
                _views(presenter, (each for offer in offers for each in offer.operators)),
                any(offer.planned for offer in offers),
                (
                    *(_help(presenter, offer.need, offer.statement, offer) for offer in offers),
                    *(_help(presenter, each.stated, each.statement) for each in workers),
                ),
                tuple(term.words for term in terms if term.iris & topics),
                ways.get(entry.iri),
            )
        )
    order = {term.words: number for number, term in enumerate(terms)}
    return sorted(
        shown,
        key=lambda each: (
            -len(each.met), [order[words] for words in each.met], each.way.cost if each.way else 0.0,
            each.provider.label.casefold(),
        ),
    )  # fmt: skip


def _places(presenter: Presenter, offers: Iterable[Offer]) -> tuple[EntityView, ...]:
    return _views(presenter, (each for offer in offers for each in offer.places))


def _views(presenter: Presenter, names: Iterable[Name]) -> tuple[EntityView, ...]:
    return tuple(presenter.entity(name.iri, name.label) for name in dict.fromkeys(names))


def _help(presenter: Presenter, topic: Name, statement: ShownAssertion, offer: Offer | None = None) -> HelpView:
    entries = presenter.view.catalogue.entries
    services = tuple(
        ServiceView(
            presenter.entity(service.iri, service.label),
            entries[service.iri].description if service.iri in entries else "",
        )
        for service in (offer.services if offer else ())
    )
    stages = tuple(stage.label for stage in offer.stages) if offer else ()
    return HelpView(topic, offer is None, services, stages, presenter.backing(statement))


def message(title: str, found: Sequence[ProviderView], start: str, source: str, own: str) -> str:
    """Put an answer in plain text, with the address of the evidence of each fact, to be sent to somebody.

    `own` is the address of the site without its last slash, `source` says where and of when the answer is.
    """
    lines = [f"Who can help: {title}", ""]
    for number, each in enumerate(found, start=1):
        kind = ", ".join(filter(None, (each.provider.kind, "planned" if each.planned else "")))
        lines.append(f"{number}. {each.provider.label}{f' ({kind})' if kind else ''}")
        lines += [f"   {each.description}"] if each.description else []
        for fact in each.purposes:
            lines.append(f"   {fact.value.label}{_sure(fact.backing[:1])}")
            lines += _evidence(fact.backing, own)
        for help_ in each.helps:
            through = f", through {listed(service.view.label for service in help_.services)}" if help_.services else ""
            stages = f", at the stage {listed(help_.stages)}" if help_.stages else ""
            said = "Works on" if help_.is_theme else "Helps with"
            lines.append(f"   {said}: {help_.topic.label}{through}{stages}{_sure([help_.backing])}")
            lines += _evidence([help_.backing], own)
        lines += [f"   Where: {listed(place.label for place in each.places)}"] if each.places else []
        lines += [f"   Run by: {listed(body.label for body in each.operators)}"] if each.operators else []
        lines += [f"   Website: {listed(fact.value.label for fact in each.websites)}"] if each.websites else []
        if each.way and each.way.route:
            lines.append(f"   From {start}: {each.way.sentence}")
        lines.append("")
    return "\n".join([*lines, source, MISSING])


def _sure(backing: Iterable[BackingView]) -> str:
    return "".join(f" ({each.certainty.words})" for each in backing if each.confidence < 1)


def _evidence(backing: Iterable[BackingView], own: str) -> list[str]:
    return [
        f"      Evidence: {place.document}, {place.words}: {own}{place.href}"
        for each in backing
        for place in each.places
    ]
