"""The versions of the graph: which there are, what each changed, and its files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import NotFound

from leedskg.errors import NotAcceptableError
from leedskg.releases import Version, VersionFile, Versions
from leedskg.releases.descriptions import LICENCE
from leedskg.releases.version import dump_name
from leedskg.sparql.protocol.negotiation import HTML, TRIPLES, choose, chosen_of, offers_of
from leedskg.web import current
from leedskg.web.pages import signposting
from leedskg.web.pages.data import vary
from leedskg.web.pages.dataset import DUMPS
from leedskg.web.serving.addresses import endpoint_at, whole_address
from leedskg.web.serving.mounted import FAILED
from leedskg.wording import plain_date

blueprint = Blueprint("versions", __name__)
blueprint.after_request(vary)
#: Records that the page of a version names; its files have all.
_MOST_RECORDS = 200
_FOREVER = "public, max-age=31536000, immutable"
#: Files that a person looks for first.
_FIRST = ("ATTRIBUTION.md", "CHANGES.md")
#: Files that describe the others to programs.
_DESCRIPTIONS = ("croissant.json", "csv-metadata.json", "ro-crate-metadata.json")


@blueprint.before_app_request
def failed() -> None:
    """Say why the version that was asked cannot answer."""
    if FAILED in request.environ:
        raise request.environ[FAILED]


@blueprint.get("/versions")
def page() -> Any:
    """List the versions, the latest first; as JSON for a program."""
    found = _versions().all()
    if _wanted(HTML, "application/json") != HTML:
        known = [
            {"name": each.name, "date": each.date, "statements": each.statements}
            | {"address": whole_address("versions.version", name=each.name)}
            for each in found
        ]
        return Response(json.dumps(known, indent=1) + "\n", content_type="application/json")
    return render_template("versions.html", versions=[(each, plain_date(each.date)) for each in found])


@blueprint.get("/versions/<name>")
def version(name: str) -> Any:
    """Show what a version is, what it changed, and its files."""
    found = _found(name)
    wanted = _wanted(HTML, "application/json", *offers_of(*TRIPLES, *DUMPS))
    if wanted == "application/json":
        return redirect(url_for("versions.file", name=found.name, file="version.json"), 303)
    if wanted != HTML:  # described by the data set as it is in the version, or the data itself
        form = chosen_of(wanted, (*TRIPLES, *DUMPS)).format
        file = dump_name(found.name, form.suffix) if form in DUMPS else f"dataset{form.suffix}"
        return redirect(url_for("versions.file", name=found.name, file=file), 303)
    files = sorted(found.files, key=lambda each: (each.name not in _FIRST, "/" in each.name, each.name))
    response = Response(
        render_template(
            "version.html",
            version=found,
            day=plain_date(found.date),
            files=[(each, _size(each.size)) for each in files if not each.name.startswith("queries/")],
            queries=[each for each in files if each.name.startswith("queries/") and "/checks/" not in each.name],
            records=found.changes["records"][:_MOST_RECORDS],
            more=max(0, len(found.changes["records"]) - _MOST_RECORDS),
            licence=LICENCE,
        ),
        content_type="text/html; charset=utf-8",
    )
    linkset = signposting.Link("linkset", url_for("versions.linkset", name=found.name), signposting.LINKSET)
    response.headers["Link"] = signposting.header([*_links(found, _main_files(found)), linkset])
    return response


@blueprint.get("/versions/<name>/linkset.json")
def linkset(name: str) -> Response:
    """Give the links between a version and all of its files, which are too many for a header."""
    found = _found(name)
    page = whole_address("versions.version", name=name)
    part = [signposting.Link("collection", page, HTML), signposting.Link("license", LICENCE)]
    whole = [replace(each, address=urljoin(page, each.address)) for each in _links(found, found.files)]
    parts = [signposting.context(urljoin(page, _address(found, each)), part) for each in found.files]
    known = {"linkset": [signposting.context(page, whole), *parts]}
    return Response(json.dumps(known, indent=1) + "\n", content_type=signposting.LINKSET)


def _wanted(*offers: str) -> str:
    """Return what the client wants most of what is offered. Raises NotAcceptableError where it takes none of it."""
    wanted = choose(request.headers.get("Accept"), offers)
    if wanted is None:
        raise NotAcceptableError(f"this is to be had as {', '.join(offers)}; the request accepts none of these")
    return wanted


def _links(found: Version, files: Iterable[VersionFile]) -> list[signposting.Link]:
    """Return what Signposting has of a version with these files: its IRI, what describes it, and what it holds."""
    described = [(_address(found, each), each.media_type) for each in files if each.name in _DESCRIPTIONS]
    items = [(_address(found, each), each.media_type) for each in files if each.name not in _DESCRIPTIONS]
    types = (signposting.ABOUT_PAGE, signposting.DATASET)
    return signposting.links(f"{found.base}versions/{found.name}", described, types=types, items=items)


def _main_files(found: Version) -> list[VersionFile]:
    """Return the files of a version but its saved queries: so many links fit into a header behind any proxy."""
    return [each for each in found.files if not each.name.startswith("queries/")]


def _address(found: Version, file: VersionFile) -> str:
    return url_for("versions.file", name=found.name, file=file.name)


@blueprint.get("/versions/<name>/<path:file>")
def file(name: str, file: str) -> Any:
    """Send a file of a version, which never changes; lead to the site of now for what is not of versions."""
    found = _found(name)
    kept = found.file(file)
    if file == "version.json":
        return _sent(found, file, "application/json", "")
    if kept:
        return _sent(found, file, kept.media_type, kept.sha256)
    if not file.startswith(("/", "versions")) and endpoint_at(f"/{file}"):
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect(f"{request.script_root}/{file}{query}", 303)
    raise NotFound(f"Version {found.name} has no file {file[:100]!r}. Its page lists those that it has.")


def _sent(found: Version, name: str, media_type: str, digest: str) -> Response:
    text = media_type.startswith("text/") or media_type == "application/sparql-query"
    response = send_file(found.folder / name, mimetype=media_type, conditional=True, etag=digest[:24] or True)
    if text:
        response.content_type = f"{media_type}; charset=utf-8"
    response.headers["Cache-Control"] = _FOREVER
    attribution = url_for("versions.file", name=found.name, file="ATTRIBUTION.md")
    links = [
        signposting.Link("license", LICENCE),
        signposting.Link("describedby", attribution, "text/markdown"),
        signposting.Link("collection", url_for("versions.version", name=found.name), HTML),
    ]
    response.headers["Link"] = signposting.header(links)
    return response


def _found(name: str) -> Version:
    found = _versions().find(name)
    if found is None:
        names = ", ".join(each.name for each in _versions().all()[:10])
        there = f"These are there: {names}." if names else "None has been made yet."
        raise NotFound(f"There is no version {name[:50]!r}. {there}")
    return found


def _versions() -> Versions:
    return Versions(current.settings().versions_path)


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1000))} kB"
