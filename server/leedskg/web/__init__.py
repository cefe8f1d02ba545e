"""The web application: Flask carries, the layers below answer.

A blueprint a noun. A page reads the graph through `current.reader()` and the settings through
`current.settings()`; both belong to the application, nothing to the module.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, g
from jinja2 import StrictUndefined

from leedskg.accounts import Accounts
from leedskg.ledger.desk import Desk
from leedskg.settings import Settings
from leedskg.sparql.opening import open_pool
from leedskg.sparql.pool import Pool
from leedskg.web import current, data, errors, form_tokens, security, site, wording
from leedskg.web import desk as desks
from leedskg.web.groundwork import Groundlayer

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors {framed_by}"
)


def create_app(  # noqa: PLR0913, PLR0917 - each of them is made by who serves, and may be left out
    settings: Settings,
    reader: Pool | None = None,
    pages: Pool | None = None,
    accounts: Accounts | None = None,
    desk: Desk | None = None,
    layer: Groundlayer | None = None,
) -> Flask:
    """The application over the published graph.

    Without a `reader` it starts a pool of query workers of its own; without `pages`, pages are made with the same;
    without `accounts` they are those of the ledger folder, and without `desk` it makes one that starts when needed;
    without a `layer` of groundwork the first page that needs it makes it.
    Raises KnowledgeError when nothing is published. Templates have `csp_nonce()` for their own scripts and styles.
    """
    from leedskg.web import (  # noqa: PLC0415 - they import this package
        account,
        administration,
        analysis,
        assets,
        contribute,
        contribution_api,
        contributions,
        disagreements,
        entities,
        figures,
        graph_store,
        histories,
        home,
        matrices,
        openapi,
        pictures,
        query,
        quick,
        route_api,
        routes,
        search,
        sign_in,
        sparql,
        support,
        things,
    )

    app = Flask(__name__, static_folder=None)  # web/assets.py serves what pages load
    current.install(app, settings, reader or open_pool(settings), pages, layer)
    errors.install(app)
    security.install(app, settings, accounts or Accounts(settings))
    desks.install(app, settings, desk)
    form_tokens.install(app, asking=("query", "sparql", "graph_store"))
    graph_parts = (home, search, entities, things, routes, support, matrices, analysis, figures, disagreements)
    asked_parts = (pictures, query)
    fact_parts = (contribute, contributions, contribution_api, histories)
    data_parts = (route_api, sparql, graph_store, openapi, assets)
    for part in (*graph_parts, *asked_parts, *data_parts, *fact_parts, sign_in, account, administration):
        app.register_blueprint(part.blueprint)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals |= {"csp_nonce": csp_nonce, "data_address": data.data_address}
    app.jinja_env.filters["capital"] = wording.capital
    app.context_processor(lambda: {"site": site.frame(), "who": site.who()})
    app.after_request(secure)
    app.wsgi_app = quick.QuickAnswers(app, current.reader_of(app), limit=settings.request_limit * 1024)  # type: ignore[method-assign]
    return app


def csp_nonce() -> str:
    """The nonce of this response, which the Content-Security-Policy lets its own scripts and styles run by."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def policy(nonce: str, framed_by: str = "'self'") -> str:
    """The Content-Security-Policy that lets scripts and styles of this nonce run, and these sites frame the page."""
    return _POLICY.format(nonce=nonce, framed_by=framed_by)


def secure(response: Response) -> Response:
    """Send the headers that keep a browser to what the page itself brings."""
    response.headers["Content-Security-Policy"] = policy(csp_nonce(), g.get("framed_by", "'self'"))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    return response
