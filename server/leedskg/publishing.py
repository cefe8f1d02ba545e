"""From knowledge files to a published generation: load, derive, publish."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from leedskg.derivation import Around, WholeNeededError
from leedskg.errors import KnowledgeError
from leedskg.graph import named_graph
from leedskg.knowledge import Knowledge
from leedskg.network import network_of
from leedskg.network.change import touches_network
from leedskg.settings import Settings
from leedskg.statements import Statements
from leedskg.store.embedded import only_writer, replace_in_union, unite
from leedskg.store.generations import Generation, current_generation, publish_held, publish_upon_held
from leedskg.store.remote import RemoteGeneration, connect, publish_to, read_current, read_register

#: More rounds than any chain of rules needs: after so many, a rule feeds itself.
MOST_ROUNDS = 20
#: Seconds that a reader on a server may go on with a generation that is no longer current, beside a query's time.
_MOMENT = 10.0


@dataclass(frozen=True)
class Loaded:
    """How many statements were loaded and derived."""

    stated: int
    derived: int


def load(knowledge: Knowledge, store: ox.Store) -> Loaded:
    """Load every knowledge file into its named graph of a new `store`, then run the rules to their end."""
    for statements in (knowledge.ontology.statements, knowledge.graph.statements, knowledge.shapes):
        store.extend(_quads(statements, knowledge))
    stated = len(store)
    derived = derive(knowledge, store)
    return Loaded(stated, derived)


def _quads(statements: Statements, knowledge: Knowledge) -> list[ox.Quad]:
    quads: list[ox.Quad] = []
    for file in statements.files:
        graph = named_graph(knowledge.namespaces, file.name)
        quads.extend(ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in file.triples)
    return quads


def derive(knowledge: Knowledge, store: ox.Store, *, united: bool = False) -> int:
    """Run the rules over the union of all graphs until none adds a statement; give how many were added.

    What a file already states is not added again, so that no statement stands in two graphs. In a `united` store the
    default graph is the union: it is what the rules read, and what they derive goes there as well.
    """
    graph = ox.NamedNode(knowledge.namespaces.graph("inferred"))
    added = 0
    for _ in range(MOST_ROUNDS):
        before = added
        for rule in knowledge.ontology.rules:
            try:
                found = store.query(rule.text, use_default_graph_as_union=not united)
            except SyntaxError as error:
                raise KnowledgeError(
                    f"this rule is not valid SPARQL: {error}", path=f"ontology/rules/{rule.name}"
                ) from None
            if not isinstance(found, ox.QueryTriples):
                raise KnowledgeError("a rule has to be a CONSTRUCT query", path=f"ontology/rules/{rule.name}")
            new = {triple for triple in found if not _holds(store, triple)}
            store.extend(ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in new)
            if united:
                store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in new)
            added += len(new)
        if added == before:
            return added
    raise KnowledgeError(
        f"the rules still add statements after {MOST_ROUNDS} rounds; one feeds itself", path="ontology/rules"
    )


def _holds(store: ox.Store, triple: ox.Triple) -> bool:
    return any(store.quads_for_pattern(triple.subject, triple.predicate, triple.object))


@dataclass(frozen=True)
class Mark:
    """Up to which step of which ledger a state of the graph goes; empty for the knowledge files alone.

    `head` is the digest of all steps so far: the same files and the same head, the same graph.
    """

    ledger: str = ""
    steps: int = 0
    head: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The mark for the metadata of a generation."""
        return {"ledger": self.ledger, "steps": self.steps, "head": self.head}


def mark_of(generation: Generation | RemoteGeneration) -> Mark:
    """The mark of a generation."""
    return Mark(**generation.metadata.get("ledger", {}))


def build(
    knowledge: Knowledge, state: Path, *, keep: int, mark: Mark | None = None, provenance: Sequence[ox.Quad] = ()
) -> Generation:
    """Publish the knowledge as a new generation. Readers see the old one until the new one is whole.

    `provenance` is what the ledger says of the contributions that the knowledge includes up to `mark`.
    """
    with only_writer(state):
        return build_held(knowledge, state, keep=keep, mark=mark, provenance=provenance)


def build_held(
    knowledge: Knowledge, state: Path, *, keep: int, mark: Mark | None = None, provenance: Sequence[ox.Quad] = ()
) -> Generation:
    """`build` for a caller that holds the right to write."""

    def fill(store: ox.Store) -> None:
        store.extend(provenance)
        load(knowledge, store)

    return publish_held(state, fill, _metadata(knowledge, mark), keep=keep)


def amend_held(  # noqa: PLR0913 - a state of the graph and the way to it
    knowledge: Knowledge, state: Path, base: Generation, removed: Iterable[ox.Quad], added: Iterable[ox.Quad], *,
    keep: int, mark: Mark,
) -> Generation:  # fmt: skip
    """Publish what `base` becomes by some quads that go and some that come, with what the rules derive from it.

    The result is the one that `build` gives for the same knowledge. The caller holds the right to write, and answers
    for `base` being the current generation and the quads being all that differs.
    """
    gone, come = list(removed), list(added)
    same = not touches_network(gone, come, ox.Store.read_only(str(base.path)), knowledge.namespaces)

    def change(store: ox.Store) -> int:
        inferred = ox.NamedNode(knowledge.namespaces.graph("inferred"))
        around = Around((rule.text for rule in knowledge.ontology.rules), inferred, store)
        try:
            around.change(gone, come)
        except WholeNeededError:
            before = list(store.quads_for_pattern(None, None, None, inferred))
            whole = replace_in_union(store, [*gone, *before], come) + derive(knowledge, store, united=True)
            return around.grown + whole
        return around.grown

    metadata = _metadata(knowledge, mark) | ({"network": network_of(base)} if same else {})
    return publish_upon_held(state, base, change, metadata, keep=keep)


def build_on_server(
    knowledge: Knowledge, settings: Settings, *, mark: Mark | None = None, provenance: Sequence[ox.Quad] = ()
) -> RemoteGeneration:
    """Publish the knowledge on the server of the settings.

    The rules run here, as for the embedded store, so that engines differ in answering alone. Raises KnowledgeError
    when another publishes there, StoreDownError and StoreError.
    """
    with closing(connect(settings)) as server:
        read_register(server, settings.base)  # before the work: a server that is down is better told at once
        store = ox.Store()
        store.extend(provenance)
        load(knowledge, store)
        unite(store)
        grace = settings.query_timeout + _MOMENT
        keep = settings.keep_generations
        return publish_to(server, settings.base, store, _metadata(knowledge, mark), keep=keep, grace=grace)


def published(settings: Settings) -> Generation | RemoteGeneration:
    """What readers see, where the settings say. Raises KnowledgeError when it is nothing, and StoreError."""
    if not settings.store:
        return current_generation(settings.state_path)
    with closing(connect(settings)) as server:
        return read_current(server, settings.base)


def _metadata(knowledge: Knowledge, mark: Mark | None) -> dict[str, Any]:
    # The name of a network that is new; a change that leaves the network as it is keeps the name.
    known = {"knowledge": knowledge.digest, "program": version("leedskg"), "network": secrets.token_hex(8)}
    return known | ({"ledger": mark.as_dict()} if mark and mark.head else {})


def is_current(settings: Settings, knowledge_digest: str, head: str = "") -> bool:
    """Whether what is published was built by this program from files with this digest, with steps up to this head."""
    try:
        generation = published(settings)
    except KnowledgeError:
        return False
    metadata = generation.metadata
    found = (metadata.get("knowledge"), metadata.get("program"), mark_of(generation).head)
    return found == (knowledge_digest, version("leedskg"), head)
