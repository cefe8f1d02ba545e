"""What is served now, as a keeper writes it down for those who ask and for workers that forward queries.

serving     the name of the socket to ask at, and the generation
store       the settings, where the graph is on a server elsewhere
seen        touched whenever that server has said that the generation is its current one
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leedskg.settings import Settings
from leedskg.store.generations import Generation
from leedskg.store.remote.register import RemoteGeneration

#: What is served: a generation of the state folder, or one on a server elsewhere.
Served = Generation | RemoteGeneration


class Serving:
    """The folder of a keeper, as any process reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pointer = str(folder / "serving")
        self._seen: object = None
        self._known: tuple[str, Served] | None = None

    def now(self) -> tuple[str, Served] | None:
        """Return where the supervisor listens that serves, and what; None when the keeper never served anything."""
        with suppress(OSError):  # the keeper has gone: what was is said, and asking will fail
            status = os.stat(self._pointer)  # noqa: PTH116 - before each query, and a path costs more than the call
            seen = (status.st_ino, status.st_mtime_ns)
            if seen != self._seen:
                known = json.loads(Path(self._pointer).read_text(encoding="utf-8"))
                at = str(self._folder / known.pop("socket"))
                generation = _generation(known)
                if self._known and self._known[1] == generation:
                    generation = self._known[1]
                self._seen, self._known = seen, (at, generation)
        return self._known

    def settings(self) -> Settings:
        """Return the settings for a server elsewhere."""
        return Settings(**json.loads((self._folder / "store").read_text(encoding="utf-8")))

    def age(self) -> float:
        """Return the seconds since the server elsewhere has confirmed the generation; without end where it cannot."""
        try:
            return time.time() - (self._folder / "seen").stat().st_mtime
        except OSError:
            return float("inf")


def _generation(known: dict[str, Any]) -> Served:
    if "token" in known:
        return RemoteGeneration(**known)
    return Generation(**(known | {"path": Path(known["path"])}))


def write_serving(folder: Path, socket: str, generation: Served) -> None:
    """Write down what is served."""
    new = folder / "serving.new"
    new.write_text(json.dumps({"socket": socket} | asdict(generation), default=str), encoding="utf-8")
    new.replace(folder / "serving")


def write_settings(folder: Path, settings: Settings) -> None:
    """Write down the settings for a server elsewhere, where only our user reads them: a password may be in them."""
    (folder / "store").write_text(json.dumps(asdict(settings)), encoding="utf-8")


def confirm(folder: Path) -> None:
    """Note that the server elsewhere has confirmed the generation."""
    (folder / "seen").touch()
