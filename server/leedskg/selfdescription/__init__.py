"""What the graph says of itself, inside itself, for tools that ask: graphs of their own, written at publication.

`graph/queries` has the saved queries as examples and the prefixes; `graph/void` what the dataset is and which classes
have which properties, counted; both are part of the union that queries see. `graph/reified` says which assertion states
which direct edge, as RDF 1.2 has it, and is asked for by name alone (decision 0181).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyoxigraph as ox

from leedskg.knowledge import Knowledge
from leedskg.namespaces import QUERIES_GRAPH, REIFIED_GRAPH, VOID_GRAPH
from leedskg.selfdescription import partitions, reifiers
from leedskg.selfdescription.dataset import dataset
from leedskg.selfdescription.examples import examples
from leedskg.store.embedded import put_in, replace_in_union


def write(store: ox.Store, knowledge: Knowledge, *, reify: bool = True) -> None:
    """Add the graphs to a united store. Without `reify`, only what a store of RDF 1.1 can hold."""
    names = knowledge.namespaces
    counted = partitions.counted(store, names.base)
    _add(store, names.graph(QUERIES_GRAPH), examples(knowledge))
    _add(store, names.graph(VOID_GRAPH), [*dataset(knowledge), *partitions.statements(counted, names.base)])
    if reify:
        store.extend(_quads(names.graph(REIFIED_GRAPH), reifiers.statements(store, names.base)))


def follow(
    store: ox.Store, before: ox.Store, changed: Collection[ox.Triple | ox.Quad] | None, knowledge: Knowledge
) -> tuple[list[ox.Quad], int]:
    """Bring the graphs of a united store up to a change.

    Gives the quads of the union that went or came, and by how many distinct statements it has grown.
    `before` is the store as it was, and `changed` has every statement that went or came; None where nobody knows.
    """
    names = knowledge.namespaces
    gone, come = partitions.difference(store, before, changed, names.base)
    graph = names.graph(VOID_GRAPH)
    grown = replace_in_union(store, removed := _quads(graph, gone), added := _quads(graph, come))
    node = ox.NamedNode(names.graph(REIFIED_GRAPH))
    among = None if changed is None else reifiers.affected(store, before, changed, names.base)
    subjects = [None] if among is None else among
    held = {quad for subject in subjects for quad in store.quads_for_pattern(subject, None, None, node)}
    wanted = set(_quads(node.value, reifiers.statements(store, names.base, among)))
    for quad in held - wanted:
        store.remove(quad)
    put_in(store, wanted - held)
    return [*removed, *added], grown


def _add(store: ox.Store, graph: str, triples: Iterable[ox.Triple]) -> None:
    quads = _quads(graph, triples)
    store.extend(quads)
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)


def _quads(graph: str, triples: Iterable[ox.Triple]) -> list[ox.Quad]:
    node = ox.NamedNode(graph)
    return [ox.Quad(triple.subject, triple.predicate, triple.object, node) for triple in triples]
