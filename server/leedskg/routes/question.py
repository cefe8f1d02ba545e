"""The words of a hop as the verb of a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from leedskg.errors import RequestError
from leedskg.network import EdgePattern, Tie
from leedskg.routes.weights import UNIT, Filter

#: What begins with a word that is no verb by itself, with the verb that it needs.
_IS_A = ("partner of", "member of")
_IS = ("associated with", "involved in", "part of")
#: What was done once. All else that ends in “by” goes on, as far as the words say.
_WAS = ("developed with", "founded by", "written by", "commissioned by", "developed by", "succeeded by")


def stated(words: str) -> str:
    """Write the words of an edge as a verb: `is hosted by` for `hosted by`, `is a partner of` for `partner of`."""
    if words in _IS_A:
        return f"is a {words}"
    if words in _WAS:
        return f"was {words}"
    return f"is {words}" if words in _IS or words.endswith(" by") else words


MOST_STEPS = 5
#: Routes that can be asked for at once.
MOST_ROUTES = 30
#: Entities that one end may stand for at most, where it is a kind or a need.
MOST_ENDS = 50_000
_ALONE = "the only one of its kind at either end"
#: Entities that can be left out of routes at once.
MOST_WITHOUT = 50


@dataclass(frozen=True)
class RouteQuery:
    """Routes from any of `starts` to any of `goals`, which are IRIs of entities, and what they may use.

    `kinds` are IRIs of kinds of relationship, and `sources` of documents and registers, none for all; what ended before
    the year `since` or began after `until` is left out. No route leads through an entity in `without`.
    """

    starts: tuple[str, ...]
    goals: tuple[str, ...]
    most_steps: int = 4
    count: int = 5
    as_at: date = field(default_factory=date.today)
    min_confidence: float = 0.0
    kinds: frozenset[str] = frozenset()
    without: tuple[str, ...] = ()
    sources: frozenset[str] = frozenset()
    since: int = 0
    until: int = 0

    @property
    def filter(self) -> Filter:
        """Which relationships count, and as at when."""
        return Filter(self.as_at, self.min_confidence, self.kinds, self.sources, self.since, self.until)

    def check(self) -> None:
        """Raise RequestError, saying what to fix, for a question that has no answer."""
        if len(self.starts) == 1 and self.starts == self.goals:
            raise RequestError("Both ends are the same entity; choose two different ones.")
        if not 1 <= self.most_steps <= MOST_STEPS:
            raise RequestError(f"A route has 1 to {MOST_STEPS} steps, not {self.most_steps}.")
        if not 1 <= self.count <= MOST_ROUTES:
            raise RequestError(f"Ask for 1 to {MOST_ROUTES} routes, not {self.count}.")
        if not 0.0 <= self.min_confidence <= 1.0:
            raise RequestError(f"A confidence is a number from 0 to 1, not {self.min_confidence:g}.")
        if len(self.without) > MOST_WITHOUT:
            raise RequestError(f"Leave out up to {MOST_WITHOUT} entities, not {len(self.without)}.")
        for ends, name in ((self.starts, "from"), (self.goals, "to")):
            if set(ends) & set(self.without) and len(ends) == 1:
                raise RequestError(f"The same entity is named under “{name}” and under “not through”; take one out.")
            if len(ends) > MOST_ENDS:
                raise RequestError(
                    f"{len(ends):,} entities come under “{name}”, more than the {MOST_ENDS:,} that are searched from "
                    "at once; choose a narrower kind."
                )


@dataclass(frozen=True)
class SharedEdges:
    """How many edges of a kind meet at one end of a hop, such as `1 of 42 members`, and at which entity."""

    words: str
    of: str
    mutual: bool = False

    def told(self, name: str) -> str:
        """Say it with the name of the entity: `1 of 42 members of a cluster`, `1 of 2 hosted by the University`."""
        joint = "of" if not self.words.endswith("ed") else "with" if self.mutual else "by"
        return f"{self.words} {joint} {name}"


@dataclass(frozen=True)
class Weight:
    """Why a hop costs what it does. The terms are bits and add up to its cost."""

    sources: int
    confidence: float
    #: The years from the end of the relationship, and that end as the source gives it; 0 and nothing for none.
    age: float
    ended: str
    #: Neighbours by the same edge: of the end that the relationship leads from, and of the other.
    out: int
    into: int
    relevance_bits: float
    confidence_bits: float
    age_bits: float
    exclusivity_bits: float
    hop_bits: float
    grounds: tuple[str, ...]
    crowds: tuple[SharedEdges, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The terms in words, without names."""
        crowds = [f"{each.words} at one end" if each.mutual else each.words for each in self.crowds]
        return (*self.grounds, *(dict.fromkeys(crowds) or [_ALONE]))

    def told(self, name: Callable[[str], str]) -> tuple[str, ...]:
        """Return the terms in words, `name` giving that of an entity."""
        return (*self.grounds, *([each.told(name(each.of)) for each in self.crowds] or [_ALONE]))


@dataclass(frozen=True)
class Hop:
    """One step of a route: the relationships by one edge between two entities, and what they cost in bits.

    `along` is whether the route walks the way that the relationship points. `others` are weaker hops between the two.
    """

    source: str
    target: str
    words: str
    along: bool
    ties: tuple[Tie, ...]
    cost: float
    weight: Weight | None = None
    others: tuple[Hop, ...] = ()

    @property
    def stated(self) -> str:
        """Its words as the verb of a sentence."""
        return stated(self.words)

    @property
    def pattern(self) -> EdgePattern:
        """How the relationship became an edge."""
        return self.ties[0].pattern

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it weighs what it does, in words, without names."""
        return self.weight.reasons if self.weight else ()

    def told(self, name: Callable[[str], str]) -> tuple[str, ...]:
        """Return the reasons in words, with the names of the entities that others like it meet at."""
        return self.weight.told(name) if self.weight else ()


@dataclass(frozen=True)
class Band:
    """Where a route stands among the strongest ones of random pairs: stronger than `low` to `high` per cent of them."""

    low: int
    high: int

    @property
    def words(self) -> str:
        """The band in words."""
        if self.low >= 50:
            return f"among the strongest {100 - self.low}%"
        return f"among the weakest {self.high}%"


@dataclass(frozen=True)
class Route:
    """A simple path, hop by hop."""

    hops: tuple[Hop, ...]
    band: Band | None = None

    @cached_property
    def cost(self) -> float:
        """Bits, summed over the hops."""
        return round(sum(hop.cost for hop in self.hops) * UNIT) / UNIT

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities in order, both ends included."""
        return (self.hops[0].source, *(hop.target for hop in self.hops))

    @cached_property
    def between(self) -> frozenset[str]:
        """The entities that the route leads through."""
        return frozenset(self.entities[1:-1])

    @property
    def kind(self) -> tuple[str, ...]:
        """The kinds of relationship on it, each once, in the order of their names."""
        return tuple(sorted({hop.pattern.label for hop in self.hops}))


@dataclass(frozen=True)
class Bridge:
    """Two entities that no relationship joins; one would make a route.

    `links` are the kinds of relationship that the graph most often records between things of these two kinds, each
    with how many there are.
    """

    near: str
    far: str
    steps: int
    links: tuple[tuple[EdgePattern, int], ...] = ()


@dataclass(frozen=True)
class Misses:
    """Why there is no route, as far as the graph can tell.

    `relaxed` says for what filter, taken away by itself, how many routes there would be; `further` how many steps the
    shortest route has when more are allowed, 0 for none; `alone` the ends that no relationship of use is recorded of.
    """

    relaxed: tuple[tuple[str, int], ...] = ()
    further: int = 0
    alone: tuple[str, ...] = ()
    bridges: tuple[Bridge, ...] = ()


@dataclass(frozen=True)
class RouteAnswer:
    """The routes picked, the strongest first, and how many there are in all.

    `total` is exact, or, when `more`, a number that there are more than. `kinds` are the kinds of the strongest routes
    that these were picked from, with how many are of each; `compared` how many random pairs stand behind the bands.
    """

    routes: tuple[Route, ...]
    total: int
    more: bool
    kinds: tuple[tuple[tuple[str, ...], int], ...] = ()
    compared: int = 0
    misses: Misses | None = None
