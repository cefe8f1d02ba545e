"""What each shape reads of the graph, compiled once from the shapes themselves.

A root is a shape that looks for its own records. What checking a record against it reads is a tree of `Read`s: walks
along paths, each with what is read where it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import rdflib
from pyshacl import Shape, ShapesGraph
from pyshacl.helper import get_query_helper_cls
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from leedskg.namespaces import RDF_TYPE
from leedskg.validation.paths import HERE, Path, PathStep, SparqlReads, first_step, joined, read_path, reverse, steps

_PAIRS = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)
_NESTED = (SH.node, SH["not"], SH.property, SH.qualifiedValueShape)
_NESTED_LISTS = (SH["and"], SH["or"], SH.xone)
#: What a property shape may have beside counts for its verdict to need no more values than the counts.
_COUNTS = {SH.minCount, SH.maxCount}
_WORDS = {
    *(RDF.type, RDFS.label, RDFS.comment, SH.path, SH.name, SH.description, SH.message, SH.severity, SH.order, SH.group)
}


@dataclass(frozen=True)
class Read:
    """A walk along a path, at most `enough` values of it, and what is read at its end.

    `everything` reads whatever is said of the end, as a closed shape does.
    """

    path: Path
    then: tuple[Read, ...] = ()
    enough: int | None = None
    everything: bool = False


@dataclass(frozen=True)
class ShapeTarget:
    """How a root finds its records."""

    nodes: frozenset[Node] = frozenset()
    classes: frozenset[str] = frozenset()
    subjects_of: frozenset[str] = frozenset()
    objects_of: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Root:
    """A shape with targets: its node, what it reads at a record, and how many shapes take part in the verdict.

    `untied` names the properties of a SPARQL constraint that does not hang together with `$this`; None stands for any.
    """

    node: Node
    target: ShapeTarget
    reads: tuple[Read, ...]
    shapes: frozenset[Node]
    untied: frozenset[str | None] = frozenset()


@dataclass(frozen=True)
class Edge:
    """A statement that a root reads: the way back from it to the record, and from which end of it to start.

    A property of None stands for any property.
    """

    predicate: str | None
    from_object: bool
    way_back: Path
    root: Root


#: A property, and whether a thing is the object of a statement with it rather than the subject.
ReadEnd = tuple[str, bool]


@dataclass(frozen=True)
class WayBack:
    """A way back to records, the statement that it begins with where it has to, and the numbers of the roots."""

    path: Path
    first: PathStep | None
    roots: frozenset[int]


@dataclass
class Reading:
    """All roots of a graph of shapes, and which of them read a property.

    `whole` says why nothing less than the whole graph can be checked with these shapes, or is empty.
    """

    roots: list[Root]
    by_predicate: Mapping[str | None, list[Edge]]
    whole: str = ""

    def ways_back(self, ends: Iterable[ReadEnd]) -> list[WayBack]:
        """List the ways from a thing at these ends of statements to what reads them, each once."""
        numbers = {id(root): number for number, root in enumerate(self.roots)}
        found: dict[Path, set[int]] = {}
        for predicate, is_object in ends:
            for edge in (*self.by_predicate.get(predicate, ()), *self.by_predicate.get(None, ())):
                if edge.from_object == is_object:
                    found.setdefault(edge.way_back, set()).add(numbers[id(edge.root)])
        return [WayBack(way, first_step(way), frozenset(roots)) for way, roots in found.items()]


def read_shapes(shapes: ShapesGraph) -> Reading:
    """Compile what every root reads. Raises KnowledgeError for a path that SHACL does not know."""
    compiler = _Compiler(shapes)
    roots = [root for shape in shapes.shapes if not shape.deactivated and (root := compiler.root(shape))]
    edges: dict[str | None, list[Edge]] = {}
    for root in roots:
        for edge in _edges(root, root.reads, HERE):
            edges.setdefault(edge.predicate, []).append(edge)
    whole = "the shapes define constraint components of their own" if shapes.custom_constraints else compiler.whole
    return Reading(roots, edges, whole)


def _edges(root: Root, reads: tuple[Read, ...], before: Path) -> Iterator[Edge]:
    for read in reads:
        for way, step in steps(read.path, before):
            yield Edge(step.predicate, step.inverse, reverse(way), root)
        end = joined(before, read.path)
        if read.everything:
            yield Edge(None, False, reverse(end), root)
        yield from _edges(root, read.then, end)


def _implicit(shape: Shape) -> list[Node]:
    """Return the shape itself, where it is a class too."""
    found: list[Node] = shape.implicit_class_targets()  # type: ignore[no-untyped-call]
    return found


class _Compiler:
    def __init__(self, shapes: ShapesGraph) -> None:
        self._shapes, self._graph = shapes, shapes.graph
        self._cache: dict[Node, tuple[tuple[Read, ...], frozenset[Node], frozenset[str | None]]] = {}
        self._open: list[Node] = []
        self.whole = ""

    def root(self, shape: Shape) -> Root | None:
        """Return the shape as a root, or None when it has no targets."""
        values = {
            parameter: frozenset(self._graph.objects(shape.node, parameter))
            for parameter in (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
        }
        classes = {str(each) for each in [*values[SH.targetClass], *_implicit(shape)]}
        target = ShapeTarget(
            values[SH.targetNode],
            frozenset(classes),
            frozenset(map(str, values[SH.targetSubjectsOf])),
            frozenset(map(str, values[SH.targetObjectsOf])),
        )
        if target == ShapeTarget():
            return None
        reads, shapes, untied = self._shape(shape)
        return Root(shape.node, target, reads, shapes, untied)

    def _shape(self, shape: Shape) -> tuple[tuple[Read, ...], frozenset[Node], frozenset[str | None]]:
        if shape.node in self._cache:
            return self._cache[shape.node]
        if shape.node in self._open:
            self.whole = f"the shape {shape.node} leads back to itself"
            return (), frozenset(), frozenset()
        if shape.deactivated:
            return (), frozenset(), frozenset()
        self._open.append(shape.node)
        at_focus, at_values = self._own(shape)
        nodes: set[Node] = {shape.node}
        untied: set[str | None] = set()
        for each in (*self._nested(shape), *self._siblings(shape)):
            reads, inner, inner_untied = self._shape(each)
            at_values += reads
            nodes |= inner
            untied |= inner_untied
        for query in self._graph.objects(shape.node, SH.sparql):
            found = self._sparql(shape, query)
            if not found.tied:
                untied |= {None} if found.any_predicate else set(found.predicates)
            at_focus += [Read(path) for path in found.paths]
            at_focus += [Read(path, everything=True) for path in found.any_about]
        if shape.is_property_shape:
            path = read_path(self._graph, next(self._graph.objects(shape.node, SH.path)))
            at_focus.append(Read(path, tuple(at_values), self._enough(shape)))
        else:
            at_focus += at_values
        self._open.pop()
        self._cache[shape.node] = tuple(at_focus), frozenset(nodes), frozenset(untied)
        return self._cache[shape.node]

    def _own(self, shape: Shape) -> tuple[list[Read], list[Read]]:
        """Return what the shape itself reads at its focus node, and at each value node."""
        has = self._graph
        at_focus = [Read(PathStep(str(other))) for pair in _PAIRS for other in has.objects(shape.node, pair)]
        at_values: list[Read] = []
        if (shape.node, SH["class"], None) in has:
            at_values.append(Read(PathStep(RDF_TYPE)))
        if any(bool(closed) for closed in has.objects(shape.node, SH.closed)):
            at_values.append(Read(HERE, everything=True))
        return at_focus, at_values

    def _nested(self, shape: Shape) -> Iterator[Shape]:
        for parameter in _NESTED:
            for node in self._graph.objects(shape.node, parameter):
                yield from self._known(node)
        for parameter in _NESTED_LISTS:
            for members in self._graph.objects(shape.node, parameter):
                for node in Collection(self._graph, members):
                    yield from self._known(node)

    def _siblings(self, shape: Shape) -> Iterator[Shape]:
        """Yield the shapes that values of a disjoint qualified shape are held against as well."""
        if (shape.node, SH.qualifiedValueShapesDisjoint, None) not in self._graph:
            return
        for parent in self._graph.subjects(SH.property, shape.node):
            for part in self._graph.objects(parent, SH.property):
                for node in self._graph.objects(part, SH.qualifiedValueShape):
                    yield from self._known(node)

    def _known(self, node: Node) -> Iterator[Shape]:
        try:
            yield self._shapes.lookup_shape_from_node(node)
        except KeyError:
            self.whole = f"the shape {node} is used and not described"

    def _enough(self, shape: Shape) -> int | None:
        """Count the values that settle the verdict of a property shape which only counts them; None for all of them."""
        said = dict(self._graph.predicate_objects(shape.node))
        if not said.keys() <= _COUNTS | _WORDS or not said.keys() & _COUNTS:
            return None
        least, most = (said.get(parameter) for parameter in (SH.minCount, SH.maxCount))
        counts = [int(least.toPython())] if isinstance(least, rdflib.Literal) else []
        counts += [int(most.toPython()) + 1] if isinstance(most, rdflib.Literal) else []
        return max(counts)

    def _sparql(self, shape: Shape, query: Node) -> SparqlReads:
        select = self._graph.value(query, SH.select)
        helper = get_query_helper_cls()(shape, query, str(select))  # type: ignore[no-untyped-call]
        helper.collect_prefixes()
        _, text = helper.pre_bind_variables(rdflib.URIRef("urn:this"))
        return SparqlReads(helper.apply_prefixes(text))
