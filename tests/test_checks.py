"""The checks of queries/checks/: each finds the mistake that it is for, and nothing in the curated graph."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
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

#: For each check a mistake that it has to find, and the record that it has to name.
MISTAKES = {
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
    "registers-do-not-stand-alone": (
        "id:one adms:identifier id:one\\#n . id:one\\#n lhi:seenIn evidence:e . evidence:e a lhi:TextEvidence .",
        "id/one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("check", read_checks(ROOT), ids=lambda check: check.name)
def test_a_check_finds_the_mistake_that_it_is_for(check):
    turtle, record = MISTAKES[check.name]
    store = ox.Store()
    store.load(input=PREFIXES + MORE + turtle, format=ox.RdfFormat.TURTLE)
    derive(KNOWLEDGE, store)
    found = {row["record"].value for row in store.query(check.text, use_default_graph_as_union=True)}
    assert Namespaces().base + record in found


def test_the_curated_graph_has_none_of_these_mistakes():
    assert list(run_checks(KNOWLEDGE)) == []
