"""Routes as JSON, `/api/routes`: the same parameters and the same answers as the page. See docs/routes-api.md."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, json, request

from leedskg.errors import RequestError
from leedskg.generation_view import GenerationView
from leedskg.network import Tie
from leedskg.record import ShownAssertion
from leedskg.routes import Hop, Route, RouteAnswer
from leedskg.routes.question_parser import End
from leedskg.web import current, site
from leedskg.web.api.parameters import reads
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.route_question import NAMES, PARAMETERS, RouteQuestion, read_asked
from leedskg.web.pages.views import basis_of

blueprint = Blueprint("route_api", __name__)


@blueprint.route("/api/routes", methods=("GET", "HEAD", "OPTIONS"), provide_automatic_options=False)
@reads(*({**each, "required": True} if each["name"] in {"from", "to"} else each for each in PARAMETERS))
def routes() -> Response:
    """Give the routes that the parameters ask for."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": "GET, HEAD, OPTIONS"})
    unknown = sorted(set(request.args) - set(NAMES))
    if unknown:
        raise RequestError(f"There is no parameter “{unknown[0][:40]}”. There are: {', '.join(NAMES)}.")
    return current.of_one_generation(_answer)


def _answer(view: GenerationView) -> Response:
    tag = _tag(view)
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        with current.route_gate().pass_through():
            asked = read_asked(view, request.args, strict=True, form=False)
            answer = view.routes.answer(asked.question(), current.deadline())
            body = _body(Presenter(view), asked, answer)
        response = Response(json.dumps(body, ensure_ascii=False, sort_keys=False), content_type="application/json")
    response.set_etag(tag, weak=True)
    return response


def _tag(view: GenerationView) -> str:
    """Return what differs by generation, program, question, and day, for routes are weighed as at today."""
    asked = sorted(request.args.items(multi=True))
    parts = (view.published.id, version("leedskg"), current.today().isoformat(), request.script_root, repr(asked))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:24]


def _body(presenter: Presenter, asked: RouteQuestion, answer: RouteAnswer) -> dict[str, Any]:
    view, frame = presenter.view, site.frame()
    statements = view.records.statements(
        dict.fromkeys(tie.relationship for route in answer.routes for hop in route.hops for tie in hop.ties)
    )
    body: dict[str, Any] = {
        "generation": view.published.id,
        "licence": frame.licence_href,
        "attribution": [f"{site.NAME}, {frame.licence}, {frame.licence_href}", *view.attribution_lines],
        "from": _end(presenter, asked.start),
        "to": _end(presenter, asked.goal),
        "notes": asked.notes,
        "steps": asked.steps,
        "count": asked.count,
        "kinds": sorted(asked.kinds),
        "confidence": asked.confidence,
        "as_at": asked.as_at.isoformat(),
        "sources": sorted(asked.limits.sources),
        "since": asked.limits.since or None,
        "until": asked.limits.until or None,
        "not": [end.members[0] for end in asked.without if end.members],
        "total": answer.total,
        "total_is": "more than" if answer.more else "exact",
        "kinds_of_the_strongest": [{"kinds": list(kinds), "routes": number} for kinds, number in answer.kinds],
        "compared_with": answer.compared,
        "routes": [_route(presenter, route, statements) for route in answer.routes],
        "also_in_common": [],
        "misses": None,
    }
    if asked.start and asked.goal and asked.start.entry and asked.goal.entry:
        body["also_in_common"] = [
            {"words": words, "iri": shared.iri, "label": shared.label}
            for words, shared in view.records.in_common(asked.start.entry.iri, asked.goal.entry.iri)
        ]
    if answer.misses:
        misses = answer.misses
        body["misses"] = {
            "note": "We found no route. That is no evidence that there is no connection.",
            "without_filter": [{"filter": name, "routes": number} for name, number in misses.relaxed],
            "shortest_steps": misses.further or None,
            "without_relationships": list(misses.alone),
            "bridges": [
                {
                    "between": [bridge.near, bridge.far],
                    "steps": bridge.steps,
                    "usual": [{"kind": pattern.label, "recorded": number} for pattern, number in bridge.links],
                }
                for bridge in misses.bridges
            ],
        }
    return body


def _end(presenter: Presenter, end: End | None) -> dict[str, Any]:
    assert end
    if end.entry:
        return _entity(presenter, end.entry.iri)
    return {"any": end.group.iri if end.group else "", "label": end.words, "members": len(end.members)}


def _entity(presenter: Presenter, iri: str) -> dict[str, Any]:
    view = presenter.entity(iri)
    return {"iri": iri, "label": view.label, "kind": view.kind, "page": view.href}


def _route(presenter: Presenter, route: Route, statements: Mapping[str, ShownAssertion]) -> dict[str, Any]:
    band = route.band
    return {
        "bits": round(route.cost, 6),
        "band": {"stronger_than": band.low, "up_to": band.high, "words": band.words} if band else None,
        "kinds": list(route.kind),
        "entities": [_entity(presenter, iri) for iri in route.entities],
        "hops": [_hop(presenter, hop, statements) for hop in route.hops],
    }


def _together(tie: Tie) -> dict[str, Any]:
    return {
        "number": tie.projects,
        "from": tie.valid_from or None,
        "to": tie.valid_to or None,
        "pounds": round(tie.pounds),
        "weight": tie.weight,
        "page": href(tie.relationship),
    }


def _hop(presenter: Presenter, hop: Hop, statements: Mapping[str, ShownAssertion]) -> dict[str, Any]:
    weight = hop.weight
    assert weight
    return {
        "from": hop.source,
        "to": hop.target,
        "words": hop.words,
        "kind": hop.pattern.label,
        "edge": hop.pattern.edge,
        "along": hop.along,
        "basis": basis_of(
            presenter.place(place).kind for tie in hop.ties for place in statements[tie.relationship].evidence
        ),
        "projects": next((_together(tie) for tie in hop.ties if tie.projects), None),
        "bits": round(hop.cost, 6),
        "bits_of": {
            "relevance": round(weight.relevance_bits, 6),
            "confidence": round(weight.confidence_bits, 6),
            "age": round(weight.age_bits, 6),
            "exclusivity": round(weight.exclusivity_bits, 6),
            "hop": round(weight.hop_bits, 6),
        },
        "ranked_by": list(weight.told(lambda iri: presenter.entity(iri).label)),
        "relationships": [
            {
                "iri": tie.relationship,
                "page": href(tie.relationship),
                "confidence": tie.confidence,
                "valid_from": tie.valid_from or None,
                "valid_to": tie.valid_to or None,
                "amount": presenter.view.sentences.amount(statements[tie.relationship]) or None,
                "roles": [
                    {"role": part.role.label, "entity": part.entity.iri} for part in statements[tie.relationship].parts
                ],
                "evidence": [
                    {
                        "iri": place.iri,
                        "source": place.source.iri,
                        "source_label": place.source.label,
                        "section": place.section or None,
                        "place": place.words,
                    }
                    for place in statements[tie.relationship].evidence
                ],
            }
            for tie in hop.ties
        ],
        "also": [
            {"words": other.words, "kind": other.pattern.label, "bits": round(other.cost, 6)} for other in hop.others
        ],
    }
