"""Every named graph in one file, `/dataset.nq` and `/dataset.trig`: N-Quads or TriG, as they were published."""

from __future__ import annotations

from flask import Blueprint, Response, send_file, url_for

from leedskg.web import current
from leedskg.web.pages.data import vary
from leedskg.web.pages.downloads import save_as

blueprint = Blueprint("dump", __name__)
blueprint.after_request(vary)

_TYPES = {"nq": "application/n-quads", "trig": "application/trig"}


@blueprint.get("/dataset.<any(nq, trig):suffix>")
def page(suffix: str) -> Response:
    """Send the whole graph with the names of its graphs, as one file."""
    view = current.view()
    dump = view.artefacts.dumps.file(suffix)
    response = send_file(dump.path, mimetype=_TYPES[suffix], conditional=True, etag=dump.sha256[:24], max_age=0)
    response.headers["Link"] = f'<{url_for("dataset.page")}>; rel="collection"; type="text/html"'
    return save_as(response, f"leedskg-{view.published.number}.{suffix}")
