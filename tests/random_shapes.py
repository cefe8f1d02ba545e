"""Shapes and small graphs at random, to hold the incremental check against pySHACL's full validation."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pyoxigraph as ox
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

EX = "https://example.org/"
PREDICATES = [EX + f"p{number}" for number in range(5)]
CLASSES = [EX + f"C{number}" for number in range(5)]
THINGS = [EX + f"t{number}" for number in range(12)]
TYPE = ox.NamedNode(str(RDF.type))
SUBCLASS = ox.NamedNode(str(RDFS.subClassOf))

QUERIES = (
    "SELECT $this ?value WHERE { $this <P> ?value . ?value <Q> ?other . FILTER(?other != $this) }",
    "SELECT $this WHERE { $this <P> ?one FILTER NOT EXISTS { ?one <Q>/<R>* ?two . ?two a <C> } }",
    "SELECT $this ?value WHERE { ?value <P> $this OPTIONAL { ?value <Q> ?more } FILTER(!BOUND(?more)) }",
    "SELECT $this WHERE { { $this <P> ?x . ?x <Q> ?y } UNION { ?z <R> $this } }",
    "SELECT $this (COUNT(?x) AS ?number) WHERE { $this <P>|^<Q> ?x } GROUP BY $this HAVING(COUNT(?x) > 1)",
    "SELECT $this ?value WHERE { $this ?any ?value . $this <P> ?value }",
    "SELECT $this ?value WHERE { $this <P> [ <Q> ?value ] }",
    'SELECT $this WHERE { BIND(STR($this) AS ?text) FILTER(STRENDS(?text, "3")) }',
    "SELECT $this WHERE { $this <P> ?x FILTER EXISTS { ?far <Q> ?farther . ?far a <C> } }",
    "SELECT $this WHERE { $this <P> ?x OPTIONAL { $this <Q> ?y } OPTIONAL { ?y <R> ?z } FILTER(BOUND(?z)) }",
)


class ShapeMaker:
    """Makes graphs of shapes; the same random numbers make the same shapes."""

    def __init__(self, numbers: random.Random) -> None:
        self._random = numbers
        self._count = 0

    def graph(self, roots: int) -> rdflib.Graph:
        self._graph = rdflib.Graph()
        for _ in range(roots):
            node = self._shape(3, property_shape=self._random.random() < 0.3)
            for _ in range(self._random.choice((1, 1, 2))):
                self._target(node)
        return self._graph

    def _new(self) -> Node:
        self._count += 1
        return rdflib.URIRef(f"{EX}shape{self._count}")

    def _add(self, node: Node, parameter: str, value: object) -> None:
        self._graph.add((node, SH[parameter], value if isinstance(value, Node) else rdflib.Literal(value)))

    def _predicate(self) -> rdflib.URIRef:
        return rdflib.URIRef(self._random.choice(PREDICATES))

    def _class(self) -> rdflib.URIRef:
        return rdflib.URIRef(self._random.choice(CLASSES))

    def _target(self, node: Node) -> None:
        kind = self._random.choice(("targetClass",) * 4 + ("targetSubjectsOf", "targetObjectsOf", "targetNode"))
        if kind == "targetClass" and self._random.random() < 0.1:
            self._graph.add((node, RDF.type, RDFS.Class))  # an implicit target: the shape is a class
            self._graph.add((node, RDF.type, SH.NodeShape if (node, SH.path, None) not in self._graph else RDFS.Class))
            return
        values = {
            "targetClass": self._class(),
            "targetNode": rdflib.URIRef(self._random.choice(THINGS)),
        }
        self._add(node, kind, values.get(kind, self._predicate()))

    def _path(self, depth: int) -> Node:
        kind = self._random.choice(("step", "step", "step", "inverse", "sequence", "either", "*", "+", "?"))
        if kind == "step" or depth == 0:
            return self._predicate()
        node = rdflib.BNode()
        if kind == "sequence":
            Collection(self._graph, node, [self._path(depth - 1), self._path(depth - 1)])
        elif kind == "either":
            self._add(
                node,
                "alternativePath",
                Collection(self._graph, rdflib.BNode(), [self._path(depth - 1), self._path(depth - 1)]).uri,
            )
        else:
            names = {"inverse": "inversePath", "*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}
            self._add(node, names[kind], self._path(depth - 1))
        return node  # fmt: skip

    def _shape(self, depth: int, *, property_shape: bool) -> Node:
        node = self._new()
        self._graph.add((node, RDF.type, SH.PropertyShape if property_shape else SH.NodeShape))
        if property_shape:
            self._add(node, "path", self._path(2))
        if self._random.random() < 0.2:
            self._add(node, "severity", self._random.choice((SH.Warning, SH.Info)))
        if self._random.random() < 0.03:
            self._add(node, "deactivated", value=True)
        for _ in range(self._random.choice((1, 1, 2))):
            self._constrain(node, depth, property_shape=property_shape)
        return node

    def _constrain(self, node: Node, depth: int, *, property_shape: bool) -> None:  # noqa: C901, PLR0912 - a case a kind
        choices = ["class", "in", "kind", "sparql", "closed"]
        if property_shape:
            choices += ["count", "count", "hasValue", "equals", "disjoint", "lessThan"]
        if depth:
            choices += ["property"] * 4 + ["node", "not", "and", "or", "xone"]
            choices += ["qualified"] * 3 if property_shape else ["property"] * 2
        match self._random.choice(choices):
            case "class":
                self._add(node, "class", self._class())
            case "in" if (node, SH["in"], None) not in self._graph:
                self._add(
                    node,
                    "in",
                    Collection(self._graph, rdflib.BNode(), [rdflib.URIRef(each) for each in THINGS[:4]]).uri,
                )
            case "kind" if (node, SH.nodeKind, None) not in self._graph:
                self._add(node, "nodeKind", self._random.choice((SH.IRI, SH.Literal)))
            case "closed":
                if not property_shape and (node, SH.closed, None) not in self._graph:
                    self._add(node, "closed", value=True)
                    self._add(
                        node,
                        "ignoredProperties",
                        Collection(self._graph, rdflib.BNode(), [RDF.type, self._predicate()]).uri,
                    )
            case "count":
                if not {SH.minCount, SH.maxCount} & set(self._graph.predicates(node)):
                    self._add(node, self._random.choice(("minCount", "maxCount")), self._random.choice((0, 1, 1, 2)))
            case "hasValue":
                self._add(node, "hasValue", rdflib.URIRef(self._random.choice(THINGS)))
            case "equals" | "disjoint" | "lessThan" as pair:
                self._add(node, pair, self._predicate())
            case "sparql":
                self._sparql(node)
            case "qualified":
                self._qualified(node, depth)
            case "property":
                self._add(node, "property", self._shape(depth - 1, property_shape=True))
            case "node" | "not" as one:
                property_shape = one == "not" and self._random.random() < 0.5
                self._add(node, one, self._shape(depth - 1, property_shape=property_shape))
            case "in" | "kind":
                pass  # pySHACL wants at most one of these
            case several:
                shapes = [self._shape(depth - 1, property_shape=self._random.random() < 0.5) for _ in range(2)]
                self._add(node, several, Collection(self._graph, rdflib.BNode(), shapes).uri)

    def _qualified(self, node: Node, depth: int) -> None:
        if (node, SH.qualifiedValueShape, None) in self._graph:
            return
        self._add(node, "qualifiedValueShape", self._shape(depth - 1, property_shape=False))
        self._add(node, self._random.choice(("qualifiedMinCount", "qualifiedMaxCount")), 1)
        if self._random.random() < 0.4:
            self._add(node, "qualifiedValueShapesDisjoint", value=True)

    def _sparql(self, node: Node) -> None:
        text = self._random.choice(QUERIES)
        for mark in ("<P>", "<Q>", "<R>"):
            text = text.replace(mark, f"<{self._random.choice(PREDICATES)}>")
        query = self._new()
        self._add(query, "select", text.replace("<C>", f"<{self._random.choice(CLASSES)}>"))
        self._add(node, "sparql", query)


class WorldMaker:
    """Makes small graphs, and changes to them."""

    def __init__(self, numbers: random.Random) -> None:
        self._random = numbers

    def statement(self) -> ox.Triple:
        """One statement: mostly a property, sometimes a type."""
        subject = ox.NamedNode(self._random.choice(THINGS))
        if self._random.random() < 0.2:
            return ox.Triple(subject, TYPE, ox.NamedNode(self._random.choice(CLASSES)))
        predicate = ox.NamedNode(self._random.choice(PREDICATES))
        if self._random.random() < 0.2:
            return ox.Triple(subject, predicate, ox.Literal(self._random.randrange(4)))
        return ox.Triple(subject, predicate, ox.NamedNode(self._random.choice(THINGS)))

    def graph(self, size: int) -> set[ox.Triple]:
        kinds = {ox.Triple(ox.NamedNode(low), SUBCLASS, ox.NamedNode(high)) for low, high in self._kinds()}
        return kinds | {self.statement() for _ in range(size)}

    def change(self, graph: set[ox.Triple]) -> tuple[set[ox.Triple], set[ox.Triple]]:
        """Statements to add and to remove; now and then one of them is there, or not, already."""
        added = {self.statement() for _ in range(self._random.randrange(4))}
        ordinary = sorted((triple for triple in graph if triple.predicate != SUBCLASS), key=str)
        removed = set(self._random.sample(ordinary, min(len(ordinary), self._random.randrange(3))))
        if self._random.random() < 0.1:
            removed.add(self.statement())
        if self._random.random() < 0.03:
            low, high = self._random.choice(list(self._kinds()))
            (removed if self._random.random() < 0.5 else added).add(
                ox.Triple(ox.NamedNode(low), SUBCLASS, ox.NamedNode(high))
            )
        return added, removed

    @staticmethod
    def _kinds() -> Iterator[tuple[str, str]]:
        yield CLASSES[1], CLASSES[0]
        yield CLASSES[2], CLASSES[1]
        yield CLASSES[4], CLASSES[3]
