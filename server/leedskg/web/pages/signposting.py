"""Signposting: typed links of a page, by which programs find what it is about, its data and content, and its licence.

See https://signposting.org/FAIR/: `cite-as` is the name to cite by, `describedby` data about it, `item` its content,
`license` and `type` what they say, `collection` the whole that it is part of, `linkset` a document that has them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leedskg.namespaces import REUSED
from leedskg.selfdescription.dataset import LICENCE

#: What a page about something is, and what a data set is.
ABOUT_PAGE, DATASET = f"{REUSED['schema']}AboutPage", f"{REUSED['schema']}Dataset"
LINKSET = "application/linkset+json"


@dataclass(frozen=True)
class Link:
    """One typed link: its relation, where it leads, and the media type of what is there."""

    relation: str
    address: str
    media_type: str = ""

    def __str__(self) -> str:
        typed = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.address}>; rel="{self.relation}"{typed}'


def links(
    cite_as: str,
    described_by: Iterable[tuple[str, str]],
    *,
    types: Iterable[str] = (ABOUT_PAGE,),
    items: Iterable[tuple[str, str]] = (),
    collection: str = "",
) -> list[Link]:
    """Return the links of a page: what it is about, and its data and content with their media types."""
    found = [Link("cite-as", cite_as), Link("license", LICENCE)]
    found += [Link("type", each) for each in types]
    found += [Link("describedby", *each) for each in described_by]
    found += [Link("item", *each) for each in items]
    if collection:
        found.append(Link("collection", collection, "text/html"))
    return found


def header(found: Iterable[Link]) -> str:
    """Return links as the value of a Link header."""
    return ", ".join(map(str, found))


def context(anchor: str, found: Iterable[Link]) -> dict[str, Any]:
    """Return the links of one address as a linkset in JSON has them (RFC 9264)."""
    known: dict[str, Any] = {"anchor": anchor}
    for each in found:
        target = {"href": each.address} | ({"type": each.media_type} if each.media_type else {})
        known.setdefault(each.relation, []).append(target)
    return known
