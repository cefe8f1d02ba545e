"""The patterns of a query that are joined with each other, and which variables hold them together.

Reads the algebra that rdflib makes of a query (`rdflib.plugins.sparql.algebra`), whose nodes are dictionaries with
a name: BGP, Join, LeftJoin, Filter, Union, Minus, Extend, Graph, and those of the modifiers around them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from rdflib import BNode, Variable
from rdflib.namespace import NamespaceManager
from rdflib.paths import MulPath, Path
from rdflib.plugins.sparql.parserutils import CompValue

_SEARCHING = {"Builtin_REGEX": "REGEX", "Builtin_CONTAINS": "CONTAINS", "Builtin_STRENDS": "STRENDS"}
_LONGEST = 80


@dataclass(frozen=True)
class RowPattern:
    """Something that gives rows: a triple pattern, a path, a subquery, VALUES."""

    text: str
    variables: frozenset[str]
    #: How little of it is fixed, 0 to 3; a path of any length counts as all open.
    width: int = 0
    #: Whether it is a path of any length.
    is_path: bool = False
    is_triple: bool = False


@dataclass(frozen=True)
class ConnectedPart:
    """Patterns that variables hold together."""

    patterns: list[RowPattern]

    def widest(self) -> RowPattern:
        """Return the one that gives most, as far as its form tells."""
        return max(self.patterns, key=lambda pattern: pattern.width)


@dataclass
class GroupPattern:
    """Patterns that are joined with each other, and what is done to their rows."""

    patterns: list[RowPattern] = field(default_factory=list)
    #: Names that one expression computes from others (BIND): they hold together what they stand in.
    links: list[frozenset[str]] = field(default_factory=list)
    conditions: list[tuple[Any, frozenset[str]]] = field(default_factory=list)
    #: OPTIONAL, MINUS and EXISTS without a variable in common with the rest: the word, and a pattern in it.
    apart: list[tuple[str, str]] = field(default_factory=list)

    def unconnected(self) -> list[ConnectedPart]:
        """Find the parts that share no variable, widest first; a pattern without variables, a yes or no, is none."""
        parts: list[tuple[frozenset[str], list[RowPattern]]] = []
        named = [(each.variables, [each]) for each in self.patterns if each.variables]
        for names, patterns in [*named, *((link, []) for link in self.links)]:
            touching = [part for part in parts if part[0] & names]
            parts = [part for part in parts if part not in touching]
            joined = names.union(*(part[0] for part in touching))
            parts.append((joined, [*(each for part in touching for each in part[1]), *patterns]))
        found = [ConnectedPart(patterns) for _, patterns in parts if any(pattern.width for pattern in patterns)]
        return sorted(found, key=lambda part: -part.widest().width)

    def everything(self) -> list[RowPattern]:
        """Find the patterns that match every statement, where nothing else speaks of their subject or property."""
        return [
            each for place, each in enumerate(self.patterns)
            if each.is_triple and each.width == 3 and not self._others(place) & each.variables
        ]  # fmt: skip

    def open_paths(self) -> list[RowPattern]:
        """Find the paths of any length with both ends open, which nothing else in the block binds."""
        return [
            each for place, each in enumerate(self.patterns)
            if each.is_path and len(each.variables) == 2 and not self._others(place) & each.variables
        ]  # fmt: skip

    def _others(self, place: int) -> frozenset[str]:
        others = (each.variables for index, each in enumerate(self.patterns) if index != place)
        return frozenset().union(*others)


def blocks(algebra: CompValue, names: NamespaceManager) -> Iterator[GroupPattern]:
    """Return every block of a query, the outermost first."""
    return _PatternReader(names).read(algebra)


def shown_filter(condition: Any) -> str:
    """Name the word of a condition that reads through texts, such as REGEX; nothing for others."""
    return next((word for node in _nodes(condition) if (word := _SEARCHING.get(node.name, ""))), "")


class _PatternReader:
    def __init__(self, names: NamespaceManager) -> None:
        self._names = names
        self._inner: list[GroupPattern] = []

    def read(self, algebra: CompValue) -> Iterator[GroupPattern]:
        block = GroupPattern()
        self._gather(algebra, block)
        yield block
        while self._inner:
            yield self._inner.pop(0)

    def _gather(self, node: Any, block: GroupPattern) -> None:
        """Put what a node is made of into the block; what is not joined with it goes into blocks of its own."""
        if not isinstance(node, CompValue):
            return
        match node.name:
            case "BGP":
                block.patterns += [self._triple(each) for each in node.triples or ()]
            case "ServiceGraphPattern":
                block.patterns.append(RowPattern("SERVICE", _variables(node)))
            case "values":
                block.patterns.append(RowPattern("VALUES", _variables(node)))
            case "Graph":
                self._in_graph(node, block)
            case "Union":
                self._as_one("UNION", node, block, [node.p1, node.p2])
            case "ToMultiSet":
                self._as_one("VALUES" if node.p.name == "values" else "SELECT", node, block, [node.p])
            case _:
                self._around(node, block)

    def _around(self, node: CompValue, block: GroupPattern) -> None:
        """Gather the nodes that add to what they stand around: the first of their patterns belongs to the block."""
        self._gather(node.p1 or node.p, block)
        match node.name:
            case "Join":
                self._gather(node.p2, block)
            case "LeftJoin":
                self._beside("OPTIONAL", node.p2, block)
            case "Minus":
                self._beside("MINUS", node.p2, block)
            case "Filter":
                self._condition(node.expr, block)
            case "Extend":
                block.links.append(_variables(node.expr) | {str(node.var)})

    def _in_graph(self, node: CompValue, block: GroupPattern) -> None:
        """Gather the patterns of GRAPH ?g, which share ?g, each with all others there."""
        own = GroupPattern()
        self._gather(node.p, own)
        shared = _variables(node.term)
        block.patterns += [replace(each, variables=each.variables | shared) for each in own.patterns]
        block.links += own.links
        block.conditions += own.conditions
        block.apart += own.apart

    def _as_one(self, word: str, node: CompValue, block: GroupPattern, inner: list[Any]) -> None:
        names = _visible(node)
        block.patterns.append(RowPattern(f"{{ {word} … }}", names, width=0 if word == "VALUES" else 1))
        for each in inner:
            own = GroupPattern()
            self._gather(each, own)
            self._inner.append(own)

    def _beside(self, word: str, node: Any, block: GroupPattern) -> None:
        own = GroupPattern()
        self._gather(node, own)
        self._inner.append(own)
        here = frozenset().union(*(each.variables for each in block.patterns))
        there = frozenset().union(*(each.variables for each in own.patterns))
        if here and there and own.patterns and not here & there:
            block.apart.append((word, own.patterns[0].text))

    def _condition(self, expression: Any, block: GroupPattern) -> None:
        for part in _conjuncts(expression):
            block.conditions.append((part, _variables(part)))
        here = frozenset().union(*(each.variables for each in block.patterns))
        for node in _nodes(expression):
            if node.name in {"Builtin_NOTEXISTS", "Builtin_EXISTS"}:
                there = _variables(node.graph)
                if here and there and not here & there:
                    word = "NOT EXISTS" if "NOT" in node.name else "EXISTS"
                    block.apart.append((word, "…"))

    def _triple(self, triple: tuple[Any, Any, Any]) -> RowPattern:
        subject, predicate, value = triple
        variables = frozenset(str(each) for each in triple if isinstance(each, Variable))
        is_path = isinstance(predicate, Path) and any(
            isinstance(each, MulPath) and each.mod in {"*", "+"} for each in _steps(predicate)
        )
        hidden = frozenset(str(each) for each in (subject, value) if isinstance(each, BNode))
        width = sum(isinstance(each, (Variable, BNode)) for each in triple)
        text = " ".join(self._shown(each) for each in triple)
        text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        return RowPattern(text, variables | hidden, 3 if is_path and width == 2 else width, is_path, not is_path)

    def _shown(self, term: Any) -> str:
        if isinstance(term, BNode):
            return "[]"
        return str(term.n3(self._names))


def _steps(path: Any) -> Iterator[Any]:
    yield path
    if isinstance(path, Path):
        for inner in (*getattr(path, "args", ()), getattr(path, "path", None), getattr(path, "arg", None)):
            if isinstance(inner, Path):
                yield from _steps(inner)


def _conjuncts(expression: Any) -> list[Any]:
    if isinstance(expression, CompValue) and expression.name == "ConditionalAndExpression":
        return [expression.expr, *expression.other]
    return [expression]


def _nodes(value: Any) -> Iterator[CompValue]:
    """Yield a node of the algebra and all below it."""
    if isinstance(value, CompValue):
        yield value
        for key, inner in value.items():
            if key != "_vars":
                yield from _nodes(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _nodes(inner)


def _variables(value: Any) -> frozenset[str]:
    if isinstance(value, Variable):
        return frozenset({str(value)})
    if isinstance(value, CompValue):
        return frozenset().union(*(_variables(inner) for key, inner in value.items() if key != "_vars"))
    if isinstance(value, dict):
        return frozenset().union(*(_variables(key) for key in value), *(_variables(each) for each in value.values()))
    if isinstance(value, (list, tuple)):
        return frozenset().union(*(_variables(inner) for inner in value))
    return frozenset()


def _visible(node: CompValue) -> frozenset[str]:
    """Return the variables that a subquery, UNION or VALUES gives to what is around it."""
    projected = next((each for each in _nodes(node) if each.name == "Project"), None)
    if node.name == "ToMultiSet" and projected is not None:
        return frozenset(str(each) for each in projected.PV)
    return _variables(node)
