"""What is measured on: statements made up in the model's shape, the knowledge files, or a folder of RDF."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from leedskg.files import knowledge_root
from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.publishing import build
from leedskg.store.generations import Generation, publish
from tests.benchmarks.generator import publish_made_up

NAMES = Namespaces()


@dataclass(frozen=True)
class Built:
    """A generation, and the seconds that it took to build."""

    generation: Generation
    seconds: float


def built_from(source: str, statements: int, state: Path) -> Built:
    """Publish the data that `source` names (`generated`, `knowledge` or a folder), and time it."""
    started = time.perf_counter()
    if source == "knowledge":
        generation = build(read_knowledge(knowledge_root(), NAMES), state, keep=2)
    elif source == "generated":
        generation = publish_made_up(state, statements)
    else:
        generation = publish(state, lambda store: _load(store, Path(source)), {}, keep=2)
    return Built(generation, time.perf_counter() - started)


def _load(store: ox.Store, folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if path.suffix in {".nq", ".nt", ".ttl", ".trig"}:
            store.bulk_load(path=str(path), to_graph=None)


def union_file(generation: Generation, folder: Path) -> Path:
    """The generation's statements as one N-Triples file, which the other servers read."""
    path = folder / "data.nt"
    store = ox.Store.read_only(str(generation.path))
    store.dump(str(path), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    return path
