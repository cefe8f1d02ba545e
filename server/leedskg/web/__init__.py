"""The web application: Flask carries, the layers below answer.

A blueprint a noun. A page reads the graph through `current.reader()` and the settings through
`current.settings()`; both belong to the application, nothing to the module.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, g
from jinja2 import StrictUndefined

from leedskg import wording
from leedskg.accounts import Accounts
from leedskg.characters import DIRECTIONS
from leedskg.ledger.process import StewardProcess
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import current, errors, site
from leedskg.web.account import form_tokens, security
from leedskg.web.api import parameters
from leedskg.web.contributing import steward as stewards
from leedskg.web.pages import data
from leedskg.web.serving import addresses, outgoing, request_bodies


def create_app(
    settings: Settings,
    reader: QueryPool | None = None,
    pages: QueryPool | None = None,
    accounts: Accounts | None = None,
    steward: StewardProcess | None = None,
) -> Flask:
    """Make the application over the published graph.

    Without a `reader` it starts a pool of query workers of its own; without `pages`, pages are made with the same;
    without `accounts` they are those of the ledger folder, and without `steward` it makes one that starts when needed.
    Raises KnowledgeError when nothing is published. Templates have `csp_nonce()` for their own scripts and styles.
    """
    # Blueprints import what stands in this package, so the package imports them late.
    from leedskg.web import assets, pictures  # noqa: PLC0415
    from leedskg.web.account import administration, alerts, following, own_account, sign_in  # noqa: PLC0415
    from leedskg.web.api import agents, dump, graph_store, openapi, route_api, sparql  # noqa: PLC0415
    from leedskg.web.contributing import (  # noqa: PLC0415
        api,
        contribute,
        contributions,
        dismissals,
        import_api,
        import_questions,
        imports,
        sheets,
        task_page,
    )
    from leedskg.web.pages import (  # noqa: PLC0415
        analysis,
        annotated_document,
        attribution,
        brief,
        changes,
        citing,
        compare,
        dataset,
        described,
        disagreements,
        discovery,
        entities,
        figures,
        histories,
        home,
        lists,
        matrices,
        ontology,
        query,
        routes,
        search,
        support,
        things,
        together,
        versions,
    )
    from leedskg.web.reconciling import service as reconciling  # noqa: PLC0415
    from leedskg.web.serving import mounted, quick  # noqa: PLC0415

    app = Flask(__name__, static_folder=None)  # web/assets.py serves what pages load
    outgoing.compress_answers(app)
    parameters.install(app)
    current.install(app, settings, reader or QueryPool(settings), pages)
    errors.install(app)
    security.install(app, settings, accounts or Accounts(settings))
    stewards.install(app, settings, steward)
    outgoing.tag_pages(app)
    request_bodies.refuse_packed_bodies(app)
    form_tokens.install(app, asking=("query", "sparql", "graph_store", "reconciling", "agents", "alert_links"))
    graph_parts = (
        home,
        search,
        entities,
        things,
        described,
        dataset,
        attribution,
        ontology,
        routes,
        support,
        together,
        compare,
        lists,
        brief,
        matrices,
        analysis,
        figures,
        disagreements,
    )
    asked_parts = (pictures, query)
    fact_parts = (
        contribute,
        contributions,
        imports,
        import_questions,
        dismissals,
        sheets,
        task_page,
        api,
        import_api,
        histories,
    )
    published_parts = (annotated_document, changes, versions, citing, discovery)
    data_parts = (route_api, sparql, graph_store, dump, openapi, reconciling, assets)
    for part in (
        *graph_parts,
        *asked_parts,
        *data_parts,
        *published_parts,
        *fact_parts,
        sign_in,
        own_account,
        following,
        alerts,
        administration,
    ):
        app.register_blueprint(part.blueprint)
    app.register_blueprint(alerts.links)
    agents.install(app, settings)
    following.install(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.finalize = _without_controls
    app.jinja_env.globals |= {
        "csp_nonce": csp_nonce,
        "cite_address": citing.cite_address,
        "data_address": data.data_address,
        "missing": wording.MISSING,
        "triples": site.triples,
        "whole_address": addresses.whole_address,
    }
    app.jinja_env.filters["capital"] = wording.capital
    app.context_processor(lambda: {"site": site.frame(), "who": site.who()})
    app.after_request(secure)
    outgoing.share_with_other_sites(app)
    app.wsgi_app = mounted.MountedVersions(app, settings)  # type: ignore[method-assign]
    app.wsgi_app = quick.QuickAnswers(app, current.reader_of(app), settings)  # type: ignore[method-assign]
    return app


#: HTML has none of these, and an address or a form may bring any: each is shown as a character that is none. What
#: turns the direction of reading is no part of any text of the graph either, and is left out.
_CONTROLS = dict.fromkeys((*range(9), 11, *range(14, 32), 127), "�") | dict.fromkeys(map(ord, DIRECTIONS), "")


def _without_controls(value: Any) -> Any:
    """Return what a template writes without the control characters that no page can hold, and as it reads."""
    return value.translate(_CONTROLS) if type(value) is str else value


def csp_nonce() -> str:
    """Return the nonce of this response, which the Content-Security-Policy lets its own scripts and styles run by."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def secure(response: Response) -> Response:
    """Send the headers that keep a browser to what the page itself brings.

    Not with 304: the browser shows the page that it has, whose scripts have the nonce of then.
    """
    for name, value in outgoing.headers(csp_nonce(), g.get("framed_by", "'self'")):
        if response.status_code != 304 or name != "Content-Security-Policy":
            response.headers.setdefault(name, value)
    return response
