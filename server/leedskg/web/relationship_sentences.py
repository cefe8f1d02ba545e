"""A relationship in one line."""

from __future__ import annotations

from collections.abc import Iterable

from leedskg.network import EdgePattern
from leedskg.record import Statement
from leedskg.web.wording import capital, listed

#: Names in a sentence; more are counted.
_MOST_NAMES = 4


def relationship_sentence(statement: Statement, patterns: Iterable[EdgePattern], need_property: str) -> str:
    """A relationship in the words of an edge pattern that fits all its parts, else its kind and who is in it."""
    for pattern in patterns:
        if pattern.relationship_type != statement.kind.iri or pattern.from_role == pattern.to_role:
            continue
        one, other = (
            [part.entity.label for part in statement.parts if part.role.iri == role]
            for role in (pattern.from_role, pattern.to_role)
        )
        if not (one and other) or len(one) + len(other) < len(statement.parts):
            continue
        if len(one) == 1:
            return f"{one[0]} {pattern.words} {listed(other, _MOST_NAMES)}"
        if len(other) == 1:
            return f"{other[0]} {pattern.words_back} {listed(one, _MOST_NAMES)}"
    need = statement.detail(need_property)
    things = [part.entity.label for part in statement.parts] + ([need.label] if need else [])
    return f"{capital(statement.kind.label)}: {listed(things, _MOST_NAMES)}"
