"""The reconciliation service: its manifest, matches, values, suggestions and previews. See docs/reconciliation.md."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, abort, g, json, render_template, request, url_for

from leedskg.catalogue import CatalogueEntry
from leedskg.errors import KnowledgeError, RequestError
from leedskg.files import knowledge_root
from leedskg.generation_view import GenerationView
from leedskg.matching import Judgements, Matcher, Mention, Outcome, read_kept
from leedskg.naming import beginnings, fits, folded
from leedskg.web import current
from leedskg.web.api.parameters import query, reads, whole_number
from leedskg.web.contributing.steward import ledger
from leedskg.web.pages.presentation import href
from leedskg.web.reconciling.properties import Property, properties, short_id, used_by, values
from leedskg.web.reconciling.questions import (
    LONGEST,
    MOST_QUESTIONS,
    ReconciliationQuery,
    read_extension,
    read_questions,
)
from leedskg.web.serving.addresses import whole_address
from leedskg.web.serving.request_bodies import longest_here

blueprint = Blueprint("reconciling", __name__, url_prefix="/reconcile")
#: What can be suggested and told of.
_KINDS = ("entity", "type", "property")
#: Suggestions at once.
_MOST_SUGGESTED = 20
#: How an entity falls back that is of none of the types that it should be of.
_OTHER_TYPE = 0.9
_WIDTH, _HEIGHT = 420, 220
_ID = query("id", "The id of an entity: its IRI without the identifier space.")
_PREFIX = query("prefix", "The beginning of a name.")
_CURSOR = query("cursor", "How many to leave out from the beginning.")


@blueprint.route("", methods=("GET", "POST"))
@reads(
    query("queries", "A batch of queries, as the protocol has it in JSON."),
    query("extend", "Ids and properties, as the protocol has it in JSON."),
)
def service() -> Response:
    """Give the manifest; or match the names in `queries`, or give the values that `extend` asks for."""
    request.max_content_length = request.max_form_memory_size = longest_here()
    asked = request.values
    if asked.get("queries"):
        questions = read_questions(asked["queries"])
        return current.of_one_generation(lambda view: _json(_matches(view, questions)))
    if asked.get("extend"):
        extension = read_extension(asked["extend"])
        return current.of_one_generation(lambda view: _json(_values(view, extension.ids, extension.properties)))
    if request.method == "POST":
        raise RequestError("Send `queries` or `extend` as a form (application/x-www-form-urlencoded).")
    return _json(_manifest(current.view()))


def _manifest(view: GenerationView) -> dict[str, Any]:
    own = whole_address("reconciling.service")
    site = own.removesuffix("/reconcile")
    service_of = {
        what: {
            "service_url": own,
            "service_path": f"/suggest/{what}",
            "flyout_service_url": own,
            "flyout_service_path": f"/flyout/{what}?id=${{id}}",
        }
        for what in _KINDS
    }
    return {
        "versions": ["0.2"],
        "name": "Leeds Health Innovation Knowledge Graph",
        "identifierSpace": view.namespaces.entity(""),
        "schemaSpace": view.namespaces.term(""),
        "documentation": f"{site}/help",
        "serviceVersion": version("leedskg"),
        "defaultTypes": [_type(view, view.namespaces.term("Organisation"))],
        "view": {"url": f"{site}/id/{{{{id}}}}"},
        "preview": {"url": f"{own}/preview?id={{{{id}}}}", "width": _WIDTH, "height": _HEIGHT},
        "suggest": service_of,
        "batchSize": MOST_QUESTIONS,
        "extend": {"propose_properties": {"service_url": own, "service_path": "/properties"}, "property_settings": []},
    }


def _matches(view: GenerationView, questions: dict[str, ReconciliationQuery]) -> dict[str, Any]:
    matcher = Matcher(view.match_index, _judgements(view))
    return {key: {"result": _candidates(view, matcher, each)} for key, each in questions.items()}


def _judgements(view: GenerationView) -> Judgements:
    """Return what people have decided, as far as it can be read; none where the graph is published from elsewhere.

    `leedskg check` tells the rows that cannot be read; whoever reconciles a table cannot do anything about them.
    """
    try:
        root = knowledge_root(current.settings().knowledge)
    except KnowledgeError:
        return Judgements()
    return ledger().judged.upon(read_kept(root, view.namespaces, faults=[]))


def _candidates(view: GenerationView, matcher: Matcher, question: ReconciliationQuery) -> list[dict[str, Any]]:
    mention = Mention.of(question.text, [(_scheme(pid), value) for pid, value in question.values])
    asked = [_kind_iri(view, each) for each in question.types]
    # Types narrow the answer, so that more is looked at than is given.
    outcome = matcher.match(mention, most=question.limit if not asked else len(view.catalogue.entries))
    found: list[dict[str, Any]] = []
    for iri, score, certain in _ranked(outcome, matcher, mention, question):
        kinds = view.kinds_of(iri)
        fitting = [each in kinds for each in asked]
        fit = all(fitting) if question.strict == "all" else any(fitting) or not asked
        if not fit and question.strict != "should":
            continue
        entry = view.catalogue.entries[iri]
        found.append(
            {
                "id": short_id(view, iri),
                "name": entry.label,
                "description": entry.description,
                "score": round(100 * score * (1 if fit else _OTHER_TYPE), 2),
                "match": certain and fit,
                "type": _types(entry),
            }
        )
    return sorted(found, key=lambda each: float(each["score"]), reverse=True)[: question.limit]


def _ranked(
    outcome: Outcome, matcher: Matcher, mention: Mention, question: ReconciliationQuery
) -> list[tuple[str, float, bool]]:
    """Return entities with their score and whether each is certain; one is, or none."""
    if not outcome.entity:
        return [(each.candidate.iri, each.score, False) for each in outcome.proposals]
    others = matcher.proposals(mention, most=question.limit) if question.limit > 1 and mention.name else []
    return [
        (outcome.entity.iri, 1.0, True),
        *((each.candidate.iri, each.score, False) for each in others if each.candidate.iri != outcome.entity.iri),
    ]


def _values(view: GenerationView, ids: tuple[str, ...], asked: tuple[str, ...]) -> dict[str, Any]:
    known = properties(view)
    unknown = next((each for each in asked if each not in known), None)
    if unknown is not None:
        raise RequestError(f"There is no property “{unknown[:40]}”. {url_for('reconciling.proposed')} lists them.")
    entries = {each: entry for each in ids if (entry := _entry(view, each))}
    found = values(view, {entry.iri for entry in entries.values()}, [known[each] for each in asked])
    return {
        "meta": [_meta(view, known[each]) for each in asked],
        "rows": {
            each: found[entries[each].iri] if each in entries else {name: [] for name in asked} for each in ids
        },
    }  # fmt: skip


def _meta(view: GenerationView, each: Property) -> dict[str, Any]:
    said: dict[str, Any] = {"id": each.id, "name": each.name}
    return said | {"type": _type(view, view.namespaces.term("Entity"))} if each.edge else said


@blueprint.get("/properties")
@reads(query("type", "The id of a type."), query("limit", "The most properties that are wanted."))
def proposed() -> Response:
    """Propose properties whose values entities of a type have."""
    view = current.view()
    name = request.args.get("type", "")
    iri = _kind_iri(view, name or "Entity")
    found = used_by(view, view.narrower_kinds(iri))
    limit = whole_number("limit", len(found), least=1)
    return _json({"type": name, "limit": limit, "properties": [_named(each) for each in found[:limit]]})


@blueprint.get("/suggest/<what>")
@reads(_PREFIX, _CURSOR)
def suggest(what: str) -> Response:
    """Suggest entities, types or properties whose names begin so."""
    _check_kind(what)
    view = current.view()
    text = request.args.get("prefix", "").strip()[:LONGEST]
    cursor = whole_number("cursor", 0)
    most = cursor + _MOST_SUGGESTED
    if what == "entity":
        matches = view.catalogue.search(text, most) if folded(text) else []
        found: list[dict[str, Any]] = [
            {"id": short_id(view, each.entry.iri), "name": each.entry.label,
             "description": each.entry.description, "notable": _types(each.entry)}
            for each in matches if each.entry.in_use
        ]  # fmt: skip
    elif what == "type":
        types = [_type(view, each) for each in view.broader_kinds]
        found = [each for each in types if _begins(text, each["name"])]
    else:
        found = [_named(each) for each in properties(view).values() if _begins(text, each.name)]
    return _json({"result": found[cursor:most]})


@blueprint.get("/flyout/<what>")
@reads(_ID)
def flyout(what: str) -> Response:
    """Give a few words on an entity, type or property, as HTML within JSON."""
    _check_kind(what)
    view = current.view()
    name = request.args.get("id", "")
    if what == "entity":
        entry = _needed(view, name)
        title, about = entry.label, f"{entry.kind}. {entry.description}"
    elif what == "type":
        iri = _kind_iri(view, name)
        title, about = _type(view, iri)["name"], f"{len(view.entities_of(iri)):,} in the graph"
    else:
        found = properties(view).get(name)
        if found is None:
            raise RequestError(f"There is no property “{name[:40]}”.")
        title, about = found.name, "identifier" if found.scheme else "relationship" if found.edge else "property"
    page = render_template("reconciling/flyout.html", title=title, about=about)
    return _json({"id": name, "html": page})


@blueprint.get("/preview")
@reads(_ID)
def preview() -> str:
    """Show an entity in a small frame, on whatever site it is looked up from."""
    view = current.view()
    entry = _needed(view, request.args.get("id", ""))
    g.framed_by = "*"
    return render_template("reconciling/preview.html", entry=entry, address=href(entry.iri))


def _check_kind(what: str) -> None:
    if what not in _KINDS:
        abort(404, f"There are {', '.join(_KINDS)} here, and nothing called {what[:40]}.")


def _needed(view: GenerationView, name: str) -> CatalogueEntry:
    entry = _entry(view, name)
    if entry is None:
        raise RequestError(f"There is no entity “{name[:80]}”. An id is what `/reconcile` gives, such as nexus.")
    return entry


def _entry(view: GenerationView, name: str) -> CatalogueEntry | None:
    """Return the entity with an id, or with an IRI; one that is replaced gives what replaced it."""
    entries = view.catalogue.entries
    found = entries.get(view.namespaces.entity(name)) or entries.get(name)
    return view.catalogue.current(found) if found else None


def _kind_iri(view: GenerationView, name: str) -> str:
    """Return the class that a type's id or IRI means. Raises RequestError for none."""
    iri = name if "/" in name else view.namespaces.term(name)
    if iri not in view.broader_kinds:
        raise RequestError(f"There is no type “{name[:80]}”. {url_for('reconciling.suggest', what='type')} lists them.")
    return iri


def _scheme(name: str) -> str:
    return name.rpartition("/")[2]


def _types(entry: CatalogueEntry) -> list[dict[str, str]]:
    return [
        {"id": iri.rpartition("#")[2], "name": label}
        for iri, label in zip(entry.kinds, entry.kind_labels, strict=True)
    ]  # fmt: skip


def _type(view: GenerationView, iri: str) -> dict[str, str]:
    return {"id": iri.rpartition("#")[2], "name": view.broader_kinds[iri].label}


def _named(each: Property) -> dict[str, str]:
    return {"id": each.id, "name": each.name}


def _begins(text: str, name: str) -> bool:
    return not text or fits(beginnings(folded(text).split()), folded(name))


def _json(body: dict[str, Any]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), content_type="application/json")
