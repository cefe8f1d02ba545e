"""Gaps: themes that some kinds of actor are recorded for and others are not."""

from __future__ import annotations

from dataclasses import dataclass

from leedskg.matrix import Matrix

#: What a theme is looked at for, in words that are true of each of its kinds, and no others.
_FAMILIES = {
    "universities, colleges and research centres": {"university", "college", "research centre"},
    "companies and spin-outs": {"company", "spin-out company"},
    "NHS organisations": {"NHS organisation"},
}


@dataclass(frozen=True)
class ThemeGap:
    """A theme with the families that are recorded for it and those that are not."""

    iri: str
    label: str
    recorded: tuple[str, ...]
    missing: tuple[str, ...]


def theme_gaps(themes: Matrix) -> tuple[ThemeGap, ...]:
    """Themes for which some, and not all, of these families are recorded; those that miss the fewest first."""
    found = []
    for theme in themes.rows:
        kinds = {column.label for column in themes.columns if themes.cell(theme, column)}
        recorded = tuple(family for family, members in _FAMILIES.items() if kinds & members)
        if 0 < len(recorded) < len(_FAMILIES):
            missing = tuple(each for each in _FAMILIES if each not in recorded)
            found.append(ThemeGap(theme.iri, theme.label, recorded, missing))
    return tuple(sorted(found, key=lambda gap: (len(gap.missing), gap.label.casefold(), gap.iri)))
