"""Dataclasses kept in files, as JSON, and read back with the types that they declare."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from itertools import repeat
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def write_dataclass(value: Any, path: Path) -> None:
    """Write a dataclass to a file. Raises OSError."""
    path.write_text(json.dumps(asdict(value), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def read_dataclass(kind: type[T], path: Path) -> T | None:
    """Read what `write_dataclass` wrote; None when it is not there whole."""
    try:
        found: T = _typed(kind, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found


def _typed(kind: Any, told: Any) -> Any:
    """Return what JSON tells as the dataclasses, tuples and mappings that `kind` declares."""
    if is_dataclass(kind):
        made: Any = kind
        kinds = _fields(made)
        return made(**{name: _typed(kinds[name], each) for name, each in told.items()})
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return tuple(map(_typed, repeat(inner[0]) if inner[-1] is Ellipsis else inner, told))
    if origin is Mapping:
        return {name: _typed(inner[1], each) for name, each in told.items()}
    return told


@functools.cache
def _fields(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
