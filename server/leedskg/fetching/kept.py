"""What was fetched of a source, kept part by part in a folder, so that a run that was interrupted goes on.

    parts/NAME        a page or a record, without personal data and prose
    about/NAME.json   its validators, when it was had, and the mark of its entry in the list
    run.json          the run that goes on, or the last one

A part is written before what is said of it, each in one step: whatever a crash leaves is either used or had again.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from leedskg.errors import ConflictError
from leedskg.fetching.client import Validators
from leedskg.files import replace_file, replacing

_MOST_NAME = 150
#: Hours in which a run that was interrupted goes on; later it begins anew.
GOES_ON = 24


@dataclass(frozen=True)
class KeptPart:
    """What is known of a part: its validators, when it was had or confirmed, and the mark of its entry."""

    etag: str
    modified: str
    had_at: str
    mark: str = ""

    @property
    def validators(self) -> Validators:
        """What to ask with for a newer one."""
        return Validators(self.etag, self.modified)


class FetchFolder:
    """The parts of one source. Entered as a context, for no other run may use it at the same time."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path, self._now = folder, now
        self._parts, self._about = folder / "parts", folder / "about"
        self._began = ""

    @contextmanager
    def run(self, what: str, *, anew: bool = False) -> Iterator[bool]:
        """Begin a run, or go on with the last one if it did the same and was not done; yield whether it goes on.

        Raises ConflictError where another run uses the folder.
        """
        self._parts.mkdir(parents=True, exist_ok=True)
        self._about.mkdir(exist_ok=True)
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ConflictError("The same source is being fetched already. Wait for that run to end.") from None
            for half in (*self._parts.glob(".*"), *self._about.glob(".*"), *self.path.glob(".*")):
                half.unlink()  # of a run that was killed while it wrote
            last = self._last()
            recent = (self._now() - timedelta(hours=GOES_ON)).isoformat()
            goes_on = not anew and last.get("what") == what and not last.get("done") and last["began"] > recent
            self._began = last["began"] if goes_on else self._now().isoformat()
            self._write({"what": what, "began": self._began, "done": False})
            yield goes_on
            self._write({"what": what, "began": self._began, "done": True})
        finally:
            os.close(descriptor)

    def about(self, name: str) -> KeptPart | None:
        """Return what is known of a part; None for one that is not there whole."""
        try:
            said = json.loads(self._about_of(name).read_text(encoding="utf-8"))
            return KeptPart(**said) if self.part(name).exists() else None
        except (OSError, ValueError, TypeError):
            return None

    def is_of_this_run(self, part: KeptPart) -> bool:
        """Return whether a part was had or confirmed since the run began."""
        return part.had_at >= self._began

    def is_younger(self, part: KeptPart, days: int) -> bool:
        """Return whether a part was had within so many days."""
        return part.had_at > (self._now() - timedelta(days=days)).isoformat()

    def part(self, name: str) -> Path:
        """Return where a part is."""
        return self._parts / _file_name(name)

    def keep(self, name: str, content: bytes, validators: Validators, mark: str = "") -> None:
        """Keep a part."""
        with replacing(self.part(name)) as file:
            file.write(content)
        self.confirm(name, validators, mark)

    def confirm(self, name: str, validators: Validators, mark: str = "") -> None:
        """Say that a part is as the publisher has it now."""
        known = KeptPart(validators.etag, validators.modified, self._now().isoformat(), mark)
        replace_file(self._about_of(name), json.dumps(asdict(known)))

    def forget(self, name: str) -> None:
        """Take a part out."""
        self._about_of(name).unlink(missing_ok=True)
        self.part(name).unlink(missing_ok=True)

    def _about_of(self, name: str) -> Path:
        return self._about / f"{_file_name(name)}.json"

    def _last(self) -> dict[str, str]:
        try:
            said = json.loads((self.path / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            said = {}
        return said if isinstance(said, dict) and isinstance(said.get("began"), str) else {}

    def _write(self, said: dict[str, object]) -> None:
        replace_file(self.path / "run.json", json.dumps(said))


def _file_name(name: str) -> str:
    """Return the name of a file for a record's id, which may hold a slash."""
    made = quote(name, safe=" ()&,+=@")
    return made if len(made) <= _MOST_NAME else f"{made[:_MOST_NAME]}-{sha256(name.encode()).hexdigest()[:16]}"
