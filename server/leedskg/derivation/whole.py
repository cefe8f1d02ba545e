"""The rules run over everything, in memory: on the disk the same queries took four times as long."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import pyoxigraph as ox

from leedskg.derivation.patterns import TriplePattern, WholeNeededError, plan_of
from leedskg.errors import KnowledgeError
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE

#: More rounds than any chain of rules needs: after so many, a rule feeds itself.
MOST_ROUNDS = 20
_TYPE = ox.NamedNode(RDF_TYPE)
#: What rules tell statements apart by: the property, and for a type the class.
_Sort = tuple[ox.NamedNode, object]


def in_memory(triples: Iterable[ox.Triple]) -> ox.Store:
    """Return a store in memory that holds these statements in its default graph."""
    store = ox.Store()
    store.bulk_extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return store


def run_rules(knowledge: Knowledge, store: ox.Store) -> list[ox.Triple]:
    """Run the rules over the default graph of `store`, to which what they derive is added, until that is nothing new.

    A rule runs again only where something has come that one of its patterns fits: most are done after the first round.
    Gives what was derived. Raises KnowledgeError for a rule that cannot be run, or never comes to an end.
    """
    derived: list[ox.Triple] = []
    unread: dict[str, set[_Sort] | None] = {rule.name: None for rule in knowledge.ontology.rules}
    for _ in range(MOST_ROUNDS):
        before = len(derived)
        for rule in knowledge.ontology.rules:
            if not _may_derive_more(rule.text, unread[rule.name]):
                continue
            unread[rule.name] = set()
            try:
                found = store.query(rule.text)
            except SyntaxError as error:
                raise KnowledgeError(
                    f"this rule is not valid SPARQL: {error}", path=f"ontology/rules/{rule.name}"
                ) from None
            if not isinstance(found, ox.QueryTriples):
                raise KnowledgeError("a rule has to be a CONSTRUCT query", path=f"ontology/rules/{rule.name}")
            both = ((ox.Quad(triple.subject, triple.predicate, triple.object), triple) for triple in found)
            new = {quad: triple for quad, triple in both if quad not in store}
            store.extend(new)
            derived += new.values()
            sorts = {_sort_of(quad) for quad in new}
            for waiting in unread.values():
                if waiting is not None:
                    waiting.update(sorts)
        if len(derived) == before:
            return derived
    raise KnowledgeError(
        f"the rules still add statements after {MOST_ROUNDS} rounds; one feeds itself", path="ontology/rules"
    )


def _sort_of(quad: ox.Quad) -> _Sort:
    return quad.predicate, quad.object if quad.predicate == _TYPE else None


def _may_derive_more(rule: str, unread: set[_Sort] | None) -> bool:
    """Return whether a rule may find more, by the sorts of statements since it last ran; None before it has."""
    if unread is None:
        return True
    try:
        plan = plan_of(rule)
    except WholeNeededError:
        return bool(unread)
    patterns = [*plan.firm, *chain.from_iterable(plan.loose)]
    return any(_fits(pattern, sort) for pattern in patterns for sort in unread)


def _fits(pattern: TriplePattern, sort: _Sort) -> bool:
    predicate, kind = sort
    if isinstance(pattern.predicate, ox.Variable):
        return True
    return pattern.predicate == predicate and (
        kind is None or isinstance(pattern.object, ox.Variable) or pattern.object == kind
    )
