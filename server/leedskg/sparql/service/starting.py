"""The program of a supervisor: load what is to be served, and serve it.

`python -m leedskg.sparql.service.starting` with a JSON object as its argument, as `keeper` starts it.
"""

from __future__ import annotations

import gc
import json
import mmap
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from leedskg.errors import LeedskgError
from leedskg.sparql.service import sandbox
from leedskg.sparql.service import worker as workers
from leedskg.sparql.service.fairness import QueryLimits
from leedskg.sparql.service.graph import StoreGraph, union_of
from leedskg.sparql.service.serving import Serving
from leedskg.sparql.service.supervisor import Supervisor


def main(argument: str) -> None:
    """Load what is to be served, and serve it."""
    options: dict[str, Any] = json.loads(argument)
    plain = options["plain"]
    sandbox.name_process("query-service")
    # The limit of the workers, and as theirs: a graph that does not fit into it is found out here, once.
    sandbox.limit_memory(options["memory"])
    keeper = socket.socket(fileno=options["keeper"])
    listener = socket.socket(fileno=options["listener"])
    listener.setblocking(False)
    try:
        graph = _graph(options["graph"], plain=plain)
    except (OSError, ValueError, MemoryError, LeedskgError) as error:
        keeper.sendall(json.dumps({"failed": f"{error}"}).encode() + b"\n")
        sys.exit(1)

    def work(control: socket.socket, shared: mmap.mmap) -> None:
        workers.work(graph, control, shared, plain=plain)

    gc.collect()
    gc.freeze()  # a collection in a worker would write to pages that it shares
    Supervisor(listener, keeper, QueryLimits(**options["limits"]), work, plain=plain).run()


def _graph(said: dict[str, Any], *, plain: bool) -> workers.Graph:
    """Return what is to be served. Raises OSError and its like when it cannot be."""
    if "elsewhere" in said:
        from leedskg.sparql.forwarding.forwarder import RemoteGraph  # noqa: PLC0415 - it takes as long as all the rest

        return RemoteGraph(Serving(Path(said["elsewhere"])))
    union = union_of(said["folder"], plain=plain) if said["in_memory"] else None
    return StoreGraph(said["folder"], union, writable=said["writable"])


if __name__ == "__main__":
    for ignored in (signal.SIGTERM, signal.SIGINT):  # the keeper ends us
        signal.signal(ignored, signal.SIG_IGN)
    main(sys.argv[1])
