"""What can be followed: whether it is there, what it is called, where its page is, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from leedskg.accounts.follows import FollowKind
from leedskg.catalogue import CatalogueEntry
from leedskg.errors import Candidate, GoneError, RequestError, UnknownNameError, excerpt
from leedskg.generation_view import GenerationView
from leedskg.queries import SavedQuery, read_queries

#: Members of a list of one's own: so many addresses fit into one that every browser and mail program keeps whole.
MOST_MEMBERS = 500
#: Members that the name of a list tells.
_MOST_NAMED = 3
#: Characters of what is followed: the ids of a list, or the values of a query.
_LONGEST = 50_000


@dataclass(frozen=True)
class Target:
    """A thing that is followed, as it stands in this state of the graph."""

    name: str
    #: Its page, from the root of the site.
    path: str
    #: What is told of: the entities by IRI, or the text of the query.
    entities: tuple[str, ...] = ()
    query: str = ""
    #: What became of it: retired, replaced, gone; empty where it is in use.
    fate: str = ""
    #: The id and the name of what is in use in its place.
    instead: tuple[str, str] | None = None


class Targets:
    """What can be followed in one state of the graph; `root` is the folder of the knowledge files."""

    def __init__(self, view: GenerationView, root: Path) -> None:
        self._view, self._root = view, root

    def checked(self, kind: FollowKind, address: str) -> str:
        """Return the one way to write what somebody wants to follow.

        Raises UnknownNameError for what is not there, GoneError for what is retired, with where it went, and
        RequestError for a list that is too long or a value of a query that cannot be.
        """
        if len(address) > _LONGEST:
            raise RequestError(f"What is followed is named in up to {_LONGEST:,} characters. Nothing was changed.")
        if kind is FollowKind.QUERY:
            saved, values = self._query(address)
            saved.filled(values)
            return saved.address(values)
        ids = list(dict.fromkeys(each.strip() for each in address.split(",") if each.strip()))
        if kind is FollowKind.ENTITY:
            ids = [address.strip()]
        if not ids:
            raise RequestError("The list is empty, so that there is nothing to follow. Put something in it first.")
        if len(ids) > MOST_MEMBERS:
            raise RequestError(f"A list has up to {MOST_MEMBERS} members; {len(ids):,} are named. Narrow it first.")
        for each in ids:
            self._check(each)
        return ",".join(ids)

    def describe(self, kind: FollowKind, address: str) -> Target:
        """Return a followed thing as it stands now; one that is gone has its fate in words, and never raises."""
        if kind is FollowKind.QUERY:
            return self._described_query(address)
        return self._described_entity(address) if kind is FollowKind.ENTITY else self._described_list(address)

    def _check(self, name: str) -> None:
        entry = self._view.catalogue.entries.get(self._view.namespaces.entity(name))
        if entry is None:
            near = self._view.catalogue.search(name.replace("-", " ")[:200], 5)
            raise UnknownNameError(
                f"Nothing here has the id “{excerpt(name)}”, so that it cannot be followed.",
                candidates=tuple(Candidate(each.entry.iri, each.entry.label, each.entry.kind) for each in near),
            )
        if entry.in_use:
            return
        now = self._view.catalogue.current(entry)
        raise GoneError(
            f"{entry.label} was replaced by {now.label}. Follow that instead." if now is not entry
            else f"{entry.label} was retired, and nothing took its place, so that it cannot be followed.",
            elsewhere=f"/id/{self._id(now)}",
        )  # fmt: skip

    def _described_entity(self, name: str) -> Target:
        iri = self._view.namespaces.entity(name)
        entry = self._view.catalogue.entries.get(iri)
        if entry is None:
            return Target(name, f"/id/{name}/history", (iri,), fate="It was taken out of the graph.")
        if entry.in_use:
            return Target(entry.label, f"/id/{name}", (iri,))
        now = self._view.catalogue.current(entry)
        if now is entry:
            return Target(entry.label, f"/id/{name}", (iri,), fate="It was retired, and nothing took its place.")
        fate = f"It was replaced by {now.label}."
        return Target(entry.label, f"/id/{name}", (iri,), fate=fate, instead=(self._id(now), now.label))

    def _described_list(self, address: str) -> Target:
        ids = address.split(",")
        members = [self._described_entity(each) for each in ids]
        names = ", ".join(each.name for each in members[:_MOST_NAMED])
        more = len(members) - _MOST_NAMED
        fates = [f"{each.name}: {each.fate[3:]}" for each in members if each.fate]
        told = " ".join(fates[:_MOST_NAMED]) + (f" And {len(fates) - _MOST_NAMED} more." if fates[_MOST_NAMED:] else "")
        return Target(
            f"Your list of {len(members)}: {names}" + (f" and {more} more" if more > 0 else ""),
            f"/list?{urlencode({'of': address}, safe=',')}",
            tuple(iri for each in members for iri in each.entities),
            fate=told,
        )

    def _described_query(self, address: str) -> Target:
        name, _, values = address.partition("?")
        path = f"/query/{address}"
        try:
            saved, given = self._query(address)
            text = saved.filled(given)
        except RequestError as error:
            return Target(name, path, fate=error.message)
        told = "; ".join(
            f"{parameter.label}: {self._named(given[parameter.name])}"
            for parameter in saved.parameters if parameter.name in given
        )  # fmt: skip
        return Target(f"{saved.title} ({told})" if told and values else saved.title, path, query=text)

    @cached_property
    def _saved(self) -> dict[str, SavedQuery]:
        return {each.name: each for each in read_queries(self._root)}

    def _query(self, address: str) -> tuple[SavedQuery, dict[str, str]]:
        return read_address(self._saved, address)

    def _named(self, value: str) -> str:
        entry = self._view.catalogue.entries.get(value)
        if entry:
            return entry.label
        words = (word.label for word in self._view.vocabulary if word.iri == value)
        return next(words, "") or self._view.namespaces.shorten(value)

    def _id(self, entry: CatalogueEntry) -> str:
        return entry.iri.removeprefix(self._view.namespaces.entity(""))


def read_address(saved: Mapping[str, SavedQuery], address: str) -> tuple[SavedQuery, dict[str, str]]:
    """Return the saved query that an address names, and the values that it gives for its parameters.

    Raises UnknownNameError, and RequestError for values that cannot be read.
    """
    name, _, given = address.partition("?")
    found = saved.get(name)
    if found is None:
        raise UnknownNameError(f"No saved query has the name “{excerpt(name)}”. The query page lists them all.")
    try:
        pairs = parse_qsl(given, max_num_fields=50)
    except ValueError:
        raise RequestError("These are not the values of a saved query. Nothing was changed.") from None
    known = {parameter.name for parameter in found.parameters}
    return found, {key: value for key, value in pairs if key in known}
