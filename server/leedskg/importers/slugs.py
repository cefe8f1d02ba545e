"""The IRIs of bodies and projects that only a register names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from leedskg.importers.model import SEVERAL

_LEGAL = re.compile(r"\b(?:ltd|limited|plc|llp|inc|incorporated|corp|corporation|gmbh|the)\b")
#: Schemes whose number makes a body's name, so that several registers give it one.
_BY_NUMBER = ("ror", "companies-house", "charity-ew", "ods")
_LONGEST = 80


def slug(text: str) -> str:
    """Return a text as the part of an IRI: lower-case letters and digits with single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def name_key(name: str) -> str:
    """Return what tells a name from others: without legal forms, signs and case."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ")).encode("ascii", "ignore").decode().casefold()
    folded = " ".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))
    return " ".join(_LEGAL.sub(" ", folded).split()) or folded


def project_slug(source: str, identifier: str) -> str:
    """Return the slug of a project: its source and its reference."""
    return slug(f"{source} {identifier}")[: 2 * _LONGEST]


def body_slug(source: str, values: Mapping[str, str]) -> str:
    """Return the slug of a body that the graph does not know: by its number in a register, else the publisher's id."""
    for scheme in _BY_NUMBER:
        if number := values.get(scheme, "").partition(SEVERAL)[0]:
            return slug(f"{scheme} {number.removeprefix('https://ror.org/')}")
    if key := values.get("organisation", ""):
        return slug(f"{source} {key}")[:_LONGEST]
    return slug(f"{source} {name_key(values.get('name', ''))}")[:_LONGEST].strip("-")
