"""An HTML page taken apart with the standard library, for the tests that look at what a page is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Between these and what follows is a gap, whether or not the source has white space there.
BLOCKS = {
    "br",
    "caption",
    "dd",
    "div",
    "dt",
    "h1",
    "h2",
    "h3",
    "li",
    "option",
    "p",
    "section",
    "summary",
    "td",
    "th",
    "tr",
}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element with its attributes, the text in it, and the names of the elements around it."""

    name: str
    attributes: dict[str, str]
    around: tuple[str, ...]
    text: str = ""

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


@dataclass
class Page(HTMLParser):
    """Every element of a page in its order. An element that is not closed, or closed by another, is noted."""

    source: str
    elements: list[Element] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        self.unbalanced += [element.name for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._part(tag)
        around = tuple(element.name for element in self._open)
        element = Element(tag, {name: value or "" for name, value in attrs}, around)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, ()))

    def handle_endtag(self, tag: str) -> None:
        self._part(tag)
        if self._open and self._open[-1].name == tag:
            self._open.pop()
        else:
            self.unbalanced.append(f"/{tag}")

    def _part(self, tag: str) -> None:
        if tag in BLOCKS:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *names: str) -> list[Element]:
        return [element for element in self.elements if element.name in names]

    def with_class(self, name: str) -> list[Element]:
        return [element for element in self.elements if name in element.attributes.get("class", "").split()]

    @property
    def text(self) -> str:
        return " ".join(element.words for element in self.all("body"))

    @property
    def headings(self) -> list[tuple[int, str]]:
        found = self.all("h1", "h2", "h3", "h4", "h5", "h6")
        return [(int(element.name[1]), element.words) for element in found]

    @property
    def links(self) -> set[str]:
        """Every address that is linked to."""
        return {element.attributes.get("href", "") for element in self.all("a")}

    def link(self, *words: str) -> str:
        """The address of the first link whose text has all these words."""
        return next(a.attributes["href"] for a in self.all("a") if all(word in a.words for word in words))
