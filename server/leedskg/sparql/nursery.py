"""A nursery: a process that imports and loads what a query worker needs, once, and forks workers when it is asked.

`python -m leedskg.sparql.nursery` with a JSON object as its argument; started by `sparql.forking`. A worker that it
forks is there in milliseconds and shares what is loaded. It has one thread, for a fork carries no other over, so it
never opens a store on disk, which has threads: a child of its own writes out what it loads into memory, and each
worker opens the disk for itself. Why so: docs/decisions/0019.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import pyoxigraph as ox

from leedskg.sparql import confinement, worker

_LONGEST = 1024


def main(argument: str) -> None:
    """Load, say that it is done, and fork a worker, or tell how one ended, as often as asked."""
    options: dict[str, Any] = json.loads(argument)
    confinement.name_process("query-nursery")
    # The limit of the workers, and as theirs: a graph that does not fit into it is found out here, once.
    confinement.limit_memory(options["memory"])
    confinement.end_with(options["lifeline"])
    control = socket.socket(fileno=options["control"])
    try:
        union = _union(options["folder"]) if options["in_memory"] else None
    except (OSError, ValueError, MemoryError) as error:
        sys.exit(f"a process to fork query workers has not come up: {error}")
    if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 - the names do
        sys.exit("something here has started a thread, which a fork would lose")
    gc.collect()
    gc.freeze()  # a collection in a worker would write to pages that it shares

    _say(control, ready=True)
    while True:
        said, descriptors, _, _ = socket.recv_fds(control, _LONGEST, 2)
        if not said:
            return
        asked = json.loads(said)
        try:
            if asked["do"] == "fork":
                _say(control, pid=_forked(partial(_work, options, union, control, descriptors)))
            else:
                _say(control, code=os.waitstatus_to_exitcode(os.waitpid(asked["pid"], 0)[1]))
        except OSError as error:
            _say(control, error=str(error))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


def _say(control: socket.socket, **said: Any) -> None:
    control.sendall(json.dumps(said).encode())


def _forked(task: Callable[[], None]) -> int:
    """Do a task in a child; give the number of its process."""
    child = os.fork()
    return child or _end_after(task)


def _end_after(task: Callable[[], None]) -> NoReturn:
    code = 1
    try:
        task()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # nothing of the nursery is to run in the child


def _work(options: dict[str, Any], union: ox.Store | None, control: socket.socket, descriptors: list[int]) -> None:
    """Be a worker, from the fork to the end; `descriptors` are its socket and its lifeline."""
    os.setpgid(0, 0)
    control.close()
    os.close(options["lifeline"])
    connection, lifeline = descriptors
    confinement.end_with(lifeline)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    worker.work(connection, lambda: worker.Graph(options["folder"], union=union))


def _union(folder: str) -> ox.Store:
    """The union graph of a generation, in memory; it comes through a file in memory, which the engine parses itself.

    Raises OSError when the generation cannot be read.
    """
    descriptor = os.memfd_create("union")
    written = f"/proc/self/fd/{descriptor}"

    def write() -> None:
        with suppress(OSError, ValueError):  # a worker that opens it finds the same, and says it
            stored = ox.Store.read_only(folder)
            stored.dump(written, format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
            return
        sys.exit(1)

    if os.waitpid(_forked(write), 0)[1]:
        raise OSError(f"{folder} could not be read")
    union = ox.Store()
    union.load(path=written, format=ox.RdfFormat.N_TRIPLES, lenient=True)
    os.close(descriptor)
    return union


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    main(sys.argv[1])
