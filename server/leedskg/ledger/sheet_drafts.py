"""Files that were sent and whose columns their sender still has to explain: kept for a week, for the sender alone."""

from __future__ import annotations

import json
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_KEPT = 7 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class SheetDraft:
    """A file that waits, with what was said about it."""

    token: str
    name: str
    who: str
    about: dict[str, str]
    content: bytes


class SheetDrafts:
    """The folder of such files in the state of a site: it can be deleted, and the files are sent again."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "tables"

    def keep(self, content: bytes, name: str, who: str, about: dict[str, str]) -> str:
        """Keep a file; give the token that it is found by. What is older than a week goes."""
        self._folder.mkdir(0o700, parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < time.time() - _KEPT:
                    path.unlink()
        token = secrets.token_urlsafe(16)
        for end, data in (
            (".file", content),
            (".json", json.dumps({"name": name, "who": who, "about": about}).encode()),
        ):
            path = self._folder / f"{token}{end}"
            path.touch(0o600)
            path.write_bytes(data)
        return token

    def find(self, token: str, who: str) -> SheetDraft | None:
        """Return a file of somebody's; None where it is gone or is somebody else's."""
        if not _TOKEN.fullmatch(token):
            return None
        try:
            said = json.loads((self._folder / f"{token}.json").read_bytes())
            content = (self._folder / f"{token}.file").read_bytes()
        except (OSError, ValueError):
            return None
        if said["who"] != who:
            return None
        return SheetDraft(token, said["name"], who, said["about"], content)

    def remove(self, token: str) -> None:
        """Remove a file that was sent on."""
        for end in (".file", ".json"):
            (self._folder / f"{token}{end}").unlink(missing_ok=True)
