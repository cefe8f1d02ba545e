"""The statements that go and those that come between two states of the graph, as RDF Patch.

A line `D` takes a statement out of its graph and a line `A` puts one in; the default graph, which is the union of the
others (decision 0008), is left to whoever replays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

MEDIA_TYPE = "application/rdf-patch"


@dataclass(frozen=True)
class Patch:
    """What goes and what comes, each in the order of its text."""

    removed: tuple[ox.Quad, ...] = ()
    added: tuple[ox.Quad, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)

    def without(self, graphs: Collection[str]) -> Patch:
        """Return the patch without what it does to some graphs, by their names."""

        def kept(quads: Iterable[ox.Quad]) -> tuple[ox.Quad, ...]:
            return tuple(quad for quad in quads if getattr(quad.graph_name, "value", "") not in graphs)

        return Patch(kept(self.removed), kept(self.added))


def patch_between(before: ox.Store | None, after: ox.Store) -> Patch:
    """Compare two stores whole; None is the empty one."""
    if before is None:
        return _ordered((), _named(after))
    gone = (quad for quad in _named(before) if quad not in after)
    return _ordered(gone, (quad for quad in _named(after) if quad not in before))


def patch_of(touched: Iterable[ox.Quad], before: ox.Store, after: ox.Store) -> Patch:
    """Compare two stores in the quads that may differ: what a change has touched."""
    gone, come = [], []
    for quad in set(touched):
        if isinstance(quad.graph_name, ox.DefaultGraph):
            continue
        was, is_now = quad in before, quad in after
        if was and not is_now:
            gone.append(quad)
        elif is_now and not was:
            come.append(quad)
    return _ordered(gone, come)


def patch_lines(patch: Patch) -> Iterator[str]:
    """Yield the lines of a patch, what goes first."""
    yield "TX .\n"
    yield from (f"D {quad} .\n" for quad in patch.removed)
    yield from (f"A {quad} .\n" for quad in patch.added)
    yield "TC .\n"


def _named(store: ox.Store) -> Iterable[ox.Quad]:
    """Yield the quads of the named graphs, but for statements about statements, which RDF 1.1 has no form for."""
    return (
        quad for quad in store
        if not isinstance(quad.graph_name, ox.DefaultGraph) and not isinstance(quad.object, ox.Triple)
    )  # fmt: skip


def _ordered(gone: Iterable[ox.Quad], come: Iterable[ox.Quad]) -> Patch:
    return Patch(tuple(sorted(gone, key=str)), tuple(sorted(come, key=str)))
