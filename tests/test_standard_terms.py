"""What a client reads that knows ORG, FOAF, schema.org and PROV and not our terms; that it gets in nobody's way."""

from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.publishing import load

ROOT = Path(__file__).parents[1]
PREFIXES = """
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX lhi: <https://w3id.org/leeds-health-innovation/def#>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


@cache
def store() -> ox.Store:
    found = ox.Store()
    load(read_knowledge(ROOT, Namespaces()), found)
    return found


def rows(query: str) -> list[tuple[str, ...]]:
    found = store().query(PREFIXES + query, use_default_graph_as_union=True)
    return [tuple(term.value for term in row) for row in found]


def test_members_are_read_in_the_terms_of_org_alone():
    query = """SELECT ?member ?group WHERE {
      ?one a org:Organization ; rdfs:label ?member ; org:memberOf ?other . ?other a org:Organization ; rdfs:label ?group
    }"""
    assert ("University of Leeds", "Russell Group") in rows(query)
    parts = """SELECT ?member ?group WHERE {
      ?part a org:Membership ; org:member/rdfs:label ?member ; org:organization/rdfs:label ?group ; lhi:role ?role .
      ?role a org:Role
    }"""
    assert ("University of Leeds", "Russell Group") in rows(parts)


def test_funders_names_and_places_are_read_in_the_terms_of_schema_org_alone():
    query = """SELECT ?what ?who WHERE {
      ?a schema:funder ?b ; schema:name ?what . ?b a schema:Organization ; schema:name ?who
    }"""
    assert ("Leeds Biomedical Research Centre", "National Institute for Health and Care Research") in rows(query)
    query = (
        "SELECT ?what ?place WHERE { ?a a foaf:Organization ; foaf:name ?what ; schema:location/schema:name ?place }"
    )
    assert ("University College London", "London") in rows(query)
    assert ("London", "England") in rows("SELECT ?a ?b { ?x schema:name ?a ; schema:containedInPlace/schema:name ?b }")


@pytest.mark.parametrize(
    "stray",
    [
        "?x org:memberOf ?y FILTER NOT EXISTS { ?x a org:Organization . ?y a org:Organization }",
        "?x schema:funder ?y FILTER NOT EXISTS { ?y a schema:Organization }",
        "?x schema:containedInPlace ?y FILTER NOT EXISTS { ?x a schema:Place . ?y a schema:Place }",
        "?x schema:author ?y FILTER NOT EXISTS { ?x a schema:CreativeWork }",
        "?x prov:atLocation ?y FILTER NOT EXISTS { ?y a prov:Location }",
        # functional: two would make the two organisations one
        "?x a org:Membership ; org:organization ?y , ?z FILTER(?y != ?z)",
    ],
)
def test_a_standard_property_stands_between_what_its_definition_asks_for(stray):
    assert rows(f"SELECT ?x ?y WHERE {{ {stray} }}") == []


def test_every_entity_has_one_rdfs_label_and_a_kind_and_no_kind_wider_than_another():
    assert rows("SELECT ?x WHERE { ?x a lhi:Entity FILTER NOT EXISTS { ?x rdfs:label ?l ; lhi:kind ?k } }") == []
    assert rows("SELECT ?x WHERE { ?x lhi:kind ?k , ?w . ?k rdfs:subClassOf+ ?w }") == []
    assert rows("SELECT ?x WHERE { ?x lhi:kind ?k FILTER(!STRSTARTS(STR(?k), STR(lhi:))) }") == []


def test_places_are_nested_up_to_the_country():
    wanting = """SELECT ?x WHERE {
      ?x a lhi:City ; lhi:locatedIn ?place FILTER NOT EXISTS { ?x lhi:within ?c . ?c a lhi:Country }
    }"""
    assert rows(wanting) == []
    query = "SELECT ?name WHERE { ?x skos:prefLabel 'Leeds'@en ; lhi:within/skos:prefLabel ?name }"
    assert {("West Yorkshire",), ("England",), ("United Kingdom",)} <= set(rows(query))


def test_themes_that_belong_together_are_linked_as_skos_asks():
    assert rows("SELECT ?x WHERE { ?x skos:related ?y FILTER NOT EXISTS { ?y skos:related ?x } }") == []
    assert rows("SELECT ?x WHERE { ?x skos:related ?y ; skos:broader+ ?y }") == []
    assert rows("SELECT ?x WHERE { ?x skos:broader+ ?x }") == []
    query = "SELECT ?a ?b WHERE { ?x skos:prefLabel ?a ; skos:related|skos:broader ?y . ?y skos:prefLabel ?b }"
    linked = set(rows(query))
    assert {("cancer diagnostics", "cancer"), ("glucose monitoring", "medical technology")} <= linked
