"""The figures as a data cube: a whole one by the integrity constraints of the Data Cube vocabulary, read from it alone.

The constraints are those of section 11 of the W3C recommendation of 2014, numbered as there and written here anew: each
is a query that has to find nothing, over the published graph with the closure of section 10 added. IC-20 and IC-21, on
hierarchical code lists, are a template there; here the step of a hierarchy is followed without it.
"""

from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.publishing import derive, load

ROOT = Path(__file__).parents[1]
KNOWLEDGE = read_knowledge(ROOT, Namespaces())
PREFIXES = """
PREFIX lhi: <https://w3id.org/leeds-health-innovation/def#>
PREFIX id: <https://w3id.org/leeds-health-innovation/id/>
PREFIX unit: <https://w3id.org/leeds-health-innovation/scheme/unit/>
PREFIX qualifier: <https://w3id.org/leeds-health-innovation/scheme/qualifier/>
PREFIX ex: <http://example.org/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""

#: What the vocabulary lets a writer leave out, put in before the constraints are looked at.
CLOSURE = [
    "{ ?o a qb:Observation } WHERE { [] qb:observation ?o }",
    "{ ?o a qb:Observation ; qb:dataSet ?d } WHERE { ?d qb:slice/qb:observation ?o }",
    "{ ?d a qb:DataSet } WHERE { [] qb:dataSet ?d }",
    "{ ?s a qb:Slice } WHERE { [] qb:slice ?s }",
    "{ ?p a qb:DimensionProperty . ?c qb:componentProperty ?p } WHERE { ?c qb:dimension ?p }",
    "{ ?p a qb:MeasureProperty . ?c qb:componentProperty ?p } WHERE { ?c qb:measure ?p }",
    "{ ?p a qb:AttributeProperty . ?c qb:componentProperty ?p } WHERE { ?c qb:attribute ?p }",
]

CONSTRAINTS = {
    "IC-1": "?o a qb:Observation . OPTIONAL { ?o qb:dataSet ?d } OPTIONAL { ?o qb:dataSet ?e FILTER(?e != ?d) } "
    "FILTER(!BOUND(?d) || BOUND(?e))",
    "IC-2": "?o a qb:DataSet . OPTIONAL { ?o qb:structure ?d } OPTIONAL { ?o qb:structure ?e FILTER(?e != ?d) } "
    "FILTER(!BOUND(?d) || BOUND(?e))",
    "IC-3": "?o a qb:DataStructureDefinition "
    "FILTER NOT EXISTS { ?o qb:component/qb:componentProperty/a qb:MeasureProperty }",
    "IC-4": "?o a qb:DimensionProperty FILTER NOT EXISTS { ?o rdfs:range ?range }",
    "IC-5": "?o a qb:DimensionProperty ; rdfs:range skos:Concept FILTER NOT EXISTS { ?o qb:codeList ?list }",
    "IC-6": "?dsd qb:component ?c . ?c qb:componentRequired false ; qb:componentProperty ?o "
    "FILTER NOT EXISTS { ?o a qb:AttributeProperty }",
    "IC-7": "?o a qb:SliceKey FILTER NOT EXISTS { ?dsd a qb:DataStructureDefinition ; qb:sliceKey ?o }",
    "IC-8": "?dsd qb:sliceKey ?key . ?key qb:componentProperty ?o "
    "FILTER NOT EXISTS { ?dsd qb:component/qb:componentProperty ?o }",
    "IC-9": "?o a qb:Slice . OPTIONAL { ?o qb:sliceStructure ?d } "
    "OPTIONAL { ?o qb:sliceStructure ?e FILTER(?e != ?d) } FILTER(!BOUND(?d) || BOUND(?e))",
    "IC-10": "?o qb:sliceStructure/qb:componentProperty ?dim FILTER NOT EXISTS { ?o ?dim ?value }",
    "IC-11": "?o qb:dataSet/qb:structure/qb:component/qb:componentProperty ?dim . ?dim a qb:DimensionProperty "
    "FILTER NOT EXISTS { ?o ?dim ?value }",
    "IC-12": "?o qb:dataSet ?set . ?other qb:dataSet ?set FILTER(?o != ?other) FILTER NOT EXISTS { "
    "?set qb:structure/qb:component/qb:componentProperty ?dim . ?dim a qb:DimensionProperty . ?o ?dim ?one "
    "FILTER NOT EXISTS { ?other ?dim ?one } }",
    "IC-13": "?o qb:dataSet/qb:structure/qb:component ?c . ?c qb:componentRequired true ; qb:componentProperty ?att "
    "FILTER NOT EXISTS { ?o ?att ?value }",
    "IC-14": "?o qb:dataSet/qb:structure ?dsd . FILTER NOT EXISTS { ?dsd qb:component/qb:componentProperty "
    "qb:measureType } ?dsd qb:component/qb:componentProperty ?m . ?m a qb:MeasureProperty "
    "FILTER NOT EXISTS { ?o ?m ?value }",
    "IC-15": "?o qb:dataSet/qb:structure/qb:component/qb:componentProperty qb:measureType ; qb:measureType ?m "
    "FILTER NOT EXISTS { ?o ?m ?value }",
    "IC-16": "?o qb:dataSet/qb:structure ?dsd ; qb:measureType ?m . ?dsd qb:component/qb:componentProperty "
    "qb:measureType , ?other . ?other a qb:MeasureProperty . ?o ?other ?value FILTER(?other != ?m)",
    "IC-17": "?o qb:dataSet ?set ; qb:measureType ?m . ?set qb:structure ?dsd . ?dsd qb:component/qb:componentProperty "
    "qb:measureType , ?other . ?other a qb:MeasureProperty FILTER(?other != ?m) FILTER NOT EXISTS { "
    "?beside qb:dataSet ?set ; qb:measureType ?other FILTER NOT EXISTS { ?dsd qb:component/qb:componentProperty ?dim . "
    "?dim a qb:DimensionProperty . ?o ?dim ?one FILTER(?dim != qb:measureType) "
    "FILTER NOT EXISTS { ?beside ?dim ?one } } }",
    "IC-18": "?set qb:slice ?slice . ?slice qb:observation ?o FILTER NOT EXISTS { ?o qb:dataSet ?set }",
    "IC-19": "?o qb:dataSet/qb:structure/qb:component/qb:componentProperty ?p . ?p qb:codeList ?list ; "
    "rdfs:range skos:Concept . ?o ?p ?code . "
    "{ ?list a skos:ConceptScheme FILTER NOT EXISTS { ?code a skos:Concept ; skos:inScheme ?list } } "
    "UNION { ?list a skos:Collection FILTER NOT EXISTS { ?list skos:member+ ?code } }",
    "IC-20": "?o qb:dataSet/qb:structure/qb:component/qb:componentProperty ?p . ?p qb:codeList ?list . ?list a "
    "qb:HierarchicalCodeList ; qb:parentChildProperty skos:narrower . ?o ?p ?code "
    "FILTER NOT EXISTS { ?list qb:hierarchyRoot/skos:narrower* ?code }",
    "IC-21": "?o qb:dataSet/qb:structure/qb:component/qb:componentProperty ?p . ?p qb:codeList ?list . ?list a "
    "qb:HierarchicalCodeList ; qb:parentChildProperty/owl:inverseOf skos:broader . ?o ?p ?code "
    "FILTER NOT EXISTS { ?list qb:hierarchyRoot/^skos:broader* ?code }",
}

KEY = "ex:k a qb:SliceKey ; qb:componentProperty ex:d . "
CUBE = (
    "ex:set a qb:DataSet ; qb:structure ex:dsd . ex:dsd a qb:DataStructureDefinition ; qb:component ex:c1 , ex:c2 . "
    "ex:c1 qb:dimension ex:d . ex:c2 qb:measure ex:m . ex:d rdfs:range ex:Thing . "
)
TYPED = CUBE + "ex:dsd qb:component ex:c3 , ex:c4 . ex:c3 qb:dimension qb:measureType . ex:c4 qb:measure ex:n . "
LIST = CUBE + "ex:d qb:codeList ex:list ; rdfs:range skos:Concept . ex:o qb:dataSet ex:set ; ex:d ex:odd ; ex:m 1 . "
TREE = "ex:list a qb:HierarchicalCodeList ; qb:hierarchyRoot ex:root . "
#: For each constraint a cube that it has to find.
BROKEN = {
    "IC-1": "ex:o a qb:Observation .",
    "IC-2": "ex:set a qb:DataSet .",
    "IC-3": "ex:dsd a qb:DataStructureDefinition .",
    "IC-4": "ex:d a qb:DimensionProperty .",
    "IC-5": "ex:d a qb:DimensionProperty ; rdfs:range skos:Concept .",
    "IC-6": "ex:dsd qb:component ex:c . ex:c qb:componentRequired false ; qb:dimension ex:d .",
    "IC-7": KEY,
    "IC-8": KEY + "ex:dsd a qb:DataStructureDefinition ; qb:sliceKey ex:k .",
    "IC-9": "ex:set qb:slice ex:s .",
    "IC-10": KEY + "ex:s a qb:Slice ; qb:sliceStructure ex:k .",
    "IC-11": CUBE + "ex:o qb:dataSet ex:set ; ex:m 1 .",
    "IC-12": CUBE + "ex:o qb:dataSet ex:set ; ex:d 1 ; ex:m 1 . ex:p qb:dataSet ex:set ; ex:d 1 ; ex:m 2 .",
    "IC-13": CUBE + "ex:dsd qb:component ex:c3 . ex:c3 qb:attribute ex:a ; qb:componentRequired true . "
    "ex:o qb:dataSet ex:set ; ex:d 1 ; ex:m 1 .",
    "IC-14": CUBE + "ex:o qb:dataSet ex:set ; ex:d 1 .",
    "IC-15": TYPED + "ex:o qb:dataSet ex:set ; ex:d 1 ; qb:measureType ex:m .",
    "IC-16": TYPED + "ex:o qb:dataSet ex:set ; ex:d 1 ; qb:measureType ex:m ; ex:m 1 ; ex:n 2 .",
    "IC-17": TYPED + "ex:o qb:dataSet ex:set ; ex:d 1 ; qb:measureType ex:m ; ex:m 1 .",
    "IC-18": "ex:set qb:slice ex:s . ex:s qb:observation ex:o .",
    "IC-19": LIST + "ex:list a skos:ConceptScheme .",
    "IC-20": LIST + TREE + "ex:list qb:parentChildProperty skos:narrower .",
    "IC-21": LIST + TREE + "ex:list qb:parentChildProperty [ owl:inverseOf skos:broader ] .",
}


def breaches(store: ox.Store, constraint: str) -> list[str]:
    """What a constraint finds in a store."""
    query = f"{PREFIXES} SELECT DISTINCT ?o WHERE {{ {CONSTRAINTS[constraint]} }}"
    return [row["o"].value for row in store.query(query, use_default_graph_as_union=True)]


def close(store: ox.Store, *, besides: str = "") -> None:
    """Add what the vocabulary lets a writer leave out."""
    for rule in CLOSURE:
        if rule != besides:
            found = list(store.query(f"{PREFIXES} CONSTRUCT {rule}", use_default_graph_as_union=True))
            store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in found)


@cache
def published() -> ox.Store:
    store = ox.Store()
    load(KNOWLEDGE, store)
    close(store)
    return store


def with_figures(turtle: str) -> ox.Store:
    """A store with the ontology, some figures and what is derived."""
    store = ox.Store()
    for file in KNOWLEDGE.ontology.statements.files:
        store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in file.triples)
    store.load(input=f"{PREFIXES} {turtle}", format=ox.RdfFormat.TURTLE)
    derive(KNOWLEDGE, store)
    return store


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_the_cube_of_figures_keeps_the_constraint(constraint):
    assert breaches(published(), constraint) == []


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_a_breach_of_the_constraint_is_found(constraint):
    store = ox.Store()
    store.load(input=f"{PREFIXES} {BROKEN[constraint]}", format=ox.RdfFormat.TURTLE)
    # A slice's observation is in its data set by the closure, so that IC-18 can be broken before it alone.
    close(store, besides=CLOSURE[1] if constraint == "IC-18" else "")
    assert breaches(store, constraint)


def test_all_of_the_constraints_are_here():
    assert list(CONSTRAINTS) == [f"IC-{number}" for number in range(1, 22)] == list(BROKEN)


def test_every_figure_is_read_from_the_cube_by_its_own_terms():
    """A client that knows the vocabulary, and not ours: structure first, then observations by their components."""
    query = """SELECT ?o (COUNT(DISTINCT ?dim) AS ?dims) (SAMPLE(?number) AS ?value) WHERE {
      ?o a qb:Observation ; qb:dataSet ?set . ?set qb:structure ?dsd .
      ?dsd qb:component/qb:dimension ?dim . ?dim rdfs:label ?name . ?o ?dim ?at .
      ?dsd qb:component/qb:measure ?measure . ?o ?measure ?number
    } GROUP BY ?o"""
    rows = list(published().query(PREFIXES + query, use_default_graph_as_union=True))
    current = """SELECT ?o WHERE {
      ?o a lhi:IndicatorObservation MINUS { ?o lhi:rank ?rank FILTER(STRENDS(STR(?rank), "/deprecated")) }
    }"""
    figures = {row["o"].value for row in published().query(PREFIXES + current, use_default_graph_as_union=True)}
    assert {row["o"].value for row in rows} == figures
    assert {row["dims"].value for row in rows} == {"6"}
    assert all(row["value"] is not None for row in rows)


def test_what_a_source_leaves_unsaid_has_a_value_and_a_deprecated_figure_is_not_in_the_cube():
    figure = "a lhi:IndicatorObservation ; lhi:indicator id:firms ; lhi:value 3 ; lhi:reportedIn id:report"
    store = with_figures(
        f"ex:plain {figure} . ex:full {figure} ; lhi:geography id:town ; lhi:scope 'Large ones.' . "
        f"ex:gone {figure} ; lhi:rank <{Namespaces().concept('rank', 'deprecated')}> ."
    )
    query = """SELECT ?o ?area ?period ?scope WHERE {
      ?o qb:dataSet lhi:figures ; lhi:cubeArea ?area ; lhi:cubePeriod ?period ; lhi:cubeScope ?scope
    }"""
    found = {
        tuple(row[name].value.rpartition("/")[2] for name in ("o", "area", "period", "scope"))
        for row in store.query(PREFIXES + query, use_default_graph_as_union=True)
    }
    assert found == {
        ("plain", "def#not-stated", "not stated", "not stated"),
        ("full", "town", "not stated", "Large ones."),
    }
