"""When a contribution is checked against the whole graph after all, and where a check is cut short."""

import pyoxigraph as ox
import pytest
import rdflib

from leedskg.validation.incremental import Engine
from leedskg.validation.views import ChangedGraph, MemoryView

pytestmark = pytest.mark.slow

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
    found = engine.compare(ChangedGraph(MemoryView(person("ann")), {wider}, set()))
    assert "which class is a kind of which" in found.whole


def test_a_change_of_shapes_is_checked_against_the_whole():
    engine = engine_of("ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:nodeKind sh:IRI .")
    name = ox.Triple(ox.NamedNode(EX + "s"), ox.NamedNode("http://www.w3.org/ns/shacl#name"), ox.Literal("s"))
    assert "changes shapes" in engine.compare(ChangedGraph(MemoryView(()), {name}, set())).whole


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
    found = engine.compare(ChangedGraph(view, {closed}, set()))
    assert "does not start at $this" in found.whole
    assert [str(result.focus) for result in found.new] == [EX + "ann"]
    unread = ox.Triple(ox.NamedNode(EX + "town"), ox.NamedNode(EX + "mayor"), ox.NamedNode(EX + "ann"))
    assert not engine.compare(ChangedGraph(view, {unread}, set())).whole
    alias = ox.Triple(ox.NamedNode(EX + "bob"), ox.NamedNode(EX + "alias"), ox.Literal("Ann"))
    alone = engine_of(UNTIED.partition("ex:t")[0])
    assert not alone.reading.roots[0].untied, "a pattern that shares a variable hangs together with $this"
    assert [str(result.focus) for result in alone.compare(ChangedGraph(view, {alias}, set())).new] == [EX + "ann"]


def test_sparql_without_patterns_reads_nothing_and_needs_no_whole():
    engine = engine_of(
        'ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:sparql [ sh:select """'
        'SELECT $this WHERE { FILTER(STRENDS(STR($this), "x")) }""" ] .'
    )
    found = engine.compare(ChangedGraph(MemoryView(person("ann")), person("max"), set()))
    assert not found.whole
    assert [str(result.focus) for result in found.new] == [EX + "max"]


def test_shapes_with_constraint_components_of_their_own_need_the_whole():
    engine = engine_of(
        "ex:c a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ; "
        'sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER($value < $most) }" ] .'
        "ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:property ex:p . ex:p sh:path ex:age ; ex:most 3 ."
    )
    assert "components" in engine.compare(ChangedGraph(MemoryView(()), person("ann"), set())).whole


def test_a_hub_is_cut_short_and_it_says_so():
    engine = engine_of(
        "ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:property [ sh:path ex:knows ; sh:class ex:Person ] ."
    )
    hub = ox.NamedNode(EX + "hub")
    crowd = {triple for number in range(50) for triple in person(f"one{number}", knows=hub)}
    stated = crowd | person("hub")
    whole = engine.compare(ChangedGraph(MemoryView(stated), set(), person("hub")))
    assert (len(whole.new), whole.caps) == (50, ())
    cut = engine.compare(ChangedGraph(MemoryView(stated), set(), person("hub"), fan_out=10))
    assert len(cut.new) == 10
    assert [(cap.node, cap.predicate, cap.limit) for cap in cut.caps] == [(hub.value, KNOWS.value, 10)]


def test_a_count_reads_no_more_than_settles_it():
    engine = engine_of(
        "ex:s a sh:NodeShape ; sh:targetClass ex:Person ; "
        "sh:property [ sh:path [ sh:inversePath ex:knows ] ; sh:minCount 1 ] ."
    )
    hub = ox.NamedNode(EX + "hub")
    crowd = {ox.Triple(ox.NamedNode(f"{EX}one{number}"), KNOWS, hub) for number in range(50)}
    change = ChangedGraph(
        MemoryView(crowd | person("hub")), {ox.Triple(hub, NAME, ox.Literal("Hub"))}, set(), fan_out=10
    )
    found = engine.compare(change)
    assert (found.new, found.caps) == ([], ())
    (gone,) = engine.compare(ChangedGraph(MemoryView(crowd | person("hub")), set(), crowd)).new
    assert str(gone.focus) == hub.value


def test_what_is_removed_without_having_been_there_is_no_change():
    engine = engine_of("ex:s a sh:NodeShape ; sh:targetClass ex:Person ; sh:nodeKind sh:Literal .")
    found = engine.compare(ChangedGraph(MemoryView(person("ann")), person("ann"), person("bob")))
    assert (found.new, found.fixed, found.affected) == ([], [], 0)
