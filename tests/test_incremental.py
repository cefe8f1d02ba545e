"""The incremental check against pySHACL's validation of the whole graph, before and after, on random contributions."""

import os
import random
from collections import Counter
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from leedskg.graph import CuratedGraph
from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.validation.effects import find_effect
from leedskg.validation.incremental import Engine
from leedskg.validation.shacl import judge_all, to_rdflib
from leedskg.validation.states import Background, State
from leedskg.validation.views import ChangedGraph, MemoryView, StoreView
from tests.random_shapes import ShapeMaker, WorldMaker
from tests.sample_knowledge import sources, town

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]
NAMES = Namespaces()
GRAPHS = [ox.NamedNode(NAMES.graph(f"curated/{name}")) for name in ("one", "two")]
INFERRED = ox.NamedNode(NAMES.graph("inferred"))

#: How many random contributions each kind of world gets; `LEEDSKG_CONTRIBUTIONS=10` asks for ten times as many.
TIMES = int(os.environ.get("LEEDSKG_CONTRIBUTIONS", "1"))
RANDOM_WORLDS, CHANGES_EACH = 30 * TIMES, 12
OWN_WORLDS, OWN_CHANGES_EACH = 5 * TIMES, 30


def full(triples, shapes):
    return Counter(judge_all(to_rdflib(triples), shapes))


def copied(shapes):
    """The oracle's own copy: what is loaded must not be what it reads."""
    graph = rdflib.Graph()
    for triple in shapes:
        graph.add(triple)
    return graph


def assert_same(engine, shapes, was, after, change):
    """Compare one contribution; give the results of the whole after it, and whether it took the whole graph."""
    added, removed = change.added, change.removed
    found = engine.compare(change)
    becomes = full(after, copied(shapes))
    words = "\n".join(map(str, [*(f"+ {each}" for each in added), *(f"- {each}" for each in removed)]))
    assert Counter(found.new) == becomes - was, words
    assert Counter(found.fixed) == was - becomes, words
    assert Counter(found.already) <= was & becomes, words
    return becomes, found


@pytest.mark.parametrize("seed", range(RANDOM_WORLDS))
def test_random_shapes_and_contributions(seed):
    numbers = random.Random(seed)
    shapes = ShapeMaker(numbers).graph(roots=numbers.randrange(2, 6))
    worlds = WorldMaker(numbers)
    engine = Engine(copied(shapes))
    graph = worlds.graph(numbers.randrange(15, 45))
    results = full(graph, copied(shapes))
    for _ in range(CHANGES_EACH):
        added, removed = worlds.change(graph)
        change = ChangedGraph(MemoryView(sorted(graph, key=str)), set(added), set(removed))
        graph = (graph - removed) | added
        results, _ = assert_same(engine, shapes, results, graph, change)


# The project's own shapes, on a small world


@cache
def own_shapes():
    return to_rdflib(parse(*sorted((PROJECT / "shapes").glob("*.ttl"))))


def parse(*paths):
    return sorted(as_stored(path.read_bytes() for path in paths), key=str)


def as_stored(texts):
    """Statements with their numbers as a store spells them, so that one world can be held in two ways."""
    store = ox.Store()
    for text in texts:
        store.load(text, ox.RdfFormat.TURTLE)
    return {quad.triple for quad in store}


@cache
def small_world():
    """A few records of every kind, a made-up town, and of the ontology what they refer to."""
    stated = set(parse(PROJECT / "tests" / "shapes" / "world.ttl"))
    stated |= as_stored((sources(), town()))
    ontology = parse(*sorted((PROJECT / "ontology").glob("*.ttl")))
    named = {triple.object for triple in stated}
    concepts = {triple.subject for triple in ontology if triple.predicate.value.endswith("#inScheme")}
    kept = {triple for triple in ontology if triple.subject in named & concepts}
    kept |= {triple for triple in ontology if triple.predicate.value.endswith("#subClassOf")}
    return frozenset(stated | kept)


@cache
def examples():
    return [parse(path) for path in sorted((PROJECT / "tests" / "shapes").rglob("*valid.ttl"))]


class Contributor:
    """Somebody who adds records, takes them back, makes mistakes and mends them."""

    def __init__(self, numbers):
        self._random = numbers

    def change(self, graph):
        ordinary = sorted((triple for triple in graph if not triple.predicate.value.endswith("#subClassOf")), key=str)
        kind = self._random.choice(("add", "add", "take", "retype", "redirect", "value", "several"))
        if kind == "add":
            return set(self._random.choice(examples())), set()
        if kind == "several":
            chosen = self._random.sample(ordinary, 3)
            return {self._mistaken(triple, ordinary) for triple in chosen}, set(chosen)
        chosen = self._random.choice(ordinary)
        if kind == "take":
            return set(), {triple for triple in ordinary if triple.subject == chosen.subject}
        if kind == "retype":
            types = [triple for triple in ordinary if triple.predicate.value.endswith("#type")]
            old, new = self._random.sample(types, 2)
            return {ox.Triple(old.subject, old.predicate, new.object)}, {old}
        if kind == "value":
            return set(), {chosen}
        return {self._mistaken(chosen, ordinary)}, {chosen} if self._random.random() < 0.7 else set()

    def _mistaken(self, triple, others):
        other = self._random.choice(others)
        drawn = self._random.random()
        if drawn < 0.5:
            return ox.Triple(triple.subject, triple.predicate, other.object)
        if drawn < 0.8:
            return ox.Triple(other.subject, triple.predicate, triple.object)
        return ox.Triple(triple.subject, other.predicate, triple.object)


@cache
def own_engine():
    return Engine(copied(own_shapes()))


@pytest.mark.parametrize("seed", range(OWN_WORLDS))
def test_our_own_shapes_and_contributions(seed, tmp_path):
    numbers = random.Random(seed)
    graph = set(small_world())
    store = ox.Store(str(tmp_path / "store"))
    store.extend(ox.Quad(*triple, numbers.choice(GRAPHS)) for triple in sorted(graph, key=str))
    results = full(graph, copied(own_shapes()))
    seen = Counter()
    for _ in range(OWN_CHANGES_EACH):
        added, removed = Contributor(numbers).change(graph)
        view = StoreView(store, NAMES) if numbers.random() < 0.5 else MemoryView(sorted(graph, key=str))
        added, removed = view.canonical(added), view.canonical(removed)
        change = ChangedGraph(view, added, removed)
        graph = (graph - removed) | added
        results, found = assert_same(own_engine(), own_shapes(), results, graph, change)
        assert not found.whole
        seen += Counter(new=len(found.new), fixed=len(found.fixed), already=len(found.already))
        for triple in change.removed:
            for quad in list(store.quads_for_pattern(*triple, None)):
                store.remove(quad)
        store.extend(ox.Quad(*triple, GRAPHS[0]) for triple in change.added)
        # What a published store holds besides is not for the shapes: derived edges, and a copy of everything.
        store.extend(ox.Quad(*triple, graph_name) for triple in added for graph_name in (INFERRED, ox.DefaultGraph()))
    assert all(seen[kind] for kind in ("new", "fixed", "already")), "the contributions were all harmless"


# The rules around a contribution, against the rules over everything


@cache
def own_knowledge():
    return read_knowledge(PROJECT, NAMES)


@pytest.mark.parametrize("seed", range(4 * TIMES))
def test_links_derived_around_a_contribution_are_those_that_the_whole_graph_derives(seed):
    numbers = random.Random(seed)
    knowledge = own_knowledge()
    view = MemoryView.of(knowledge.graph.statements, knowledge.ontology.statements)
    chosen = set(numbers.sample(knowledge.graph.assertions(), 3))
    removed = {
        triple
        for file in knowledge.graph.statements.files
        for triple in file.triples
        if str(triple.subject.value).partition("#")[0] in chosen
    }
    found = []
    for whole in (True, False):
        change = ChangedGraph(view, set(), removed)
        graphs = [
            CuratedGraph(State(change, Background(), after=after, scope=chosen), knowledge.ontology, NAMES)
            for after in (False, True)
        ]
        effect = find_effect(change, *graphs, knowledge, whole=whole)
        found.append((effect.edges, effect.conflicts, effect.settled, set(effect.new), set(effect.fixed)))
    assert found[0] == found[1]
