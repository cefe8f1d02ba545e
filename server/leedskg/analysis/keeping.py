"""The tables of a generation in a file of the state folder: worked out by one process and read by all."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leedskg.analysis.brokers import Broker
from leedskg.analysis.communities import Community
from leedskg.analysis.cutting import CutPoint
from leedskg.analysis.gaps import ThemeGap
from leedskg.analysis.partners import PotentialPartners
from leedskg.analysis.tables import Analysis, NeedProviders

#: Part of the file's name: another one for another way to work out or to write the tables.
FORMAT = 1
#: Files kept: of the generation in use, and of those before while others still read them.
_KEPT = 3
_ROWS: Mapping[str, Any] = {
    "brokers": Broker,
    "cut_points": CutPoint,
    "communities": Community,
    "partners": PotentialPartners,
    "theme_gaps": ThemeGap,
    "needs": NeedProviders,
}

_log = logging.getLogger(__name__)


def file_of(state: Path, generation: str) -> Path:
    """Where the tables of a generation are kept."""
    return state / "analysis" / f"{generation}-{FORMAT}.json"


def kept_or_made(path: Path | None, make: Callable[[], Analysis]) -> Analysis:
    """The tables as they are kept at `path`, else made and kept there; without a path, made."""
    found = kept(path) if path else None
    if found is None:
        found = make()
        if path:
            keep(found, path)
    return found


def keep(analysis: Analysis, path: Path) -> bool:
    """Write the tables in one step; False where that cannot be, for they are only kept to save time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="writing-", ignore_cleanup_errors=True) as folder:
            written = Path(folder) / path.name
            written.write_text(json.dumps(asdict(analysis), ensure_ascii=False), encoding="utf-8")
            written.replace(path)
        others = sorted(path.parent.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
        for old in others[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("who matters cannot be kept in %s: %s", path, error.strerror)
        return False
    return True


def kept(path: Path) -> Analysis | None:
    """The tables that were kept; None when they are not there whole."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        os.utime(path)
        rows = {
            name: tuple(made(**{key: _tuple(value) for key, value in row.items()}) for row in told[name])
            for name, made in _ROWS.items()
        }
        return Analysis(**{key: _tuple(value) for key, value in told.items()} | rows)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _tuple(value: Any) -> Any:
    """JSON has lists where the tables have tuples."""
    return tuple(_tuple(each) for each in value) if isinstance(value, list) else value
