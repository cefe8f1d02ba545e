"""What every picture's page has: its files, its embeddable view, and the questions in its address."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, render_template, request

from leedskg.catalogue import Catalogue
from leedskg.errors import RequestError
from leedskg.network import Tie
from leedskg.picture import PictureEdge, PictureNode
from leedskg.picture.files import FORMATS
from leedskg.picture.surroundings import kinds_of
from leedskg.picture.svg import About
from leedskg.web import current, site
from leedskg.web.addresses import site_address
from leedskg.web.presentation import Presenter, href

blueprint = Blueprint("pictures", __name__)

#: Formats that a person saves; `places` is for the page's own script.
SAVED = tuple(name for name in FORMATS if name != "places")
#: Rows of a table in a page; the files have all of them.
MOST_ROWS = 500
_FORMAT_NAMES = {"svg": "SVG", "graphml": "GraphML", "gexf": "GEXF", "csv": "CSV", "json": "JSON"}


@dataclass(frozen=True)
class FileLink:
    """A picture in a format, to be saved."""

    name: str
    href: str


@dataclass(frozen=True)
class Frame:
    """What stands around a picture: the ways to its files, to itself alone, and from there to its page."""

    title: str
    name: str
    files: tuple[FileLink, ...]
    svg: str
    page: str
    embed: str
    #: The template that the page stands in: the site's, or the bare one of a frame on another site.
    base: str
    embedded: bool

    @property
    def markup(self) -> str:
        """What another site puts into its page to show the picture."""
        return f'<iframe src="{self.embed}" title="{self.title}" width="100%" height="700" loading="lazy"></iframe>'


def asked_format(formats: Sequence[str] = SAVED) -> str:
    """The file that the address asks for, or nothing for the page. Raises RequestError for one that there is not."""
    name = request.args.get("format", "")
    if name and name not in formats:
        raise RequestError(f"There is no “{name[:40]}” of this picture: “format” is one of {', '.join(formats)}.")
    return name


def about(title: str) -> About:
    """What a file of the picture that is asked for says of itself."""
    published = current.reader().generation()
    frame = site.frame()
    own = site_address(current.settings()).rstrip("/") + address(format=None, embed=None).removeprefix(
        request.script_root
    )
    built = datetime.fromisoformat(published.built_at).date().isoformat()
    return About(title, own, frame.licence, frame.licence_href, built, site.NAME)


def file(text: str, format_name: str, title: str) -> Response:
    """A picture as a file to save, under a name made of its title and the day that the graph was built."""
    told = about(title)
    response = Response(text, content_type=FORMATS[format_name])
    name = f"{slug(title)}-{told.built_on}.{format_name}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Link"] = f'<{told.licence_address}>; rel="license"'
    return response


def framed(title: str, formats: Sequence[str] = SAVED) -> Frame:
    """The frame of the picture that is asked for; opens its embeddable view to the sites of the setting."""
    embedded = request.args.get("embed", "") == "1"
    if embedded:
        allowed = current.settings().picture_frames.strip()
        # A setting is written by whoever runs the site; a semicolon would still end the directive.
        g.framed_by = re.sub(r"[^\w*:/.\[\] -]", "", allowed) if allowed not in ("", "none") else "'none'"
    files = tuple(FileLink(_FORMAT_NAMES[each], address(format=each, embed=None)) for each in formats)
    embed = site_address(current.settings()).rstrip("/") + address(embed="1", format=None).removeprefix(
        request.script_root
    )
    return Frame(
        title,
        slug(title),
        files,
        address(format="svg", embed=None),
        address(format=None, embed=None),
        embed,
        "pictures/embedded.html" if embedded else "base.html",
        embedded,
    )


def show(template: str, frame: Frame, **context: Any) -> str:
    """The page of a picture."""
    return render_template(f"pictures/{template}", frame=frame, **context)


def address(**changed: str | None) -> str:
    """The address of what is asked for with some answers changed; None leaves one out."""
    told = [(name, value) for name, value in request.args.items(multi=True) if name not in changed]
    told += [(name, value) for name, value in changed.items() if value is not None]
    query = urlencode(told)
    return f"{request.script_root}{request.path}{'?' if query else ''}{query}"


def chosen(name: str, known: Iterable[str] | Mapping[str, int]) -> frozenset[str]:
    """The values that the address gives a question with several answers, as far as there are such."""
    return frozenset(value for value in request.args.getlist(name) if value) & frozenset(known)


@dataclass(frozen=True)
class KindChoice:
    """Which kinds of entity the address asks for, among those that there are with how many of each."""

    counts: Mapping[str, int]
    picked: frozenset[str]
    catalogue: Catalogue

    @property
    def options(self) -> list[tuple[str, int, bool]]:
        """What may be chosen: the words, how many there are, and whether they are chosen."""
        return [(words, count, words in self.picked) for words, count in sorted(self.counts.items())]

    def keeps(self, iri: str) -> bool:
        """Whether an entity is of a chosen kind; every one is where none is chosen."""
        return not self.picked or bool(self.picked & set(kinds_of(self.catalogue, iri)))


def kind_choice(catalogue: Catalogue, iris: Iterable[str]) -> KindChoice:
    """The choice of kinds among these entities."""
    counts = Counter(kind for iri in iris for kind in kinds_of(catalogue, iri))
    return KindChoice(counts, chosen("kind", counts), catalogue)


def number(name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most` in the address. Raises RequestError for anything else."""
    text = request.args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise RequestError(f"“{name}” in the address has to be a whole number from 1 to {most}.")
    return int(text)


def node(presenter: Presenter, iri: str) -> PictureNode:
    """An entity as a picture has it."""
    view = presenter.entity(iri)
    return PictureNode(iri, view.label, view.kind, view.href)


def edge(source: str, target: str, tie: Tie) -> PictureEdge:
    """A relationship as a picture has it."""
    return PictureEdge(
        source, target, tie.pattern.words, href(tie.relationship), tie.confidence, tie.pattern.mutual,
        tie.relationship, tie.valid_from, tie.valid_to, tie.confidence,
    )  # fmt: skip


def slug(title: str) -> str:
    """A title as a file's name: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "picture"
