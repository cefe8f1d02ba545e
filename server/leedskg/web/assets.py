"""What the pages load: the style sheet and the query page's script of the bundle, our own scripts, and vis-network.

Every address carries a hash of the file's content, so that browsers keep it for good and never show an old one. They
are sent compressed to those who take that, which is everyone: made when first asked for, and kept.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for
from flask.blueprints import BlueprintSetupState

from leedskg.kinds import kind_style
from leedskg.web.api.parameters import query, reads

STATIC = Path(__file__).parent / "static"
#: Where pyvis 0.3.2 keeps vis-network. This build of it has the style rules in a file of their own, which we do not
#: need: it inserts no style element, and its tooltips and buttons are switched off.
VIS_NETWORK = "lib/vis-9.1.2/vis-network.min.js"
A_YEAR = 365 * 24 * 3600

blueprint = Blueprint("assets", __name__, url_prefix="/assets")


@cache
def asset_files() -> dict[str, Path]:
    """Return every file that pages load, by the name that they ask for it with."""
    pyvis = find_spec("pyvis")
    assert pyvis is not None, "pyvis is one of leedskg's dependencies"
    assert pyvis.origin is not None
    return {
        "leedskg.css": STATIC / "vendor" / "leedskg.css",
        "page.js": STATIC / "page.js",
        "picture.js": STATIC / "picture.js",
        "picture-files.js": STATIC / "picture-files.js",
        "questions.js": STATIC / "questions.js",
        "reading.js": STATIC / "vendor" / "reading.js",
        "large.js": STATIC / "vendor" / "large.js",
        "query.js": STATIC / "vendor" / "query.js",
        "vis-network.js": Path(pyvis.origin).parent / VIS_NETWORK,
        "mark.svg": STATIC / "mark.svg",
    }


def asset_url(name: str) -> str:
    """Return the address of an asset, with the hash of its content; raise KeyError for a name not in the table.

    Without the hash while the file is not there: an update replaces it under a server that runs.
    """
    path = asset_files()[name]
    try:
        version = _digest(path, path.stat().st_mtime_ns)
    except OSError:
        version = None
    return url_for("assets.show", name=name, v=version)


@cache
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@blueprint.get("/<name>")
@reads(query("v", "The hash of its content, so that it may be kept."))
def show(name: str) -> Response:
    """Show one asset."""
    path = asset_files().get(name)
    if path is None or not path.is_file():
        abort(404)
    changed = path.stat().st_mtime_ns
    squeezed = request.accept_encodings.quality("gzip") > 0
    response = Response(_content(path, changed, squeezed=squeezed), content_type=_type(path))
    if squeezed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(_digest(path, changed) + ("-gzip" if squeezed else ""))
    response.cache_control.public = response.cache_control.immutable = True
    response.cache_control.max_age = A_YEAR
    response.make_conditional(request)
    return response


@cache
def _content(path: Path, _changed: int, *, squeezed: bool) -> bytes:
    content = path.read_bytes()
    return gzip.compress(content, mtime=0) if squeezed else content


def _type(path: Path) -> str:
    media_type = mimetypes.types_map[path.suffix]
    return media_type if media_type.startswith("image/") else f"{media_type}; charset=utf-8"


@blueprint.record_once
def _give_templates_their_words(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(asset_url=asset_url, kind_style=kind_style)
