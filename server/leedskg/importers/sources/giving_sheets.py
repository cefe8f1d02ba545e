"""360Giving grants in a table: its headings are titles of the standard, or the names that the JSON has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any

from leedskg.importers.mapping import MappedColumn, TableMapping, fold
from leedskg.importers.model import SourceRow

#: What tells a table of grants from others, and which column is of money.
MAPPING = TableMapping((
    MappedColumn("Amount Awarded", "amount", needed=True),
    MappedColumn("Award Date", "start", needed=True),
))  # fmt: skip
#: Titles of the standard whose name in the JSON is another; of the rest, one is the other without its spaces.
_TITLES = {
    "Identifier": "id",
    "Planned Dates": "plannedDates",
    "Recipient Org": "recipientOrganization",
    "Recipient Ind": "recipientIndividual",
    "Funding Org": "fundingOrganization",
    "City": "addressLocality",
    "Postal Code": "postalCode",
    "Phone Number": "telephone",
    "Web Address": "url",
    "Geographic Code": "geoCode",
}
_NAMES = """
    id title currency amountAwarded awardDate plannedDates startDate endDate recipientOrganization recipientIndividual
    toIndividualsDetails fundingOrganization grantProgramme name charityNumber companyNumber streetAddress
    addressLocality postalCode telephone email contactName description url location geoCode code
"""
_NAME_OF = {fold(each): each for each in _NAMES.split()} | {fold(title): name for title, name in _TITLES.items()}
#: Recipients, programmes or dates of one grant: a table has columns for each.
_MOST_OF_ONE = 99
_LISTS = frozenset(["plannedDates", "recipientOrganization", "fundingOrganization", "grantProgramme", "location"])


def is_of_grants(headings: Iterable[str]) -> bool:
    """Return whether a header is of grants in this standard."""
    given = list(headings)
    return MAPPING.fits(given) and "fundingOrganization" in {_path(each)[0] for each in given}


def item_of(row: SourceRow) -> dict[str, Any]:
    """Return a row as the object that the JSON has for it; a column of another name stands under its heading."""
    item: dict[str, Any] = {}
    for heading, cell in row.values.items():
        if cell and not cell.isspace():
            _put(item, _path(heading), cell)
    return item


@lru_cache(maxsize=2_000)
def _path(heading: str) -> tuple[str | int, ...]:
    """Return where the value of a column stands, as in `Recipient Org:0:Name` or `recipientOrganization/0/name`."""
    first, *rest = (each.strip() for each in re.split(r"[:/]", heading))
    if fold(first) not in _NAME_OF:
        return (heading.strip(),)
    path: list[str | int] = []
    for step in (first, *rest):
        if step.isdecimal() and path and path[-1] == 0:
            path[-1] = min(int(step), _MOST_OF_ONE)
        else:
            name = _NAME_OF.get(fold(step), step)
            path += [name, 0] if name in _LISTS else [name]
    return tuple(path)


def _put(item: dict[str, Any], path: tuple[str | int, ...], value: str) -> None:
    """Put a value where a path leads to; lists are as long as what stands in them."""
    at: Any = item
    for step, following in pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            at.extend({} for _ in range(len(at), step + 1))
            at = at[step]
        else:
            at = at.setdefault(step, empty)
    if isinstance(path[-1], str):
        at[path[-1]] = value
