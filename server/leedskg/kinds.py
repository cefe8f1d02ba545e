"""How each kind of entity is drawn, in pictures and beside its name: a shape and a colour, never colour alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
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

#: The classes in the order in which a person looks for them. What a class is called decides nothing.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "Organisations": (
        "University", "College", "ResearchCentre", "OrganisationalUnit", "NHSOrganisation", "PublicBody", "Charity",
        "Company", "SpinOutCompany", "Investor", "Adviser", "OrganisationalCollaboration", "Organisation",
    ),
    "Places and facilities": (
        "Facility", "InnovationDistrict", "InvestmentZone", "City", "Region", "Country", "Place",
    ),
    "Programmes, products and support": (
        "Programme", "FundingProgramme", "Initiative", "Project", "SupportService", "Product", "DataAsset", "Group",
    ),
    "Figures and sources": (
        "Indicator", "SourceDocument", "Document", "WebPage", "Website", "Newspaper", "RegisterSource",
    ),
}  # fmt: skip
ORGANISATIONS = frozenset(FAMILIES["Organisations"])
FIGURES_AND_SOURCES = frozenset(FAMILIES["Figures and sources"])
PLACES_AND_FACILITIES = frozenset(FAMILIES["Places and facilities"])
#: Classes that say little beside another: most investors are companies.
_PLAIN = frozenset({"Company", "Organisation"})


def class_name(iri: str) -> str:
    """Return the last part of a class's IRI, such as `SpinOutCompany`: what tells a kind, whatever its label."""
    return iri.rpartition("#")[2]


def telling_kind(kinds: Sequence[str], labels: Sequence[str]) -> str:
    """Return the label to show where there is room for one: that it is an investor rather than that it is a company."""
    telling = (label for kind, label in zip(kinds, labels, strict=True) if class_name(kind) not in _PLAIN)
    return next(telling, labels[0] if labels else "")


def kind_style(kind: str) -> KindStyle:
    """Return how this kind is drawn, everywhere the same; a kind that the table does not know is grey."""
    known = KIND_STYLES.get(kind)
    if known:
        return KindStyle(kind, *known)
    return KindStyle(kind, SHAPES[hashlib.sha256(kind.encode()).digest()[0] % len(SHAPES)], "grey")


def by_family(kinds: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Put labels of kinds, each with its class, in families and in order; those that no family knows come last."""
    left = {class_name(iri): label for label, iri in kinds.items()}
    found = [(family, [left.pop(each) for each in known if each in left]) for family, known in FAMILIES.items()]
    found.append(("Others", sorted(left.values())))
    return [(family, members) for family, members in found if members]
