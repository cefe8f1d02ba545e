"""What a rule looks at: its triple patterns, which of them must hold, and where its variables can be given values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib.paths import MulPath
from rdflib.plugins.sparql.parserutils import CompValue

from leedskg.algebra import algebra_of
from leedskg.sparql.protocol.tokens import tokens
from leedskg.statements import Term

Slot = Term | ox.Variable
#: What a variable stands for, by its name.
Binding = dict[str, Term]


class WholeNeededError(Exception):
    """The rules have to run over everything; it never leaves the room that publishes."""


@dataclass(frozen=True)
class TriplePattern:
    """A triple pattern. A `closed` one is a path of any length over its predicate."""

    subject: Slot
    predicate: Slot
    object: Slot
    closed: bool = False

    @property
    def slots(self) -> tuple[Slot, Slot, Slot]:
        """Subject, predicate and object."""
        return self.subject, self.predicate, self.object

    @property
    def variables(self) -> frozenset[str]:
        """The names of its variables."""
        return frozenset(each.value for each in self.slots if isinstance(each, ox.Variable))

    def with_values(self, known: Binding) -> tuple[Any, Any, Any]:
        """Return its slots with these values put in, and None where anything may stand."""
        found = (known.get(each.value) if isinstance(each, ox.Variable) else each for each in self.slots)
        subject, predicate, value = found
        return subject, predicate, value

    def matched(self, triple: ox.Triple) -> Binding | None:
        """Return the values that its variables take on a triple, or None where it does not match."""
        found: Binding = {}
        for slot, term in zip(self.slots, (triple.subject, triple.predicate, triple.object), strict=True):
            if isinstance(slot, ox.Variable):
                if found.setdefault(slot.value, term) != term:
                    return None
            elif slot != term:
                return None
        return found


@dataclass(frozen=True)
class RulePlan:
    """A rule taken apart.

    `firm` patterns must hold for a solution; each group of `loose` ones stands in an OPTIONAL, MINUS, EXISTS or NOT
    EXISTS, so that a solution may go when they come to hold. `certain` variables have a value in every solution, and
    can be given one; what BIND gives a value cannot.
    """

    head: tuple[TriplePattern, ...]
    firm: tuple[TriplePattern, ...]
    loose: tuple[tuple[TriplePattern, ...], ...]
    certain: frozenset[str]
    opening: str
    rest: str

    def restricted(self, names: tuple[str, ...], rows: Iterable[tuple[Term, ...]]) -> str:
        """Write the rule as a query for the solutions in which these variables have the values of one of the rows."""
        values = " ".join(f"({' '.join(map(str, row))})" for row in rows)
        return f"{self.opening} VALUES ({' '.join(f'?{name}' for name in names)}) {{ {values} }} {self.rest}"


@lru_cache(maxsize=256)
def plan_of(rule: str) -> RulePlan:
    """Take a rule apart. Raises WholeNeededError for one with a part whose changes cannot be followed."""
    try:
        algebra = algebra_of(rule).algebra
    except Exception as error:  # whatever rdflib raises for a text that is not its own; Oxigraph is the judge of rules
        raise WholeNeededError(f"rdflib cannot read it: {error}") from None
    if algebra.name != "ConstructQuery":
        raise WholeNeededError("it is no CONSTRUCT query")
    body = _Body()
    certain = body.walk(algebra.p, None)
    head = tuple(_pattern(triple) for triple in algebra.template)
    at = _start_of_body(rule)
    return RulePlan(head, tuple(body.firm), tuple(map(tuple, body.loose)), certain, rule[:at], rule[at:])


class _Body:
    """The patterns of a rule's body, found by walking its algebra."""

    def __init__(self) -> None:
        self.firm: list[TriplePattern] = []
        self.loose: list[list[TriplePattern]] = []

    def walk(self, part: Any, group: list[TriplePattern] | None) -> frozenset[str]:
        """Note the patterns of a part, in the loose group that it stands in; give the variables certain in it."""
        name = part.name
        if name == "BGP":
            found = [_pattern(triple) for triple in part.triples]
            (self.firm if group is None else group).extend(found)
            return frozenset().union(*(each.variables for each in found))
        if name in {"Project", "Filter", "Extend"}:
            certain = self.walk(part.p, group)
            self._conditions(part.get("expr"), group)
            return certain
        if name == "Union" and group is not None:
            raise WholeNeededError("changes cannot be followed through UNION in a part that need not hold")
        if name in {"Join", "Union"}:
            one, other = self.walk(part.p1, group), self.walk(part.p2, group)
            return one | other if name == "Join" else one & other
        if name in {"LeftJoin", "Minus"}:
            certain = self.walk(part.p1, group)
            inner = self._within(group)
            self.walk(part.p2, inner)
            self._conditions(part.get("expr"), inner)
            return certain
        raise WholeNeededError(f"changes cannot be followed through {name}")

    def _within(self, group: list[TriplePattern] | None) -> list[TriplePattern]:
        """Open a new group, for what stands in a part that need not hold."""
        if group is not None:
            raise WholeNeededError("changes cannot be followed through one such part in another")
        self.loose.append([])
        return self.loose[-1]

    def _conditions(self, expression: Any, group: list[TriplePattern] | None) -> None:
        """Note the patterns of EXISTS and NOT EXISTS, wherever they stand in an expression."""
        if isinstance(expression, CompValue):
            if expression.name in {"Builtin_EXISTS", "Builtin_NOTEXISTS"}:
                self.walk(expression.graph, self._within(group))
                return
            for value in expression.values():
                self._conditions(value, group)
        elif isinstance(expression, list | tuple):
            for each in expression:
                self._conditions(each, group)


def _pattern(triple: tuple[Any, Any, Any]) -> TriplePattern:
    subject, predicate, value = triple
    closed = isinstance(predicate, MulPath)
    if closed and predicate.mod not in {"+", "*"}:
        raise WholeNeededError("changes cannot be followed through an optional path")
    return TriplePattern(_slot(subject), _slot(predicate.path if closed else predicate), _slot(value), closed)


def _slot(term: Any) -> Slot:
    if isinstance(term, rdflib.Variable):
        return ox.Variable(str(term))
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)) if term.datatype else None)
    raise WholeNeededError("changes cannot be followed through a path of several properties, or a blank node")


def _start_of_body(rule: str) -> int:
    """Return the position behind the brace that opens the body: the last one that stands in no other braces."""
    depth, at = 0, 0
    for token in tokens(rule):
        if token.text == "{" and token.kind == "sign":
            if depth == 0:
                at = token.start + 1
            depth += 1
        elif token.text == "}" and token.kind == "sign":
            depth -= 1
    return at
