"""What the templates are given: plain objects, every address and every text ready to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from leedskg.record import Certainty, certainty
from leedskg.wording import capital, listed


@dataclass(frozen=True)
class EntityView:
    """An entity as a link with its kind; a concept has no kind, and a text no address either."""

    label: str
    href: str = ""
    kind: str = ""
    iri: str = ""
    retired: bool = False


@dataclass(frozen=True)
class PlaceView:
    """A place in a source: a passage of a document, a record of a register, a web page or a report.

    `words` say where it is; `document_href` is the page of the source here, `record_href` the record or page itself.
    """

    document: str
    document_href: str
    section: str
    words: str
    digest: str
    href: str
    record_href: str = ""
    kind: str = "record"
    #: The offsets of a passage in words, and where it stands in its document.
    span: str = ""
    reading_href: str = ""


@dataclass(frozen=True)
class BackingView:
    """What one statement rests on: its places in sources, how sure it is, and who says so."""

    href: str
    places: tuple[PlaceView, ...]
    confidence: float
    rank: str
    asserted_by: str
    asserted_on: str
    note: str = ""

    @property
    def certainty(self) -> Certainty:
        """How sure the statement is, with the reason."""
        return certainty(self.confidence)

    @property
    def how_sure(self) -> str:
        """How sure it is and by how many sources, such as `Stated outright, 1 source`."""
        sources = len({place.document_href for place in self.places})
        return f"{capital(self.certainty.words)}, {sources or 'no'} source{'' if sources == 1 else 's'}"


@dataclass(frozen=True)
class StatementRowView:
    """One thing said of an entity: another entity or a text, what else is told of it, and its backing."""

    value: EntityView
    about: str
    href: str
    backing: tuple[BackingView, ...]
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class TieGroupView:
    """What is said of an entity in the same words, such as every body that it is a partner of."""

    words: str
    rows: tuple[StatementRowView, ...]


@dataclass(frozen=True)
class ConflictView:
    """Another figure that cannot hold together with this one."""

    words: str
    href: str


@dataclass(frozen=True)
class FigureView:
    """One observation of an indicator. `told` is where, when and of what; `sources` who says so."""

    value: str
    unit: str
    qualifier: str
    name: str
    href: str
    told: tuple[str, ...]
    sources: str
    backing: tuple[BackingView, ...]
    conflicts: tuple[ConflictView, ...] = ()

    @property
    def words(self) -> str:
        """The value in words, such as `more than 250 companies`."""
        return " ".join(filter(None, (self.qualifier, self.value, self.unit)))


@dataclass(frozen=True)
class LineView:
    """A statement in one line, with its address; one that was withdrawn says why."""

    words: str
    href: str
    withdrawn: bool = False
    why: str = ""


_BASES = {
    "record": "records of a register",
    "passage": "a passage of a document",
    "page": "a page of the web",
    "report": "a report",
}


def basis_of(kinds: Iterable[str]) -> list[str]:
    """Return what kinds of place a statement rests on, in words, each once."""
    there = set(kinds)
    return [words for kind, words in _BASES.items() if kind in there]


@dataclass(frozen=True)
class HopView:
    """One step of a route: its words, both roles, what is told of it, why it weighs what it does, and its backing."""

    words: str
    roles: tuple[str, str]
    dates: str
    told: tuple[str, ...]
    reasons: tuple[str, ...]
    href: str
    backing: tuple[BackingView, ...]
    #: Its words as the verb of a sentence.
    stated: str = ""

    @property
    def brief(self) -> str:
        """What a sentence adds in brackets: the date, an amount."""
        return "; ".join(filter(None, (self.dates, *self.told)))

    @property
    def documents(self) -> str:
        """The documents and registers that tell of it, or nothing."""
        return listed(dict.fromkeys(place.document for each in self.backing for place in each.places))

    @property
    def basis(self) -> str:
        """What tells of it: `a record of a register`, `a passage of a document`, or both and what else there is."""
        return listed(basis_of(place.kind for each in self.backing for place in each.places))

    @property
    def roles_in_words(self) -> str:
        """Both roles, such as `funder and funded`, or nothing when one of them is not known."""
        one, other = self.roles
        if not (one and other):
            return ""
        return f"both {one}" if one == other else f"{one} and {other}"


@dataclass(frozen=True)
class RouteView:
    """A route as stations and the hops between them."""

    stations: tuple[EntityView, ...]
    hops: tuple[HopView, ...]
    cost: float
    band: str = ""
    kind: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[tuple[EntityView, HopView, EntityView], ...]:
        """Each hop between its two stations."""
        return tuple(zip(self.stations, self.hops, self.stations[1:], strict=False))

    @property
    def words(self) -> str:
        """What the route leads through."""
        between = [station.label for station in self.stations[1:-1]]
        return f"through {listed(between)}" if between else "directly"

    @property
    def stated_in(self) -> str:
        """The documents and registers that its steps come from, and which step from which where they differ."""
        steps: dict[str, list[str]] = {}
        for number, hop in enumerate(self.hops, start=1):
            steps.setdefault(hop.documents or "no source named", []).append(str(number))
        if len(steps) == 1:
            return next(iter(steps))
        return "; ".join(
            f"{documents} (step{'s' if len(numbers) > 1 else ''} {listed(numbers)})"
            for documents, numbers in steps.items()
        )


@dataclass(frozen=True)
class FieldView:
    """A field of the form for routes: its text, what is wrong with it, and what it may have meant."""

    name: str
    text: str
    problem: str = ""
    candidates: tuple[EntityView, ...] = ()


@dataclass(frozen=True)
class BridgeView:
    """Two entities that would have to be joined for a route: by what such usually are, and what the two share."""

    near: EntityView
    far: EntityView
    steps: int
    links: tuple[tuple[str, int], ...]
    shared: tuple[tuple[str, list[EntityView]], ...]
