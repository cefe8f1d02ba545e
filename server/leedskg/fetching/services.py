"""The publishers' services, read from services.toml and from the file that a setting names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from leedskg.errors import RequestError

_ADDRESS = re.compile(r"https?://[^\s/?#@]+(:\d+)?/([^\s?#]*/)?")


@dataclass(frozen=True)
class PublisherService:
    """A publisher's service; services.toml says what each value is."""

    name: str
    address: str
    paths: Mapping[str, str]
    accept: str = "application/json"
    page_size: int = 100
    pause: float = 1.0
    renew_days: int = 0
    most_mib: int = 64
    tries: int = 4
    backoff: float = 2.0
    timeout: float = 60.0
    longest: float = 1800.0
    headers: Mapping[str, str] = field(default_factory=dict)

    def url(self, path: str, **parts: str) -> str:
        """Return the address of one of its paths."""
        return self.address + self.paths[path].format(**parts)


_DEFAULTS = {each.name: each.default for each in fields(PublisherService)}


def service_of(source: str, overrides: str = "") -> PublisherService:
    """Return the service of a source, with what the file `overrides` says instead.

    Raises RequestError for a source that has none, and for a file that cannot be used.
    """
    known = tomllib.loads(files(__package__).joinpath("services.toml").read_text(encoding="utf-8"))
    if source not in known:
        raise RequestError(
            f"{source} is not fetched; {', '.join(known)} are. Get the file from the publisher and import it."
        )
    said = known[source]
    if overrides:
        other = _read(Path(overrides).expanduser(), known).get(source, {})
        said = {**said, **other, "paths": {**said["paths"], **other.get("paths", {})}}
    return PublisherService(source, **said)


def _read(path: Path, known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RequestError(f"{path}, which LEEDSKG_FETCH_SERVICES names, cannot be read: {error}.") from None
    for source, values in said.items():
        if source not in known or not isinstance(values, dict):
            raise RequestError(f"{path}: “{source}” is no service; {', '.join(known)} are.")
        for name, value in values.items():
            if problem := _problem(name, value):
                raise RequestError(f"{path}, [{source}]: {problem}.")
    return said


def _problem(name: str, value: Any) -> str:
    """Say what is wrong with a value of a service; nothing where it can be used."""
    if name in {"paths", "headers"}:
        texts = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        return "" if texts else f"{name} has to be a table of texts"
    if name == "address":
        fits = isinstance(value, str) and _ADDRESS.fullmatch(value)
        return "" if fits else f"address has to be like https://example.org/, with a slash at the end, not {value!r}"
    if name == "accept":
        return "" if isinstance(value, str) else f"accept has to be a text, not {value!r}"
    if name not in _DEFAULTS or name == "name":
        return f"there is no value “{name}”"
    least = 0 if name in {"pause", "backoff", "renew_days"} else 1
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = not isinstance(_DEFAULTS[name], int) or isinstance(value, int)
    return "" if number and whole and value >= least else f"{name} has to be a number of {least} or more, not {value!r}"
