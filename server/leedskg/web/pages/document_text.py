"""The text of a source document, as far as a visitor may read it: whole, or a passage of it as a short quotation.

The documents are other people's. `LEEDSKG_DOCUMENTS` is where they are, `LEEDSKG_DOCUMENTS_SHOWN` who may read them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from leedskg.documents import Documents, SourceText
from leedskg.errors import KnowledgeError
from leedskg.record import EvidencePlace
from leedskg.web import current
from leedskg.web.account import security

#: Characters of a short quotation.
LONGEST_QUOTATION = 300
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Quotation:
    """A passage with what stands around it in its paragraphs, and the page that it is on."""

    before: str
    passage: str
    after: str
    page: int | None


@dataclass(frozen=True)
class MarkedSpan:
    """A span of a document that is to be marked: by what, and whether nothing rests on it."""

    name: str
    start: int
    end: int
    is_silent: bool


@dataclass(frozen=True)
class Piece:
    """A piece of a block of text that the same spans cover: which begin here, which end here, and how it is marked."""

    text: str
    look: str
    begins: tuple[str, ...]
    ends: tuple[str, ...]


def may_read_whole() -> bool:
    """Return whether this visitor may read the documents whole."""
    shown = current.settings().documents_shown
    return shown == "all" or (shown == "signed-in" and security.visitor_or_nobody().account is not None)


def is_behind_sign_in() -> bool:
    """Return whether the documents are at hand for who signs in, and this visitor has not."""
    settings = current.settings()
    return bool(settings.documents) and settings.documents_shown == "signed-in" and not may_read_whole()


def text_at_hand(file_name: str) -> SourceText | None:
    """Return a document of the folder, for whoever asks; None where it is not there or cannot be read."""
    folder = current.settings().documents
    try:
        return _documents(folder).get(file_name) if folder and file_name else None
    except (KnowledgeError, OSError) as error:
        _log.warning("a document cannot be shown: %s", error)
        return None


@lru_cache(maxsize=4)
def _documents(folder: str) -> Documents:
    return Documents(Path(folder).expanduser())


def holds(source: SourceText, place: EvidencePlace) -> bool:
    """Return whether a document has the very words of a passage where the graph says."""
    if place.start is None or place.end is None or not 0 <= place.start < place.end <= source.length:
        return False
    return source.span_digest(place.start, place.end) == place.digest


def quotation(place: EvidencePlace) -> Quotation | None:
    """Return a passage as this visitor may read it; None where they may not, or where the copy here has other words."""
    if current.settings().documents_shown == "no" or is_behind_sign_in():
        return None
    source = text_at_hand(place.file_name)
    if source is None or not holds(source, place):
        return None
    assert place.start is not None
    assert place.end is not None
    passage, page = source.text[place.start : place.end], source.page(place.start)
    if not may_read_whole():
        return Quotation("", _shortened(passage), "", page)
    around = [each for each in source.paragraphs() if each[0] < place.end and place.start < each[1]]
    first, last = min(around)[0], max(around)[1]
    return Quotation(
        source.text[first : max(first, place.start)], passage, source.text[place.end : max(last, place.end)], page
    )


def _shortened(passage: str) -> str:
    if len(passage) <= LONGEST_QUOTATION:
        return passage
    return f"{passage[:LONGEST_QUOTATION].rpartition(' ')[0] or passage[:LONGEST_QUOTATION]} …"


def pieces(source: SourceText, block: tuple[int, int], spans: Sequence[MarkedSpan], chosen: str) -> list[Piece]:
    """Cut a block of text where spans begin and end; a span may be of several blocks."""
    first, last = block
    inside = [each for each in spans if each.start < last and first < each.end]
    edges = sorted({first, last, *(min(max(at, first), last) for each in inside for at in (each.start, each.end))})
    found = []
    for start, end in pairwise(edges):
        over = [each for each in inside if each.start <= start and end <= each.end]
        found.append(
            Piece(
                source.text[start:end],
                _look(over, chosen),
                tuple(each.name for each in over if each.start == start),
                tuple(each.name for each in over if each.end == end),
            )
        )
    return found


def _look(over: Iterable[MarkedSpan], chosen: str) -> str:
    """Return how what these spans cover is marked: chosen, cited, silent where nothing rests on it, or not at all."""
    looks = {"chosen" if each.name == chosen else "silent" if each.is_silent else "cited" for each in over}
    return next((each for each in ("chosen", "cited", "silent") if each in looks), "")
