"""What has changed since a file was last sent: its statements, and what the check found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from leedskg.contributions.change_wording import sentence
from leedskg.knowledge import Knowledge
from leedskg.ledger.model import Contribution, RecordedStatement
from leedskg.ledger.overlay import layered
from leedskg.namespaces import REUSED

#: When a statement was recorded is another time at each sending.
_TIME = REUSED["prov"] + "generatedAtTime"
_MOST = 20


@dataclass(frozen=True)
class ChangesSinceSent:
    """What is new in a contribution beside the one before and what is gone, in words; and counts of its findings."""

    earlier: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    more_new: int
    more_gone: int
    fixed: int
    still: int
    found: int


def since(
    earlier: Contribution, before: Sequence[RecordedStatement], now: Sequence[RecordedStatement],
    report: Mapping[str, Any], graph: Knowledge,
) -> ChangesSinceSent | None:  # fmt: skip
    """Compare a contribution with an earlier one; None where nothing is in both, so that it was not sent twice."""
    old, fresh = _said(before), _said(now)
    if not old & fresh:
        return None
    known = layered(graph, [triple for action, triple in old | fresh if action == "add"], ())
    new, gone = _words(fresh - old, known), _words(old - fresh, known)
    were, are = _findings(earlier.report), _findings(report)
    return ChangesSinceSent(
        earlier.id, tuple(new[:_MOST]), tuple(gone[:_MOST]), max(0, len(new) - _MOST), max(0, len(gone) - _MOST),
        len(were - are), len(were & are), len(are - were),
    )  # fmt: skip


def _said(statements: Iterable[RecordedStatement]) -> set[tuple[str, ox.Triple]]:
    return {(each.action, each.triple) for each in statements if each.triple.predicate.value != _TIME}


def _words(statements: Iterable[tuple[str, ox.Triple]], graph: Knowledge) -> list[str]:
    return sorted(
        f"{'' if action == 'add' else 'takes out: '}{sentence(triple, graph)}" for action, triple in statements
    )


def _findings(report: Mapping[str, Any]) -> set[tuple[str, ...]]:
    return {
        tuple(str(each.get(name)) for name in ("record_label", "field", "message", "value", "severity"))
        for each in report.get("findings", ())
    }
