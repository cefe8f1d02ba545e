"""What is new of the things that somebody follows: read from the log of changes and from the answers of queries."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from leedskg.accounts.follows import Follow, FollowKind
from leedskg.alerts.followed_queries import AnswerReader, Asked
from leedskg.alerts.targets import Target, Targets, read_address
from leedskg.changes import ChangeLog
from leedskg.changes.answers import AnswerLog
from leedskg.errors import LeedskgError, LimitReachedError, RequestError
from leedskg.generation_view import GenerationView
from leedskg.namespaces import Namespaces
from leedskg.queries import read_queries
from leedskg.store import Published

#: Changes of one followed thing that are told, and records or rows of each.
_MOST_CHANGES, _MOST_LINES = 10, 10
#: Seconds for the queries that somebody follows, together: what is not looked at by then is looked at next time.
_SECONDS = 10.0
#: Seconds that a query needs to be worth a try.
_LEAST = 0.1
_LATER = "Its answer was not looked at yet, for the other queries took long. Look again in a moment."


@dataclass(frozen=True)
class NewsLine:
    """One line of a change: a record with its IRI, or a row of an answer."""

    text: str
    iri: str = ""


@dataclass(frozen=True)
class NewsItem:
    """A change of something that is followed."""

    #: The id of the publication that made it, or in which a new answer was first seen.
    id: str
    at: str
    title: str
    lines: tuple[NewsLine, ...]
    #: How many lines more there are, at least.
    more: int = 0
    #: Whether the publication has a page of its own.
    published: bool = True


@dataclass(frozen=True)
class FollowedThing:
    """Something that is followed, and what is new of it."""

    follow: Follow
    target: Target
    items: tuple[NewsItem, ...] = ()
    #: Whether there are more changes than are told.
    more: bool = False
    #: Why it could not be looked at this time; then it is new still when it can.
    problem: str = ""
    #: When the log of changes began anew since then, so that what came before cannot be told.
    gap: str = ""


class NewsReader:
    """Reads what is new in one state of the graph, from a state folder and the knowledge files in `root`."""

    def __init__(self, view: GenerationView, pool: Asked, state: Path, root: Path) -> None:
        self._number = view.published.number
        self._targets = Targets(view, root)
        self._log, self._answers = ChangeLog(state), AnswerReader(pool, state)

    def things(
        self, follows: Sequence[Follow], since: Callable[[Follow], str], *, most: int = _MOST_CHANGES
    ) -> list[FollowedThing]:
        """Return what is new of each since a moment of its own, at most so many changes of each."""
        until = time.monotonic() + _SECONDS
        return [self._thing(each, since(each), most, until) for each in follows]

    def _thing(self, follow: Follow, since: str, most: int, until: float) -> FollowedThing:
        target = self._targets.describe(follow.kind, follow.address)
        if follow.kind is not FollowKind.QUERY:
            return self._of_entities(follow, target, since, most)
        if not target.query:
            return FollowedThing(follow, target)
        try:
            items = self._of_answer(target.query, since, until)
        except LeedskgError as error:
            return FollowedThing(follow, target, problem=getattr(error, "message", str(error)))
        return FollowedThing(follow, target, tuple(items[:most]), len(items) > most)

    def _of_entities(self, follow: Follow, target: Target, since: str, most: int) -> FollowedThing:
        events = self._log.since(target.entities, since, self._number, most + 1)
        items = []
        for event in events[:most]:
            found = self._log.records(event.number, _MOST_LINES + 1, about=target.entities)
            lines = (
                NewsLine(f"{each.what.capitalize()}: {each.label}{f' ({each.kind})' if each.kind else ''}", each.iri)
                for each in found[:_MOST_LINES]
            )
            items.append(NewsItem(event.id, event.at, event.title, tuple(lines), len(found) - _MOST_LINES))
        gap = self._log.began_after(since, self._number)
        return FollowedThing(follow, target, tuple(items), len(events) > most, gap=gap)

    def _of_answer(self, query: str, since: str, until: float) -> list[NewsItem]:
        seconds = until - time.monotonic()
        if seconds < _LEAST:
            raise LimitReachedError(_LATER)
        items = []
        for each in self._answers.states(query, followed=True, seconds=seconds):
            if each.first or each.at <= since:
                continue
            told = [*(f"Added: {row}" for row in each.came), *(f"Removed: {row}" for row in each.went)]
            lines = tuple(NewsLine(row) for row in told[:_MOST_LINES])
            items.append(NewsItem(each.id, each.at, each.words, lines, sum(each.counts) - len(lines), published=False))
        return items


def count_new(
    namespaces: Namespaces, published: Published, state: Path, root: Path, follows: tuple[Follow, ...]
) -> int:
    """Return how many followed things are known to have something new; the answers of queries are not looked at."""
    asked = tuple((each.address, each.seen) for each in follows if each.kind is FollowKind.QUERY)
    others = tuple((each.address, each.seen) for each in follows if each.kind is not FollowKind.QUERY)
    known = _changed(state, published.id, published.number, namespaces.entity(""), others) if others else 0
    return known + AnswerLog(state).changed(_texts(root, published.id, asked) if asked else ())


@lru_cache(maxsize=64)
def _changed(state: Path, _: str, number: int, base: str, asked: tuple[tuple[str, str], ...]) -> int:
    """Return how many of some entities and lists have changed since a moment of each; kept for a state of the graph."""
    log = ChangeLog(state)
    return sum(bool(log.since([base + each for each in ids.split(",")], seen, number, 1)) for ids, seen in asked)


@lru_cache(maxsize=256)
def _texts(root: Path, _: str, asked: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the texts of queries that are followed, as the files have them in this state of the graph."""
    saved = {each.name: each for each in read_queries(root)}
    found = []
    for address, seen in asked:
        with suppress(RequestError):  # a query that is not there any more, which the page tells
            query, values = read_address(saved, address)
            found.append((query.filled(values), seen))
    return tuple(found)
