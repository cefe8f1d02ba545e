"""What the endpoint says of itself (SPARQL 1.1 Service Description) and of the graph that it answers from (VoID).

Of one generation the same bytes each time, blank nodes too, so that who keeps a copy can compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.sparql.protocol.negotiation import FORMATS, TRIPLES, Format
from leedskg.sparql.protocol.statistics import Statistics

_SD = "http://www.w3.org/ns/sparql-service-description#"
_ENTAILMENT = "http://www.w3.org/ns/entailment/"
_W3_FORMATS = "http://www.w3.org/ns/formats/"
_VOID, _DCTERMS = REUSED["void"], REUSED["dcterms"]
_FORMAT_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
    "nquads": "N-Quads",
    "trig": "TriG",
}

#: The language with what version 1.2 adds to it.
_QUERY, _UPDATE = ("SPARQL11Query", "SPARQL12Query"), ("SPARQL11Update", "SPARQL12Update")

Value = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True)
class Addresses:
    """Where the service is to be found."""

    endpoint: str
    graph_store: str
    void: str
    home: str
    #: The name of the published dataset, the same at every address.
    dataset: str
    #: Addresses of all of it in one file.
    dumps: tuple[str, ...] = ()


def service_description(
    at: Addresses, statistics: Statistics, written_as: Format, *, federated: bool = False, triple_terms: bool = True
) -> bytes:
    """Describe an endpoint over the published graph; `federated` if it calls others by SERVICE.

    With `triple_terms` its engine takes what SPARQL 1.2 adds to the language.
    """
    languages = _QUERY if triple_terms else _QUERY[:1]
    triples = [*_service(at.endpoint, at.dataset, languages=languages, feature="UnionDefaultGraph")]
    if federated:
        triples += _say(at.endpoint, (f"{_SD}feature", _iri(f"{_SD}BasicFederatedQuery")))
    graph = f"{at.dataset}#union"
    triples += [
        *_say(at.dataset, (RDF_TYPE, _iri(f"{_SD}Dataset")), (f"{_SD}defaultGraph", _iri(graph))),
        *_say(graph, (RDF_TYPE, _iri(f"{_SD}Graph")), (f"{_VOID}triples", ox.Literal(statistics.published.statements))),
    ]
    for place, (name, number) in enumerate(statistics.graphs.items(), 1):
        named, content = ox.BlankNode(f"graph{place}"), ox.BlankNode(f"content{place}")
        triples += [
            *_say(at.dataset, (f"{_SD}namedGraph", named)),
            *_say(named, (RDF_TYPE, _iri(f"{_SD}NamedGraph")), (f"{_SD}name", _iri(name)), (f"{_SD}graph", content)),
            *_say(content, (RDF_TYPE, _iri(f"{_SD}Graph")), (f"{_VOID}triples", ox.Literal(number))),
        ]
    return _written(triples, written_as)


def scratch_description(at: Addresses, written_as: Format, *, federated: bool = False) -> bytes:
    """Describe an endpoint over a scratch store, of whose content nothing is said: it changes."""
    dataset = f"{at.endpoint}#dataset"
    triples = [
        *_service(at.endpoint, dataset, languages=(*_QUERY, *_UPDATE), feature="EmptyGraphs"),
        *_say(dataset, (RDF_TYPE, _iri(f"{_SD}Dataset")), (f"{_SD}defaultGraph", _iri(f"{at.endpoint}#default-graph"))),
        *_say(f"{at.endpoint}#default-graph", (RDF_TYPE, _iri(f"{_SD}Graph"))),
    ]
    if federated:
        triples += _say(at.endpoint, (f"{_SD}feature", _iri(f"{_SD}BasicFederatedQuery")))
    for each in TRIPLES:
        triples += _say(at.endpoint, (f"{_SD}inputFormat", _iri(_W3_FORMATS + _FORMAT_NAMES[each.name])))
    return _written(triples, written_as)


def void_description(  # noqa: PLR0913 - what is known of a dataset, from here and there
    at: Addresses, statistics: Statistics, written_as: Format, *, title: str, licence: str, stored: list[ox.Triple]
) -> bytes:
    """Describe the published dataset: its size, what it is made of, and where it is to be had.

    `stored` is what it says of itself; only where that is nothing are its parts counted here.
    """
    published = statistics.published
    moment = ox.Literal(published.built_at, datatype=_iri(f"{REUSED['xsd']}dateTime"))
    triples = [
        *_say(
            at.dataset,
            (RDF_TYPE, _iri(f"{_VOID}Dataset")),
            (f"{_DCTERMS}title", ox.Literal(title, language="en")),
            (f"{_DCTERMS}license", _iri(licence)),
            (f"{_DCTERMS}modified", moment),
            (f"{REUSED['owl']}versionInfo", ox.Literal(published.id)),
            (f"{REUSED['foaf']}homepage", _iri(at.home)),
            (f"{_VOID}sparqlEndpoint", _iri(at.endpoint)),
            *((f"{_VOID}dataDump", _iri(each)) for each in (f"{at.graph_store}?default", *at.dumps)),
            (f"{_VOID}triples", ox.Literal(published.statements)),
            (f"{_VOID}entities", ox.Literal(statistics.entities)),
            (f"{_VOID}distinctSubjects", ox.Literal(statistics.subjects)),
            (f"{_VOID}distinctObjects", ox.Literal(statistics.objects)),
            (f"{_VOID}classes", ox.Literal(len(statistics.classes))),
            (f"{_VOID}properties", ox.Literal(len(statistics.properties))),
            *((f"{_VOID}vocabulary", _iri(each)) for each in statistics.vocabularies),
            *(
                (f"{_VOID}feature", _iri(_W3_FORMATS + _FORMAT_NAMES[each.name]))
                for each in FORMATS
                if each.shape == "graph"
            ),
        ),
        *_say(
            at.void, (RDF_TYPE, _iri(f"{_VOID}DatasetDescription")), (f"{REUSED['foaf']}primaryTopic", _iri(at.dataset))
        ),
    ]
    if stored:
        return _written(list(dict.fromkeys([*triples, *_elsewhere(stored, at.dataset)])), written_as)
    for place, (kind, number) in enumerate(statistics.classes.items(), 1):
        part = ox.BlankNode(f"class{place}")
        triples += _say(at.dataset, (f"{_VOID}classPartition", part))
        triples += _say(part, (f"{_VOID}class", _iri(kind)), (f"{_VOID}entities", ox.Literal(number)))
    for place, (name, number) in enumerate(statistics.properties.items(), 1):
        part = ox.BlankNode(f"property{place}")
        triples += _say(at.dataset, (f"{_VOID}propertyPartition", part))
        triples += _say(part, (f"{_VOID}property", _iri(name)), (f"{_VOID}triples", ox.Literal(number)))
    return _written(triples, written_as)


def _elsewhere(stored: list[ox.Triple], dataset: str) -> Iterator[ox.Triple]:
    """Yield what a dataset says of itself, but for what is said here with the addresses of this site."""
    here = {f"{_VOID}sparqlEndpoint", f"{_VOID}dataDump", f"{REUSED['foaf']}homepage", f"{_DCTERMS}title"}
    yield from (each for each in stored if each.subject != _iri(dataset) or each.predicate.value not in here)


def _service(address: str, dataset: str, *, languages: tuple[str, ...], feature: str) -> Iterator[ox.Triple]:
    regime = f"{_ENTAILMENT}Simple"
    yield from _say(
        address,
        (RDF_TYPE, _iri(f"{_SD}Service")),
        (f"{_SD}endpoint", _iri(address)),
        *((f"{_SD}supportedLanguage", _iri(_SD + each)) for each in languages),
        (f"{_SD}feature", _iri(_SD + feature)),
        (f"{_SD}defaultEntailmentRegime", _iri(regime)),
        (f"{_SD}defaultDataset", _iri(dataset)),
        *((f"{_SD}resultFormat", _iri(_W3_FORMATS + _FORMAT_NAMES[each.name])) for each in FORMATS),
    )
    yield from _say(regime, (RDF_TYPE, _iri(f"{_SD}EntailmentRegime")))


def _say(subject: str | ox.BlankNode, *said: tuple[str, Value]) -> Iterator[ox.Triple]:
    node = _iri(subject) if isinstance(subject, str) else subject
    for predicate, value in said:
        yield ox.Triple(node, _iri(predicate), value)


def _iri(text: str) -> ox.NamedNode:
    return ox.NamedNode(text)


def _written(triples: list[ox.Triple], written_as: Format) -> bytes:
    names = ("void", "dcterms", "foaf", "owl", "xsd", "schema", "skos", "prov", "oa", "org", "qb")
    prefixes = {"sd": _SD, "formats": _W3_FORMATS, "entailment": _ENTAILMENT} | {name: REUSED[name] for name in names}
    written = ox.serialize(triples, format=getattr(ox.RdfFormat, written_as.engine), prefixes=prefixes)
    assert written is not None
    return written
