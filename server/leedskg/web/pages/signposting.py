"""Signposting: typed links in the headers of a page, by which programs find what it is about, its data and its licence.

See https://signposting.org/FAIR/: `cite-as` is the name to cite by, `describedby` data about it, `item` its content,
`license` and `type` what they say, `collection` the whole that it is part of.
"""

from __future__ import annotations

from collections.abc import Iterable

from leedskg.namespaces import REUSED
from leedskg.selfdescription.dataset import LICENCE

#: What a page about something is.
ABOUT_PAGE = f"{REUSED['schema']}AboutPage"


def links(
    cite_as: str,
    described_by: Iterable[tuple[str, str]],
    *,
    types: Iterable[str] = (ABOUT_PAGE,),
    items: Iterable[tuple[str, str]] = (),
    collection: str = "",
) -> list[str]:
    """Return the values of a Link header: what a page is about, and its data and content with their media types."""
    found = [f'<{cite_as}>; rel="cite-as"', f'<{LICENCE}>; rel="license"']
    found += [f'<{each}>; rel="type"' for each in types]
    found += [f'<{address}>; rel="describedby"; type="{media_type}"' for address, media_type in described_by]
    found += [f'<{address}>; rel="item"; type="{media_type}"' for address, media_type in items]
    if collection:
        found.append(f'<{collection}>; rel="collection"; type="text/html"')
    return found
