"""Imports that are proposed again and again, as by a timer: what waits already is not proposed twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leedskg.contributions.imported import IMPORT
from leedskg.importers.table import ImportTable
from leedskg.ledger.importing import Intake, submit_import
from leedskg.ledger.imports import package_of
from leedskg.ledger.model import OPEN, Contribution
from leedskg.ledger.stewardship import Stewardship
from leedskg.settings import Settings


@dataclass(frozen=True)
class Renewal:
    """What became of a fetched import: the contribution that waits, whether it did before, and which gave way to it."""

    number: int | None
    waited: bool = False
    withdrawn: tuple[int, ...] = ()

    def in_words(self) -> str:
        """Say what became of it."""
        if self.number is None:
            return "Nothing was recorded."
        if self.waited:
            return f"Contribution {self.number} says the same, and waits for a steward. Nothing was recorded."
        told = f"Contribution {self.number} is recorded. It waits for a steward."
        if self.withdrawn:
            told += f" It takes the place of {', '.join(map(str, self.withdrawn))}, withdrawn, which waited too."
        return told


def submit_renewal(stewardship: Stewardship, made: Intake, settings: Settings, *, who: str) -> Renewal:
    """Record a fetched import, unless it changes nothing or waits already.

    An earlier one of the same sender and the same source that still waits is withdrawn: the newer one says all that
    it said.
    """
    if not made.difference and not made.first:
        return Renewal(None)
    earlier = list(_waiting(stewardship, made.table))
    for contribution, table in earlier:
        if _said(table) == _said(made.table):
            return Renewal(contribution.id, waited=True)
    number = submit_import(stewardship, made, settings, who=who).id
    mine = [each for each, _ in earlier if each.who == who and each.source.startswith(f"{made.table.origin.file}, ")]
    for each in mine:
        reason = f"What the publisher had later is contribution {number}."
        stewardship.ledger.withdraw(each.id, who=who, reason=reason, version=each.version)
    return Renewal(number, withdrawn=tuple(each.id for each in mine))


def _waiting(stewardship: Stewardship, table: ImportTable) -> Iterator[tuple[Contribution, ImportTable]]:
    """Yield the imports of a source that wait for a decision, with their tables."""
    knowledge = stewardship.publication.present().graph
    for contribution in stewardship.ledger.contributions(*OPEN):
        if contribution.form == IMPORT:
            package = package_of(contribution, stewardship.ledger, knowledge)
            if package.source == table.source:
                yield contribution, package.table(knowledge.namespaces)


def _said(table: ImportTable) -> list[Any]:
    """Return what a table says, whatever the day on which records were found to be gone."""
    return [(each.id, {**each.values, "gone": "gone" in each.values}, each.participants) for each in table.records]
