"""What is derived around a change, against the rules run over everything: the same statements in the same graphs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pyoxigraph as ox
import pytest

from leedskg.derivation import Around, WholeNeededError
from leedskg.files import knowledge_root
from leedskg.knowledge import Knowledge, read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.ontology import Rule
from leedskg.publishing import derive
from leedskg.store.embedded import count, unite
from tests.benchmarks.generator import quads

pytestmark = pytest.mark.slow

NAMES = Namespaces()
INFERRED = ox.NamedNode(NAMES.graph("inferred"))
ADDED = ox.NamedNode(NAMES.graph("contribution/1"))
LHI = NAMES.term("")
PREFIXES = f"PREFIX lhi: <{LHI}>\n"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return read_knowledge(knowledge_root(), NAMES)


def united(stated: set[ox.Quad], knowledge: Knowledge) -> ox.Store:
    """A store as a whole build makes it."""
    store = ox.Store()
    store.extend(stated)
    derive(knowledge, store)
    unite(store)
    return store


def of_the_ontology(knowledge: Knowledge) -> set[ox.Quad]:
    graph = ox.NamedNode(NAMES.graph("ontology"))
    triples = (triple for file in knowledge.ontology.statements.files for triple in file.triples)
    return {ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples}


def moved(numbers: random.Random, quad: ox.Quad, others: list[ox.Quad]) -> ox.Quad:
    """A statement that nobody made: the object of another with the same property."""
    same = [each for each in others if each.predicate == quad.predicate]
    return ox.Quad(quad.subject, quad.predicate, numbers.choice(same).object, ADDED)


def assert_same(store: ox.Store, before: int, around: Around, stated: set[ox.Quad], knowledge: Knowledge) -> None:
    whole = united(stated, knowledge)
    assert set(store) == set(whole)
    assert before + around.grown == count(whole)


@pytest.mark.parametrize("seed", range(6))
def test_any_changes_one_after_the_other_derive_what_the_whole_derives(knowledge: Knowledge, seed: int) -> None:
    numbers = random.Random(seed)
    world = sorted(quads(1_200, seed=seed + 1), key=str)
    stated = of_the_ontology(knowledge) | set(world)
    spare: list[ox.Quad] = []
    store = united(stated, knowledge)
    for _ in range(4):
        here = sorted(stated & set(world), key=str)
        # A whole record, single statements of others, and what an earlier change took out.
        record = numbers.choice(here).subject
        removed = [each for each in here if each.subject == record] if numbers.random() < 0.5 else []
        removed += numbers.sample(here, numbers.randrange(0, 12))
        added = [moved(numbers, each, here) for each in numbers.sample(here, numbers.randrange(0, 12))]
        added += numbers.sample(spare, min(len(spare), 8))
        derived = [quad.triple for quad in store.quads_for_pattern(None, None, None, INFERRED)]
        # What is derived may be stated too, and no longer stated.
        added += [ox.Quad(*each, ADDED) for each in numbers.sample(derived, min(len(derived), 3))]
        added = sorted(set(added) - stated, key=str)
        spare = removed
        before = count(store)
        around = Around([rule.text for rule in knowledge.ontology.rules], INFERRED, store)
        around.change(list(dict.fromkeys(removed)), added)
        stated = (stated - set(removed)) | set(added)
        assert_same(store, before, around, stated, knowledge)


def retired(quad: ox.Quad) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, ox.NamedNode(NAMES.concept("rank", "deprecated")), ADDED)


def test_what_is_retired_takes_its_edges_with_it_and_brings_them_back(knowledge: Knowledge) -> None:
    world = list(quads(1_200))
    stated = of_the_ontology(knowledge) | set(world)
    store = united(stated, knowledge)
    first = set(store)
    ranks = [quad for quad in world if quad.predicate.value == NAMES.term("rank")][:20]
    rules = [rule.text for rule in knowledge.ontology.rules]
    around, back = Around(rules, INFERRED, store), Around(rules, INFERRED, store)
    before = count(store)
    around.change(ranks, [retired(quad) for quad in ranks])
    after = (stated - set(ranks)) | {retired(quad) for quad in ranks}
    assert_same(store, before, around, after, knowledge)
    assert around.grown < 0, "edges are gone"
    back.change([retired(quad) for quad in ranks], ranks)
    assert set(store) == first


NEAR = f"CONSTRUCT {{ ?b <{LHI}nearby> ?a }} WHERE {{ ?a <{LHI}near> ?b }}"
RULES: dict[str, Callable[[], list[str]]] = {
    "an order of rules": lambda: [
        NEAR,
        PREFIXES + "CONSTRUCT { ?a lhi:alone true } WHERE { ?a a lhi:Entity FILTER NOT EXISTS { ?a lhi:nearby ?b } }",
    ],
    "a part that is not known": lambda: [
        PREFIXES + "CONSTRUCT { ?a lhi:many ?n } WHERE { SELECT ?a (COUNT(?b) AS ?n) { ?a lhi:near ?b } GROUP BY ?a }"
    ],
    "a path of several properties": lambda: [
        PREFIXES + "CONSTRUCT { ?a lhi:far ?b } WHERE { ?a (lhi:near|lhi:nearby)+ ?b }"
    ],
    "nothing to tie it to": lambda: [
        PREFIXES + "CONSTRUCT { ?a lhi:odd true } WHERE { ?a a lhi:Entity OPTIONAL { ?b lhi:near ?c } }"
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", RULES)
def test_rules_that_cannot_be_followed_are_run_over_everything(knowledge: Knowledge, kind: str) -> None:
    rules = tuple(Rule(f"{number}.rq", text) for number, text in enumerate(RULES[kind]()))
    known = replace(knowledge, ontology=replace(knowledge.ontology, rules=rules))
    one, other = (ox.NamedNode(NAMES.entity(name)) for name in ("one", "other"))
    kind_of = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    stated = {
        ox.Quad(one, kind_of, ox.NamedNode(LHI + "Entity"), ADDED),
        ox.Quad(one, ox.NamedNode(LHI + "near"), other, ADDED),
    }
    store = united(stated, known)
    with pytest.raises(WholeNeededError):
        Around([rule.text for rule in rules], INFERRED, store).change(
            [], [ox.Quad(other, ox.NamedNode(LHI + "near"), one, ADDED)]
        )
