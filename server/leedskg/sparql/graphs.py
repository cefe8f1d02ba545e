"""What a worker does with whole graphs, and with updates: the graph store protocol's part of its work.

Each change is one update request, and so one transaction of the engine: a worker that is killed in the middle
leaves the store as it was.
"""

from __future__ import annotations

from typing import IO, Any

import pyoxigraph as ox


class NoGraphError(Exception):
    """There is no graph of this name."""


class DataError(Exception):
    """What was sent is not the RDF that it is said to be; at a line and a column, from 1, where that is known."""

    def __init__(self, message: str, line: int | None, column: int | None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class UpdateError(Exception):
    """An update that is well-formed but cannot be done on what the store holds."""


def update(store: ox.Store, job: dict[str, Any]) -> str:
    """Do an update."""
    try:
        store.update(job["query"], base_iri=job["base"])
    except RuntimeError as error:
        if "custom function" in str(error):
            raise
        raise UpdateError(str(error)) from None
    return "changed"


def get(store: ox.Store, job: dict[str, Any], output: IO[bytes]) -> str:
    """Write a graph out."""
    graph = _graph(store, job["of"])
    store.dump(output, getattr(ox.RdfFormat, job["graph"]), from_graph=graph, prefixes=job["prefixes"])
    return "graph"


def delete(store: ox.Store, job: dict[str, Any]) -> str:
    """Remove a graph; the default graph is emptied."""
    _graph(store, job["of"])
    store.update(f"CLEAR {_name(job['of'])}" if job["of"] is None else f"DROP {_name(job['of'])}")
    return "changed"


def write(store: ox.Store, job: dict[str, Any], parts: list[bytes]) -> str:
    """Put the statements of `parts` into a graph, in the place of what it held if the job is a `put`."""
    is_new = job["of"] is not None and not store.contains_named_graph(ox.NamedNode(job["of"]))
    statements: list[str] = []
    for (engine, name), data in zip(job["parts"], parts, strict=True):
        statements += _statements(data, engine, job["of"] or job["base"], name)
    block = " .\n".join(statements)
    changes = [f"CLEAR SILENT {_name(job['of'])}"] if job["do"] == "put" else []
    if job["of"] is None:
        changes.append(f"INSERT DATA {{ {block} }}")
    else:
        changes.append(f"CREATE SILENT GRAPH <{job['of']}>")  # a graph may be empty
        changes.append(f"INSERT DATA {{ GRAPH <{job['of']}> {{ {block} }} }}")
    store.update(" ;\n".join(changes))
    return "created" if is_new else "changed"


def _statements(data: bytes, engine: str, base: str, name: str) -> list[str]:
    """The triples of a document as N-Triples, with blank nodes of their own."""
    parsed = ox.parse(
        data, getattr(ox.RdfFormat, engine), base_iri=base, without_named_graphs=True, rename_blank_nodes=True
    )
    try:
        return [str(quad.triple) for quad in parsed]
    except SyntaxError as error:
        text = str(error.msg)
        where = f"{name}: " if name else ""
        raise DataError(f"{where}{text[0].lower()}{text[1:]}", error.lineno, error.offset) from None


def _graph(store: ox.Store, name: str | None) -> ox.NamedNode | ox.DefaultGraph:
    if name is None:
        return ox.DefaultGraph()
    graph = ox.NamedNode(name)
    if not store.contains_named_graph(graph):
        raise NoGraphError(name)
    return graph


def _name(graph: str | None) -> str:
    return "DEFAULT" if graph is None else f"GRAPH <{graph}>"
