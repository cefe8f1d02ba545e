"""Several things asked for at once: needs and themes, as in “regulatory advice and clinical trials”."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leedskg.namespaces import Namespaces
from leedskg.naming import folded
from leedskg.query_files import query_beside
from leedskg.record import Name, RecordReader, ShownAssertion
from leedskg.store import Reader
from leedskg.support.offers import Need, Support
from leedskg.support.words import words_of

#: What stands between two things that are asked for.
_BETWEEN = re.compile(r"[,;+&\n]|\b(?:and|plus|as well as)\b", re.IGNORECASE)


@dataclass(frozen=True)
class SupportTerm:
    """One thing that is asked for: its words, and the needs and themes that they may mean, any of which will do."""

    words: str
    needs: tuple[Need, ...] = ()
    themes: tuple[Name, ...] = ()

    @property
    def iris(self) -> frozenset[str]:
        """The needs and themes by IRI."""
        return frozenset([need.iri for need in self.needs] + [theme.iri for theme in self.themes])


@dataclass(frozen=True)
class WorksOn:
    """That something works on a theme that was asked for, or on a part of it, which is `stated`."""

    statement: ShownAssertion
    theme: Name
    stated: Name
    entity: Name


def read_terms(support: Support, themes: Sequence[Name], text: str) -> tuple[list[SupportTerm], list[str]]:
    """Return what a text asks for, each thing once, and its parts that nothing is known by.

    A need that is named in full is not taken apart. A theme is a thing of its own, whatever stands beside it.
    """
    if any(folded(text) == folded(need.label) for need in support.needs):
        return [SupportTerm(text, tuple(need for need in support.needs if folded(text) == folded(need.label)))], []
    terms: list[SupportTerm] = []
    unread: list[str] = []
    for part in filter(None, (each.strip() for each in _BETWEEN.split(text))):
        found = _of_part(support, themes, part)
        unread += [] if found or not words_of(part) else [part]
        terms += [each for each in found if each.iris not in {known.iris for known in terms}]
    return terms, unread


def _of_part(support: Support, themes: Sequence[Name], part: str) -> list[SupportTerm]:
    said = set(words_of(part))
    named = {each.iri: set(words_of(each.label)) for each in themes}
    fitting = [each for each in themes if named[each.iri] and named[each.iri] <= said]
    # Of “type 1 diabetes” and “diabetes” the one that says more.
    longest = [each for each in fitting if not any(named[each.iri] < named[other.iri] for other in fitting)]
    taken = {word for each in longest for word in named[each.iri]}
    rest = " ".join(word for word in folded(part).split() if set(words_of(word)) - taken)
    exact = tuple(need for need in support.needs if words_of(need.label) == words_of(rest))
    needs = exact or tuple(support.meant_by(rest)[0])
    found = [SupportTerm(rest if longest else part, needs)] if needs else []
    return found + [SupportTerm(each.label, _having(support, named[each.iri]), (each,)) for each in longest]


def _having(support: Support, words: set[str]) -> tuple[Need, ...]:
    """Return the needs that have all of some words, for a theme may be a need as well."""
    return tuple(need for need in support.needs if words <= set(words_of(" ".join(need.texts))))


def works_on(reader: Reader, records: RecordReader, namespaces: Namespaces, themes: Iterable[Name]) -> list[WorksOn]:
    """Read what works on any of some themes or on a part of one, from statements in force."""
    by_iri = {theme.iri: theme for theme in themes}
    if not by_iri:
        return []
    values = " ".join(f"<{iri}>" for iri in by_iri)
    rows = reader.rows(query_beside(__file__, "terms_themes") % (namespaces.base, values))
    statements = records.statements(row["statement"].value for row in rows)
    return [
        WorksOn(
            statements[row["statement"].value],
            by_iri[row["theme"].value],
            Name(row["stated"].value, row["part"].value),
            Name(row["thing"].value, row["label"].value),
        )
        for row in rows
    ]
