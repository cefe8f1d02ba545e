"""The network of relationships, from RDF to networkx.

A node is an entity; an edge is one relationship between two of them, read through one edge pattern, with what its route
cost needs. Only patterns that are hops make edges: place, theme, type and provenance links do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import networkx as nx

from leedskg.errors import KnowledgeError
from leedskg.namespaces import Namespaces
from leedskg.store import Published, Reader


@dataclass(frozen=True)
class EdgePattern:
    """How two roles of a kind of relationship become an edge, its words in both directions, and its weights."""

    iri: str
    label: str
    relationship_type: str
    from_role: str
    to_role: str
    edge: str
    words: str
    words_back: str
    mutual: bool
    hop: bool
    relevance: float
    half_life: float
    #: What those at either end are called, such as `member` and `group`, and why the edge weighs what it does.
    from_label: str = ""
    to_label: str = ""
    reason: str = ""


@dataclass(frozen=True)
class RouteModel:
    """The numbers that ranking rests on beside those of the patterns, each with the reason that the ontology gives.

    β and λ of the route cost; how many of the cheapest routes are picked from, and the bits that one loses when it
    leads through the same entities as another; and with how many random pairs, and routes of up to how many steps,
    strength is compared.
    """

    exclusivity_weight: float
    hop_penalty: float
    pool: int
    overlap_penalty: float
    compared_pairs: int
    compared_steps: int
    exclusivity_reason: str = ""
    hop_reason: str = ""
    pool_reason: str = ""
    overlap_reason: str = ""
    compared_reason: str = ""


@dataclass(frozen=True)
class Tie:
    """One relationship between two entities, as an edge of the network."""

    relationship: str
    pattern: EdgePattern
    confidence: float
    valid_from: str
    valid_to: str
    sources: frozenset[str]


@dataclass(frozen=True)
class Network:
    """The edges as a directed multigraph: `graph[u][v][key]["tie"]` is a Tie from u to v."""

    graph: nx.MultiDiGraph[str]
    patterns: tuple[EdgePattern, ...]
    model: RouteModel

    def ties(self) -> Iterator[tuple[str, str, Tie]]:
        """Every tie with the entity it leads from and the one it leads to; a tie of equals once."""
        for source, target, data in self.graph.edges(data=True):
            yield source, target, data["tie"]

    @classmethod
    def read(cls, reader: Reader, namespaces: Namespaces) -> Network:
        """Read patterns and relationships from the published graph."""
        patterns = read_patterns(reader, namespaces)
        return cls.of(read_ties(reader, namespaces, patterns), patterns, read_model(reader, namespaces))

    @classmethod
    def of(cls, ties: Iterable[tuple[str, str, Tie]], patterns: tuple[EdgePattern, ...], model: RouteModel) -> Network:
        """The network of these ties, each with the entity it leads from and the one it leads to."""
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for source, target, tie in ties:
            graph.add_edge(source, target, key=f"{tie.relationship} {tie.pattern.iri}", tie=tie)
        return cls(graph, patterns, model)


def network_of(published: Published) -> str:
    """A name for the network of a generation: the same for the next one when no relationship changed in between."""
    return str(published.metadata.get("network") or published.id)


def read_ties(
    reader: Reader, namespaces: Namespaces, patterns: Iterable[EdgePattern], kind: str = ""
) -> Iterator[tuple[str, str, Tie]]:
    """Every relationship that is a hop, of one `kind` if it is given, with the entities it leads from and to."""
    by_iri = {pattern.iri: pattern for pattern in patterns}
    narrowed = f"VALUES ?type {{ <{kind}> }}" if kind else ""
    of_kind = f"?relationship a <{kind}> ." if kind else ""
    now = read_replacements(reader)
    sources: dict[str, set[str]] = {}
    for row in reader.rows(_SOURCES % (namespaces.base, of_kind)):
        sources.setdefault(row["relationship"].value, set()).add(row["source"].value)
    for row in reader.rows(_TIES % (namespaces.base, narrowed)):
        relationship = row["relationship"].value
        dates = [row[name].value if name in row else "" for name in ("validFrom", "validTo")]
        tie = Tie(
            relationship,
            by_iri[row["pattern"].value],
            float(row["confidence"].value),
            dates[0],
            dates[1],
            frozenset(sources.get(relationship, ())),
        )
        source, target = (now.get(row[end].value, row[end].value) for end in ("from", "to"))
        if source != target:
            yield source, target, tie


def read_replacements(reader: Reader) -> dict[str, str]:
    """What each retired entity has been merged into, followed to its end."""
    next_one = {row["old"].value: row["new"].value for row in reader.rows(_REPLACED)}
    found = {}
    for old, first in next_one.items():
        seen, new = {old}, first
        while new in next_one and new not in seen:
            seen.add(new)
            new = next_one[new]
        found[old] = new
    return found


def read_patterns(reader: Reader, namespaces: Namespaces) -> tuple[EdgePattern, ...]:
    """Every edge pattern of the published ontology."""
    patterns = []
    for row in reader.rows(_PATTERNS % namespaces.base):
        text = {name: term.value for name, term in row.items()}
        patterns.append(
            EdgePattern(
                text["pattern"],
                text["label"],
                text["type"],
                text["fromRole"],
                text["toRole"],
                text["edge"],
                text["words"],
                text.get("wordsBack", text["words"]),
                text["mutual"] in ("true", "1"),
                text["hop"] in ("true", "1"),
                float(text.get("relevance", "0")),
                float(text.get("halfLife", "1")),
                text.get("fromLabel", ""),
                text.get("toLabel", ""),
                text.get("reason", ""),
            )
        )
    return tuple(patterns)


def read_model(reader: Reader, namespaces: Namespaces) -> RouteModel:
    """The route model of the published ontology. Raises KnowledgeError for a number that is not there or is none."""
    said = {
        row["property"].value.removeprefix(namespaces.term("")): row["value"].value
        for row in reader.rows(_MODEL % namespaces.base)
    }

    def number(name: str, least: float) -> float:
        try:
            found = float(said[name])
        except KeyError:
            raise KnowledgeError(f"the route model has no lhi:{name}; add it to ontology/edges.ttl") from None
        except ValueError:
            found = math.nan
        if not least <= found < math.inf:
            raise KnowledgeError(
                f"lhi:{name} of the route model is {said[name]}; "
                f"write a number of at least {least:g} in ontology/edges.ttl"
            )
        return found

    return RouteModel(
        number("exclusivityWeight", 0),
        number("hopPenalty", 0),
        int(number("poolSize", 1)),
        number("overlapPenalty", 0),
        int(number("comparedPairs", 1)),
        int(number("comparedSteps", 1)),
        *(said.get(f"{name}Reason", "") for name in ("exclusivity", "hop", "pool", "overlap", "compared")),
    )


_PATTERNS = """
PREFIX lhi: <%sdef#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?pattern ?label ?type ?fromRole ?toRole ?edge ?words ?wordsBack ?mutual ?hop ?relevance ?halfLife
       ?fromLabel ?toLabel ?reason WHERE {
  ?pattern a lhi:EdgePattern ; rdfs:label ?label ; lhi:relationshipType ?type ; lhi:fromRole ?fromRole ;
    lhi:toRole ?toRole ; lhi:derives ?edge ; lhi:hop ?hop .
  ?edge rdfs:label ?words .
  BIND(EXISTS { ?edge a owl:SymmetricProperty } AS ?mutual)
  OPTIONAL { ?inverse owl:inverseOf ?edge ; rdfs:label ?wordsBack }
  OPTIONAL { ?pattern lhi:relevance ?relevance ; lhi:halfLife ?halfLife }
  OPTIONAL { ?fromRole skos:prefLabel ?fromLabel }
  OPTIONAL { ?toRole skos:prefLabel ?toLabel }
  OPTIONAL { ?pattern lhi:weightReason ?reason }
} ORDER BY ?pattern
"""

_MODEL = """
PREFIX lhi: <%sdef#>
SELECT ?property ?value WHERE { ?model a lhi:RouteModel ; ?property ?value }
"""

_TIES = """
BASE <%s>
PREFIX lhi: <def#>
PREFIX org: <http://www.w3.org/ns/org#>
SELECT DISTINCT ?relationship ?pattern ?from ?to ?confidence ?validFrom ?validTo WHERE {
  %s
  ?pattern a lhi:EdgePattern ; lhi:hop true ; lhi:relationshipType ?type ; lhi:fromRole ?fromRole ; lhi:toRole ?toRole .
  ?relationship a ?type ; lhi:confidence ?confidence ; lhi:hasParticipation ?here , ?there .
  ?here org:role ?fromRole ; lhi:participant ?from .
  ?there org:role ?toRole ; lhi:participant ?to .
  FILTER(IF(?fromRole = ?toRole, STR(?from) < STR(?to), ?from != ?to))
  FILTER NOT EXISTS { ?relationship lhi:rank <scheme/rank/deprecated> }
  OPTIONAL { ?relationship lhi:validFrom ?validFrom }
  OPTIONAL { ?relationship lhi:validTo ?validTo }
}
"""

_SOURCES = """
PREFIX lhi: <%sdef#>
PREFIX oa: <http://www.w3.org/ns/oa#>
SELECT DISTINCT ?relationship ?source WHERE {
  %s
  ?relationship a lhi:Relationship ; lhi:hasEvidence/oa:hasSource ?source
}
"""

_REPLACED = """
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?old ?new WHERE { ?old dcterms:isReplacedBy ?new } ORDER BY ?old ?new
"""
