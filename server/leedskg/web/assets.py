"""What the pages load: the style sheet and the query page's script of the bundle, our own scripts, and vis-network.

Every address carries a hash of the file's content, so that browsers keep it for good and never show an old one.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, abort, send_file, url_for
from flask.blueprints import BlueprintSetupState

from leedskg.kinds import kind_style

STATIC = Path(__file__).parent / "static"
#: Where pyvis 0.3.2 keeps vis-network. This build of it has the style rules in a file of their own, which we do not
#: need: it inserts no style element, and its tooltips and buttons are switched off.
VIS_NETWORK = "lib/vis-9.1.2/vis-network.min.js"
A_YEAR = 365 * 24 * 3600

blueprint = Blueprint("assets", __name__, url_prefix="/assets")


@cache
def asset_files() -> dict[str, Path]:
    """Every file that pages load, by the name that they ask for it with."""
    pyvis = find_spec("pyvis")
    assert pyvis is not None, "pyvis is one of leedskg's dependencies"
    assert pyvis.origin is not None
    return {
        "leedskg.css": STATIC / "vendor" / "leedskg.css",
        "picture.js": STATIC / "picture.js",
        "picture-files.js": STATIC / "picture-files.js",
        "large.js": STATIC / "vendor" / "large.js",
        "query.js": STATIC / "vendor" / "query.js",
        "vis-network.js": Path(pyvis.origin).parent / VIS_NETWORK,
        "mark.svg": STATIC / "mark.svg",
    }


def asset_url(name: str) -> str:
    """The address of an asset, with the hash of its content; raises KeyError for a name that is not in the table."""
    path = asset_files()[name]
    return url_for("assets.show", name=name, v=_digest(path, path.stat().st_mtime_ns))


@cache
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@blueprint.get("/<name>")
def show(name: str) -> Response:
    """One asset."""
    path = asset_files().get(name)
    if path is None:
        abort(404)
    response = send_file(path, max_age=A_YEAR)
    response.cache_control.immutable = True
    return response


@blueprint.record_once
def _give_templates_their_words(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(asset_url=asset_url, kind_style=kind_style)
