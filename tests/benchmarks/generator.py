"""A million statements of our own model, made up: `python -m tests.benchmarks.generator --statements 1000000 --out F`.

The same seed and number give the same statements, in named graphs as a published generation has them: what is stated
is made a record at a time, and the rules of the ontology derive the rest. What is made up grows as real networks do:
who has many relationships gets more, so a few bodies and places are in thousands.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from leedskg.files import knowledge_root
from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.ontology import Ontology, read_ontology
from leedskg.publishing import load
from leedskg.statements import Statements
from leedskg.store.generations import Generation, publish
from tests.benchmarks.made_up import MadeUp
from tests.benchmarks.model import read_model

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SEED = 1
NAMES = Namespaces()
#: The part of a generation that is stated; a test holds it to what the rules derive.
STATED = 0.52


def records(statements: int, seed: int = SEED, ontology: Ontology | None = None) -> Iterator[str]:
    """Yield N-Quads, a record at a time, until `statements` are stated; the last record is whole.

    No statement is given twice. The ontology's own statements are not among them, nor what is derived.
    """
    made_up = MadeUp(read_model(ontology or read_ontology(knowledge_root(), NAMES)), seed)
    given = 0
    for record in made_up.records():
        yield "".join(record)
        given += len(record)
        if given >= statements:
            return


def quads(statements: int, seed: int = SEED) -> Iterator[ox.Quad]:
    """Yield the same as quads of pyoxigraph."""
    for record in records(statements, seed):
        yield from ox.parse(record.encode(), format=ox.RdfFormat.N_QUADS)


def fill(store: ox.Store, statements: int, seed: int = SEED) -> None:
    """Fill an empty store with about so many statements, stated and derived, and with the ontology and the shapes."""
    knowledge = read_knowledge(knowledge_root(), NAMES, Statements.of([]))
    made = records(int(statements * STATED), seed, knowledge.ontology)
    store.bulk_load(input=io.BufferedReader(_Stream(made), buffer_size=1 << 16), format=ox.RdfFormat.N_QUADS)
    load(knowledge, store)


def publish_made_up(state: Path, statements: int, seed: int = SEED) -> Generation:
    """Publish them as the next generation of a state folder, for `leedskg --state FOLDER serve`."""
    known = {"made up": f"{statements} statements, seed {seed}"}
    return publish(state, lambda store: fill(store, statements, seed), known, keep=2)


class _Stream(io.RawIOBase):
    """Records as a file that is read from."""

    def __init__(self, made: Iterator[str]) -> None:
        self._made = made
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        into = memoryview(buffer).cast("B")
        self._rest = self._rest or next(self._made, "").encode()
        length = min(len(into), len(self._rest))
        into[:length], self._rest = self._rest[:length], self._rest[length:]
        return length


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.generator", description=__doc__)
    parser.add_argument("--statements", type=int, default=1_000_000, help="about how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", help="an N-Quads file to write, or - for standard output")
    where.add_argument("--state", type=Path, help="a state folder to publish a generation in")
    options = parser.parse_args()
    begun = time.perf_counter()
    if options.state:
        generation = publish_made_up(options.state, options.statements, options.seed)
        said = f"generation {generation.number} in {options.state}: {generation.statements:,} statements"
    else:
        store = ox.Store()
        fill(store, options.statements, options.seed)
        store.dump(sys.stdout.buffer if options.out == "-" else options.out, format=ox.RdfFormat.N_QUADS)
        said = f"{options.out} is written"
    print(f"{said} ({time.perf_counter() - begun:.1f} s)", file=sys.stderr)


if __name__ == "__main__":
    main()
