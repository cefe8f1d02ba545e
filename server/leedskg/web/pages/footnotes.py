"""Footnotes: the places in sources that a page rests on, numbered in the order in which it names them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from leedskg.web.pages.views import BackingView, PlaceView
from leedskg.web.serving.addresses import own_address


@dataclass
class Footnote:
    """A place in a source with its number and the ids of the marks that lead to it."""

    number: int
    place: PlaceView
    marks: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The whole address of the evidence, which paper needs."""
        return own_address().removesuffix("/") + self.place.href


@dataclass(frozen=True)
class FootnoteMark:
    """The number in the text that leads to a footnote."""

    number: int
    id: str


class Footnotes:
    """The footnotes of one page; its template cites as it writes, and lists them at the end."""

    def __init__(self) -> None:
        self._by_place: dict[str, Footnote] = {}

    @property
    def notes(self) -> list[Footnote]:
        """The footnotes so far."""
        return list(self._by_place.values())

    def cite(self, backing: Iterable[BackingView]) -> list[FootnoteMark]:
        """Return the marks for what statements rest on."""
        return self.cite_places(place for each in backing for place in each.places)

    def cite_places(self, places: Iterable[PlaceView]) -> list[FootnoteMark]:
        """Return the marks for these places, each once."""
        marks = []
        for href, place in {place.href: place for place in places}.items():
            note = self._by_place.setdefault(href, Footnote(len(self._by_place) + 1, place))
            note.marks.append(f"mark-{note.number}-{len(note.marks) + 1}")
            marks.append(FootnoteMark(note.number, note.marks[-1]))
        return marks
