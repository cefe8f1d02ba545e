"""What a worker does with whole graphs, and with updates: the graph store protocol's part of its work.

Each change is one update request, and so one transaction of the engine: a worker that is killed in the middle
leaves the store as it was.
"""

from __future__ import annotations

from typing import IO, Any

import pyoxigraph as ox

from leedskg.sparql.service.frames import JobError


def named(name: str) -> ox.NamedNode:
    """Return the graph of a name. Raises JobError for what the engine does not take for an IRI."""
    try:
        return ox.NamedNode(name)
    except ValueError as error:
        raise JobError("name", f"{name} is not a whole IRI: {error}") from None


def update(store: ox.Store, job: dict[str, Any]) -> str:
    """Do an update."""
    try:
        store.update(job["query"], base_iri=job["base"])
    except RuntimeError as error:
        if "custom function" in str(error):
            raise
        raise JobError("update", str(error)) from None
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
    is_new = job["of"] is not None and not store.contains_named_graph(named(job["of"]))
    triples: list[ox.Triple] = []
    for (engine, name), data in zip(job["parts"], parts, strict=True):
        triples += _triples(data, engine, job["of"] or job["base"], name)
    changes = [f"CLEAR SILENT {_name(job['of'])}"] if job["do"] == "put" else []
    changes += [f"CREATE SILENT GRAPH <{job['of']}>"] if job["of"] is not None else []  # it may stay empty
    changes += [_insertion(triples, job["of"])] if triples else []
    if changes:
        try:
            store.update(" ;\n".join(changes))
        except SyntaxError as error:
            raise JobError("data", f"the store does not take it: {error}", line=None, column=None) from None
    return "created" if is_new else "changed"


def _triples(data: bytes, engine: str, base: str, name: str) -> list[ox.Triple]:
    """Read the statements of a document, with blank nodes of their own."""
    parsed = ox.parse(
        data, getattr(ox.RdfFormat, engine), base_iri=base, without_named_graphs=True, rename_blank_nodes=True
    )
    try:
        return [quad.triple for quad in parsed]
    except SyntaxError as error:
        text = str(error.msg)
        where = f"{name}: " if name else ""
        raise JobError("data", f"{where}{text[0].lower()}{text[1:]}", line=error.lineno, column=error.offset) from None


def _insertion(triples: list[ox.Triple], graph: str | None) -> str:
    block = " .\n".join(str(triple) for triple in triples)
    return f"INSERT DATA {{ {block} }}" if graph is None else f"INSERT DATA {{ GRAPH <{graph}> {{ {block} }} }}"


def _graph(store: ox.Store, name: str | None) -> ox.NamedNode | ox.DefaultGraph:
    if name is None:
        return ox.DefaultGraph()
    graph = named(name)
    if not store.contains_named_graph(graph):
        raise JobError("no-graph", name)
    return graph


def _name(graph: str | None) -> str:
    return "DEFAULT" if graph is None else f"GRAPH <{graph}>"
