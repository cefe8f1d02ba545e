"""Reports as the ledger records them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from leedskg.validation.findings import Finding, Report, Severity

_FIELDS = {entry.name for entry in fields(Finding)}


def report_of(data: Mapping[str, Any]) -> Report:
    """A report as it was recorded; what a later program wrote into it besides is left out."""
    found = [
        Finding(**{name: value for name, value in each.items() if name in _FIELDS} | {"severity": _severity(each)})
        for each in data.get("findings", ())
    ]
    return Report(found, dict(data.get("checked", {})), list(data.get("unchecked", [])))


def _severity(finding: Mapping[str, Any]) -> Severity:
    return Severity[str(finding["severity"]).upper()]
