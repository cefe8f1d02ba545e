"""How each kind of entity is drawn, in pictures and beside its name: a shape and a colour, never colour alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

COLOURS: Mapping[str, str] = {
    "navy": "#12436D",
    "teal": "#28A197",
    "plum": "#801650",
    "orange": "#F46A25",
    "grey": "#8A97A3",
}
SHAPES = ("dot", "square", "triangle", "triangleDown", "diamond", "star", "hexagon")


@dataclass(frozen=True)
class KindStyle:
    """How a kind of entity is drawn: a shape and a colour of the palette, and the word that the legend gives."""

    kind: str
    shape: str
    colour: str


#: Shape and colour together tell kinds apart, shape alone the families: bodies of research are round or six-sided,
#: public bodies square, companies triangles, money and programmes diamonds, places and facilities point down.
KIND_STYLES: Mapping[str, tuple[str, str]] = {
    "university": ("dot", "navy"),
    "college": ("dot", "teal"),
    "research centre": ("hexagon", "navy"),
    "organisational unit": ("hexagon", "teal"),
    "organisational collaboration": ("hexagon", "orange"),
    "organisation": ("hexagon", "plum"),
    "NHS organisation": ("square", "navy"),
    "public body": ("square", "teal"),
    "charity": ("square", "plum"),
    "company": ("triangle", "orange"),
    "spin-out company": ("triangle", "plum"),
    "professional adviser": ("triangle", "teal"),
    "product": ("triangle", "navy"),
    "investor": ("diamond", "orange"),
    "funding programme": ("diamond", "plum"),
    "programme": ("diamond", "navy"),
    "initiative": ("diamond", "teal"),
    "support service": ("star", "teal"),
    "group": ("star", "plum"),
    "indicator": ("star", "orange"),
    "data asset": ("star", "navy"),
    "facility": ("triangleDown", "teal"),
    "innovation district": ("triangleDown", "navy"),
    "investment zone": ("triangleDown", "plum"),
    "place": ("triangleDown", "orange"),
    "city": ("dot", "orange"),
    "region": ("dot", "plum"),
    "country": ("square", "orange"),
    "source document": ("square", "grey"),
    "document": ("diamond", "grey"),
    "register": ("triangle", "grey"),
    "web page": ("dot", "grey"),
    "website": ("star", "grey"),
    "newspaper": ("triangleDown", "grey"),
    # Not a kind of entity: a group in a picture of communities.
    "community": ("hexagon", "grey"),
}

#: The kinds in the order in which a person looks for them.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "Organisations": (
        "university", "college", "research centre", "organisational unit", "NHS organisation", "public body",
        "charity", "company", "spin-out company", "investor", "professional adviser", "organisational collaboration",
        "organisation",
    ),
    "Places and facilities": (
        "facility", "innovation district", "investment zone", "city", "region", "country", "place",
    ),
    "Programmes, products and support": (
        "programme", "funding programme", "initiative", "project", "support service", "product", "data asset", "group",
    ),
    "Figures and sources": (
        "indicator", "source document", "document", "web page", "website", "newspaper", "register",
    ),
}  # fmt: skip


#: Kinds that say little beside another: most investors are companies.
_PLAIN = frozenset({"company", "organisation"})


def telling_kind(kinds: Sequence[str]) -> str:
    """Return the kind to show where there is room for one: that it is an investor rather than that it is a company."""
    return next((kind for kind in kinds if kind not in _PLAIN), kinds[0] if kinds else "")


def kind_style(kind: str) -> KindStyle:
    """Return how this kind is drawn, everywhere the same; a kind that the table does not know is grey."""
    known = KIND_STYLES.get(kind)
    if known:
        return KindStyle(kind, *known)
    return KindStyle(kind, SHAPES[hashlib.sha256(kind.encode()).digest()[0] % len(SHAPES)], "grey")


def by_family(kinds: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Put these kinds in families and in order; those that no family knows come last."""
    left = set(kinds)
    found = [(family, [kind for kind in known if kind in left]) for family, known in FAMILIES.items()]
    found.append(("Others", sorted(left.difference(*FAMILIES.values()))))
    return [(family, members) for family, members in found if members]
