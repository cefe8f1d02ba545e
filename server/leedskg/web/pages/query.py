"""The query page: an editor, the saved queries with their parameters, and what the editor completes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, json, render_template, request

from leedskg.errors import RequestError, UnknownNameError
from leedskg.files import knowledge_root
from leedskg.generation_view import GenerationView
from leedskg.queries import Parameter, SavedQuery, read_queries
from leedskg.query_files import query_beside
from leedskg.selfdescription.examples import prefixes_iri
from leedskg.sparql.protocol.tokens import outline
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.api.parameters import others, query, reads
from leedskg.web.api.sparql import is_known, tag_of, unchanged
from leedskg.web.pages import described, gone
from leedskg.web.pages.data import respond, split, vary
from leedskg.web.pages.routes import end_names
from leedskg.web.pages.why_nothing import why_nothing
from leedskg.web.serving.addresses import whole_address


def snippets(query: str, endpoint: str) -> dict[str, str]:
    """Return the lines by the name of what runs them. Each needs nothing but what comes with the language."""
    try:
        graph = outline(query).kind in {"construct", "describe"}
    except RequestError:  # it asks for what the endpoint refuses, and says so when it is run
        graph = False
    form = "turtle" if graph else "csv"
    return {
        "curl": f"curl --data-urlencode query={_shell(query)} \\\n  --data format={form} {_shell(endpoint)}\n",
        "Python": _python(query, endpoint, form),
        "R": _r(query, endpoint, form),
    }


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _python(query: str, endpoint: str, form: str) -> str:
    plain = query.isprintable() or all(character.isprintable() or character in "\n\t" for character in query)
    simple = plain and "\\" not in query and '"""' not in query and not query.endswith('"')
    opening = [
        "import csv, io, urllib.parse, urllib.request" if form == "csv" else "import urllib.parse, urllib.request",
        "",
        f'query = """{query}"""' if simple else f"query = {query!r}",
        f'body = urllib.parse.urlencode({{"query": query, "format": "{form}"}}).encode()',
        f"with urllib.request.urlopen({endpoint!r}, body) as answer:",
    ]
    if form == "csv":
        reading = [
            "    # With pandas, in place of the next two lines: table = pandas.read_csv(answer, keep_default_na=False)",
            '    for row in csv.DictReader(io.TextIOWrapper(answer, "utf-8", newline="")):',
            "        print(row)",
        ]
    else:
        reading = ['    print(answer.read().decode("utf-8"))']
    return "\n".join([*opening, *reading, ""])


def _r(query: str, endpoint: str, form: str) -> str:
    dashes = "-"
    while f'){dashes}"' in query:
        dashes += "-"
    return "\n".join(
        [
            f'query <- r"{dashes}({query}){dashes}"  # R 4.0 or newer',
            f'address <- paste0("{endpoint}?format={form}&query=", URLencode(query, reserved = TRUE))',
            "table <- read.csv(address)" if form == "csv" else 'graph <- readLines(address, encoding = "UTF-8")',
            "",
        ]
    )


blueprint = Blueprint("query", __name__, url_prefix="/query")
blueprint.after_request(vary)


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
@reads(
    query("query", "A query to show and run."),
    others("values", "The values of the parameters of a saved query, each under its own name."),
)
def page(name: str = "") -> Any:
    """Show the editor with the query of the address: its text, or a saved one with the values of its parameters.

    A saved query is a thing of the graph, with documents of its own.
    """
    name, suffix = split(name)
    iri = f"{current.settings().base}query/{name}"
    return respond(iri, suffix, lambda: _page_at(name, iri)) if name else _page(name)


def _page(name: str) -> str:
    settings = current.settings()
    saved = read_queries(knowledge_root(settings.knowledge))
    chosen = _chosen(saved, name)
    text = request.args.get("query", "")
    _check_length(text)
    fields: list[Field] = []
    followed = ""
    if chosen:
        fields, values = _filled(current.view(), chosen)
        text, followed = chosen.filled(values), chosen.address(values)
    asked = bool(text) and not any(field.problem for field in fields)
    text = text or query_beside(__file__, "query_example").format(base=settings.base)
    return render_template(
        "query.html",
        text=text,
        asked=asked,
        chosen=chosen,
        fields=fields,
        names=end_names(current.view()) if any(field.named for field in fields) else [],
        saved=saved,
        snippets=snippets(text, whole_address("sparql.endpoint")),
        prefixes=settings.namespaces.prefixes,
        base=settings.base,
        followed=followed if asked and _gives_rows(text) else "",
        here=security.here(),
    )


@blueprint.get("/terms.json")
def terms() -> Response:
    """Give what the editor completes in this generation: prefixes, and every word of the graph with its label."""
    tag = tag_of("terms", current.settings().base)
    if is_known(tag):
        return unchanged(tag)
    view = current.view()
    body = {
        "prefixes": view.namespaces.prefixes,
        "words": [[word.iri, word.name, word.label, word.kind, word.meaning] for word in view.vocabulary],
    }
    response = Response(json.dumps(body, ensure_ascii=False, separators=(",", ":")), content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(tag, weak=True)
    return response


@blueprint.route("/snippets.json", methods=("GET", "POST"))
@reads(query("query", "The query."))
def use_elsewhere() -> Response:
    """Give a query as the lines that run it from elsewhere."""
    request.max_content_length = request.max_form_memory_size = current.settings().request_limit * 1024
    text = request.values.get("query", "")
    _check_length(text)
    told = snippets(text, whole_address("sparql.endpoint"))
    return Response(json.dumps(told, ensure_ascii=False), content_type="application/json")


@blueprint.route("/nothing.json", methods=("GET", "POST"))
@reads(query("query", "The query."))
def nothing() -> Response:
    """Show why a query finds nothing, as far as the words in it tell."""
    request.max_content_length = request.max_form_memory_size = current.settings().request_limit * 1024
    text = request.values.get("query", "")
    _check_length(text)
    told = {"reasons": current.of_one_generation(lambda view: why_nothing(view, text))}
    return Response(json.dumps(told, ensure_ascii=False), content_type="application/json")


def _gives_rows(text: str) -> bool:
    try:
        return outline(text).kind == "select"
    except RequestError:  # it calls another endpoint, whose answers change without a publication here
        return False


def _check_length(text: str) -> None:
    limit = current.settings().request_limit
    if len(text) > limit * 1024:
        raise RequestError(f"A query has no more than {limit} KiB.")


def _chosen(saved: list[SavedQuery], name: str) -> SavedQuery | None:
    if not name:
        return None
    found = next((each for each in saved if each.name == name), None)
    if found is None:
        gone.refuse(f"{current.settings().base}query/{name}", "No saved query has this name. The query page lists all.")
    return found


def _page_at(name: str, iri: str) -> str:
    """Return the page of a saved query, or of the prefixes of all of them, which have an IRI beside theirs."""
    return described.rendered(current.view(), iri) if iri == prefixes_iri(current.settings().base) else _page(name)


def _filled(view: GenerationView, chosen: SavedQuery) -> tuple[list[Field], dict[str, str]]:
    """Return the fields of a saved query, and their values; without a value where one is wrong."""
    fields, values = [], {}
    for parameter in chosen.parameters:
        field, value = _field(view, parameter)
        fields.append(field)
        if not field.problem:
            values[parameter.name] = value
    return fields, values


def _field(view: GenerationView, parameter: Parameter) -> tuple[Field, str]:
    """Return a parameter as it was asked for, and its value as SPARQL wants it."""
    given = request.args.get(parameter.name, "").strip()
    namespaces = view.namespaces
    is_ours = parameter.kind == "iri" and parameter.default.startswith(namespaces.base)
    if is_ours and parameter.default.startswith(namespaces.entity("")):
        return _entity(view, parameter, given)
    value, problem = given or parameter.default, ""
    try:
        parameter.term(value)
    except RequestError as error:
        problem = error.message
    choices: list[tuple[str, str]] = []
    if is_ours:
        around = parameter.default.rpartition("/")[0] + "/"
        choices = [
            (word.iri, word.label or word.name) for word in view.vocabulary
            if word.kind == "concept" and word.iri.startswith(around)
        ]  # fmt: skip
        choices.sort(key=lambda choice: choice[1].casefold())
        if value not in dict(choices):
            problem = problem or "Choose one of these."
    return Field(parameter.name, parameter.label, value, tuple(choices), problem=problem), value


def _entity(view: GenerationView, parameter: Parameter, given: str) -> tuple[Field, str]:
    """Return a parameter that names an entity: by any of its names, or by its IRI."""
    catalogue, short = view.catalogue, view.namespaces.shorten(parameter.default)
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
