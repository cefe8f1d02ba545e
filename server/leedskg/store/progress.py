"""What a publication is doing just now, in a file of the state folder: for whoever waits for it in another process."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

_FILE = "progress.json"


@dataclass(frozen=True)
class ProgressStep:
    """A step of a publication, in words, and when publication and step began (ISO 8601 in UTC)."""

    words: str
    began: str
    step_began: str

    @property
    def seconds(self) -> int:
        """How long the publication has taken so far."""
        return max(0, round((datetime.now(UTC) - datetime.fromisoformat(self.began)).total_seconds()))

    def __str__(self) -> str:
        return f"{self.words}, {self.seconds} s since it began"


class Progress:
    """Notes each step of one publication, for who holds the right to write; also calls `tell` with it, if given."""

    def __init__(self, state: Path, tell: Callable[[str], object] | None = None) -> None:
        self._file = state / _FILE
        self._tell = tell
        self._began = datetime.now(UTC).isoformat(timespec="milliseconds")

    def __call__(self, words: str) -> None:
        """Note that a step begins."""
        step = ProgressStep(words, self._began, datetime.now(UTC).isoformat(timespec="milliseconds"))
        with suppress(OSError):  # it is said for comfort; what is wrong with the folder is said by what writes there
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new = self._file.with_suffix(".new")
            new.write_text(json.dumps(asdict(step)), encoding="utf-8")
            new.replace(self._file)
        if self._tell:
            self._tell(words)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._file.unlink(missing_ok=True)


def step_under_way(state: Path) -> ProgressStep | None:
    """Return what the publication into the state folder is doing, or None when there is none."""
    try:
        step = ProgressStep(**json.loads((state / _FILE).read_text(encoding="utf-8")))
        return step if _is_held(state / "writer.lock") else None
    except (OSError, ValueError, TypeError):
        return None


def _is_held(lock: Path) -> bool:
    """Return whether a process has the right to write: one that was killed has left its last step behind."""
    descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
