"""What the rules derive after a change, worked out from the change alone.

`patterns` reads what a rule looks at; `around` deletes what a change may have taken the ground from, and derives what
it gives ground to; `whole` runs the rules over everything. See docs/decisions/0080.
"""

from __future__ import annotations

from leedskg.derivation.around import Around
from leedskg.derivation.patterns import WholeNeededError
from leedskg.derivation.whole import in_memory, run_rules

__all__ = ["Around", "WholeNeededError", "in_memory", "run_rules"]
