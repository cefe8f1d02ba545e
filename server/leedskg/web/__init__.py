"""The web application: Flask carries, the layers below answer.

A blueprint a noun. A page reads the graph through `current.reader()` and the settings through
`current.settings()`; both belong to the application, nothing to the module.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, g
from jinja2 import StrictUndefined

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import current, data, errors, site, wording

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


def create_app(settings: Settings, reader: QueryPool | None = None, pages: QueryPool | None = None) -> Flask:
    """The application over the published graph.

    Without a `reader` it starts a pool of query workers of its own; without `pages`, pages are made with the same.
    Raises KnowledgeError when nothing is published. Templates have `csp_nonce()` for their own scripts and styles.
    """
    from leedskg.web import (  # noqa: PLC0415 - they import this package
        assets,
        disagreements,
        entities,
        graph_store,
        home,
        query,
        route_api,
        routes,
        search,
        sparql,
        things,
    )

    app = Flask(__name__, static_folder=None)  # web/assets.py serves what pages load
    current.install(app, settings, reader or QueryPool(settings), pages)
    errors.install(app)
    for part in (home, search, entities, things, routes, route_api, disagreements, query, sparql, graph_store, assets):
        app.register_blueprint(part.blueprint)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals |= {"csp_nonce": csp_nonce, "data_address": data.data_address}
    app.jinja_env.filters["capital"] = wording.capital
    app.context_processor(lambda: {"site": site.frame()})
    app.after_request(secure)
    return app


def csp_nonce() -> str:
    """The nonce of this response, which the Content-Security-Policy lets its own scripts and styles run by."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def secure(response: Response) -> Response:
    """Send the headers that keep a browser to what the page itself brings."""
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=csp_nonce())
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
