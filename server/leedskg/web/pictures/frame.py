"""What every picture's page has: its files, its embeddable view, and the questions in its address."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, render_template, request

from leedskg.catalogue import Catalogue
from leedskg.errors import RequestError
from leedskg.naming import slug
from leedskg.network import Tie
from leedskg.picture import PictureEdge, PictureNode
from leedskg.picture.files import FORMATS
from leedskg.picture.surroundings import kinds_of
from leedskg.picture.svg import DrawingDetails
from leedskg.web import current, site
from leedskg.web.api.parameters import FLAG, check_known, choice, query, several
from leedskg.web.pages.downloads import save_as
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.serving.addresses import address, own_address

blueprint = Blueprint("pictures", __name__)


@blueprint.before_request
def enter() -> None:
    """Let pictures be made a few at a time: thirty at once kept the whole site waiting for two minutes."""
    stack = ExitStack()
    stack.enter_context(current.route_gate().pass_through())
    g.picture_gate = stack


@blueprint.teardown_request
def leave(_: BaseException | None) -> None:
    """Give the place back."""
    if stack := g.pop("picture_gate", None):
        stack.close()


#: Formats that a person saves; `places` is for the page's own script.
SAVED = tuple(name for name in FORMATS if name != "places")
#: Gephi's own program for the browser; https://docs.gephi.org/lite/integration/embed says how a file is named to it.
_GEPHI_LITE = "https://lite.gephi.org/"
#: Rows of a table in a page; the files have all of them.
MOST_ROWS = 500
#: What every picture reads: the file that it is wanted as, and whether it stands in a frame on another site.
FRAMED = (
    choice("format", "The picture as a file; without it, the page.", *SAVED),
    query("embed", "The picture alone, for a frame on another site.", FLAG),
)
#: The same of a picture that a large network is drawn in by the page's own script.
FRAMED_LARGE = (
    choice("format", "The picture as a file; `places` is for the page itself.", *SAVED, "places"),
    FRAMED[1],
)
KINDS = several("kind", "A kind of entity, in words; every kind where none is given.")
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
    #: Where Gephi Lite opens the GEXF file, which it fetches from here; nothing where a browser would not let it.
    gephi: str
    #: The template that the page stands in: the site's, or the bare one of a frame on another site.
    base: str
    embedded: bool

    @property
    def markup(self) -> str:
        """What another site puts into its page to show the picture."""
        return f'<iframe src="{self.embed}" title="{self.title}" width="100%" height="700" loading="lazy"></iframe>'


def asked_format(formats: Sequence[str] = SAVED, what: str = "picture") -> str:
    """Read which file the address asks for, or nothing for the page. Raises RequestError for one that there is not."""
    name = request.args.get("format", "")
    if name and name not in formats:
        raise RequestError(f"There is no “{name[:40]}” of this {what}: “format” is one of {', '.join(formats)}.")
    return name


def about(title: str) -> DrawingDetails:
    """Tell what a file of the picture that is asked for says of itself."""
    published = current.reader().generation()
    frame = site.frame()
    own = _whole_address(format=None, embed=None)
    built = datetime.fromisoformat(published.built_at).date().isoformat()
    registers = current.view().attribution_lines
    return DrawingDetails(title, own, frame.licence, frame.licence_href, built, site.NAME, registers)


def file(content: str | bytes, format_name: str, title: str, media_type: str = "") -> Response:
    """Send a file to save, under a name made of its title and the day that the graph was built."""
    told = about(title)
    if format_name == "csv":
        content = f"\ufeff{content!s}"  # without it Excel reads letters beyond ASCII in the code page of its machine
    response = Response(content, content_type=media_type or FORMATS[format_name])
    name = f"{file_name(title)}-{told.built_on}.{format_name}"
    save_as(response, name)
    response.headers["Link"] = f'<{told.licence_address}>; rel="license"'
    return response


def framed(title: str, formats: Sequence[str] = SAVED) -> Frame:
    """Make the frame of the picture that is asked for; opens its embeddable view to the sites of the setting."""
    embedded = request.args.get("embed", "") == "1"
    if embedded:
        allowed = current.settings().picture_frames.strip()
        # A setting is written by whoever runs the site; a semicolon would still end the directive.
        g.framed_by = re.sub(r"[^\w*:/.\[\] -]", "", allowed) if allowed not in ("", "none") else "'none'"
    files = tuple(FileLink(_FORMAT_NAMES[each], address(format=each, embed=None)) for each in formats)
    return Frame(
        title,
        file_name(title),
        files,
        address(format="svg", embed=None),
        address(format=None, embed=None),
        _whole_address(embed="1", format=None),
        _in_gephi(_whole_address(format="gexf", embed=None)) if "gexf" in formats else "",
        "pictures/embedded.html" if embedded else "base.html",
        embedded,
    )


def _whole_address(**changed: str | None) -> str:
    """Return the same as `address` does, from the site's own address on, for those who are elsewhere."""
    return own_address().removesuffix("/") + address(**changed)


def _in_gephi(file_address: str) -> str:
    """Return the address of Gephi Lite with a file, unless its page, which is encrypted, may not fetch the file."""
    parts = urlsplit(file_address)
    is_open_to_it = parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")
    return f"{_GEPHI_LITE}?{urlencode({'file': file_address})}" if is_open_to_it else ""


def show(template: str, frame: Frame, **context: Any) -> str:
    """Show the page of a picture."""
    context.setdefault("covered", current.view().projects_cover)
    return render_template(f"pictures/{template}", frame=frame, **context)


def chosen_kinds(catalogue: Catalogue, here: Iterable[str]) -> frozenset[str]:
    """Read the kinds of entity that the address asks for, as far as there are such here.

    Raises RequestError for one that the graph does not have.
    """
    texts = [value for value in request.args.getlist("kind") if value]
    there = frozenset(here)
    check_known(texts, there.union(catalogue.kind_labels.values()), "kind of thing in the graph")
    return there.intersection(texts)


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
        """Return whether an entity is of a chosen kind; every one is where none is chosen."""
        return not self.picked or bool(self.picked & set(kinds_of(self.catalogue, iri)))


def kind_choice(catalogue: Catalogue, iris: Iterable[str]) -> KindChoice:
    """Return the choice of kinds among these entities."""
    counts = Counter(kind for iri in iris for kind in kinds_of(catalogue, iri))
    return KindChoice(counts, chosen_kinds(catalogue, counts), catalogue)


def number(name: str, default: int, most: int) -> int:
    """Read a whole number from 1 to `most` in the address. Raises RequestError for anything else."""
    text = request.args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise RequestError(f"“{name}” in the address has to be a whole number from 1 to {most}.")
    return int(text)


def node(presenter: Presenter, iri: str) -> PictureNode:
    """Give an entity as a picture has it."""
    view = presenter.entity(iri)
    return PictureNode(iri, view.label, view.kind, view.href)


def edge(source: str, target: str, tie: Tie) -> PictureEdge:
    """Give a relationship as a picture has it."""
    return PictureEdge(
        source, target, tie.pattern.words, href(tie.relationship), tie.confidence, tie.pattern.mutual,
        tie.relationship, tie.valid_from, tie.valid_to, tie.confidence,
    )  # fmt: skip


def file_name(title: str) -> str:
    """Write a title as a file's name: small letters, digits and hyphens."""
    return slug(title)[:60].rstrip("-") or "picture"


@blueprint.get("/pictures")
def page() -> str:
    """Show every picture there is, with a sentence on what it shows and what it does not."""
    return render_template("pictures/index.html")
