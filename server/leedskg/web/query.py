"""The query page: an editor, the saved queries with their parameters, and what the editor completes."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, json, render_template, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.edition import Edition
from leedskg.errors import RequestError, UnknownNameError
from leedskg.files import knowledge_root
from leedskg.queries import Parameter, SavedQuery, read_queries
from leedskg.web import current
from leedskg.web.routes import end_names
from leedskg.web.snippets import snippets
from leedskg.web.sparql import is_known, tag_of, unchanged

blueprint = Blueprint("query", __name__, url_prefix="/query")

_EXAMPLE = """PREFIX lhi: <{base}def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

# Who funds what?
SELECT ?a ?b WHERE {{
  ?a lhi:funds ?b .
}}
ORDER BY ?b ?a
"""


@dataclass(frozen=True)
class Field:
    """A parameter as a field of the form: what is in it, what may be chosen, and what is wrong with it."""

    name: str
    label: str
    value: str
    #: Value and words of each choice; none where anything may be typed.
    choices: tuple[tuple[str, str], ...] = ()
    #: Whether the names of entities are offered while one types.
    named: bool = False
    problem: str = ""


@blueprint.get("")
@blueprint.get("/<name>")
def page(name: str = "") -> str:
    """The editor with the query of the address: its text, or a saved one with the values of its parameters."""
    settings = current.settings()
    saved = read_queries(knowledge_root(settings.knowledge))
    chosen = _chosen(saved, name)
    text = request.args.get("query", "")
    _check_length(text)
    fields: list[Field] = []
    if chosen:
        fields, text = _filled(current.edition(), chosen)
    asked = bool(text) and not any(field.problem for field in fields)
    text = text or _EXAMPLE.format(base=settings.base)
    return render_template(
        "query.html",
        text=text,
        asked=asked,
        chosen=chosen,
        fields=fields,
        names=end_names(current.edition()) if any(field.named for field in fields) else [],
        saved=saved,
        snippets=snippets(text, url_for("sparql.endpoint", _external=True)),
        prefixes=settings.namespaces.prefixes,
        base=settings.base,
    )


@blueprint.get("/terms.json")
def terms() -> Response:
    """What the editor completes: prefixes, and every word of the graph with its label. Changes with the generation."""
    tag = tag_of("terms", current.settings().base)
    if is_known(tag):
        return unchanged(tag)
    edition = current.edition()
    body = {
        "prefixes": edition.namespaces.prefixes,
        "words": [[word.iri, word.name, word.label, word.kind, word.meaning] for word in edition.vocabulary],
    }
    response = Response(json.dumps(body, ensure_ascii=False, separators=(",", ":")), content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(tag, weak=True)
    return response


@blueprint.route("/snippets.json", methods=("GET", "POST"))
def use_elsewhere() -> Response:
    """A query as the lines that run it from elsewhere."""
    request.max_content_length = request.max_form_memory_size = current.settings().request_limit * 1024
    text = request.values.get("query", "")
    _check_length(text)
    told = snippets(text, url_for("sparql.endpoint", _external=True))
    return Response(json.dumps(told, ensure_ascii=False), content_type="application/json")


def _check_length(text: str) -> None:
    limit = current.settings().request_limit
    if len(text) > limit * 1024:
        raise RequestError(f"A query has no more than {limit} KiB.")


def _chosen(saved: list[SavedQuery], name: str) -> SavedQuery | None:
    if not name:
        return None
    for each in saved:
        if each.name == name:
            return each
    raise NotFound("No saved query has this name. The query page lists them all.")


def _filled(edition: Edition, chosen: SavedQuery) -> tuple[list[Field], str]:
    """The fields of a saved query, and its text with their values; with the file's own where one is wrong."""
    fields, values = [], {}
    for parameter in chosen.parameters:
        field, value = _field(edition, parameter)
        fields.append(field)
        if not field.problem:
            values[parameter.name] = value
    return fields, chosen.filled(values)


def _field(edition: Edition, parameter: Parameter) -> tuple[Field, str]:
    """A parameter as it was asked for, and its value as SPARQL wants it."""
    given = request.args.get(parameter.name, "").strip()
    namespaces = edition.namespaces
    is_ours = parameter.kind == "iri" and parameter.default.startswith(namespaces.base)
    if is_ours and parameter.default.startswith(namespaces.entity("")):
        return _entity(edition, parameter, given)
    value, problem = given or parameter.default, ""
    try:
        parameter.term(value)
    except RequestError as error:
        problem = error.message
    choices: list[tuple[str, str]] = []
    if is_ours:
        around = parameter.default.rpartition("/")[0] + "/"
        choices = [
            (word.iri, word.label or word.name) for word in edition.vocabulary
            if word.kind == "concept" and word.iri.startswith(around)
        ]  # fmt: skip
        choices.sort(key=lambda choice: choice[1].casefold())
        if value not in dict(choices):
            problem = problem or "Choose one of these."
    return Field(parameter.name, parameter.label, value, tuple(choices), problem=problem), value


def _entity(edition: Edition, parameter: Parameter, given: str) -> tuple[Field, str]:
    """A parameter that names an entity: by any of its names, or by its IRI."""
    catalogue, short = edition.catalogue, edition.namespaces.shorten(parameter.default)
    own = given in {"", short}  # the file's own, which this graph need not have
    try:
        entry = catalogue.entries.get(parameter.default) if own else catalogue.find(given)
    except UnknownNameError as error:
        near = ", ".join(f"“{candidate.label}”" for candidate in error.candidates)
        problem = f"{error.message} {near}".strip()
        return Field(parameter.name, parameter.label, given, named=True, problem=problem), parameter.default
    if entry is None:
        return Field(parameter.name, parameter.label, short, named=True), parameter.default
    return Field(parameter.name, parameter.label, catalogue.unique_name(entry), named=True), entry.iri
