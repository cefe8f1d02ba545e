"""A throwaway page with everything that the templates offer, under the site's policy, for their tests."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Flask, Response, g, render_template_string
from jinja2 import StrictUndefined

from leedskg.picture import Picture, PictureEdge, PictureNode, draw_routes
from leedskg.web import assets
from leedskg.web.pages.views import (
    BackingView,
    ConflictView,
    EntityView,
    FigureView,
    HopView,
    PlaceView,
    RouteView,
    StatementRowView,
    TieGroupView,
)
from leedskg.web.site import NavigationEntry, Site
from leedskg.wording import capital

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)

PAGE = """
{% extends "base.html" %}
{% from "_macros.html" import breadcrumb, contents, empty_state, entity_link, figure_row, groups, pages, route_list %}
{% import "_picture.html" as pictures %}
{% block title %}Digibete to the University of Leeds{% endblock %}
{% block breadcrumb %}{{ breadcrumb([("Start", "/"), ("Routes", "/")]) }}{% endblock %}
{% block content %}
<h1>From Digibete to the University of Leeds</h1>
<p class="kg-lead">Seven routes of up to four steps. The three strongest that differ are shown, the strongest first.</p>
{{ contents([("routes", "Routes, hop by hop", 2), ("picture-heading", "The picture", none)]) }}
<h2 id="picture-heading">The picture</h2>
{{ pictures.show(picture, "Three routes from Digibete to the University of Leeds", "routes", "Routes, hop by hop") }}
<div class="kg-columns">
<div>
<h2 id="routes">Routes, hop by hop</h2>
{% for route in routes %}
<h3>Route {{ loop.index }}</h3>
{{ route_list(route.stations, route.hops) }}
{% endfor %}
<h2>Relationships of Leeds Teaching Hospitals NHS Trust</h2>
{{ groups(relations) }}
{{ pages(1, 3, 1204, "", "/?page=2", "relationships") }}
</div>
<div>
<h2>Facts</h2>
<dl class="kg-facts">
<div><dt>Kind</dt><dd>NHS organisation</dd></div>
<div><dt>Also named</dt><dd>LTHT; Leeds Teaching Hospitals</dd></div>
<div><dt>Lies in</dt><dd>{{ entity_link(leeds) }}</dd></div>
</dl>
{{ empty_state("No membership is recorded", "Neither source names a body that the trust is a member of. That does not
mean that there is none.", ["look at its partnerships", "ask for routes through a partnership"], level=3) }}
</div>
</div>
<h2>Figures</h2>
<ul class="kg-figures">{% for figure in figures %}{{ figure_row(figure) }}{% endfor %}</ul>
<h2>As a table</h2>
<div class="kg-scroll" role="region" aria-label="Relationships as a table" tabindex="0">
<table class="kg-table kg-table--cards">
<caption>The strongest route, hop by hop</caption>
<thead><tr><th scope="col">From</th><th scope="col">Relationship</th><th scope="col">To</th>
<th scope="col" class="kg-number">Confidence</th></tr></thead>
<tbody>{% for edge in picture.edges %}<tr><th scope="row">{{ names[edge.source] }}</th>
<td data-label="Relationship">{{ edge.words }}</td><td data-label="To">{{ names[edge.target] }}</td>
<td data-label="Confidence" class="kg-number">0.90</td></tr>{% endfor %}</tbody>
</table>
</div>
{% endblock %}
{% block scripts %}{{ pictures.scripts() }}{% endblock %}
"""


def entity(label: str, kind: str) -> EntityView:
    return EntityView(label, f"/id/{label.lower().replace(' ', '-')}", kind)


DIGIBETE = entity("Digibete", "product")
TRUST = entity("Leeds Teaching Hospitals NHS Trust", "NHS organisation")
UNIVERSITY = entity("University of Leeds", "university")
PARTNERSHIP = entity("Leeds Academic Health Partnership", "organisational collaboration")
VILLAGE = entity("Innovation Village", "innovation district")
BRC = entity("NIHR Leeds Biomedical Research Centre", "research centre")
COUNCIL = entity("Leeds City Council", "public body")
LEEDS = entity("Leeds", "city")
NEXUS = entity("Nexus", "facility")

PLACE = PlaceView(
    "Health Innovation Leeds: your gateway to research and innovation",
    "/document/brochure",
    "Products made in Leeds",
    "section “Nexus”",
    "3f9a0c1e77b84d52a6c9e4f08d1b2a3c4e5f60718293a4b5c6d7e8f90a1b2c3d",
    "/evidence/3f9a0c1e77b8",
)
BACKING = BackingView("/assertion/1", (PLACE,), 0.9, "preferred", "the curators", "21 November 2026", "Read with care.")
TWICE = (replace(BACKING, places=(PLACE, PLACE)),)


def hop(words: str, *reasons: str, dates: str = "", roles: tuple[str, str] = ("", "")) -> HopView:
    return HopView(words, roles, dates, (), reasons, "/assertion/1", (BACKING,))


def group(words: str, other: EntityView, *told: str, backing: tuple[BackingView, ...] = (BACKING,)) -> TieGroupView:
    return TieGroupView(words, (StatementRowView(other, f"{words} {other.label}", "/assertion/1", backing, told),))


EDGES = [
    (DIGIBETE, TRUST, "developed with", True),
    (UNIVERSITY, TRUST, "partner of", True),
    (TRUST, PARTNERSHIP, "member of", False),
    (UNIVERSITY, PARTNERSHIP, "member of", False),
    (TRUST, BRC, "hosts", False),
    (UNIVERSITY, BRC, "partner of", True),
    (COUNCIL, PARTNERSHIP, "member of", False),
    (UNIVERSITY, NEXUS, "hosts", False),
    (TRUST, NEXUS, "uses", False),
    (TRUST, UNIVERSITY, "funds", False),
]
ENTITIES = [DIGIBETE, TRUST, PARTNERSHIP, BRC, NEXUS, UNIVERSITY]


def sample_picture() -> Picture:
    nodes = [PictureNode(thing.href, thing.label, thing.kind, thing.href) for thing in ENTITIES]
    kept = {node.iri for node in nodes}
    edges = [
        PictureEdge(one.href, other.href, words, "/assertion/1", 0.6, mutual)
        for one, other, words, mutual in EDGES
        if {one.href, other.href} <= kept
    ]
    return draw_routes(nodes, edges, DIGIBETE.href, UNIVERSITY.href)


def sample_site() -> Site:
    return Site(
        home="/",
        search="/search",
        navigation=(
            NavigationEntry("Search", "/search"),
            NavigationEntry("Routes", "/routes", current=True),
            NavigationEntry("Query (SPARQL)", "/query"),
            NavigationEntry("About and help", "/help"),
        ),
        generated=date(2026, 11, 21),
        licence="CC BY 4.0",
        licence_href="/licence",
        report_href="/report",
    )


def sample_context(picture: Picture) -> dict[str, Any]:
    developed = hop("was developed with", "one of 3 products", "one source", dates="since 2017")
    partner = hop("is a partner of", "one of 14 partners", "two sources", roles=("partner", "partner"))
    member = hop("is a member of", "one of 11 members", roles=("founding member", "group"))
    has_member = hop("has the member", "one of 11 members")
    many = tuple(row for _ in range(12) for row in group("hosts", BRC).rows)
    return {
        "picture": picture,
        "names": {node.iri: node.label for node in picture.nodes},
        "leeds": LEEDS,
        "site": sample_site(),
        "routes": [
            RouteView((DIGIBETE, TRUST, UNIVERSITY), (developed, partner), 2.1),
            RouteView((DIGIBETE, TRUST, PARTNERSHIP, UNIVERSITY), (developed, member, has_member), 3.4),
        ],
        "relations": [
            group("partner of", UNIVERSITY, backing=TWICE),
            group("funded by", BRC, "£20 million", "2022 to 2027"),
            group("member of", PARTNERSHIP, "ended 2021", backing=()),
            group("works on", EntityView("diabetes", "/scheme/theme/diabetes")),
            TieGroupView("hosts", many),
        ],
        "figures": [
            FigureView(
                "250",
                "",
                "",
                "Medtech businesses",
                "/assertion/2",
                ("West Yorkshire", "no period given"),
                "reported in the brochure",
                (BACKING,),
                (
                    ConflictView(
                        "Savills gives 240 for the same population: the two contradict each other", "/assertion/3"
                    ),
                ),
            ),
            FigureView(
                "£160 million",
                "",
                "about",
                "Investment zone",
                "/assertion/4",
                ("West Yorkshire", "2018 to 2023"),
                "according to the council, as reported in the brochure",
                TWICE,
            ),
        ],
    }


def sample_app(picture: Picture) -> Flask:
    app = Flask(__name__, static_folder=None, template_folder=str(assets.STATIC.parent / "templates"))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals |= {"csp_nonce": lambda: g.nonce, "triples": lambda: (18402, "/query"), "missing": ""}
    app.jinja_env.filters["capital"] = capital
    app.register_blueprint(assets.blueprint)

    @app.before_request
    def make_nonce() -> None:
        g.nonce = secrets.token_urlsafe(16)

    @app.after_request
    def add_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY.format(nonce=g.nonce)
        return response

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE, **sample_context(picture))

    # What the frame of each page leads to is not here.
    app.url_build_error_handlers.append(lambda _error, _endpoint, _values: "/")

    return app
