"""The kinds of query: four small ones with values that differ each time, five that read much, and one without end."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pyoxigraph as ox

from leedskg.namespaces import Namespaces

MANY = 500


def whole(text: str) -> str:
    """The query with the prefixes that it uses, and no other, for some servers read each line slowly."""
    used = {prefix: iri for prefix, iri in Namespaces().prefixes.items() if f" {prefix}:" in text}
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in used.items()) + text


@dataclass(frozen=True)
class Kind:
    """A kind of query: a pattern, and where the values for `{0}` come from (a query of one column)."""

    name: str
    pattern: str
    values: str

    def queries(self, store: ox.Store) -> list[str]:
        """The query for each of some values, drawn at random and the same each time."""
        found = store.query(whole(self.values))
        assert isinstance(found, ox.QuerySolutions)
        values = sorted(str(row[0]) for row in found)
        chosen = random.Random(7).sample(values, min(MANY, len(values)))
        return [whole(self.pattern).replace("{0}", value) for value in chosen]


_THINGS = "SELECT DISTINCT ?s { ?s skos:prefLabel ?label FILTER(CONTAINS(STR(?s), '/id/')) }"

SMALL = (
    Kind("all about one thing", "SELECT ?p ?o WHERE { {0} ?p ?o }", _THINGS),
    Kind(
        "what points at it",
        "SELECT ?s ?p WHERE { ?s ?p {0} } ORDER BY STR(?s) STR(?p) LIMIT 20",
        "SELECT DISTINCT ?who { ?part lhi:participant ?who }",
    ),
    Kind(
        "a thing by its label",
        "SELECT ?thing ?type WHERE { { ?thing skos:prefLabel {0} } UNION { ?thing skos:altLabel {0} } "
        "?thing rdf:type ?type }",
        f"SELECT DISTINCT ?label {{ {{ {_THINGS.replace('?s {', '?s ?label {')} }} }}",
    ),
    Kind(
        "evidence of a claim",
        "SELECT ?who ?role ?source ?start ?end WHERE { {0} lhi:hasParticipation ?part ; lhi:hasEvidence ?evidence . "
        "?part lhi:participant ?who ; lhi:role ?role . ?evidence oa:hasSource ?source ; oa:hasSelector ?span . "
        "?span oa:start ?start ; oa:end ?end }",
        "SELECT DISTINCT ?claim { ?claim lhi:hasParticipation ?part }",
    ),
)

HEAVY = {
    "a star join, filtered and ordered": """SELECT ?award ?amount ?from ?to WHERE {
  ?award a lhi:FundingAward ; lhi:amount ?amount ; lhi:confidence ?confidence ; lhi:hasParticipation ?giving , ?taking .
  ?giving lhi:role role:funder ; lhi:participant ?funder . ?taking lhi:role role:funded ; lhi:participant ?funded .
  ?funder skos:prefLabel ?from . ?funded skos:prefLabel ?to
  FILTER(?amount >= 1000000 && ?confidence >= 0.9) } ORDER BY DESC(?amount) STR(?award) STR(?from)""",
    "relationships counted by kind and role": """SELECT ?kind ?role (COUNT(*) AS ?n) (COUNT(DISTINCT ?who) AS ?of)
WHERE { ?claim lhi:hasParticipation ?part . ?claim a ?kind . ?part lhi:participant ?who ; lhi:role ?role }
GROUP BY ?kind ?role""",
    "partners of partners of a hub": """SELECT DISTINCT ?there ?label WHERE {
  {hub} lhi:partnerOf ?between . ?between lhi:partnerOf ?there . ?there skos:prefLabel ?label
  FILTER(?there != {hub}) }""",
    "all that lies within a country": """SELECT ?thing ?label WHERE {
  ?thing lhi:locatedIn+ {country} . ?thing skos:prefLabel ?label }""",
    "every part of every relationship": """SELECT ?claim ?who ?role WHERE {
  ?claim lhi:hasParticipation ?part . ?part lhi:participant ?who ; lhi:role ?role }""",
}

#: Never ends in time, uses little memory, and gives no row on the way.
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?c = ?l && ?a != ?j) }"


#: What the heavy queries name: the place that most lies in and the body with the most partners.
_NAMED = {
    "{country}": "SELECT ?c { ?c a lhi:Country . ?x lhi:within ?c } GROUP BY ?c ORDER BY DESC(COUNT(*)) LIMIT 1",
    "{hub}": "SELECT ?h { ?h lhi:partnerOf ?x } GROUP BY ?h ORDER BY DESC(COUNT(*)) ?h LIMIT 1",
}


def heavy_queries(store: ox.Store) -> dict[str, str]:
    """The heavy queries, with what they name filled in."""
    queries = {name: whole(text) for name, text in HEAVY.items()}
    for slot, asked in _NAMED.items():
        found = store.query(whole(asked))
        assert isinstance(found, ox.QuerySolutions)
        value = str(next(found)[0])
        queries = {name: text.replace(slot, value) for name, text in queries.items()}
    return queries
