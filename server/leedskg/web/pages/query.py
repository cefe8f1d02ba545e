"""The query page: an editor, the saved queries with their parameters, and what the editor completes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, json, render_template, request

from leedskg.errors import RequestError, UnknownNameError
from leedskg.files import knowledge_root
from leedskg.generation_view import GenerationView
from leedskg.queries import Parameter, SavedQuery, read_queries
from leedskg.query_files import query_beside
from leedskg.routes.question_parser import local
from leedskg.selfdescription.examples import prefixes_iri
from leedskg.sparql.advice.mentions import Mentions, mentions
from leedskg.sparql.protocol.tokens import outline
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.api.parameters import others, query, reads
from leedskg.web.api.sparql import is_known, tag_of, unchanged
from leedskg.web.pages import described, gone
from leedskg.web.pages.data import respond, split, vary
from leedskg.web.pages.routes import end_names
from leedskg.web.serving.addresses import whole_address

_MOST_REASONS = 5
_MOST_TERMS = 20
_LANGUAGES = ("en", "en-GB", "")
_NOT_IN_AN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


def why_nothing(view: GenerationView, query: str) -> list[str]:
    """Return what is likely wrong with a query that finds nothing, a sentence each; nothing where its words fit."""
    named = mentions(query, view.namespaces.base)
    return list(dict.fromkeys(_reasons(view, named)))[:_MOST_REASONS]


def _reasons(view: GenerationView, named: Mentions) -> Iterator[str]:
    wrong = list(_prefixes(view, named))
    yield from (words for _, words in wrong)
    is_of_those = tuple(iri for iri, _ in wrong)
    patterns = (("property", named.properties, "?s <{}> ?o"), ("class", named.classes, "?s a <{}>"))
    for kind, iris, pattern in patterns:
        for iri in dict.fromkeys(iris[:_MOST_TERMS]):
            if not (is_of_those and iri.startswith(is_of_those)) and not _is_there(view, pattern, iri):
                yield f"No statement has the {kind} {_shown(view, iri)}.{_nearest(view, iri, kind)}"
    for iri in dict.fromkeys(named.things[:_MOST_TERMS]):
        ours = iri.startswith(view.namespaces.base)
        if ours and not _is_there(view, "{{ <{0}> ?p ?o }} UNION {{ ?s ?p <{0}> }}", iri):
            yield f"Nothing here has the IRI {_shown(view, iri)}.{_nearest(view, iri, '')}"
    for text, language in dict.fromkeys(named.texts[:_MOST_TERMS]):
        yield from _text(view, text, language)


def _prefixes(view: GenerationView, named: Mentions) -> Iterator[tuple[str, str]]:
    """Give the IRI of each prefix that is declared as something else than here, while the one here has statements."""
    known = view.namespaces.prefixes
    for prefix, iri in named.prefixes.items():
        if iri != known.get(prefix, iri) and any(each.startswith(iri) for each in named.properties + named.classes):
            here = known[prefix]
            yield iri, f"The prefix {prefix}: is declared as <{iri}>, and in this graph it stands for <{here}>."


def _text(view: GenerationView, text: str, language: str) -> Iterator[str]:
    forms = [ox.Literal(text, language=each) if each else ox.Literal(text) for each in _LANGUAGES]
    asked = ox.Literal(text, language=language) if language else ox.Literal(text)
    values = " ".join(str(each) for each in dict.fromkeys([*forms, asked]))
    rows = view.reader.rows(f"SELECT DISTINCT ?o WHERE {{ VALUES ?o {{ {values} }} ?s ?p ?o }}")
    found = {row["o"].language for row in rows}
    if language in found:
        return
    if found:
        other = sorted(found)[0]
        right = f"“{text}”@{other}" if other else f"“{text}” without a language"
        mine = f"“{text}”@{language}" if language else f"“{text}” without a language"
        yield f"The text {right} is in the graph, and {mine} is not: write {_written(text, other)}."
        return
    try:
        label = view.catalogue.find(text).label
    except UnknownNameError:
        label = ""
    near = f" “{label}” is a name here; names are texts in English, such as {_written(label, 'en')}." if label else ""
    yield f"No value in the graph is exactly the text “{text[:80]}”.{near}"


def _written(text: str, language: str) -> str:
    return str(ox.Literal(text, language=language) if language else ox.Literal(text))


def _is_there(view: GenerationView, pattern: str, iri: str) -> bool:
    """Return whether the graph has such a statement; an IRI that none can have is for the parser to judge."""
    if _NOT_IN_AN_IRI.search(iri):
        return True
    return bool(view.reader.rows(f"SELECT * WHERE {{ {pattern.format(iri)} }} LIMIT 1"))


def _shown(view: GenerationView, iri: str) -> str:
    return view.namespaces.shorten(iri)


def _nearest(view: GenerationView, iri: str, kind: str) -> str:
    """Return which word of the graph may be meant: one that is alike, in the same namespace first."""
    words = [word for word in view.vocabulary if word.kind == kind or not kind]
    name = local(iri)
    around = iri.removesuffix(name)
    for candidates in ([word for word in words if word.iri.startswith(around)], words):
        by_name = {local(word.iri).casefold(): word.name for word in candidates}
        if near := get_close_matches(name.casefold(), by_name, 1, 0.75):
            return f" Is {by_name[near[0]]} meant?"
    return ""


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
