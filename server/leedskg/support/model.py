"""Needs, offers of help and all of them together, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from leedskg.record import Name, Statement
from leedskg.support.wording import Meaning, Wording


@dataclass(frozen=True)
class Need:
    """A concept of the scheme of needs, with the texts that it may be looked for by."""

    iri: str
    label: str
    definition: str
    texts: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The last part of its IRI, which addresses name it by."""
        return self.iri.rpartition("/")[2]


@dataclass(frozen=True)
class Offer:
    """That a provider helps with a need: the statement, and the services and stages that it names."""

    statement: Statement
    need: Name
    provider: Name
    services: tuple[Name, ...]
    stages: tuple[Name, ...]
    places: tuple[Name, ...]
    operators: tuple[Name, ...]
    planned: bool


@dataclass(frozen=True)
class Support:
    """All needs, the stages that any source ties help to, and all offers of one generation."""

    needs: tuple[Need, ...]
    stages: tuple[Name, ...]
    offers: tuple[Offer, ...]

    def for_need(self, need: str, stage: str = "") -> list[Offer]:
        """Who helps with a need, by name; with a stage, only what a source ties to that stage."""
        return [
            offer
            for offer in self.offers
            if offer.need.iri == need and (not stage or any(each.iri == stage for each in offer.stages))
        ]

    def find(self, text: str) -> Need | None:
        """The need of this IRI, or of this last part of one."""
        return next((each for each in self.needs if text in (each.iri, each.slug)), None)

    def stage(self, text: str) -> Name | None:
        """The stage of this IRI, or of this last part of one."""
        return next((each for each in self.stages if text in (each.iri, each.iri.rpartition("/")[2])), None)

    def meant_by(self, text: str) -> tuple[list[Need], Meaning]:
        """The needs that these words may mean, the likeliest first, and how the words were read; none for no match."""
        meaning = self._wording.read(text)
        return [self.needs[number] for number in meaning.fits], meaning

    @cached_property
    def _wording(self) -> Wording:
        return Wording([need.texts for need in self.needs])
