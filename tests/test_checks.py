"""The checks of queries/checks/: each finds the mistake that it is for, and nothing in the curated graph."""

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from leedskg.knowledge import read_knowledge
from leedskg.namespaces import REUSED, Namespaces
from leedskg.publishing import derive
from leedskg.queries import read_checks
from leedskg.validation.checks import run_checks
from tests.sample_knowledge import PREFIXES

ROOT = Path(__file__).parents[1]
KNOWLEDGE = read_knowledge(ROOT, Namespaces())
MORE = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix identifier: <https://w3id.org/leeds-health-innovation/scheme/identifier/> .
"""

#: Two records of registers: one is written down, and what is stated from the other is not in it.
_RECORD = (
    'evidence:e a lhi:RegisterEvidence ; oa:hasSource id:register ; lhi:recordKey "7" ; '
    'lhi:recordSays "alias: Old Mill" , "parent: Guild of Mills" . '
)
#: For each check a mistake that it has to find, and the record that it has to name.
MISTAKES = {
    "a-description-fits-one-entity": (
        'id:one skos:prefLabel "One"@en ; dcterms:description "One of many."@en . '
        'id:other skos:prefLabel "Other"@en ; dcterms:description "One of many."@en .',
        "id/one",
    ),
    "a-figure-has-the-source-that-a-footnote-gives": (
        "evidence:line oa:hasSource id:doc ; lhi:coversFrom 10 ; lhi:coversTo 90 ; lhi:givesSource id:report . "
        "evidence:e oa:hasSource id:doc ; oa:hasSelector evidence:e\\#span . "
        "evidence:e\\#span oa:start 20 ; oa:end 30 . "
        "assertion:a a lhi:IndicatorObservation ; lhi:hasEvidence evidence:e .",
        "assertion/a",
    ),
    "a-record-names-who-takes-part": (
        _RECORD + 'id:loom skos:prefLabel "Loom"@en . '
        "assertion:a a lhi:Composition ; lhi:hasEvidence evidence:e ; "
        "lhi:hasParticipation assertion:a\\#p1 . assertion:a\\#p1 lhi:role role:whole ; lhi:participant id:loom .",
        "assertion/a",
    ),
    "a-record-says-what-is-stated": (
        _RECORD + "assertion:a a lhi:AttributeStatement ; lhi:subject id:mill ; lhi:property lhi:formerName ; "
        'lhi:literalValue "Old Mill"@en ; lhi:hasEvidence evidence:e .',
        "assertion/a",
    ),
    "an-award-is-stated-once": (
        "assertion:a a lhi:FundingAward ; lhi:hasParticipation assertion:a\\#p1 , assertion:a\\#p2 . "
        "assertion:b a lhi:FundingAward ; lhi:amount 7 ; lhi:hasParticipation assertion:b\\#p1 , assertion:b\\#p2 . "
        "assertion:a\\#p1 lhi:role role:funder ; lhi:participant id:one . "
        "assertion:a\\#p2 lhi:role role:funded ; lhi:participant id:study . "
        "assertion:b\\#p1 lhi:role role:funder ; lhi:participant id:one . "
        "assertion:b\\#p2 lhi:role role:funded ; lhi:participant id:study .",
        "assertion/a",
    ),
    "another-name-is-not-somebody-elses": (
        'id:other skos:prefLabel "Old Mill"@en . assertion:a a lhi:AttributeStatement ; lhi:subject id:one ; '
        'lhi:property lhi:alias ; lhi:literalValue "Old mill"@en .',
        "assertion/a",
    ),
    "edges-rest-on-what-is-confident-enough": (
        "id:one a lhi:Organisation ; lhi:partnerOf id:other . assertion:a a lhi:Partnership ; lhi:confidence 0.5 ; "
        "lhi:hasParticipation assertion:a\\#p1 , assertion:a\\#p2 . "
        "assertion:a\\#p1 lhi:role role:partner ; lhi:participant id:one . "
        "assertion:a\\#p2 lhi:role role:partner ; lhi:participant id:other .",
        "id/one",
    ),
    "figures-have-every-dimension": (
        "assertion:a a lhi:IndicatorObservation ; lhi:indicator id:one ; lhi:value 3 .",
        "assertion/a",
    ),
    "figures-are-reported-where-they-are-cited": (
        "assertion:a a lhi:IndicatorObservation ; lhi:reportedIn id:one ; lhi:hasEvidence evidence:e . "
        "evidence:e oa:hasSource id:other .",
        "assertion/a",
    ),
    "identifiers-are-not-on-products": (
        "id:app a lhi:Product ; adms:identifier id:app\\#n . "
        'id:app\\#n lhi:identifierScheme identifier:companies-house ; skos:notation "01234567" .',
        "id/app",
    ),
    "kept-apart-and-joined": (
        "id:one lhi:keptApartFrom id:other ; adms:identifier id:one\\#n . id:other adms:identifier id:other\\#n . "
        'id:one\\#n skos:notation "7" . id:other\\#n skos:notation "7" .',
        "id/one",
    ),
    "nothing-is-part-of-itself": ("id:one lhi:partOf id:other . id:other lhi:partOf id:one .", "id/one"),
    "money-is-of-a-likely-size": ('assertion:a lhi:amount 100000000000000 ; lhi:currency "GBP" .', "assertion/a"),
    "nothing-comes-out-of-itself": ("id:one lhi:spunOutOf id:other . id:other lhi:spunOutOf id:one .", "id/one"),
    "nothing-happens-before-its-beginning": (
        'id:one lhi:begun "2016-05" . assertion:a lhi:validFrom "2015" ; lhi:hasParticipation assertion:a\\#p1 . '
        "assertion:a\\#p1 lhi:role role:partner ; lhi:participant id:one .",
        "assertion/a",
    ),
    "other-names-are-of-one-body": (
        'id:one a lhi:Company ; skos:hiddenLabel "LCC"@en . id:other a lhi:College ; skos:altLabel "LCC"@en .',
        "id/one",
    ),
    "other-names-are-not-of-another": (
        'id:one a lhi:Company ; skos:altLabel "Mill"@en . id:other a lhi:College ; skos:prefLabel "Mill"@en .',
        "id/one",
    ),
    "passages-without-claim-are-not-cited": (
        "evidence:m a lhi:PassageWithoutClaim ; oa:hasSource id:doc ; oa:hasSelector evidence:m\\#span . "
        "evidence:m\\#span oa:start 10 ; oa:end 20 . "
        "evidence:e a lhi:TextEvidence ; oa:hasSource id:doc ; oa:hasSelector evidence:e\\#span . "
        "evidence:e\\#span oa:start 5 ; oa:end 25 . assertion:a lhi:hasEvidence evidence:e .",
        "evidence/m",
    ),
    "places-are-not-nested-in-themselves": (
        "id:one lhi:locatedIn id:other . id:other lhi:locatedIn id:one .",
        "id/one",
    ),
    "roles-are-played-by-fitting-kinds": (
        "assertion:s a lhi:SpinOut ; lhi:hasParticipation assertion:s\\#p1 , assertion:s\\#p2 . "
        "assertion:s\\#p1 lhi:role role:spin-out ; lhi:participant id:uni . "
        "assertion:s\\#p2 lhi:role role:parent-institution ; lhi:participant id:app . "
        "id:uni a lhi:University , lhi:Entity . role:spin-out lhi:playedBy lhi:Company .",
        "assertion/s",
    ),
    "what-belongs-together-is-of-one-sort": (
        "assertion:c a lhi:Composition ; lhi:hasParticipation assertion:c\\#p1 , assertion:c\\#p2 . "
        "assertion:c\\#p1 lhi:role role:part ; lhi:participant id:uni . "
        "assertion:c\\#p2 lhi:role role:whole ; lhi:participant id:app . "
        "id:uni a lhi:University . id:app a lhi:Product .",
        "assertion/c",
    ),
    "years-are-of-this-age": ('assertion:a lhi:validFrom "0217-03" .', "assertion/a"),
    "registers-do-not-stand-alone": (
        "id:one adms:identifier id:one\\#n . id:one\\#n lhi:seenIn evidence:e . evidence:e a lhi:TextEvidence .",
        "id/one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("check", read_checks(ROOT), ids=lambda check: check.name)
def test_a_check_finds_the_mistake_that_it_is_for(check):
    turtle, record = MISTAKES[check.name]
    store = ox.Store()
    for file in KNOWLEDGE.ontology.statements.files:
        store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in file.triples)
    store.load(input=PREFIXES + MORE + turtle, format=ox.RdfFormat.TURTLE)
    derive(KNOWLEDGE, store)
    found = {row["record"].value for row in store.query(check.text, use_default_graph_as_union=True)}
    assert Namespaces().base + record in found


def test_the_curated_graph_has_none_of_these_mistakes():
    assert list(run_checks(KNOWLEDGE)) == []


def test_what_a_record_says_may_be_stated():
    """The same record, and what it does say: another name as another name, and the parent as the whole."""
    turtle = _RECORD + (
        "assertion:a a lhi:AttributeStatement ; lhi:subject id:mill ; lhi:property lhi:alias ; "
        'lhi:literalValue "Old Mill"@en ; lhi:hasEvidence evidence:e . id:guild skos:prefLabel "Guild of Mills"@en . '
        "assertion:b a lhi:Composition ; lhi:hasEvidence evidence:e ; lhi:hasParticipation assertion:b\\#p1 . "
        "assertion:b\\#p1 lhi:role role:whole ; lhi:participant id:guild ."
    )
    store = ox.Store()
    store.load(input=PREFIXES + MORE + turtle, format=ox.RdfFormat.TURTLE)
    derive(KNOWLEDGE, store)
    checks = {check.name: check.text for check in read_checks(ROOT)}
    for name in ("a-record-says-what-is-stated", "a-record-names-who-takes-part"):
        assert list(store.query(checks[name], use_default_graph_as_union=True)) == [], name


def current(kind):
    """The entities of these files that are of a kind and not retired, with the kinds that are written down for each."""
    statements = KNOWLEDGE.graph.statements
    for iri in statements.of_type(KNOWLEDGE.ontology.narrower(Namespaces().term(kind)), REUSED["rdf"] + "type"):
        if not statements.texts(iri, REUSED["owl"] + "deprecated"):
            yield iri, set(statements.texts(iri, REUSED["rdf"] + "type"))


def test_a_description_fits_one_entity():
    """A sentence that fits another says nothing of either."""
    described = Counter(
        text
        for iri, _ in current("Entity")
        for text in KNOWLEDGE.graph.statements.texts(iri, REUSED["dcterms"] + "description")
    )
    assert [text for text, times in described.items() if times > 1] == []


def test_what_an_organisation_does_stands_beside_what_it_is():
    """Whoever asks for all companies finds the investors and advisers among them."""
    does = {Namespaces().term("Investor"), Namespaces().term("Adviser")}
    bare = {iri for kind in ("Investor", "Adviser") for iri, kinds in current(kind) if kinds <= does}
    assert bare == set()
