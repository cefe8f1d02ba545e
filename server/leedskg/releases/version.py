"""A version and its files, and the folder that holds all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from leedskg.errors import KnowledgeError, RequestError

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
#: What says what a version is; a folder without it is not one.
MANIFEST = "version.json"
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class VersionFile:
    """One file of a version."""

    name: str
    media_type: str
    about: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Version:
    """One version, as its manifest says."""

    folder: Path
    known: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.known["name"])

    @property
    def date(self) -> str:
        """The day that it was made for, as 2026-11-28."""
        return str(self.known["date"])

    @property
    def previous(self) -> str:
        """The name of the version before it; nothing for the first."""
        return str(self.known["previous"])

    @property
    def base(self) -> str:
        """The base of its IRIs."""
        return str(self.known["base"])

    @property
    def statements(self) -> int:
        """How many distinct statements it holds."""
        return int(self.known["statements"])

    @cached_property
    def files(self) -> tuple[VersionFile, ...]:
        """Its files, in the order of their names."""
        return tuple(VersionFile(**each) for each in self.known["files"])

    @property
    def dump(self) -> str:
        """The name of the file that holds all of it, with its graphs."""
        return dump_name(self.name)

    def file(self, name: str) -> VersionFile | None:
        """Return the file of this name, of those that the manifest has."""
        return next((each for each in self.files if each.name == name), None)

    @cached_property
    def changes(self) -> Mapping[str, Any]:
        """What it changed of the version before."""
        found: dict[str, Any] = json.loads((self.folder / "changes.json").read_text(encoding="utf-8"))
        return found


class Versions:
    """The versions in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Version]:
        """Return every version, the latest first."""
        found = [self._read(path) for path in self.folder.glob(f"*/{MANIFEST}") if _NAME.fullmatch(path.parent.name)]
        return sorted(found, key=lambda each: (each.date, int(each.known["order"]), each.name), reverse=True)

    def find(self, name: str) -> Version | None:
        """Return the version of this name, or None where there is none."""
        path = self.folder / name / MANIFEST
        return self._read(path) if _NAME.fullmatch(name) and path.is_file() else None

    def latest(self) -> Version | None:
        """Return the latest version, or None where none was made."""
        return next(iter(self.all()), None)

    @staticmethod
    def _read(path: Path) -> Version:
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            version = Version(path.parent, known)
            _ = version.name, version.date, version.previous, version.base, version.statements, version.files
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KnowledgeError(
                f"the manifest of this version cannot be read ({error}); restore it", path=path
            ) from None
        return version


def checked_name(name: str, date: str) -> str:
    """Return the name for a version of this day, which is its own if none is given. Raises RequestError."""
    if not _DATE.fullmatch(date):
        raise RequestError(f"Write the date of the version as 2026-11-28, not {date!r}.")
    name = name or date
    if not _NAME.fullmatch(name):
        raise RequestError(
            f"A version cannot be called {name!r}: its name has up to 40 letters, digits, dots, hyphens and "
            "underscores, and begins with a letter or digit, such as 2026.1."
        )
    return name


def dump_name(name: str, suffix: str = ".nq") -> str:
    """Return what the file with the whole of a version is called."""
    return f"leedskg-{name}{suffix}"
