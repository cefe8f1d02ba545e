"""The reader of `queries/`: saved queries, and the checks that must return no row.

A file opens with comment lines `# name: text`; a text goes on in the next line after `#` and two spaces or more. Saved
queries have `title`, `description` and `answers`; checks have `title` and `message`, which says how to mend a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from leedskg.errors import KnowledgeError
from leedskg.files import knowledge_files

_HEADER = re.compile(r"#\s?([a-z]+):\s*(.*)")
_CONTINUED = re.compile(r"#\s{2,}(\S.*)")


@dataclass(frozen=True)
class SavedQuery:
    """A query with what its file says of it."""

    name: str
    text: str
    headers: dict[str, str]

    @property
    def title(self) -> str:
        """What the query is called."""
        return self.headers["title"]

    @property
    def description(self) -> str:
        """What it finds and how to read it."""
        return self.headers.get("description", "")

    @property
    def message(self) -> str:
        """For a check: how to mend what a row shows."""
        return self.headers.get("message", "")


def read_queries(root: Path) -> list[SavedQuery]:
    """The saved queries, in the order of their file names. Raises KnowledgeError for a file without its headers."""
    folder = root / "queries"
    paths = [path for path in knowledge_files(root, "queries", ".rq") if path.parent == folder]
    return [_read(path, root, ("title", "description", "answers")) for path in paths]


def read_checks(root: Path) -> list[SavedQuery]:
    """The checks of `queries/checks/`. Raises KnowledgeError for a file without its headers."""
    folder = root / "queries" / "checks"
    paths = [path for path in knowledge_files(root, "queries", ".rq") if path.parent == folder]
    return [_read(path, root, ("title", "message")) for path in paths]


def _read(path: Path, root: Path, wanted: tuple[str, ...]) -> SavedQuery:
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    headers: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if header := _HEADER.fullmatch(line.rstrip()):
            last = header[1]
            headers[last] = header[2]
        elif last and (continued := _CONTINUED.fullmatch(line.rstrip())):
            headers[last] += f" {continued[1]}"
        else:
            break
    missing = [header for header in wanted if not headers.get(header)]
    if missing:
        lines = ", ".join(f"`# {header}: …`" for header in missing)
        raise KnowledgeError(f"the query has no {lines} at its top; add it", path=name, line=1)
    return SavedQuery(path.stem, text, headers)
