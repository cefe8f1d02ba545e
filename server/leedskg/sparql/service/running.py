"""A supervisor as its keeper has it: a process, where it listens, and the socket between the two."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leedskg.errors import LeedskgError
from leedskg.settings import Settings
from leedskg.sparql.service import sandbox
from leedskg.sparql.service.fairness import QueryLimits
from leedskg.sparql.service.source import Held
from leedskg.store.remote.register import RemoteGeneration

_PROGRAM = "leedskg.sparql.service.starting"

_log = logging.getLogger(__name__)


class Running:
    """A supervisor: its process, where it listens, and the socket by which it knows that we are there."""

    def __init__(self, at: Path, lease: Held, settings: Settings, limits: QueryLimits, *, in_memory: bool) -> None:
        self.at = at
        self.lease = lease
        self.in_memory = in_memory
        self.is_ready = False
        self._said = b""
        self.control, theirs = socket.socketpair()
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(str(at))
            listener.listen(1024)
            options: dict[str, Any] = {
                "keeper": theirs.fileno(),
                "listener": listener.fileno(),
                "graph": _graph(lease, at.parent, in_memory=in_memory),
                "memory": settings.worker_memory,
                "plain": settings.linux_features == "none",
                "limits": asdict(limits),
            }
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", _PROGRAM, json.dumps(options)],
                pass_fds=[each for each in (theirs.fileno(), listener.fileno(), lease.descriptor) if each >= 0],
                stdin=subprocess.DEVNULL,
                env=os.environ | sandbox.ONE_ARENA,
                process_group=0,
            )
        except OSError as error:
            self.control.close()
            raise LeedskgError(f"no process can be started to answer queries: {error.strerror or error}") from None
        finally:
            theirs.close()
            listener.close()

    def wait(self, seconds: float | None = None) -> str | None:
        """Wait until it serves: then "" is returned, or why it cannot; None while it loads."""
        self.control.settimeout(seconds)
        while b"\n" not in self._said:
            try:
                came = self.control.recv(4096)
            except (BlockingIOError, TimeoutError):
                return None
            except OSError:
                came = b""
            if not came:
                return f"its process ended with {self._process.wait()}"
            self._said += came
        said = json.loads(self._said.partition(b"\n")[0])
        self.is_ready = "ready" in said
        if self.is_ready and said["unconfined"] and not _has_said(said["unconfined"]):
            _log.warning(
                "query workers are not kept from opening connections here (%s): that no query calls another server is "
                "seen to by its text alone",
                said["unconfined"],
            )
        return str(said.get("failed", ""))

    def has_ended(self) -> bool:
        """Return whether its process has ended; then all of it is released, but for its lease when it is current."""
        if self._process.poll() is None:
            return False
        self.at.unlink(missing_ok=True)
        if self._is_leaving:
            self.close()
        return True

    _is_leaving = False

    def drain(self) -> None:
        """Have it answer what it has, and then end."""
        self._is_leaving = True
        with suppress(OSError):
            self.control.send(b"d")

    def close(self) -> None:
        """End it, and its workers with it. Twice does nothing more."""
        self.control.close()
        self._process.wait()
        self.lease.close()
        self.at.unlink(missing_ok=True)


def _graph(lease: Held, home: Path, *, in_memory: bool) -> dict[str, Any]:
    """Return what a supervisor is told of what it serves."""
    generation = lease.generation
    if isinstance(generation, RemoteGeneration):
        return {"elsewhere": str(home)}
    return {"folder": str(generation.path), "in_memory": in_memory, "writable": generation.writable}


_said: set[str] = set()


def _has_said(reason: str) -> bool:
    """Return whether a line has told this before in this process: once is enough."""
    is_known = reason in _said
    _said.add(reason)
    return is_known
