"""What was found of small contributions a moment ago: a form that is sent as it was checked is not checked again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from leedskg.validation.change import Change
from leedskg.validation.findings import Report

#: So many are held, of at most so many statements each.
_HELD, _FEW = 16, 2_000
Preview = tuple[Change, Report]


class Previews:
    """The last previews, by everything that they depend on."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, Preview] = OrderedDict()

    def of(self, key: Hashable, make: Callable[[], Preview]) -> Preview:
        """Return the preview of this key; make it where it is not held."""
        found = self._held.get(key)
        if found is None:
            found = make()
            if len(found[0].proposals) <= _FEW:
                self._held[key] = found
                if len(self._held) > _HELD:
                    self._held.popitem(last=False)
        return found
