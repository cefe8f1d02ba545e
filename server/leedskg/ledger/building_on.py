"""Which contributions build on another one, so that it cannot be taken back from under them."""

from __future__ import annotations

import pyoxigraph as ox

from leedskg.contributions.wording import sentence
from leedskg.ledger.model import Operation
from leedskg.ledger.overlay import applied
from leedskg.ledger.publication import Present
from leedskg.statements import key


def building_on(number: int, present: Present) -> dict[int, list[str]]:
    """The later contributions that build on this one, with the statements by which they do, in words.

    One builds on another when it takes out what the other added, or says something of a record, or with one, that only
    the other brought into the graph.
    """
    order = [each.contribution for each in present.operations]
    if number not in order:
        return {}
    place = order.index(number)
    own = present.operations[place]
    before = applied(present.files, present.operations[:place]).graph.statements
    made = {each.triple for each in own.added}
    brought = {record for each in own.added if (record := _record(each.triple.subject)) not in before}
    found: dict[int, list[str]] = {}
    for later in present.operations[place + 1 :]:
        words = [f"takes out “{sentence(each.triple, present.graph)}”" for each in later.removed if each.triple in made]
        words += [f"says “{sentence(each, present.graph)}”" for each in _mentions(later, brought)]
        if words:
            found[later.contribution] = words
    return found


def _mentions(later: Operation, brought: set[str]) -> list[ox.Triple]:
    return [
        each.triple
        for each in later.added
        if {_record(term) for term in (each.triple.subject, each.triple.object) if isinstance(term, ox.NamedNode)}
        & brought
    ]


def _record(term: object) -> str:
    return key(term).partition("#")[0] if isinstance(term, ox.NamedNode) else ""
