"""The graph as a supervisor and its workers hold it: on disk, and also its union in memory."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from leedskg.namespaces import REIFIED_GRAPH, Namespaces
from leedskg.sparql.protocol import projection, written
from leedskg.sparql.service import graph_store, sandbox
from leedskg.sparql.service.frames import JobError

_LONGEST_REMEMBERED = 50_000


class StoreGraph:
    """A generation, or with `writable` the scratch store, as a worker reads it.

    Most queries ask the union, and in memory joins over it took a third of the time. A query that may name
    graphs goes to the disk: to hold the named graphs too doubles the memory, and made small queries 13 times
    slower, for Oxigraph then walks past their statements. Beside a union the disk is opened when it is first needed.
    """

    is_spent = False

    def __init__(self, folder: str, union: ox.Store | None = None, *, writable: bool = False) -> None:
        self._folder = folder
        self._writable = writable
        self._union = union
        self._stored: ox.Store | None = None
        self._any_graph: list[ox.NamedNode] | None = None

    def open(self) -> None:
        """Open the disk, unless the union is in memory. Raises OSError when it cannot be read."""
        if self._union is None:
            self._disk()

    def _disk(self) -> ox.Store:
        if self._stored is None:
            self._stored = ox.Store(self._folder) if self._writable else ox.Store.read_only(self._folder)
        return self._stored

    def _of_rdf_1_1(self, base: str) -> list[ox.NamedNode] | None:
        """Return the graphs that GRAPH ?g means: all but the one of triple terms, which old clients cannot read."""
        if self._any_graph is None:
            found = [each for each in self._disk().named_graphs() if isinstance(each, ox.NamedNode)]
            self._any_graph = [each for each in found if each.value != Namespaces(base).graph(REIFIED_GRAPH)]
            if len(self._any_graph) == len(found):  # the engine is quicker without a list
                self._any_graph = []
        return self._any_graph or None

    def enter_sandbox(self, *, plain: bool) -> sandbox.SandboxState:
        """Keep this process from opening sockets, for good."""
        return sandbox.deny_sockets(plain=plain)

    def answer(self, job: dict[str, Any], parts: list[bytes], result: IO[bytes]) -> str:
        """Do what the job says and return the kind of what came of it. Raises JobError, or what the engine raises."""
        if job["do"] == "query":
            in_memory = self._union is not None and not job["graphs"]
            named = self._of_rdf_1_1(job["base"]) if job["any_graph"] and not self._writable else _named(job["named"])
            return _query(self._union if in_memory else self._disk(), job, named, result)  # type: ignore[arg-type]
        if job["do"] == "update":
            return graph_store.update(self._disk(), job)
        if job["do"] == "get":
            return graph_store.get(self._disk(), job, result)
        if job["do"] == "delete":
            return graph_store.delete(self._disk(), job)
        return graph_store.write(self._disk(), job, parts)


def _query(store: ox.Store, job: dict[str, Any], named: list[ox.NamedNode] | None, result: IO[bytes]) -> str:
    found = store.query(
        _with_columns(job["query"], job["base"]),
        base_iri=job["base"],
        default_graph=_named(job["default"]),  # type: ignore[arg-type]
        named_graphs=named,  # type: ignore[arg-type]
    )
    kind = "graph" if isinstance(found, ox.QueryTriples) else "ask" if isinstance(found, ox.QueryBoolean) else "select"
    name = format_for(kind, job)
    if isinstance(found, ox.QueryTriples):
        written.write(found, name, written.declared(job["query"], Namespaces(job["base"]).prefixes), result)
    else:
        found.serialize(result, getattr(ox.QueryResultsFormat, name))
    return kind


def format_for(kind: str, job: dict[str, Any]) -> str:
    """Return the engine's name of the format that a job wants a kind of result in. Raises JobError where it is none."""
    name: str | None = job["graph" if kind == "graph" else "table"]
    if name is None:
        raise JobError("not-acceptable", kind)
    return name


def _with_columns(query: str, base: str) -> str:
    """Return the query with the columns of its SELECT * in order; a long one is not remembered."""
    return (_ordered if len(query) <= _LONGEST_REMEMBERED else _ordered.__wrapped__)(query, base)


@lru_cache(maxsize=64)
def _ordered(query: str, base: str) -> str:
    """Ask the engine, which knows the names of the columns without any data."""
    if projection.star(query) is None:
        return query
    variables = getattr(ox.Store().query(query, base_iri=base), "variables", [])
    return projection.in_order_of_appearance(query, [each.value for each in variables])


def _named(names: list[str] | None) -> list[ox.NamedNode] | None:
    return None if names is None else [graph_store.named(name) for name in names]


def union_of(folder: str, *, plain: bool) -> ox.Store:
    """Return the union graph of a generation, in memory; it comes through a file, which the engine parses itself.

    A store on disk has threads, which a fork would lose; so a child of its own reads it. The file is one in memory,
    where the system has that. Raises OSError when the generation cannot be read.
    """
    if hasattr(os, "memfd_create") and not plain:
        descriptor = os.memfd_create("union")
        written = f"/proc/self/fd/{descriptor}"
    else:
        descriptor, written = tempfile.mkstemp(prefix="leedskg-union-")
    try:
        child = os.fork()
        if child == 0:
            _write(folder, written)
        if os.waitpid(child, 0)[1]:
            raise OSError(f"{folder} could not be read")
        union = ox.Store()
        union.load(path=written, format=ox.RdfFormat.N_TRIPLES, lenient=True)
        return union
    finally:
        os.close(descriptor)
        if not written.startswith("/proc/"):
            Path(written).unlink(missing_ok=True)


def _write(folder: str, path: str) -> None:
    """Write the union graph into a file, as a process that ends with that."""
    code = 1
    try:
        with suppress(OSError, ValueError):  # a worker that opens it finds the same, and says it
            stored = ox.Store.read_only(folder)
            stored.dump(path, format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
            code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)
