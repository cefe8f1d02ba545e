"""A small published graph, for the tests of the store, the endpoint and the server."""

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox

from leedskg.settings import Settings
from leedskg.store.generations import Generation, publish

EX = "http://example.org/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


def name(local: str) -> ox.NamedNode:
    return ox.NamedNode(EX + local)


def people(store: ox.Store) -> None:
    """Two graphs that share a statement: Ada, Bea and Cy, and who knows whom."""
    one, two = name("graph/one"), name("graph/two")
    store.extend(
        [
            ox.Quad(name("ada"), ox.NamedNode(LABEL), ox.Literal("Ada, “the first”\nof three", language="en"), one),
            ox.Quad(name("ada"), name("age"), ox.Literal(36), one),
            ox.Quad(name("ada"), name("knows"), name("bea"), one),
            ox.Quad(name("ada"), name("knows"), name("bea"), two),
            ox.Quad(name("bea"), name("knows"), name("cy"), two),
        ]
    )


def numbers(count: int) -> Callable[[ox.Store], None]:
    """As many statements as asked, of a few predicates: enough for a query that runs away."""

    def fill(store: ox.Store) -> None:
        store.bulk_extend(
            ox.Quad(name(f"s{i // 4}"), name(f"p{i % 4}"), ox.Literal(f"a value of some length, number {i}"), name("g"))
            for i in range(count)
        )

    return fill


def published(state: Path, fill: Callable[[ox.Store], None] = people, **metadata: str) -> Generation:
    return publish(state, fill, metadata, keep=2)


def settings_for(state: Path, **options: int | float) -> Settings:
    return Settings(state=str(state), ledger=str(state / "ledger"), **({"workers": 1} | options))  # type: ignore[arg-type]


#: Never ends in time, uses little memory, and gives no row on the way.
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?c = ?l && ?a != ?j) }"
