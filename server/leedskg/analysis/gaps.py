"""Gaps: themes on which one family of actors is recorded and another is not."""

from __future__ import annotations

from dataclasses import dataclass

from leedskg.matrix import Matrix
from leedskg.record import Name

#: The families that a theme is looked at for, as a partnership lead would put them, and their kinds.
_FAMILIES = {
    "research": {"university", "college", "research centre", "organisational unit"},
    "companies": {"company", "spin-out company", "product"},
    "health service": {"NHS organisation", "facility"},
}


@dataclass(frozen=True)
class ThemeGap:
    """A theme with the families that are recorded for it and those that are not."""

    theme: Name
    recorded: tuple[str, ...]
    missing: tuple[str, ...]


def theme_gaps(themes: Matrix) -> tuple[ThemeGap, ...]:
    """Themes for which some, and not all, of research, companies and health service are recorded."""
    found = []
    for theme in themes.rows:
        kinds = {column.label for column in themes.columns if themes.cell(theme, column)}
        recorded = tuple(family for family, members in _FAMILIES.items() if kinds & members)
        if 0 < len(recorded) < len(_FAMILIES):
            found.append(ThemeGap(theme, recorded, tuple(each for each in _FAMILIES if each not in recorded)))
    return tuple(sorted(found, key=lambda gap: (len(gap.missing), gap.theme.label.casefold())))
