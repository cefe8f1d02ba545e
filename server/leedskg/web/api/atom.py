"""Atom feeds (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from flask import Response

from leedskg.web.site import NAME

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
#: What XML 1.0 cannot hold.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class FeedEntry:
    """One entry: its lasting id, when it happened, and what it says in lines."""

    id: str
    title: str
    at: str
    href: str
    lines: Sequence[str] = ()


def feed(address: str, page: str, title: str, at: str, entries: Sequence[FeedEntry]) -> Response:
    """Return a feed at an address, of what `page` shows; `at` is when it was made where it has no entry."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, "id", address)
    _add(root, "title", title)
    _add(root, "updated", max((each.at for each in entries), default=at))
    _add(root, "link", href=address, rel="self", type=MEDIA_TYPE)
    _add(root, "link", href=page, rel="alternate", type="text/html")
    _add(_add(root, "author"), "name", NAME)
    for each in entries:
        entry = _add(root, "entry")
        _add(entry, "id", each.id)
        _add(entry, "title", each.title)
        _add(entry, "updated", each.at)
        _add(entry, "link", href=each.href, rel="alternate", type="text/html")
        _add(entry, "content", "\n".join(each.lines) or each.title, type="text")
    return Response(
        ET.tostring(root, encoding="utf-8", xml_declaration=True), content_type=f"{MEDIA_TYPE}; charset=utf-8"
    )


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    made.text = _UNFIT.sub("�", text) or None
    return made
