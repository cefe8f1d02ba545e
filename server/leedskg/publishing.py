"""From knowledge files to a published generation: load, derive, work out what belongs to it, publish.

A generation is complete before it is current: `artefacts` are written into its folder before readers are told of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from leedskg import artefacts, selfdescription
from leedskg.changes import ChangeLog, changed_records, patch_between, patch_of
from leedskg.derivation import Around, WholeNeededError, in_memory, run_rules
from leedskg.errors import KnowledgeError
from leedskg.graph import named_graph, with_lasting_blank_nodes
from leedskg.importers.derive import Derivation
from leedskg.importers.origin import origins_in
from leedskg.importers.registry import source_named
from leedskg.knowledge import Knowledge
from leedskg.matching import judgements_of
from leedskg.matching.bodies import BodyMatcher
from leedskg.namespaces import SELF_DESCRIPTION, Namespaces
from leedskg.network.change import touches_network
from leedskg.settings import Settings
from leedskg.statements import Statements
from leedskg.store.embedded import StoreReader, only_writer, replace_in_union, unite
from leedskg.store.generations import Generation, current_generation, publish_held, publish_upon_held
from leedskg.store.remote.connection import connect
from leedskg.store.remote.publication import publish_to
from leedskg.store.remote.register import RemoteGeneration, read_current, read_register

#: Seconds that a reader on a server may go on with a generation that is no longer current, beside a query's time.
_MOMENT = 10.0

#: Is told each step of a publication, in words that complete “…, since 12 seconds”.
Tell = Callable[[str], None]


def silent(_step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Loaded:
    """How many statements were loaded and derived."""

    stated: int
    derived: int


def load(knowledge: Knowledge, store: ox.Store) -> Loaded:
    """Load every knowledge file into its named graph of a new `store`, then run the rules to their end."""
    for statements in (knowledge.ontology.statements, knowledge.graph.statements, knowledge.shapes):
        store.extend(_quads(statements, knowledge))
    load_imports(knowledge, store)
    stated = len(store)
    derived = derive(knowledge, store)
    return Loaded(stated, derived)


def _quads(statements: Statements, knowledge: Knowledge) -> list[ox.Quad]:
    quads: list[ox.Quad] = []
    for file in statements.files:
        graph = named_graph(knowledge.namespaces, file.name)
        quads.extend(
            ox.Quad(triple.subject, triple.predicate, triple.object, graph)
            for triple in with_lasting_blank_nodes(file.triples, file.name)
        )
    return quads


def load_imports(knowledge: Knowledge, store: ox.Store) -> None:
    """Load what is derived from the records of imports, each source into a graph of its own."""
    if not knowledge.imports:
        return
    known = BodyMatcher(knowledge.graph, judgements_of(knowledge))
    described: set[str] = set()
    taken = {name.casefold() for entity in knowledge.graph.entities() for name in knowledge.graph.names(entity)}
    had_on = {each.source: each.origin.had_on for each in origins_in(knowledge.graph.statements, knowledge.namespaces)}
    for table in knowledge.imports:
        register = source_named(table.source).about.register
        made = Derivation(
            table.source, register, had_on.get(table.source, "1970-01-01"), knowledge.ontology, known.resolve,
            known.numbers, described, taken,
        )  # fmt: skip
        graph = ox.NamedNode(knowledge.namespaces.graph(f"source/{table.source}"))
        triples = chain(made.agent(), chain.from_iterable(made.of(record) for record in table.records()))
        store.bulk_extend(ox.Quad(each.subject, each.predicate, each.object, graph) for each in triples)


def derive(knowledge: Knowledge, store: ox.Store) -> int:
    """Run the rules over all graphs of `store` until they derive nothing new; give how many statements that were.

    What a file already states is not added again, so that no statement stands in two graphs.
    """
    graph = ox.NamedNode(knowledge.namespaces.graph("inferred"))
    found = run_rules(knowledge, in_memory(quad.triple for quad in store))
    store.bulk_extend(ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in found)
    return len(found)


def _derive_anew(knowledge: Knowledge, store: ox.Store) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """Find which derived statements of a united store have to go, and which are missing."""
    names = knowledge.namespaces
    inferred = ox.NamedNode(names.graph("inferred"))
    aside = {inferred, *(ox.NamedNode(names.graph(each)) for each in SELF_DESCRIPTION)}
    graphs = [graph for graph in store.named_graphs() if graph not in aside]
    stated = (quad.triple for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph))
    found = run_rules(knowledge, in_memory(stated))
    held = set(store.quads_for_pattern(None, None, None, inferred))
    missing = []
    while found:  # taken from its end, so that one of the two is in memory
        triple = found.pop()
        quad = ox.Quad(triple.subject, triple.predicate, triple.object, inferred)
        if quad in held:
            held.remove(quad)
        else:
            missing.append(quad)
    return list(held), missing


@dataclass(frozen=True)
class LedgerMark:
    """Up to which step of which ledger a state of the graph goes; empty for the knowledge files alone.

    `head` is the digest of all steps so far: the same files and the same head, the same graph.
    """

    ledger: str = ""
    steps: int = 0
    head: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the mark for the metadata of a generation."""
        return {"ledger": self.ledger, "steps": self.steps, "head": self.head}


def mark_of(generation: Generation | RemoteGeneration) -> LedgerMark:
    """Return the mark of a generation."""
    return LedgerMark(**generation.metadata.get("ledger", {}))


def log_change(
    names: Namespaces, state: Path, states: tuple[Generation | None, Generation, ox.Store],
    touched: Iterable[ox.Quad] | None, causes: Sequence[str],
) -> None:  # fmt: skip
    """Log what leads from one generation to the next, which `states` are, with the store of the next.

    It is looked for in what was `touched`, or in everything where that is not known.
    """
    base, generation, store = states
    log, own = ChangeLog(state), {names.graph(each) for each in SELF_DESCRIPTION}
    if base is None or not log.follows(base):
        patch = patch_between(None, store)
        log.write(generation, causes, (), patch, told=patch.without(own), whole=True)
        return
    before = ox.Store.read_only(str(base.path))
    patch = patch_between(before, store) if touched is None else patch_of(touched, before, store)
    log.write(generation, causes, changed_records(patch, before, store, names), patch, told=patch.without(own))


def _base(state: Path) -> Generation | None:
    try:
        return current_generation(state)
    except KnowledgeError:
        return None


def build(
    knowledge: Knowledge, state: Path, *, keep: int, mark: LedgerMark | None = None, provenance: Sequence[ox.Quad] = ()
) -> Generation:
    """Publish the knowledge as a new generation. Readers see the old one until the new one is whole.

    `provenance` is what the ledger says of the contributions that the knowledge includes up to `mark`.
    """
    with only_writer(state):
        return build_held(knowledge, state, keep=keep, mark=mark, provenance=provenance)


def build_held(  # noqa: PLR0913 - what, where, and who is told
    knowledge: Knowledge, state: Path, *, keep: int, mark: LedgerMark | None = None, provenance: Sequence[ox.Quad] = (),
    tell: Tell = silent, causes: Sequence[str] = (),
) -> Generation:  # fmt: skip
    """Do what `build` does, for a caller that holds the right to write.

    `tell` is called with each step; `causes` say in words what led to this publication, for the log of changes.
    """
    base = _base(state)

    def fill(store: ox.Store) -> None:
        tell("loading the statements and deriving others from them")
        store.extend(provenance)
        load(knowledge, store)

    def complete(store: ox.Store, generation: Generation, folder: Path) -> None:
        reader = StoreReader(store, generation)
        artefacts.build(reader, knowledge.namespaces, artefacts.folder_in(folder), tell=tell)
        tell("noting what changed")
        log_change(knowledge.namespaces, state, (base, generation, store), None, causes)

    def describe(store: ox.Store) -> None:
        tell("describing the graph in itself")
        selfdescription.write(store, knowledge)

    return publish_held(state, fill, _metadata(knowledge, mark), keep=keep, describe=describe, complete=complete)


def amend_held(  # noqa: PLR0913 - a state of the graph and the way to it
    knowledge: Knowledge, state: Path, base: Generation, removed: Iterable[ox.Quad], added: Iterable[ox.Quad], *,
    keep: int, mark: LedgerMark, tell: Tell = silent, causes: Sequence[str] = (),
) -> Generation:  # fmt: skip
    """Publish what `base` becomes by some quads that go and some that come, with what the rules derive from it.

    Artefacts that the change does not touch are shared with `base`. The result is the one that `build` gives for the
    same knowledge. The caller holds the right to write, and answers for `base` being the current generation and the
    quads being all that differs.
    """
    gone, come = list(removed), list(added)
    touched = [*gone, *come]
    same = not touches_network(gone, come, ox.Store.read_only(str(base.path)), knowledge.namespaces)

    def change(store: ox.Store) -> int:
        tell("adding the change and deriving what follows from it")
        inferred = ox.NamedNode(knowledge.namespaces.graph("inferred"))
        around = Around((rule.text for rule in knowledge.ontology.rules), inferred, store)
        grown = 0
        try:
            around.change(gone, come)
        except WholeNeededError:
            grown = replace_in_union(store, gone, come)
            went, came = _derive_anew(knowledge, store)
            grown += replace_in_union(store, went, came)
            touched.extend((*went, *came))
        touched.extend(around.touched)
        tell("describing the graph in itself")
        earlier = ox.Store.read_only(str(base.path))
        described, more = selfdescription.follow(store, earlier, touched, knowledge)
        touched.extend(described)
        return around.grown + grown + more

    def complete(store: ox.Store, generation: Generation, folder: Path) -> None:
        reader = StoreReader(store, generation)
        since = artefacts.EarlierGeneration(artefacts.folder_in(base.path), store, touched, same)
        artefacts.build(reader, knowledge.namespaces, artefacts.folder_in(folder), since=since, tell=tell)
        log_change(knowledge.namespaces, state, (base, generation, store), touched, causes)

    # What is derived of imports is as it was in `base`, and so are the judgements that it follows.
    metadata = _metadata(knowledge, mark) | {"judged": base.metadata.get("judged", "")}
    return publish_upon_held(state, base, change, metadata, keep=keep, complete=complete)


def build_on_server(
    knowledge: Knowledge, settings: Settings, *, mark: LedgerMark | None = None, provenance: Sequence[ox.Quad] = (),
    tell: Tell = silent,
) -> RemoteGeneration:  # fmt: skip
    """Publish the knowledge on the server of the settings.

    The rules run here, as for the embedded store, so that engines differ in answering alone; what is worked out of the
    graph is kept in the state folder. Raises KnowledgeError
    when another publishes there, StoreDownError and StoreError.
    """
    with closing(connect(settings)) as server:
        read_register(server, settings.base)  # before the work: a server that is down is better told at once
        tell("loading the statements and deriving others from them")
        store = ox.Store()
        store.extend(provenance)
        load(knowledge, store)
        unite(store)
        selfdescription.write(store, knowledge, reify=False)  # servers elsewhere hold RDF 1.1

        def complete(generation: RemoteGeneration) -> None:
            folder = artefacts.folder_for(settings.state_path, generation)
            artefacts.build(StoreReader(store, generation), settings.namespaces, folder, tell=tell)

        tell("sending the statements to the server")
        grace = settings.query_timeout + _MOMENT
        keep = settings.keep_generations
        metadata = _metadata(knowledge, mark)
        generation = publish_to(
            server, settings.base, store, metadata, keep=keep, grace=grace, complete=complete
        )  # fmt: skip
        artefacts.drop_old(settings.state_path)
        return generation


def published(settings: Settings) -> Generation | RemoteGeneration:
    """Return what readers see, where the settings say. Raises KnowledgeError when it is nothing, and StoreError."""
    if not settings.store:
        return current_generation(settings.state_path)
    with closing(connect(settings)) as server:
        return read_current(server, settings.base)


def judged_digest(text: str | None) -> str:
    """Return a digest of the judgements on names that a ledger adds; nothing where it adds none."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def _metadata(knowledge: Knowledge, mark: LedgerMark | None) -> dict[str, Any]:
    known = {
        "judged": judged_digest(knowledge.judged),
        "knowledge": knowledge.digest,
        "program": version("leedskg"),
        "artefacts": artefacts.FORMAT,
    }
    return known | ({"ledger": mark.as_dict()} if mark and mark.head else {})


def is_current(settings: Settings, knowledge_digest: str, head: str = "") -> bool:
    """Return whether this program built what is published, from files of this digest, with steps up to this head."""
    try:
        generation = published(settings)
    except KnowledgeError:
        return False
    return is_of(generation, knowledge_digest, head)


def is_of(generation: Generation | RemoteGeneration, knowledge_digest: str, head: str) -> bool:
    """Return whether a generation was built by this program from files with this digest, with steps up to this head."""
    metadata = generation.metadata
    found = (*(metadata.get(name) for name in ("knowledge", "program", "artefacts")), mark_of(generation).head)
    return found == (knowledge_digest, version("leedskg"), artefacts.FORMAT, head)
