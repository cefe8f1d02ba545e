"""Why a contribution is not merged, or not taken back: what the report forbids, and what others have built on it."""

from __future__ import annotations

from leedskg.contributions.change import Change
from leedskg.errors import ConflictError, RefusedError
from leedskg.ledger.book import Ledger
from leedskg.ledger.building_on import building_on
from leedskg.ledger.model import Contribution
from leedskg.ledger.publication import Present
from leedskg.validation.findings import Report, Severity

_MOST_WORDS = 5


def refuse_findings(contribution: Contribution, change: Change, report: Report, reason: str) -> None:
    """Raise RefusedError for a violation, for a warning without a reason, and where nothing is left to merge."""
    number = contribution.id
    if report.reaches(Severity.VIOLATION):
        raise RefusedError(
            f"Contribution {number} has violations and cannot be accepted. Mend them and send it again.", report
        )
    if not change.proposals:
        raise RefusedError(
            f"Nothing is left of contribution {number} to merge: what it says is in the graph, or was rejected. Reject "
            "it, saying so.",
            report,
        )
    if report.reaches(Severity.WARNING) and not reason.strip():
        raise RefusedError(f"Contribution {number} has warnings. To accept it all the same, give a reason.", report)


def refuse_dependants(contribution: Contribution, present: Present, ledger: Ledger) -> None:
    """Raise ConflictError when later contributions build on this one, naming them and what they say."""
    lines = []
    for number, words in building_on(contribution.id, present).items():
        title = ledger.contribution(number).title
        more = f"; and {len(words) - _MOST_WORDS} more" if len(words) > _MOST_WORDS else ""
        lines.append(f"contribution {number} (“{title}”): {'; '.join(words[:_MOST_WORDS])}{more}")
    if lines:
        raise ConflictError(
            f"Contribution {contribution.id} cannot be undone by itself, for later ones build on it. Undo these first, "
            "or correct them:\n  " + "\n  ".join(lines)
        )
