"""A change done to a store in which the rules have run to their end, and to what they derived: delete and rederive.

The method is DRed (Gupta, Mumick and Subrahmanian, "Maintaining views incrementally", 1993): first everything goes that
was derived by way of something that is gone; then what of it still has another ground comes back; then what new
statements give ground to is derived. Each step asks the rules with values put in for their variables, so that it reads
what is near the change. Where a rule holds back (NOT EXISTS, OPTIONAL), what comes is followed like what goes. Where it
holds back for what is derived, and that takes away what is derived already, the order of rules would matter:
WholeNeededError is raised, and the caller runs the rules over everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, TypeVar

import pyoxigraph as ox

from leedskg.derivation.patterns import Binding, RulePlan, Slot, TriplePattern, WholeNeededError, plan_of
from leedskg.statements import Term
from leedskg.store.embedded import as_stored, replace_in_union

#: Statements that a change may have, and that one step may follow: beyond, running the rules whole is as quick.
_MOST = 5_000
#: Ends of a path of any length that are put in.
_MOST_ENDS = 2_000
#: Statements that are followed, for one pattern, from what changed to what ties it to a rule.
_MOST_STEPS = 50_000
_DEFAULT = ox.DefaultGraph()
Triples = set[ox.Triple]
Bounded = TypeVar("Bounded", bound=Sized)
Rows = dict[tuple[str, ...], set[tuple[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, ...]]]


class Around:
    """Changes a united store, in which `rules` have derived the graph `inferred`.

    `grown` is by how many distinct statements the store has grown, and `touched` what may have come or gone, also when
    WholeNeededError has cut it short.
    """

    def __init__(self, rules: Iterable[str], inferred: ox.NamedNode, store: ox.Store) -> None:
        self._rules, self._inferred, self._store = list(rules), inferred, store
        self._plans: list[RulePlan] = []
        self.grown = 0
        #: The quads that may have come or gone, as the store keeps them.
        self.touched: set[ox.Quad] = set()

    def change(self, removed: Sequence[ox.Quad], added: Sequence[ox.Quad]) -> None:
        """Take out and put in stated quads, and what is derived with them. Raises WholeNeededError."""
        self._plans = [plan_of(rule) for rule in self._rules]
        if any(isinstance(pattern.predicate, ox.Variable) for pattern in self._conditions()):
            raise WholeNeededError("a rule holds back for statements of any kind")
        _bounded([*removed, *added])
        removed, added = list(as_stored(removed)), list(as_stored(added))
        come = {quad.triple for quad in added}
        leaving = set(removed)
        gone = {quad.triple for quad in removed if quad.triple not in come and not self._stated(quad.triple, leaving)}
        _bounded(gone | come)
        doomed = self._doomed(gone, come)
        derived = [quad for quad in map(self._derived, doomed | come) if quad in self._store]
        self.touched.update(removed, derived, added)
        self.grown += replace_in_union(self._store, [*removed, *derived], added)
        back = self._with_another_ground(gone | doomed)
        self._spread(come | back, gone | come | (doomed - back))

    def _conditions(self) -> Iterator[TriplePattern]:
        return (pattern for plan in self._plans for group in plan.loose for pattern in group)

    def _stated(self, triple: ox.Triple, leaving: set[ox.Quad]) -> bool:
        """Return whether a file or contribution says it that is not leaving."""
        found = self._store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        return any(quad.graph_name not in (_DEFAULT, self._inferred) and quad not in leaving for quad in found)

    def _derived(self, triple: ox.Triple) -> ox.Quad:
        return ox.Quad(triple.subject, triple.predicate, triple.object, self._inferred)

    def _doomed(self, gone: Triples, come: Triples) -> Triples:
        """Find what was derived via what is gone, or may not be derived beside what comes; the store is as it was."""
        doomed: Triples = set()
        found = set(self._found(gone, gone | come))
        while new := {each for each in found - doomed if self._derived(each) in self._store}:
            doomed |= _bounded(new)
            found = set(self._found(new))
        return doomed

    def _with_another_ground(self, candidates: Triples) -> Triples:
        """Derive again what of these still has a ground; give what was."""
        back: Triples = set()
        tied = _Changed(candidates)
        for plan in self._plans:
            rows: Rows = {}
            # A part of the head that BIND alone gives its values is tied through the other parts.
            for binding in self._ties(plan.head, plan.certain, tied):
                _note(rows, plan, binding)
            back |= {each for each in self._asked(plan, rows) if each in candidates and not self._held(each)}
        self._add(back)
        return back

    def _spread(self, new: Triples, loose: Triples) -> None:
        """Derive what the statements that are there now give ground to, until there is nothing new."""
        while new or loose:
            new = {each for each in self._found(new, loose) if not self._held(each)}
            loose = set()
            self._add(new)

    def _held(self, triple: ox.Triple) -> bool:
        return ox.Quad(triple.subject, triple.predicate, triple.object) in self._store

    def _add(self, new: Triples) -> None:
        conditions = list(self._conditions())
        watched = {each for each in new if any(pattern.matched(each) is not None for pattern in conditions)}
        allowed = self._held_back(watched)
        derived = [self._derived(triple) for triple in _bounded(new)]
        self.touched.update(derived)
        self._store.extend(derived)
        self._store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in new)
        self.grown += len(new)
        if any(self._derived(each) in self._store for each in allowed - self._held_back(watched)):
            raise WholeNeededError("what is derived takes away what another rule derived")

    def _held_back(self, watched: Triples) -> Triples:
        """Find what rules derive now that hold back for some of these statements."""
        found: Triples = set()
        tied = _Changed(watched)
        for plan in self._plans if watched else ():
            rows: Rows = {}
            for group in plan.loose:
                for binding in self._ties(group, plan.certain, tied):
                    _note(rows, plan, binding)
            found.update(self._asked(plan, rows))
        return found

    def _found(self, firm: Triples, loose: Triples | None = None) -> Iterator[ox.Triple]:
        """Yield what the rules derive now by way of these statements, or may not derive because of the loose ones."""
        known, wavering = _Changed(firm), _Changed(loose or ())
        for plan in self._plans:
            rows: Rows = {}
            for pattern in plan.firm:
                for triple in known.fitting(None, _fixed(pattern.predicate), None):
                    for binding in self._matches(pattern, triple):
                        _note(rows, plan, binding)
            for group in plan.loose:
                for binding in self._ties(group, plan.certain, wavering):
                    _note(rows, plan, binding)
            yield from self._asked(plan, rows)

    def _matches(self, pattern: TriplePattern, triple: ox.Triple) -> Iterator[Binding]:
        """Yield the values with which a pattern rests on a triple."""
        if not pattern.closed:
            if (binding := pattern.matched(triple)) is not None:
                yield binding
        elif triple.predicate == pattern.predicate:
            starts = self._along(triple.subject, triple.predicate, forward=False)
            ends = self._along(triple.object, triple.predicate, forward=True)
            if len(starts) * len(ends) > _MOST_ENDS:
                raise WholeNeededError("a path of any length has too many ends")
            plain = TriplePattern(pattern.subject, pattern.predicate, pattern.object)
            for start in starts:
                for end in ends:
                    if isinstance(start, ox.NamedNode):
                        binding = plain.matched(ox.Triple(start, triple.predicate, end))  # type: ignore[arg-type]
                        if binding is not None:
                            yield binding

    def _ties(self, group: Sequence[TriplePattern], certain: frozenset[str], changed: _Changed) -> Iterator[Binding]:
        """Yield the values, of variables that are certain beside the group, with which it may rest on what changed."""
        for pattern in group:
            likely = changed.fitting(None, _fixed(pattern.predicate), None)
            if pattern.closed and any(triple.predicate == pattern.predicate for triple in likely):
                raise WholeNeededError("a rule holds back for a path of any length")
            waiting = [(binding, {pattern}) for each in likely if (binding := pattern.matched(each)) is not None]
            steps = 0
            while waiting:
                binding, used = waiting.pop()
                if not certain.isdisjoint(binding):
                    yield binding
                    continue
                further = next((each for each in group if each not in used and each.variables & binding.keys()), None)
                steps += 1
                if further is None or further.closed or steps > _MOST_STEPS:
                    raise WholeNeededError("nothing of a rule can be tied to what changed")
                known = {name: value for name, value in binding.items() if name in further.variables}
                # Both states at once: what is there now, and what went or came.
                terms = further.with_values(known)
                near = {quad.triple for quad in self._store.quads_for_pattern(*terms, _DEFAULT)}
                for triple in near.union(changed.fitting(*terms)):
                    more = further.matched(triple)
                    if more is not None and all(more[name] == value for name, value in known.items()):
                        waiting.append((binding | more, used | {further}))

    def _along(self, start: object, predicate: ox.NamedNode, *, forward: bool) -> set[object]:
        """Return everything that a path of this predicate leads to, or from, with the start."""
        found, waiting = {start}, [start]
        while waiting and len(found) <= _MOST_ENDS:
            here = waiting.pop()
            if forward and isinstance(here, ox.Literal):
                continue
            ends: tuple[Any, Any] = (here, None) if forward else (None, here)
            for quad in self._store.quads_for_pattern(ends[0], predicate, ends[1], _DEFAULT):
                there = quad.object if forward else quad.subject
                if there not in found:
                    found.add(there)
                    waiting.append(there)
        return found

    def _asked(self, plan: RulePlan, rows: Rows) -> Iterator[ox.Triple]:
        """Yield what a rule derives with these values put in."""
        for names, values in rows.items():
            if any(isinstance(term, ox.BlankNode) for row in values for term in row):
                raise WholeNeededError("a blank node cannot be put in")
            try:
                found = self._store.query(plan.restricted(names, values))
            except SyntaxError as error:
                raise WholeNeededError(f"values cannot be put in: {error}") from None
            assert isinstance(found, ox.QueryTriples)
            yield from found


class _Changed:
    """Statements by each of their terms: to go through all of them for each that is tied to another is quadratic."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._all = list(triples)
        self._by: dict[tuple[int, object], list[ox.Triple]] = {}
        for triple in self._all:
            for place, term in enumerate((triple.subject, triple.object, triple.predicate)):
                self._by.setdefault((place, term), []).append(triple)

    def fitting(self, subject: object, predicate: object, value: object) -> list[ox.Triple]:
        """Return all that may have these terms, of which None stands for any."""
        for place, term in enumerate((subject, value, predicate)):
            if term is not None:
                return self._by.get((place, term), [])
        return self._all


def _fixed(slot: Slot) -> Term | None:
    return None if isinstance(slot, ox.Variable) else slot


def _note(rows: Rows, plan: RulePlan, binding: Binding) -> None:
    names = tuple(sorted(plan.certain & binding.keys()))
    if not names:
        raise WholeNeededError("nothing of a rule can be tied to what changed")
    rows.setdefault(names, set()).add(tuple(binding[name] for name in names))


def _bounded(found: Bounded) -> Bounded:
    if len(found) > _MOST:
        raise WholeNeededError("too much changes")
    return found
