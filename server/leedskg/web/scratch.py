"""The application over a scratch store: the endpoint and the graph store, and one page that says what this is.

The pages of the site are about the knowledge graph, and there is none here; so they are not served, and the two
templates that the endpoint and the errors show are of this application's own.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, redirect, url_for
from jinja2 import FileSystemLoader, StrictUndefined

from leedskg.settings import Settings
from leedskg.sparql.scratch import ScratchPool
from leedskg.web import assets, csp_nonce, current, errors, secure
from leedskg.web.api import graph_store, openapi, sparql
from leedskg.web.serving import addresses, outgoing

_TEMPLATES = Path(__file__).parent / "templates" / "scratch"


def create_scratch_app(settings: Settings, pool: ScratchPool) -> Flask:
    """Make the application over a scratch store, which the pool owns."""
    app = Flask(__name__, static_folder=None)
    app.jinja_loader = FileSystemLoader(_TEMPLATES)
    current.install(app, settings, pool)
    errors.install(app)
    for part in (sparql, graph_store, openapi, assets):
        app.register_blueprint(part.blueprint)
    app.add_url_rule("/", "home", _home)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals |= {"csp_nonce": csp_nonce, "whole_address": addresses.whole_address}
    app.after_request(secure)
    outgoing.share_with_other_sites(app)
    return app


def _home() -> Response:
    response = redirect(url_for("sparql.endpoint"))
    assert isinstance(response, Response)
    return response
