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
from leedskg.validation.change import Change
from leedskg.validation.constraints import judge_all
from leedskg.validation.effects import find_effect
from leedskg.validation.incremental import Engine
from leedskg.validation.rdf import to_rdflib
from leedskg.validation.states import Background, State
from leedskg.validation.views import MemoryView, StoreView
from tests.random_shapes import ShapeMaker, WorldMaker
from tests.sample_knowledge import sources, town

PROJECT = Path(__file__).parents[1]
NAMES = Namespaces()
GRAPHS = [ox.NamedNode(NAMES.graph(f"curated/{name}")) for name in ("one", "two")]
INFERRED = ox.NamedNode(NAMES.graph("inferred"))

#: How many random contributions each kind of world gets; `LEEDSKG_CONTRIBUTIONS=10` asks for ten times as many.
TIMES = int(os.environ.get("LEEDSKG_CONTRIBUTIONS", "1"))
RANDOM_WORLDS, CHANGES_EACH = 60 * TIMES, 12
OWN_WORLDS, OWN_CHANGES_EACH = 10 * TIMES, 30


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
        change = Change(MemoryView(sorted(graph, key=str)), set(added), set(removed))
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
        change = Change(view, added, removed)
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


# What makes the whole graph necessary, and what is cut short

EX = "https://example.org/"
KNOWS, NAME = ox.NamedNode(EX + "knows"), ox.NamedNode(EX + "name")
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
PERSON = ox.NamedNode(EX + "Person")
PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def engine_of(text):
    return Engine(rdflib.Graph().parse(data=PREFIXES + text, format="turtle"))


def person(iri, **said):
    node = ox.NamedNode(EX + iri)
    made = {ox.Triple(node, TYPE, PERSON)}
    return made | {ox.Triple(node, ox.NamedNode(EX + key), value) for key, value in said.items()}


def test_a_change_of_classes_is_checked_against_the_whole():
    engine = engine_of("ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:nodeKind sh:IRI .")
    wider = ox.Triple(
        PERSON, ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf"), ox.NamedNode(EX + "Being")
    )
    found = engine.compare(Change(MemoryView(person("ann")), {wider}, set()))
    assert "which class is a kind of which" in found.whole


def test_a_change_of_shapes_is_checked_against_the_whole():
    engine = engine_of("ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:nodeKind sh:IRI .")
    name = ox.Triple(ox.NamedNode(EX + "s"), ox.NamedNode("http://www.w3.org/ns/shacl#name"), ox.Literal("s"))
    assert "changes shapes" in engine.compare(Change(MemoryView(()), {name}, set())).whole


UNTIED = """ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:sparql [ sh:select \"\"\"
    SELECT $this WHERE { $this <https://example.org/name> ?name . ?other <https://example.org/alias> ?name }
\"\"\" ] .
ex:t a sh:NodeShape ; sh:targetClass ex:Person ; sh:sparql [ sh:select \"\"\"
    SELECT $this WHERE { $this <https://example.org/name> ?n FILTER EXISTS { ?x <https://example.org/closed> true } }
\"\"\" ] ."""


def test_sparql_that_does_not_start_at_this_needs_the_whole_and_only_when_it_reads_the_change():
    engine = engine_of(UNTIED)
    view = MemoryView(person("ann", name=ox.Literal("Ann")))
    yes = ox.Literal("true", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))
    closed = ox.Triple(ox.NamedNode(EX + "town"), ox.NamedNode(EX + "closed"), yes)
    found = engine.compare(Change(view, {closed}, set()))
    assert "does not start at $this" in found.whole
    assert [str(result.focus) for result in found.new] == [EX + "ann"]
    unread = ox.Triple(ox.NamedNode(EX + "town"), ox.NamedNode(EX + "mayor"), ox.NamedNode(EX + "ann"))
    assert not engine.compare(Change(view, {unread}, set())).whole
    alias = ox.Triple(ox.NamedNode(EX + "bob"), ox.NamedNode(EX + "alias"), ox.Literal("Ann"))
    alone = engine_of(UNTIED.partition("ex:t")[0])
    assert not alone.reading.roots[0].untied, "a pattern that shares a variable hangs together with $this"
    assert [str(result.focus) for result in alone.compare(Change(view, {alias}, set())).new] == [EX + "ann"]


def test_sparql_without_patterns_reads_nothing_and_needs_no_whole():
    engine = engine_of(
        'ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:sparql [ sh:select """'
        'SELECT $this WHERE { FILTER(STRENDS(STR($this), "x")) }""" ] .'
    )
    found = engine.compare(Change(MemoryView(person("ann")), person("max"), set()))
    assert not found.whole
    assert [str(result.focus) for result in found.new] == [EX + "max"]


def test_shapes_with_constraint_components_of_their_own_need_the_whole():
    engine = engine_of(
        "ex:c a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ; "
        'sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER($value < $most) }" ] .'
        "ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:property ex:p . ex:p sh:path ex:age ; ex:most 3 ."
    )
    assert "components" in engine.compare(Change(MemoryView(()), person("ann"), set())).whole


def test_a_hub_is_cut_short_and_it_says_so():
    engine = engine_of(
        "ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:property [ sh:path ex:knows ; sh:class ex:Person ] ."
    )
    hub = ox.NamedNode(EX + "hub")
    crowd = {triple for number in range(50) for triple in person(f"one{number}", knows=hub)}
    stated = crowd | person("hub")
    whole = engine.compare(Change(MemoryView(stated), set(), person("hub")))
    assert (len(whole.new), whole.caps) == (50, ())
    cut = engine.compare(Change(MemoryView(stated), set(), person("hub"), fan_out=10))
    assert len(cut.new) == 10
    assert [(cap.node, cap.predicate, cap.limit) for cap in cut.caps] == [(hub.value, KNOWS.value, 10)]


def test_a_count_reads_no_more_than_settles_it():
    engine = engine_of(
        "ex:s a sh:NodeShape ; sh:targetClass ex:Person ; "
        "sh:property [ sh:path [ sh:inversePath ex:knows ] ; sh:minCount 1 ] ."
    )
    hub = ox.NamedNode(EX + "hub")
    crowd = {ox.Triple(ox.NamedNode(f"{EX}one{number}"), KNOWS, hub) for number in range(50)}
    change = Change(MemoryView(crowd | person("hub")), {ox.Triple(hub, NAME, ox.Literal("Hub"))}, set(), fan_out=10)
    found = engine.compare(change)
    assert (found.new, found.caps) == ([], ())
    (gone,) = engine.compare(Change(MemoryView(crowd | person("hub")), set(), crowd)).new
    assert str(gone.focus) == hub.value


def test_what_is_removed_without_having_been_there_is_no_change():
    engine = engine_of("ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:nodeKind sh:Literal .")
    found = engine.compare(Change(MemoryView(person("ann")), person("ann"), person("bob")))
    assert (found.new, found.fixed, found.affected) == ([], [], 0)


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
        change = Change(view, set(), removed)
        graphs = [
            CuratedGraph(State(change, Background(), after=after, scope=chosen), knowledge.ontology, NAMES)
            for after in (False, True)
        ]
        effect = find_effect(change, *graphs, knowledge, whole=whole)
        found.append((effect.edges, effect.conflicts, effect.settled, set(effect.new), set(effect.fixed)))
    assert found[0] == found[1]
