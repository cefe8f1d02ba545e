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
from leedskg.graph import follow_replacements
from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.store import Reader


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
    #: Bodies that a project may have to tie any two of them; 0 where no project ties anybody.
    most_in_project: int = 0
    most_in_project_reason: str = ""
    project_weight_reason: str = ""


@dataclass(frozen=True)
class Tie:
    """One relationship between two entities, as an edge of the network; or all projects that the two have together.

    Only joint projects have a number of `projects`, their `weight` (Newman's) and the `pounds` of their awards.
    """

    relationship: str
    pattern: EdgePattern
    confidence: float
    valid_from: str
    valid_to: str
    sources: frozenset[str]
    projects: int = 0
    weight: float = 0.0
    pounds: float = 0.0

    @property
    def share(self) -> float:
        """What the weight w of joint projects leaves of a hop, w/(w+1); the whole of what is stated."""
        return self.weight / (self.weight + 1.0) if self.projects else 1.0

    @property
    def in_words(self) -> str:
        """How many projects two bodies have together; nothing for what is stated."""
        return f"{self.projects:,} project{'' if self.projects == 1 else 's'} together" if self.projects else ""


@dataclass(frozen=True)
class Network:
    """The edges as a directed multigraph: `graph[u][v][key]["tie"]` is a Tie from u to v."""

    graph: nx.MultiDiGraph[str]
    patterns: tuple[EdgePattern, ...]
    model: RouteModel

    def ties(self) -> Iterator[tuple[str, str, Tie]]:
        """Return every tie with the entity it leads from and the one it leads to; a tie of equals once."""
        for source, target, data in self.graph.edges(data=True):
            yield source, target, data["tie"]

    @classmethod
    def read(cls, reader: Reader, namespaces: Namespaces) -> Network:
        """Read patterns and relationships from the published graph."""
        patterns = read_patterns(reader, namespaces)
        return cls.of(read_ties(reader, namespaces, patterns), patterns, read_model(reader, namespaces))

    @classmethod
    def of(cls, ties: Iterable[tuple[str, str, Tie]], patterns: tuple[EdgePattern, ...], model: RouteModel) -> Network:
        """Build the network of these ties, each with the entity it leads from and the one it leads to."""
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for source, target, tie in ties:
            graph.add_edge(source, target, key=f"{tie.relationship} {tie.pattern.iri}", tie=tie)
        return cls(graph, patterns, model)


def read_ties(
    reader: Reader, namespaces: Namespaces, patterns: Iterable[EdgePattern], kind: str = ""
) -> Iterator[tuple[str, str, Tie]]:
    """Return every relationship that is a hop, of one `kind` if it is given, with the entities it leads from and to."""
    by_iri = {pattern.iri: pattern for pattern in patterns}
    least = read_least_confidence(reader, namespaces)
    narrowed = f"VALUES ?type {{ <{kind}> }}" if kind else ""
    of_kind = f"?relationship a <{kind}> ." if kind else ""
    now = read_replacements(reader)
    gone = {row["old"].value for row in reader.rows(_RETIRED)} - set(now)
    sources: dict[str, set[str]] = {}
    for row in reader.rows(query_beside(__file__, "sources") % (namespaces.base, of_kind)):
        sources.setdefault(row["relationship"].value, set()).add(row["source"].value)
    for row in reader.rows(query_beside(__file__, "ties") % (namespaces.base, narrowed)):
        if float(row["confidence"].value) < least:
            continue
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
        if source != target and not gone & {source, target}:
            yield source, target, tie


def read_least_confidence(reader: Reader, namespaces: Namespaces) -> float:
    """Return the confidence below which a relationship makes no edge and is no hop; 0 where no model says."""
    return max((float(row["least"].value) for row in reader.rows(_LEAST % namespaces.base)), default=0.0)


def read_replacements(reader: Reader) -> dict[str, str]:
    """Return what is in use in place of each retired entity; the first in the alphabet of several."""
    next_one: dict[str, str] = {}
    known: set[str] = set()
    for row in reader.rows(_REPLACED):
        next_one.setdefault(row["old"].value, row["new"].value)
        known |= {row["old"].value, row["new"].value}
    return follow_replacements(next_one, known)


def read_patterns(reader: Reader, namespaces: Namespaces) -> tuple[EdgePattern, ...]:
    """Return every edge pattern of the published ontology."""
    patterns = []
    for row in reader.rows(query_beside(__file__, "patterns") % namespaces.base):
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
    """Read the route model of the published ontology. Raises KnowledgeError if a number is missing or malformed."""
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

    reasons = {
        f"{field}_reason": said.get(f"{name}Reason", "")
        for field, name in {
            **{name: name for name in ("exclusivity", "hop", "pool", "overlap", "compared")},
            "most_in_project": "mostInProject",
            "project_weight": "projectWeight",
        }.items()
    }
    return RouteModel(
        number("exclusivityWeight", 0),
        number("hopPenalty", 0),
        int(number("poolSize", 1)),
        number("overlapPenalty", 0),
        int(number("comparedPairs", 1)),
        int(number("comparedSteps", 1)),
        most_in_project=int(number("mostInProject", 0)) if "mostInProject" in said else 0,
        **reasons,
    )


_MODEL = """
PREFIX lhi: <%sdef#>
SELECT ?property ?value WHERE { ?model a lhi:RouteModel ; ?property ?value }
"""

_LEAST = """
PREFIX lhi: <%sdef#>
SELECT ?least WHERE { ?model a lhi:EdgeModel ; lhi:leastConfidence ?least }
"""


_RETIRED = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
SELECT ?old WHERE { ?old owl:deprecated true }
"""

_REPLACED = """
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?old ?new WHERE { ?old dcterms:isReplacedBy ?new . FILTER EXISTS { ?new a ?kind } } ORDER BY ?old ?new
"""
