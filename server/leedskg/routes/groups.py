"""Ends that stand for many: any entity of a kind, any that offers to meet a need."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from leedskg.namespaces import Namespaces
from leedskg.naming import folded
from leedskg.query_files import query_beside
from leedskg.store import Reader

#: Words of a group's name that do not tell it from others.
_SMALL = {"any", "body", "or", "service", "offering"}


@dataclass(frozen=True)
class Group:
    """A kind of entity or a need, the words for any of its members, and how many there are."""

    iri: str
    words: str
    label: str
    is_need: bool
    size: int


class Groups:
    """Every group of one generation; the members of one are read when it is first asked for."""

    def __init__(self, reader: Reader, namespaces: Namespaces) -> None:
        self._reader = reader
        self._namespaces = namespaces
        self._members: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    @cached_property
    def all(self) -> tuple[Group, ...]:
        """The kinds and then the needs that have members, by their labels."""
        found = []
        # Places are no ends. Left out here, for Virtuoso does not do so by NOT EXISTS on a path of any length.
        places = {row["kind"].value for row in self._reader.rows(_PLACES % self._namespaces.base)}
        places.add(self._namespaces.term("Place"))
        for row in self._reader.rows(query_beside(__file__, "groups_sizes") % self._namespaces.base):
            if row["group"].value in places:
                continue
            label, need = row["label"].value, row["what"].value == "need"
            lower = label if label[:2].isupper() else label[:1].lower() + label[1:]
            words = f"any body or service offering {lower}" if need else f"any {lower}"
            found.append(Group(row["group"].value, words, label, need, int(row["size"].value)))
        return tuple(sorted(found, key=lambda group: (group.is_need, folded(group.label))))

    def find(self, text: str) -> Group | None:
        """Find the group that a text names: by its words, its label, its short IRI, or the words of one need alone."""
        wanted = folded(text)
        found = self._by_name.get(wanted) or self._by_name.get(wanted.replace("any body offering ", "any offering ", 1))
        if found is None and "offering" in wanted.split():
            having = [group for group in self.near(text) if group.is_need]
            found = having[0] if len(having) == 1 and self._has_all(having[0], text) else None
        return found

    def near(self, text: str) -> list[Group]:
        """Return groups that a text may have meant: those with all its words, else those that look like it."""
        having = [group for group in self.all if self._has_all(group, text)]
        if having:
            return having[:5]
        names = get_close_matches(folded(text), [name for name in self._by_name if name.startswith("any ")], 5, 0.5)
        return list(dict.fromkeys(self._by_name[name] for name in names))

    def _has_all(self, group: Group, text: str) -> bool:
        words = [word for word in folded(text).split() if word not in _SMALL]
        return bool(words) and set(words) <= set(folded(group.words).split())

    def members(self, group: Group) -> tuple[str, ...]:
        """Return the IRIs of the entities in a group, rising."""
        with self._lock:
            if group.iri not in self._members:
                query = (_OFFERING if group.is_need else query_beside(__file__, "groups_of_kind")) % (
                    self._namespaces.base,
                    group.iri,
                )
                self._members[group.iri] = tuple(sorted(row["entity"].value for row in self._reader.rows(query)))
            return self._members[group.iri]

    @cached_property
    def _by_name(self) -> dict[str, Group]:
        names: dict[str, Group] = {}
        for group in self.all:
            short = self._namespaces.shorten(group.iri)
            texts = [group.words, f"any {group.label}", f"any offering {group.label}", f"any {short}"]
            for text in texts if group.is_need else [group.words, f"any {short}"]:
                names.setdefault(folded(text), group)
        return names


_PLACES = """
PREFIX lhi: <%sdef#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?kind WHERE { ?kind rdfs:subClassOf+ lhi:Place }
"""


_OFFERING = """
PREFIX lhi: <%sdef#>
SELECT DISTINCT ?entity WHERE { ?entity lhi:helpsWith|lhi:meetsNeed <%s> }
"""
