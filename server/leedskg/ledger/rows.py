"""Rows of the ledger's tables as the things that they record, and statements as text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from leedskg.contributions.change import Place
from leedskg.ledger.model import Contribution, Event, RecordedStatement, Step

_NT = ox.RdfFormat.N_TRIPLES


def text_of(triple: ox.Triple) -> str:
    """A statement as a line of N-Triples, without the line's end."""
    text = ox.serialize([triple], format=_NT) or b""
    return text.decode("utf-8").rstrip("\n")


def contribution(row: sqlite3.Row) -> Contribution:
    """A row of `contribution`."""
    known = dict(row)
    return Contribution(**(known | {"report": json.loads(known["report"]), "settled": bool(known["settled"])}))


def statements(found: Sequence[sqlite3.Row]) -> tuple[RecordedStatement, ...]:
    """Rows of `statement`."""
    text = "\n".join(row["triple"] for row in found)
    parsed = ox.parse(text.encode(), format=_NT)
    return tuple(
        RecordedStatement(
            row["number"], row["action"], quad.triple, Place(row["file"], row["line"], row["cell"]), row["decision"],
            bool(row["effective"]),
        )
        for row, quad in zip(found, parsed, strict=True)
    )  # fmt: skip


def event(row: sqlite3.Row) -> Event:
    """A row of `event`."""
    known = dict(row)
    return Event(**(known | {"data": json.loads(known["data"])}))


def step(row: sqlite3.Row) -> Step:
    """A row of `step`."""
    return Step(**dict(row))


def counts(report: Mapping[str, Any]) -> dict[str, int]:
    """How many findings of each severity a report has."""
    found = [finding.get("severity") for finding in report.get("findings", ())]
    return {severity: found.count(severity) for severity in ("violation", "warning", "info")}
