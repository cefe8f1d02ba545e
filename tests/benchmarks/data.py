"""What is measured on: the knowledge files, a folder of RDF, or statements made up in the model's shape."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from leedskg.files import knowledge_root
from leedskg.knowledge import read_knowledge
from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.publishing import build
from leedskg.store.generations import Generation, publish

NAMES = Namespaces()


@dataclass(frozen=True)
class Built:
    generation: Generation
    seconds: float


def built_from(source: str, statements: int, state: Path) -> Built:
    """Publish the data that `source` names (`knowledge`, `generated` or a folder), and time it."""
    started = time.perf_counter()
    if source == "knowledge":
        generation = build(read_knowledge(knowledge_root(), NAMES), state, keep=2)
    elif source == "generated":
        generation = publish(state, lambda store: store.bulk_extend(made_up(statements)), {}, keep=2)
    else:
        generation = publish(state, lambda store: _load(store, Path(source)), {}, keep=2)
    return Built(generation, time.perf_counter() - started)


def _load(store: ox.Store, folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if path.suffix in {".nq", ".nt", ".ttl", ".trig"}:
            store.bulk_load(path=str(path), to_graph=None)


def made_up(statements: int):
    """Organisations, and partnerships between them as assertions with participations and a derived edge."""
    chance = random.Random(1)
    graph, inferred = (ox.NamedNode(NAMES.graph(name)) for name in ("curated/made-up", "inferred"))
    a, label = ox.NamedNode(RDF_TYPE), ox.NamedNode(REUSED["skos"] + "prefLabel")
    participant, role = ox.NamedNode(NAMES.term("participant")), ox.NamedNode(REUSED["org"] + "role")
    organisations = max(2, statements // 12)
    for number in range(organisations):
        here = ox.NamedNode(NAMES.entity(f"organisation-{number}"))
        yield ox.Quad(here, a, ox.NamedNode(NAMES.term("Organisation")), graph)
        yield ox.Quad(here, label, ox.Literal(f"Organisation {number}", language="en"), graph)
        there = ox.NamedNode(NAMES.entity(f"organisation-{chance.randrange(organisations)}"))
        assertion = ox.NamedNode(f"{NAMES.base}assertion/{number:016x}")
        yield ox.Quad(assertion, a, ox.NamedNode(NAMES.term("Partnership")), graph)
        yield ox.Quad(assertion, ox.NamedNode(NAMES.term("confidence")), ox.Literal(chance.randrange(100) / 100), graph)
        for part, who in enumerate((here, there), start=1):
            participation = ox.NamedNode(f"{assertion.value}#p{part}")
            yield ox.Quad(assertion, ox.NamedNode(NAMES.term("participation")), participation, graph)
            yield ox.Quad(participation, participant, who, graph)
            yield ox.Quad(participation, role, ox.NamedNode(NAMES.concept("role", "partner")), graph)
        yield ox.Quad(here, ox.NamedNode(NAMES.term("partnerOf")), there, inferred)
        yield ox.Quad(there, ox.NamedNode(NAMES.term("partnerOf")), here, inferred)


def union_file(generation: Generation, folder: Path) -> Path:
    """The generation's statements as one N-Triples file, which the other server reads."""
    path = folder / "data.nt"
    store = ox.Store.read_only(str(generation.path))
    store.dump(str(path), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    return path


def small_queries(generation: Generation) -> dict[str, list[str]]:
    """Three kinds of query as a page or a notebook sends them: a few rows about one thing each."""
    store = ox.Store.read_only(str(generation.path))
    found = store.query("SELECT DISTINCT ?s { ?s ?p ?o FILTER(isIRI(?s)) }")
    subjects = sorted({row["s"].value for row in found})
    chosen = random.Random(2).sample(subjects, min(150, len(subjects)))
    label = f"{REUSED['skos']}prefLabel"
    patterns = {
        "all about one thing": "SELECT ?p ?o WHERE {{ <{0}> ?p ?o }}",
        "what points at it": "SELECT ?s ?p WHERE {{ ?s ?p <{0}> }} LIMIT 20",
        "labels around it": f"SELECT ?p ?l WHERE {{{{ <{{0}}> ?p ?o . ?o <{label}> ?l }}}} LIMIT 20",
    }
    return {kind: [pattern.format(subject) for subject in chosen] for kind, pattern in patterns.items()}
