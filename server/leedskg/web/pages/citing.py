"""Cite this: a page of the graph in words, BibTeX, RIS and CSL-JSON, with its version and date."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.errors import RequestError
from leedskg.files import knowledge_root
from leedskg.queries import read_queries
from leedskg.releases import Versions
from leedskg.web import current
from leedskg.web.api.parameters import choice, query, reads
from leedskg.web.pages import described, gone
from leedskg.web.pages.data import is_iri, split
from leedskg.web.pages.presentation import Presenter
from leedskg.web.serving.addresses import endpoint_at
from leedskg.web.site import NAME
from leedskg.wording import plain_date

blueprint = Blueprint("citing", __name__)
#: What pages are called that are about no single thing.
_PAGES = {
    "figures.page": "Figures", "support.page": "Who can help", "versions.page": "Versions of the graph",
    "dataset.page": NAME, "analysis.page": "Who matters", "lists.page": "List", "compare.page": "Compared",
    "brief.page": "Brief", "disagreements.page": "Where the sources disagree", "attribution.page": "Attribution",
    "ontology.shapes": "What a valid record looks like", "ontology.model": "The model by example",
    "changes.page": "What changed", "matrices.needs": "Providers by needs",
    "matrices.themes": "Themes by kinds of actor", "pictures.around": "Network", "pictures.whole": "The whole network",
    "pictures.communities": "Communities of the network", "pictures.money": "Where money goes",
    "pictures.places": "Places", "pictures.timeline": "Timeline",
}  # fmt: skip
#: What is cited by a link in its frame.
CITED = frozenset(
    {*_PAGES, "entities.page", "things.assertion", "things.evidence", "things.concept", "described.page",
     "routes.page", "query.page", "versions.version", "home.page"}
)  # fmt: skip
#: The parts of the site whose pages show one thing each, which has the IRI of the page.
_OF_THINGS = frozenset({"entities", "things", "described"})
_IS_NAMED = "ASK {{ {{ <{iri}> ?p ?o }} UNION {{ ?s ?p <{iri}> }} UNION {{ GRAPH <{iri}> {{ ?s ?p ?o }} }} }}"
_OF_VERSION = re.compile(r"(/versions/[^/?]+)([/?].*)?", re.DOTALL)
FORMATS = {"bibtex": "application/x-bibtex", "ris": "application/x-research-info-systems",
           "csl": "application/vnd.citationstyles.csl+json"}  # fmt: skip
_LONGEST = 4000
_BIBTEX = str.maketrans(
    {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {each: f"\\{each}" for each in "{}&%$#_"}
)


@dataclass(frozen=True)
class PageCitation:
    """What is said of a page when it is cited."""

    title: str
    address: str
    #: As 2026-11-28.
    date: str
    version: str

    @property
    def key(self) -> str:
        """A key that is the same for the same page of the same version."""
        told = f"{self.address} {self.version}"
        return f"leedskg-{self.date[:4]}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    def words(self) -> str:
        """Return the citation as a reference list has it."""
        as_of = f"version {self.version}, {plain_date(self.date)}"
        return f"{NAME} ({self.date[:4]}). {self.title} ({as_of}). {self.address}"

    def bibtex(self) -> str:
        """Return the citation for BibTeX."""
        title = self.title.translate(_BIBTEX)
        return (
            f"@misc{{{self.key},\n  author = {{{{{NAME}}}}},\n  title = {{{{{title}}}}},\n"
            f"  year = {{{self.date[:4]}}},\n  month = {int(self.date[5:7])},\n  day = {int(self.date[8:10])},\n"
            f"  version = {{{self.version.translate(_BIBTEX)}}},\n  url = {{{self.address}}},\n"
            "  note = {CC BY 4.0}\n}\n"
        )

    def ris(self) -> str:
        """Return the citation for reference managers."""
        lines = [
            ("TY", "DATA"), ("AU", f"{NAME},"), ("TI", self.title), ("PY", self.date[:4]),
            ("DA", self.date.replace("-", "/")), ("ET", self.version), ("UR", self.address), ("C1", "CC BY 4.0"),
            ("ID", self.key), ("ER", ""),
        ]  # fmt: skip
        return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in lines)

    def csl(self) -> str:
        """Return the citation as CSL-JSON."""
        known = {
            "id": self.key, "type": "dataset", "title": self.title, "author": [{"literal": NAME}],
            "publisher": NAME, "issued": {"date-parts": [[int(part) for part in self.date.split("-")]]},
            "version": self.version, "URL": self.address, "license": "https://creativecommons.org/licenses/by/4.0/",
        }  # fmt: skip
        return json.dumps([known], ensure_ascii=False, indent=1) + "\n"


@blueprint.get("/cite")
@reads(
    query("of", "Path and query string of the page to cite, such as /id/nexus.", required=True),
    choice("format", "As what; a page with all of them if left out.", *FORMATS),
)
def page() -> Any:
    """Say how a page of this site is cited."""
    of = request.args.get("of", "").strip()
    if not of.startswith("/") or of.startswith("//") or len(of) > _LONGEST or not of.isprintable():
        raise RequestError("Say under “of” which page to cite: its path on this site, such as /id/nexus.")
    form = request.args.get("format", "")
    if form and form not in FORMATS:
        raise RequestError(f"A citation is to be had as {', '.join(FORMATS)}.")
    if of_version := _OF_VERSION.fullmatch(of):  # whose name and date the version itself knows
        asked = urlencode({"of": of_version[2] or "/"} | ({"format": form} if form else {}))
        return redirect(f"{quote(of_version[1])}/cite?{asked}", 303)
    made = citation(of)
    if form:
        response = Response(getattr(made, form)(), content_type=f"{FORMATS[form]}; charset=utf-8")
        ending = {"bibtex": "bib", "csl": "json"}.get(form, form)
        response.headers["Content-Disposition"] = f'inline; filename="{made.key}.{ending}"'
        return response
    latest = None if current.version() else Versions(current.settings().versions_path).latest()
    stays = f"{request.script_root}/versions/{latest.name}{of}" if latest else ""
    return render_template(
        "cite.html", made=made, of=of, formats=FORMATS, stays=stays, latest=latest.name if latest else ""
    )


def citation(of: str, title: str = "") -> PageCitation:
    """Return what is said of a page of this site, given as path and query string, when it is cited."""
    base, version = current.settings().base, current.version()
    published = current.reader().generation()
    path = f"/versions/{version.name}{of if of != '/' else ''}" if version else of
    return PageCitation(
        title or _title(of),
        base.rstrip("/#") + re.sub(r"[{}<>\"\\^`| ]", lambda found: f"%{ord(found[0]):02X}", path),
        version.date if version else published.built_at[:10],
        current.edition(),
    )


def _title(of: str) -> str:
    """Return what a page is about, in words. Raises NotFound and UnknownNameError for what is not there."""
    parts = urlsplit(of)
    endpoint = endpoint_at(unquote(parts.path))
    if not endpoint:
        raise NotFound("The site has no page at the address that is to be cited.")
    asked = {name: " ".join(values[0].split()) for name, values in parse_qs(parts.query, errors="replace").items()}
    if endpoint == "routes.page" and asked.get("to"):
        return f"Routes from {asked.get('from', 'any')} to {asked['to']}"
    if endpoint in {"query.page", "sparql.endpoint"}:
        return _title_of_query(parts.path, asked)
    if endpoint.partition(".")[0] in _OF_THINGS:
        return _title_of_thing(parts.path)
    if endpoint in _PAGES:
        return ": ".join(filter(None, (_PAGES[endpoint], ", ".join(value for _, value in sorted(asked.items())))))
    return NAME if parts.path == "/" else f"Page {of[:300]}"


def _title_of_thing(path: str) -> str:
    view = current.view()
    name = unquote(split(path)[0]).removeprefix("/")
    iri = view.namespaces.base + (f"def#{name[4:]}" if name.startswith("def/") else name)
    if name.startswith("assertion/") and is_iri(iri) and (found := view.records.statements([iri]).get(iri)):
        return str(Presenter(view).line(found).words)
    if not is_iri(iri) or not view.reader.ask(_IS_NAMED.format(iri=iri)):
        gone.refuse(iri, "Nothing has the address that is to be cited.")
    if name.startswith("evidence/") and (place := view.records.place(iri)):
        shown = Presenter(view).place(place)
        return f"{shown.document}, {shown.words}"
    if iri in view.catalogue.entries:
        return view.catalogue.entries[iri].label
    return described.title_of(view, iri)


def _title_of_query(path: str, asked: dict[str, str]) -> str:
    name = split(path.removeprefix("/query").strip("/"))[0]
    saved = {each.name: each for each in read_queries(knowledge_root(current.settings().knowledge))}
    values = ", ".join(f"{key}: {value}" for key, value in sorted(asked.items()) if key != "query")
    if name in saved:
        return f"Result of the query “{saved[name].headers['title']}”{f' with {values}' if values else ''}"
    if name and path.startswith("/query/"):
        return _title_of_thing(path)
    if "query" in asked:
        return f"Result of a query: {asked['query'][:300]}"
    return "The queries that can be asked of the graph"


def cite_address() -> str:
    """Return where it is said how the page that is being shown is cited; nothing for one that is not cited."""
    if request.endpoint not in CITED or request.method == "POST":
        return ""
    return url_for("citing.page", of=request.full_path.rstrip("?"))
