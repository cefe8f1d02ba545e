"""What is likely wrong with a query that finds nothing, told by the words in it (decisions 0107 and 0233)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TypeVar

import pyoxigraph as ox
from rdflib import Literal, URIRef
from rdflib.namespace import OWL, RDF, XSD

from leedskg.errors import UnknownNameError
from leedskg.generation_view import GenerationView
from leedskg.routes.question_parser import local
from leedskg.sparql.advice.mentions import Mentions, mentions
from leedskg.web.serving.addresses import root_address

Found = TypeVar("Found")
_MOST_REASONS = 5
_MOST_TERMS = 20
_LANGUAGES = ("en", "en-GB", "")
_NOT_IN_AN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")
_SUBJECT_OR_VALUE = "{{ <{0}> ?p ?o }} UNION {{ ?s ?p <{0}> }}"
_PROPERTY, _CLASS = "?s <{}> ?o", "?s a <{}>"
_TEXTS = frozenset({str(XSD.string), str(RDF.langString)})
_NUMBERS = frozenset(str(XSD[each]) for each in ("integer", "decimal", "double", "float"))


def why_nothing(view: GenerationView, query: str) -> list[str]:
    """Return what is likely wrong with a query that finds nothing, a sentence each; nothing where its words fit."""
    named = mentions(query, view.namespaces.base)
    return list(dict.fromkeys([*_words(view, named), *_patterns(view, named)]))[:_MOST_REASONS]


def _words(view: GenerationView, named: Mentions) -> Iterator[str]:
    """Say what of the words of a query the graph does not have, or has no more."""
    wrong = list(_prefixes(view, named))
    yield from (words for _, words in wrong)
    is_of_those = tuple(iri for iri, _ in wrong)
    kinds = (("property", named.properties, _PROPERTY), ("class", named.classes, _CLASS))
    for kind, iris, pattern in kinds:
        for iri in _some(iris):
            if not (is_of_those and iri.startswith(is_of_those)) and not _is_there(view, pattern, iri):
                yield f"No statement has the {kind} {_shown(view, iri)}.{_instead(view, iri, kind)}"
    for iri in _some(named.things):
        if not _is_there(view, _SUBJECT_OR_VALUE, iri):
            yield f"Nothing here has the IRI {_shown(view, iri)}.{_instead(view, iri, '')}"
    for iri in _some(named.graphs):
        if not _is_there(view, "GRAPH <{}> {{ ?s ?p ?o }}", iri):
            yield f"No graph here has the IRI {_shown(view, iri)}. Without GRAPH and FROM a query asks all of them."
    for text, language in _some(named.texts):
        yield from _text(view, text, language)
    for iri in _some(named.things + named.properties + named.classes):
        yield from _retired(view, iri)


def _patterns(view: GenerationView, named: Mentions) -> Iterator[str]:
    """Say which words the graph has, and not together."""
    for subject, prop, value in _some(named.patterns):
        if isinstance(value, Literal):
            yield from _of_another_property(view, prop, value)
        elif isinstance(subject, str) or value is not None:
            yield from _turned_round(view, subject, prop, value)
    for prop, compared in _some([*named.compared, *((p, v) for _, p, v in named.patterns if isinstance(v, Literal))]):
        yield from _of_another_datatype(view, prop, compared)
    for prop, language in _some(named.languages):
        yield from _in_another_language(view, prop, language)
    for prop, function, text in _some(named.searched):
        yield from _in_other_capitals(view, prop, function, text)


def _some(found: Iterable[Found]) -> list[Found]:
    """Return each of these once, and no more than are looked up."""
    return list(dict.fromkeys(found))[:_MOST_TERMS]


def _prefixes(view: GenerationView, named: Mentions) -> Iterator[tuple[str, str]]:
    """Give the IRI of each prefix that is declared as something else than here, while the one here has statements."""
    known = view.namespaces.prefixes
    for prefix, iri in named.prefixes.items():
        if iri != known.get(prefix, iri) and any(each.startswith(iri) for each in named.properties + named.classes):
            yield (
                iri,
                f"The prefix {prefix}: is declared as <{iri}>, and in this graph it stands for <{known[prefix]}>.",
            )


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
    if re.match(r"(?i)https?://", text) and not _NOT_IN_AN_IRI.search(text):
        yield f"“{text[:80]}” is a text here, and no IRI: write <{text[:200]}>."
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


def _instead(view: GenerationView, iri: str, kind: str) -> str:
    """Return what may be meant: the same word in another place, or in another spelling of its address, or one alike."""
    if kind == "property" and _is_there(view, _CLASS, iri):
        return f" It is a class: write ?x a {_shown(view, iri)}."
    if kind == "class" and _is_there(view, _PROPERTY, iri):
        return f" It is a property: write ?x {_shown(view, iri)} ?y."
    pattern = {"property": _PROPERTY, "class": _CLASS}.get(kind, _SUBJECT_OR_VALUE)
    twin = next((each for each in _twins(view, iri) if _is_there(view, pattern, each)), "")
    return f" Is {_shown(view, twin)} meant?" if twin else _nearest(view, iri, kind)


def _twins(view: GenerationView, iri: str) -> Iterator[str]:
    """Return what an IRI may be a slip of: with the other of http and https, a slash too many, or a page's address."""
    swapped = {"http:": "https:", "https:": "http:"}
    scheme, colon, rest = iri.partition(":")
    forms = [iri, f"{swapped[scheme + colon]}{rest}"] if scheme + colon in swapped else [iri]
    for form in forms:
        yield from (form, form.rstrip("/"), f"{form}/")
        if form.startswith(root_address()):
            yield view.namespaces.base + form.removeprefix(root_address())


def _nearest(view: GenerationView, iri: str, kind: str) -> str:
    """Return which word of the graph may be meant: one that is alike, in the same namespace first."""
    words = [word for word in view.vocabulary if word.kind == kind or not kind]
    name = local(iri)
    around = iri.removesuffix(name)
    nearby = [word for word in words if word.iri.startswith(around)]
    for candidates in (nearby, words) if kind or nearby else ():
        by_name = {local(word.iri).casefold(): word.name for word in candidates}
        if near := get_close_matches(name.casefold(), by_name, 1, 0.75):
            return f" Is {by_name[near[0]]} meant?"
    return ""


def _retired(view: GenerationView, iri: str) -> Iterator[str]:
    if _NOT_IN_AN_IRI.search(iri):
        return
    rows = view.reader.rows(
        f"SELECT ?other WHERE {{ <{iri}> <{OWL.deprecated}> true "
        f"OPTIONAL {{ <{iri}> <http://purl.org/dc/terms/isReplacedBy> ?other }} }} LIMIT 1"
    )
    for row in rows:
        other = f"; {_shown(view, row['other'].value)} is in its place" if row.get("other") else ""
        yield f"{_shown(view, iri)} is retired{other}."


def _of_another_property(view: GenerationView, prop: str, value: Literal) -> Iterator[str]:
    """Say which property has a value that is in the graph, where the one that is asked for does not have it."""
    written, used = value.n3(), f"<{prop}>"
    if view.reader.rows(f"SELECT * WHERE {{ ?s {used} {written} }} LIMIT 1"):
        return
    rows = view.reader.rows(f"SELECT DISTINCT ?p WHERE {{ ?s ?p {written} }} LIMIT 3")
    if rows and _is_there(view, _PROPERTY, prop):
        having = ", ".join(sorted(_shown(view, row["p"].value) for row in rows))
        yield f"No statement has {written[:100]} as its {_shown(view, prop)}; it is there with {having}."


def _turned_round(view: GenerationView, subject: str | None, prop: str, value: object) -> Iterator[str]:
    one = f"<{subject}>" if subject else "?s"
    other = f"<{value}>" if isinstance(value, URIRef) else "?o"
    if any(_NOT_IN_AN_IRI.search(each[1:-1]) for each in (one, other, f"<{prop}>")):
        return
    if view.reader.rows(f"SELECT * WHERE {{ {one} <{prop}> {other} }} LIMIT 1"):
        return
    if view.reader.rows(f"SELECT * WHERE {{ {other} <{prop}> {one} }} LIMIT 1"):
        asked = " ".join(
            _shown(view, each[1:-1]) if each.startswith("<") else each for each in (one, f"<{prop}>", other)
        )
        yield f"No statement is of the form {asked}, and some are of it with subject and value in each other's place."


def _of_another_datatype(view: GenerationView, prop: str, value: Literal) -> Iterator[str]:
    """Say what kind of values a property has, where one that it is compared with is of another."""
    if value.language:
        return
    rows = view.reader.rows(
        "SELECT ?d (SAMPLE(?each) AS ?o) WHERE { "
        f"{{ SELECT (DATATYPE(?o) AS ?d) (?o AS ?each) WHERE {{ ?s <{prop}> ?o FILTER(ISLITERAL(?o)) }} LIMIT 2000 }} "
        "} GROUP BY ?d ORDER BY ?d"
    )
    had = {row["d"].value: row["o"] for row in rows if row.get("d") and row.get("o")}
    asked = str(value.datatype or XSD.string)
    kinds = {"number" if each in _NUMBERS else "text" if each in _TEXTS else each for each in had}
    mine = "number" if asked in _NUMBERS else "text" if asked in _TEXTS else asked
    if had and mine not in kinds:
        such = ", ".join(_literal(view, each.value, kind) for kind, each in list(had.items())[:3])
        yield (
            f"No value of {_shown(view, prop)} is of the kind of {_literal(view, str(value), asked)}: "
            f"they are written like {such}."
        )


def _literal(view: GenerationView, text: str, datatype: str) -> str:
    """Return a literal as a query has it."""
    if datatype in _NUMBERS:
        return text
    quoted = _written(text[:80], "")
    return quoted if datatype in _TEXTS else f"{quoted}^^{_shown(view, datatype)}"


def _in_another_language(view: GenerationView, prop: str, language: str) -> Iterator[str]:
    rows = view.reader.rows(
        f"SELECT DISTINCT ?l WHERE {{ ?s <{prop}> ?o FILTER(ISLITERAL(?o)) BIND(LANG(?o) AS ?l) }} LIMIT {_MOST_TERMS}"
    )
    had = sorted({row["l"].value for row in rows})
    if had and language not in had and language != "*":
        such = ", ".join(f'"{each}"' for each in had)
        yield f'No value of {_shown(view, prop)} is in the language "{language[:40]}"; they are in {such}.'


def _in_other_capitals(view: GenerationView, prop: str, function: str, text: str) -> Iterator[str]:
    """Say that a text is there where capitals do not count, and how to ask so."""
    written = _written(text, "")
    mine = f"{function}(STR(?o), {written})"
    if function == "REGEX":
        free, advice = f"REGEX(STR(?o), {written}, 'i')", 'give REGEX "i" as its third argument'
    else:
        free = f"{function}(LCASE(STR(?o)), LCASE({written}))"
        advice = f"write {function}(LCASE(…), {_written(text.lower()[:80], '')})"
    if _NOT_IN_AN_IRI.search(prop):
        return
    rows = view.reader.rows(
        f"SELECT ?o ?same WHERE {{ ?s <{prop}> ?o FILTER({free}) BIND({mine} AS ?same) }} ORDER BY DESC(?same) LIMIT 1"
    )
    if rows and rows[0]["same"].value == "false":
        yield f"Capitals count: {_shown(view, prop)} has {_written(rows[0]['o'].value[:80], '')}. To find it, {advice}."
