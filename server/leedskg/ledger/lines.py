"""The lines of what contributions state: a few are looked up one by one; where more are asked for, all are read."""

from __future__ import annotations

from collections import Counter, OrderedDict

from leedskg.ledger.records import Records

#: Statements of one contribution that are looked for one by one; each look goes through all that it states.
_FEW = 16
#: Contributions of which all lines are held at once.
_HELD = 4


class Lines:
    """Where the statements of the contributions of a ledger stand, which never changes once one is merged."""

    def __init__(self, ledger: Records) -> None:
        self._ledger = ledger
        self._asked: Counter[int] = Counter()
        self._known: OrderedDict[int, dict[str, int]] = OrderedDict()

    def of(self, contribution: int, triple: str) -> int:
        """Return the line at which a contribution states a triple; 0 where it has none."""
        known = self._known.get(contribution)
        if known is None:
            self._asked[contribution] += 1
            if self._asked[contribution] <= _FEW:
                return self._ledger.line_of(contribution, triple)
            known = self._known[contribution] = self._ledger.lines_of(contribution)
            if len(self._known) > _HELD:
                self._known.popitem(last=False)
        return known.get(f"{triple} .", 0)
