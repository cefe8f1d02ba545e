"""How the values of an indicator stand to each other, in words. They never say which of them is right."""

from __future__ import annotations

from leedskg.figures import Figure, Indicator
from leedskg.web.wording import listed

_KEPT = "The graph keeps each as its source puts it and chooses none."
_WORDED = "Their sources describe what they cover in different words, which may be why."


def comparison(indicator: Indicator) -> str:
    """Whether the values differ, in what, and whether all of them can hold; nothing for one value alone."""
    if len(indicator.figures) < 2:
        return ""
    said = []
    if len(indicator.held) > 1:
        said.append(_disagreement(indicator) if indicator.conflicting else _agreement(indicator))
    withdrawn = len(indicator.figures) - len(indicator.held)
    if withdrawn:
        said.append(f"{withdrawn} withdrawn {'value is' if withdrawn == 1 else 'values are'} not compared.")
    return " ".join(said)


def _disagreement(indicator: Indicator) -> str:
    count, conflicting = len(indicator.held), len(indicator.conflicting)
    worded = [_WORDED] if len({figure.scope for figure in indicator.conflicting}) > 1 else []
    if len(indicator.groups) > 1:
        first = (
            f"They differ in {listed(indicator.differences)}; values are compared where these are the same. "
            f"{conflicting} of the {count} cannot hold beside another one."
        )
    else:
        which = "They are" if conflicting == count else f"{conflicting} of them are"
        first = f"{which} for {_alike(indicator.held[0])} and cannot all hold."
    return " ".join([first, *worded, _KEPT])


def _agreement(indicator: Indicator) -> str:
    differ = f"differ in {listed(indicator.differences)}"
    meet = "the ranges that they admit meet: all of them can hold."
    if len(indicator.groups) == 1:
        alike = _alike(indicator.held[0])
        return f"They give the same value for {alike}." if indicator.agreed else f"They are for {alike}, and {meet}"
    if indicator.agreed:
        return f"They give the same value and {differ}."
    if len(indicator.groups) == len(indicator.held):
        return f"They {differ}, so they are not compared: all of them can hold."
    return f"They {differ}. Where these are the same, {meet}"


def _alike(figure: Figure) -> str:
    """What figures that can be compared share: of place, subject and period those that are given."""
    given = {"place": figure.place.iri, "subject": figure.subject.iri, "period": figure.period}
    shared = [name for name, value in given.items() if value]
    missing = [f"no {name}" for name, value in given.items() if not value]
    words = f"the same {listed(shared)}" if shared else ""
    without = f"{listed(missing)} given" if missing else ""
    return " with ".join(filter(None, (words, without)))
