"""From knowledge files to a published generation: load, derive, publish."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox

from leedskg.errors import KnowledgeError
from leedskg.graph import named_graph
from leedskg.knowledge import Knowledge
from leedskg.settings import Settings
from leedskg.statements import Statements
from leedskg.store import embedded
from leedskg.store.generations import Generation, current_generation, publish
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
    """Load every knowledge file into its named graph of an empty `store`, then run the rules to their end."""
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


def derive(knowledge: Knowledge, store: ox.Store) -> int:
    """Run the rules over the union of all graphs until none adds a statement; give how many were added.

    What a file already states is not added again, so that no statement stands in two graphs.
    """
    graph = ox.NamedNode(knowledge.namespaces.graph("inferred"))
    added = 0
    for _ in range(MOST_ROUNDS):
        before = added
        for rule in knowledge.ontology.rules:
            try:
                found = store.query(rule.text, use_default_graph_as_union=True)
            except SyntaxError as error:
                raise KnowledgeError(
                    f"this rule is not valid SPARQL: {error}", path=f"ontology/rules/{rule.name}"
                ) from None
            if not isinstance(found, ox.QueryTriples):
                raise KnowledgeError("a rule has to be a CONSTRUCT query", path=f"ontology/rules/{rule.name}")
            new = {triple for triple in found if not _holds(store, triple)}
            store.extend(ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in new)
            added += len(new)
        if added == before:
            return added
    raise KnowledgeError(
        f"the rules still add statements after {MOST_ROUNDS} rounds; one feeds itself", path="ontology/rules"
    )


def _holds(store: ox.Store, triple: ox.Triple) -> bool:
    return any(store.quads_for_pattern(triple.subject, triple.predicate, triple.object))


def build(knowledge: Knowledge, state: Path, *, keep: int) -> Generation:
    """Publish the knowledge as a new generation. Readers see the old one until the new one is whole."""
    return publish(state, lambda store: load(knowledge, store) and None, _metadata(knowledge), keep=keep)


def build_on_server(knowledge: Knowledge, settings: Settings) -> RemoteGeneration:
    """Publish the knowledge on the server of the settings.

    The rules run here, as for the embedded store, so that engines differ in answering alone. Raises KnowledgeError
    when another publishes there, StoreDownError and StoreError.
    """
    with closing(connect(settings)) as server:
        read_register(server, settings.base)  # before the work: a server that is down is better told at once
        store = ox.Store()
        load(knowledge, store)
        embedded.unite(store)
        grace = settings.query_timeout + _MOMENT
        return publish_to(
            server, settings.base, store, _metadata(knowledge), keep=settings.keep_generations, grace=grace
        )


def publish_knowledge(knowledge: Knowledge, settings: Settings) -> Generation | RemoteGeneration:
    """Publish the knowledge where the settings say: in the state folder, or on a server."""
    if settings.store:
        return build_on_server(knowledge, settings)
    return build(knowledge, settings.state_path, keep=settings.keep_generations)


def published(settings: Settings) -> Generation | RemoteGeneration:
    """What readers see, where the settings say. Raises KnowledgeError when it is nothing, and StoreError."""
    if not settings.store:
        return current_generation(settings.state_path)
    with closing(connect(settings)) as server:
        return read_current(server, settings.base)


def _metadata(knowledge: Knowledge) -> dict[str, str]:
    return {"knowledge": knowledge.digest, "program": version("leedskg")}


def is_current(settings: Settings, knowledge_digest: str) -> bool:
    """Whether what is published was built by this version of the program from files with this digest."""
    try:
        metadata = published(settings).metadata
    except KnowledgeError:
        return False
    return (metadata.get("knowledge"), metadata.get("program")) == (knowledge_digest, version("leedskg"))
