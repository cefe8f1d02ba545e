"""Publishing on a server: everything is written beside what readers see, counted, and then named current in one step.

A publisher first says in the register which graphs it will write and until when it may be taken to be alive, and says
so again as it goes. Another that sees this stops. What a publisher that died has left is known from there, and the
next publication removes it. Two that begin in the same moment both stop. This rests on a server that shows a confirmed
change to every later query, and on clocks that agree within a minute; where they do not, two may publish at once, and
then readers agree on one of the two, each of which is whole: a publisher counts its graphs, and looks whether it is
still in the register, before it names its generation current.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pyoxigraph as ox

from leedskg.errors import KnowledgeError, LeedskgError
from leedskg.store.remote.connection import CHANGE, Server
from leedskg.store.remote.register import (
    UNION,
    RemoteGeneration,
    Underway,
    forget,
    mark_of,
    note,
    now,
    read_register,
)

#: How long a publisher is taken to be alive after it last said so: longer than its longest single step.
_ALIVE = timedelta(seconds=CHANGE * 1.5)
#: Bytes of N-Triples that are sent at once.
_PART = 4 * 2**20
#: Seconds that counting a graph may take.
_COUNTING = 60.0
#: Makes what belongs to a generation, and is not on the server.
Complete = Callable[[RemoteGeneration], object]
_COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"


def publish_to(  # noqa: PLR0913 - a place, what is to be there, and how long the old stays
    server: Server,
    base: str,
    store: ox.Store,
    metadata: Mapping[str, Any],
    *,
    keep: int,
    grace: float,
    complete: Complete = lambda _: None,
) -> RemoteGeneration:
    """Publish what a united `store` holds as a new generation; readers see the old one until the new one is whole.

    `complete` is called with the generation when the server holds it and before it is current; where that raises,
    nothing is published. Of older ones the last `keep - 1` stay, and those that were current less than `grace` seconds
    ago, for queries on them may still run.

    Raises KnowledgeError when another publishes, or when the server does not hold what was sent; StoreDownError and
    StoreError.
    """
    seen = read_register(server, base)
    _give_way(seen.underway)
    numbers = [each.number for each in seen.published] + [each.number for each in seen.underway]
    number = max(numbers, default=0) + 1
    publication = _Publication(server, base, number, store)
    publication.announce()
    try:
        others = [each for each in read_register(server, base).underway if each.token != publication.token]
        _give_way(others)
        _sweep(server, base, others)
        generation = publication.write(metadata, complete)
    except BaseException:
        if not publication.is_named:
            publication.withdraw()
        raise
    forget(server, base, publication.token, "underway")
    _drop_old(server, base, keep, grace)
    return generation


def _give_way(underway: tuple[Underway, ...] | list[Underway]) -> None:
    alive = [each for each in underway if each.until > now()]
    if alive:
        until = alive[0].until.astimezone().strftime("%H:%M:%S")
        raise KnowledgeError(
            f"another leedskg is publishing on the store ({alive[0].by}); try again when it has finished, "
            f"or after {until} should it have died"
        )


def _sweep(server: Server, base: str, dead: list[Underway]) -> None:
    """Remove what publishers that died have left; what one of them named current before it died is good, and stays."""
    good = {each.token for each in read_register(server, base).published}
    for each in dead:
        if each.token in good:
            forget(server, base, each.token, "underway")
        else:
            _remove(server, base, each.token, each.graphs)


class _Publication:
    def __init__(self, server: Server, base: str, number: int, store: ox.Store) -> None:
        self._server = server
        self._base = base
        self._number = number
        self._store = store
        self.token = secrets.token_hex(8)
        #: Whether it may be current: then readers may have it, though the server's word for that be lost.
        self.is_named = False
        graphs = sorted(str(graph.value) for graph in store.named_graphs() if isinstance(graph, ox.NamedNode))
        foreign = [name for name in graphs if not name.startswith(base)]
        if foreign:
            raise KnowledgeError(f"the graph <{foreign[0]}> is not under {base}, so it cannot be published there")
        self._graphs = {name: ox.NamedNode(name) for name in graphs}
        mark = mark_of(number, self.token)
        self._stored = tuple(name + mark for name in (*graphs, base + UNION))

    def announce(self) -> None:
        """Say what is being written, and that we are alive."""
        said = {
            "number": self._number,
            "until": (now() + _ALIVE).isoformat(),
            "graphs": [name.removeprefix(self._base) for name in self._stored],
            "by": f"{socket.gethostname()}, process {os.getpid()}",
        }
        note(self._server, self._base, self.token, "underway", said)

    def write(self, metadata: Mapping[str, Any], complete: Complete) -> RemoteGeneration:
        """Write every graph, count it, have what belongs to it made, and name the generation current."""
        last = now()
        counts = {}
        sources: list[tuple[str, ox.NamedNode | ox.DefaultGraph]] = [*self._graphs.items()]
        sources.append((self._base + UNION, ox.DefaultGraph()))
        for (name, source), stored in zip(sources, self._stored, strict=True):
            is_first = True
            for part in _parts(self._store, source):
                last = self._renewed(last)
                self._server.write_graph(stored, part, replace=is_first)
                is_first = False
            counts[name] = sum(1 for _ in self._store.quads_for_pattern(None, None, None, source))
            self._count(name, stored, counts[name])
        statements = counts.pop(self._base + UNION)
        built_at = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        generation = RemoteGeneration(
            self._base, self._number, self.token, built_at, statements, dict(metadata), counts
        )  # fmt: skip
        self.announce()
        complete(generation)
        if all(each.token != self.token for each in read_register(self._server, self._base).underway):
            raise KnowledgeError("another leedskg took this publication for dead and removed it; publish again")
        said = {
            "number": self._number,
            "built_at": built_at,
            "statements": statements,
            "metadata": dict(metadata),
            "graphs": {name.removeprefix(self._base): count for name, count in counts.items()},
        }
        self.is_named = True
        note(self._server, self._base, self.token, "published", said)
        return generation

    def _renewed(self, last: datetime) -> datetime:
        if now() - last < _ALIVE / 4:
            return last
        self.announce()
        return now()

    def _count(self, name: str, stored: str, sent: int) -> None:
        rows = self._server.rows(_COUNT, stored, _COUNTING)
        held = int(rows[0]["n"])
        if held != sent:
            raise KnowledgeError(
                f"the store holds {held:,} of the {sent:,} statements of <{name}>; nothing was published"
            )

    def withdraw(self) -> None:
        """Remove what was written. A server that is down keeps it; the next publication removes it then."""
        with suppress(LeedskgError):  # the error that brought us here is the one to tell
            _remove(self._server, self._base, self.token, self._stored)


def _parts(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[bytes]:
    """Yield the N-Triples of a graph, in parts of whole lines.

    Statements about blank nodes stay together in one part, for a blank node's name holds within what is sent at once.
    """
    written = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph) or b""
    if len(written) > _PART:
        lines = written.splitlines(keepends=True)
        blank = [line for line in lines if line.startswith(b"_:") or b" _:" in line]
        if blank:
            yield b"".join(blank)
            written = b"".join(line for line in lines if not (line.startswith(b"_:") or b" _:" in line))
    start = 0
    while start < len(written):
        end = len(written)
        if end - start > _PART:
            end = written.rindex(b"\n", start, start + _PART) + 1 if b"\n" in written[start : start + _PART] else end
        yield written[start:end]
        start = end


def _drop_old(server: Server, base: str, keep: int, grace: float) -> None:
    """Remove generations that are neither among the last nor were current a moment ago."""
    generations = sorted(read_register(server, base).published, key=lambda each: (each.number, each.token))
    for generation, following in list(pairwise(generations))[: max(0, len(generations) - keep)]:
        if now() - datetime.fromisoformat(following.built_at) < timedelta(seconds=grace):
            continue
        stored = (*map(generation.stored, generation.graphs), generation.union)
        # Noted as left over first: should we die here, the next publication knows what to remove.
        said = {
            "number": generation.number,
            "until": now().isoformat(),
            "graphs": [name.removeprefix(base) for name in stored],
            "by": "removal",
        }
        note(server, base, generation.token, "underway", said)
        forget(server, base, generation.token, "published")
        _remove(server, base, generation.token, stored)


def _remove(server: Server, base: str, token: str, graphs: tuple[str, ...]) -> None:
    for name in graphs:
        server.update(f"DROP SILENT GRAPH <{name}>")
    forget(server, base, token, "underway")
