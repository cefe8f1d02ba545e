"""Routes as JSON, `/api/routes`: the same parameters and the same answers as the page. See docs/routes-api.md."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, json, request
from werkzeug.exceptions import HTTPException

from leedskg.edition import Edition
from leedskg.errors import LeedskgError, LimitReachedError, RequestError, UnknownNameError
from leedskg.record import Statement
from leedskg.routes import Answer, Hop, Route
from leedskg.routes.asking import End
from leedskg.web import current
from leedskg.web.errors import status_and_title
from leedskg.web.presentation import Presenter, href
from leedskg.web.route_question import NAMES, Asked, read_asked

blueprint = Blueprint("route_api", __name__)


@blueprint.route("/api/routes", methods=("GET", "HEAD", "OPTIONS"), provide_automatic_options=False)
def routes() -> Response:
    """The routes that the parameters ask for."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": "GET, HEAD, OPTIONS"})
    unknown = sorted(set(request.args) - set(NAMES))
    if unknown:
        raise RequestError(f"There is no parameter “{unknown[0][:40]}”. There are: {', '.join(NAMES)}.")
    return current.of_one_generation(_answer)


def _answer(edition: Edition) -> Response:
    tag = _tag(edition)
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        with current.route_gate().pass_through():
            asked = read_asked(edition, request.args, strict=True)
            answer = edition.routes.answer(asked.question(), current.deadline())
            body = _body(Presenter(edition), asked, answer)
        response = Response(json.dumps(body, ensure_ascii=False, sort_keys=False), content_type="application/json")
    response.set_etag(tag, weak=True)
    return response


def _tag(edition: Edition) -> str:
    """Differs with the generation, the program, the question, and the day, for routes are weighed as at today."""
    asked = sorted(request.args.items(multi=True))
    parts = (edition.published.id, version("leedskg"), date.today().isoformat(), request.script_root, repr(asked))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:24]


@blueprint.after_request
def share(response: Response) -> Response:
    """Let pages of other sites read it, as they may the endpoint."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
        return response
    response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    response.headers.setdefault("Cache-Control", "no-cache" if response.status_code in {200, 304} else "no-store")
    return response


@blueprint.errorhandler(LeedskgError)
def _wrong(error: LeedskgError) -> Response:
    status, title = status_and_title(error)
    detail: dict[str, Any] = {"status": int(status), "title": title, "detail": str(error)}
    if isinstance(error, UnknownNameError):
        detail["candidates"] = [asdict(each) for each in error.candidates]
    response = Response(json.dumps(detail, ensure_ascii=False), status, content_type="application/problem+json")
    if isinstance(error, LimitReachedError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


@blueprint.errorhandler(HTTPException)
def _of_http(error: HTTPException) -> Response:
    detail = {"status": error.code, "title": error.name, "detail": error.description}
    return Response(json.dumps(detail), error.code, content_type="application/problem+json")


def _body(presenter: Presenter, asked: Asked, answer: Answer) -> dict[str, Any]:
    edition = presenter.edition
    statements = edition.records.statements(
        dict.fromkeys(tie.relationship for route in answer.routes for hop in route.hops for tie in hop.ties)
    )
    body: dict[str, Any] = {
        "generation": edition.published.id,
        "from": _end(presenter, asked.start),
        "to": _end(presenter, asked.goal),
        "notes": asked.notes,
        "steps": asked.steps,
        "count": asked.count,
        "kinds": sorted(asked.kinds),
        "confidence": asked.confidence,
        "as_at": asked.as_at.isoformat(),
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
            for words, shared in edition.records.in_common(asked.start.entry.iri, asked.goal.entry.iri)
        ]
    if answer.misses:
        misses = answer.misses
        body["misses"] = {
            "note": "No route is recorded. That is no evidence that there is no connection.",
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


def _route(presenter: Presenter, route: Route, statements: Mapping[str, Statement]) -> dict[str, Any]:
    band = route.band
    return {
        "bits": round(route.cost, 6),
        "band": {"stronger_than": band.low, "up_to": band.high, "words": band.words} if band else None,
        "kinds": list(route.kind),
        "entities": [_entity(presenter, iri) for iri in route.entities],
        "hops": [_hop(presenter, hop, statements) for hop in route.hops],
    }


def _hop(presenter: Presenter, hop: Hop, statements: Mapping[str, Statement]) -> dict[str, Any]:
    weight = hop.weight
    assert weight
    return {
        "from": hop.source,
        "to": hop.target,
        "words": hop.words,
        "kind": hop.pattern.label,
        "edge": hop.pattern.edge,
        "along": hop.along,
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
                "amount": presenter.amount(statements[tie.relationship]) or None,
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
