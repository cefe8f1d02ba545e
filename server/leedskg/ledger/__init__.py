"""Contributions on their way into the graph: recorded, checked, accepted or rejected, merged, undone; nothing is lost.

`Stewardship` is what commands and pages use. `book.Ledger` keeps everything in SQLite with the submitted files beside
it; `publication` makes generations of the knowledge files and the ledger; `overlay` is the graph with contributions
applied.
"""

from __future__ import annotations

from leedskg.ledger.ledger import Ledger
from leedskg.ledger.model import Contribution, Event, Operation, RecordedStatement, Step
from leedskg.ledger.publication import Publication
from leedskg.ledger.stewardship import Merged, Stewardship
from leedskg.validation.reporting import Checker

__all__ = [
    "Checker",
    "Contribution",
    "Event",
    "Ledger",
    "Merged",
    "Operation",
    "Publication",
    "RecordedStatement",
    "Step",
    "Stewardship",
]
