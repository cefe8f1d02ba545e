"""Saved queries as examples, rules, and the prefixes that they use, in the terms of SHACL that SIB's tools look for."""

from __future__ import annotations

import re

import pyoxigraph as ox

from leedskg.knowledge import Knowledge
from leedskg.ontology import Rule
from leedskg.queries import SavedQuery, read_queries
from leedskg.selfdescription.terms import iri, say

_FORMS = {"SELECT": "Select", "ASK": "Ask", "CONSTRUCT": "Construct", "DESCRIBE": "Describe"}
_COMMENT = re.compile(r"\A(?:#[^\n]*\n)+")
_FORM = re.compile(r"^\s*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE | re.MULTILINE)
_TERM = re.compile(r"\blhi:([A-Za-z]\w*)")


def examples(knowledge: Knowledge) -> list[ox.Triple]:
    """Return the statements of `graph/queries`."""
    found = _prefixes(knowledge)
    for query in read_queries(knowledge.root):
        found += _example(query, knowledge)
    for rule in knowledge.ontology.rules:
        found += _rule(rule, knowledge)
    return found


def _rule(rule: Rule, knowledge: Knowledge) -> list[ox.Triple]:
    names = knowledge.namespaces
    head = _COMMENT.match(rule.text)
    said = " ".join(line.lstrip("# ").strip() for line in head[0].splitlines()) if head else ""
    terms = sorted({names.term(local) for local in _TERM.findall(rule.text)})
    name = rule.name.removesuffix(".rq")
    return say(
        f"{names.base}rule/{name}",
        ("rdf:type", iri("sh:SPARQLConstructExecutable")),
        ("rdfs:label", ox.Literal(f"rule: {name.partition('-')[2].replace('-', ' ')}", language="en")),
        ("rdfs:comment", ox.Literal(said, language="en")),
        ("sh:construct", ox.Literal(_COMMENT.sub("", rule.text))),
        *(("dcterms:references", iri(each)) for each in terms if knowledge.ontology.label(each)),
    )


def prefixes_iri(base: str) -> str:
    """Return the IRI of all that the prefixes of saved queries stand for, which none of the queries can be called."""
    return f"{base}query/prefixes"


def _prefixes(knowledge: Knowledge) -> list[ox.Triple]:
    at = prefixes_iri(knowledge.namespaces.base)
    found = say(at, ("rdfs:label", ox.Literal("prefixes of the graph", language="en")))
    for prefix, space in knowledge.namespaces.prefixes.items():
        name = f"{at}#{prefix}"
        found += say(at, ("sh:declare", iri(name)))
        found += say(
            name,
            ("rdf:type", iri("sh:PrefixDeclaration")),
            ("sh:prefix", ox.Literal(prefix)),
            ("sh:namespace", ox.Literal(space, datatype=iri("xsd:anyURI"))),
        )
    return found


def _example(query: SavedQuery, knowledge: Knowledge) -> list[ox.Triple]:
    names = knowledge.namespaces
    text = query.filled({}).strip() + "\n"
    form = _FORM.search(text)
    kind = _FORMS[form[1].upper()] if form else "Select"
    terms = sorted({names.term(local) for local in _TERM.findall(text)})
    keywords = [label for each in terms if (label := knowledge.ontology.label(each))]
    return say(
        f"{names.base}query/{query.name}",
        ("rdf:type", iri("sh:SPARQLExecutable")),
        ("rdf:type", iri(f"sh:SPARQL{kind}Executable")),
        ("rdfs:label", ox.Literal(query.title, language="en")),
        ("rdfs:comment", ox.Literal(f"{query.title}. {query.description}", language="en")),
        (f"sh:{kind.lower()}", ox.Literal(text)),
        ("sh:prefixes", iri(prefixes_iri(names.base))),
        ("schema:target", iri(f"{names.base}sparql")),
        *(("schema:keywords", ox.Literal(each)) for each in dict.fromkeys(keywords)),
        *(("dcterms:references", iri(each)) for each in terms if knowledge.ontology.label(each)),
    )
