"""What is asked of a worker, as the frames that are sent to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leedskg.settings import Settings
from leedskg.sparql.federation.endpoints import Plan
from leedskg.sparql.protocol.negotiation import Chosen
from leedskg.sparql.protocol.request import QueryRequest, UpdateRequest
from leedskg.sparql.protocol.update_dataset import with_dataset
from leedskg.sparql.service import frames


@dataclass(frozen=True, slots=True)
class Job:
    """Frames to send, the text that a syntax error would be in, and how long it may take.

    `changes` something: then it is not asked again when its worker dies, for it may have been done. `streaming` is the
    kind of a result that may be given as it comes; nothing where it has to be whole.
    """

    sent: bytes
    seconds: float
    text: str = ""
    changes: bool = False
    gzip: bool = False
    streaming: str = ""


def query_job(  # noqa: PLR0913 - these are the parts of a job
    request: QueryRequest,
    settings: Settings,
    planned: Plan,
    generation: str,
    *,
    table: Chosen | None = None,
    graph: Chosen | None = None,
    gzip: bool = False,
    whole: bool = True,
) -> Job:
    """Answer a query on a generation, by its id, with the format for either shape of result.

    Unless its result has to be `whole` it may come bit by bit, where its shape is known beforehand.
    """
    dataset = bool(request.default_graphs or request.named_graphs)
    seconds = seconds_for(request, settings)
    said = {
        "do": "query",
        "generation": generation,
        "query": request.query,
        "written": request.written or request.query,
        "default": list(request.default_graphs) if dataset else None,
        "named": list(request.named_graphs) if dataset else None,
        "graphs": dataset or planned.outline.names_graphs,
        "any_graph": not dataset and planned.outline.any_graph,
        "table": table.format.engine if table else None,
        "graph": graph.format.engine if graph else None,
    }
    streaming = "" if whole or (table and graph) else "graph" if graph else "select"
    return Job(
        _frame(said, seconds, settings), seconds, request.written or request.query, gzip=gzip, streaming=streaming
    )


def update_job(request: UpdateRequest, settings: Settings) -> Job:
    """Do an update. Raises RequestError when it and the request each name a dataset."""
    seconds = seconds_for(request, settings)
    said = {"do": "update", "query": with_dataset(request), "written": request.update}
    return Job(_frame(said, seconds, settings), seconds, request.update, changes=True)


def get_job(  # noqa: PLR0913 - these are the parts of a job
    graph: str | None, chosen: Chosen, settings: Settings, generation: str, *, gzip: bool, whole: bool
) -> Job:
    """Write a graph out; None is the default graph."""
    said = {
        "do": "get",
        "generation": generation,
        "of": graph,
        "graph": chosen.format.engine,
        "prefixes": settings.namespaces.prefixes,
    }
    sent = _frame(said, settings.query_timeout, settings)
    return Job(sent, settings.query_timeout, gzip=gzip, streaming="" if whole else "graph")


@dataclass(frozen=True, slots=True)
class SentRdf:
    """RDF that was sent, the engine's name for its format, and the name it came with, if any."""

    engine: str
    data: bytes
    name: str = ""


def write_job(graph: str | None, parts: list[SentRdf], settings: Settings, *, replace: bool) -> Job:
    """Put statements into a graph, in the place of what it held or beside it."""
    said = {
        "do": "put" if replace else "post",
        "of": graph,
        "parts": [[part.engine, part.name] for part in parts],
    }
    sent = _frame(said, settings.query_timeout, settings)
    sent += b"".join(frames.frame(frames.DATA, part.data) for part in parts)
    return Job(sent, settings.query_timeout, changes=True)


def delete_job(graph: str | None, settings: Settings) -> Job:
    """Remove a graph."""
    return Job(
        _frame({"do": "delete", "of": graph}, settings.query_timeout, settings), settings.query_timeout, changes=True
    )


def seconds_for(request: QueryRequest | UpdateRequest, settings: Settings) -> float:
    """Return how long a request may take: as long as it says, and no longer than any may."""
    return min(request.timeout or settings.query_timeout, settings.query_timeout)


def _frame(said: dict[str, Any], seconds: float, settings: Settings) -> bytes:
    limits = {"base": settings.base, "seconds": seconds, "limit": settings.result_limit * 2**20}
    return frames.json_frame(frames.JOB, said | limits)
