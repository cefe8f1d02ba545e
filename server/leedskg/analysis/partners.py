"""Who might work together: two bodies that nothing joins yet, with a reason that a person would give."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from leedskg.catalogue import CatalogueEntry
from leedskg.matrix import Matrix
from leedskg.namespaces import Namespaces
from leedskg.network import Network
from leedskg.query_files import query_beside
from leedskg.store import Reader

#: Pairs that are kept, and that are suggested.
_MOST_KEPT, MOST_PAIRS = 1000, 60
#: How often one body is suggested: the list is read from its beginning, and shall not be one body's own.
MOST_OF_ONE = 3
#: Bodies around one beyond which it introduces nobody in particular, and would make too many pairs.
_MOST_AROUND = 100
_WITH = frozenset({"partnership", "strategic-partnership", "co-developers", "co-development", "usage", "commissioning"})

#: Relationships by which a company has something that another body can take up.
_TO_TAKE_UP = ("development", "making", "operation", "support-service", "involvement")
#: Kinds that nobody invests in, so that a theme is no reason for an investor to meet them.
_OF_RESEARCH_AND_CARE = ("ResearchCentre", "NHSOrganisation", "University", "College")


@dataclass(frozen=True)
class PartnerReason:
    """Why two might work together, by what it is `about`, which `shared_by` so many have.

    Of kind `theme`: the label of the theme that both work on. Of kind `wider theme`: the body that works on a narrower
    theme, and the labels of that and of the other's. Of kind `investor`: a company that the one backs, and
    the body that it and the other were spun out of. Of kind `adoption`: the NHS body with which the one works, and
    which is a partner of the other.
    """

    kind: str
    about: tuple[str, ...]
    shared_by: int

    @property
    def weight(self) -> float:
        """The more, the fewer share it (Adamic and Adar 2003)."""
        return 1 / math.log(1 + max(2, self.shared_by))


@dataclass(frozen=True)
class PotentialPartners:
    """Two bodies that no statement joins and neither of which is within what the other is within, and why them."""

    one: str
    other: str
    reasons: tuple[PartnerReason, ...]

    @property
    def score(self) -> float:
        """The weights of its reasons together."""
        return sum(reason.weight for reason in self.reasons)


def read_statements(reader: Reader, namespaces: Namespaces, bodies: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the statements in force that each of these bodies takes part in, in whatever role."""
    found: dict[str, set[str]] = {}
    wanted = " ".join(f"<{iri}>" for iri in sorted(bodies))
    for row in reader.rows(query_beside(__file__, "partners_statements") % (namespaces.base, wanted)) if wanted else ():
        found.setdefault(row["participant"].value, set()).add(row["statement"].value)
    return {iri: frozenset(statements) for iri, statements in found.items()}


#: Tells the statements in force that each of some bodies takes part in.
StatementsOf = Callable[[Collection[str]], Mapping[str, frozenset[str]]]


def read_wider_themes(reader: Reader, namespaces: Namespaces) -> dict[str, frozenset[str]]:
    """Return the themes next above each theme."""
    found: dict[str, set[str]] = {}
    for row in reader.rows(query_beside(__file__, "partners_wider_themes") % namespaces.base):
        found.setdefault(row["theme"].value, set()).add(row["wider"].value)
    return {theme: frozenset(above) for theme, above in found.items()}


def potential_partners(  # noqa: PLR0913, PLR0917 - all that speaks for two, or against
    network: Network,
    bodies: Mapping[str, CatalogueEntry],
    themes: Matrix,
    statements: StatementsOf,
    wider: Mapping[str, frozenset[str]],
    helpers: Collection[str],
) -> tuple[PotentialPartners, ...]:
    """Return the pairs of these bodies that have a reason to meet and that nothing joins, the best first.

    `statements` tells what some bodies take part in, `wider` are the themes next above each, `helpers` those that are
    recorded as helping with a need.
    """
    search = _Search(network, bodies)
    reasons: dict[tuple[str, str], dict[PartnerReason, None]] = {}
    for one, other, reason in (*search.by_theme(themes, wider), *search.by_investor(helpers), *search.by_adoption()):
        reasons.setdefault((min(one, other), max(one, other)), {})[reason] = None
    said = statements({end for pair in reasons for end in pair})  # of few bodies, where all have many statements
    apart = (pair for pair in reasons if not _share(said, *pair) and not search.are_joined(*pair))
    pairs = (PotentialPartners(*pair, tuple(reasons[pair])) for pair in apart)
    best = sorted(pairs, key=lambda pair: (-pair.score, pair.one, pair.other))
    return tuple(search.one_of_a_house(best))[:_MOST_KEPT]


def suggested(
    pairs: Iterable[PotentialPartners], dismissed: Collection[tuple[str, str]] = ()
) -> list[PotentialPartners]:
    """Return the pairs to suggest, the best first: none that somebody dismissed, and no body in many of them."""
    found: list[PotentialPartners] = []
    times: Counter[str] = Counter()
    for pair in pairs:
        ends = pair.one, pair.other
        if ends not in dismissed and max(times[end] for end in ends) < MOST_OF_ONE and len(found) < MOST_PAIRS:
            times.update(ends)
            found.append(pair)
    return found


def _share(said: Mapping[str, frozenset[str]], one: str, other: str) -> bool:
    """Return whether one statement names both."""
    return not said.get(one, frozenset()).isdisjoint(said.get(other, frozenset()))


class _Search:
    """What joins bodies, and what speaks for joining them."""

    def __init__(self, network: Network, bodies: Mapping[str, CatalogueEntry]) -> None:
        self._bodies = bodies
        #: By a body and the pattern of a relationship: those that it is read towards, and those that it is read from.
        self._to: dict[tuple[str, str], set[str]] = {}
        self._from: dict[tuple[str, str], set[str]] = {}
        self._tied: dict[str, set[str]] = {}
        for source, target, tie in network.ties():
            pattern = tie.pattern.iri.rpartition("pattern-")[2]
            self._to.setdefault((source, pattern), set()).add(target)
            self._from.setdefault((target, pattern), set()).add(source)
            self._tied.setdefault(source, set()).add(target)
            self._tied.setdefault(target, set()).add(source)

    def are_joined(self, one: str, other: str) -> bool:
        """Return whether a tie, or a whole that one or both are part of, brings two together already.

        So does a roof that they share, or a group that both are members of.
        """
        if not self._meeting_places(one).isdisjoint(self._meeting_places(other)):
            return True
        around, others = self._within(one), self._within(other)
        return not around.isdisjoint(others) or any(
            not self._tied.get(each, set()).isdisjoint(others) for each in around
        )

    def one_of_a_house(self, pairs: Iterable[PotentialPartners]) -> Iterator[PotentialPartners]:
        """Leave out a pair where the same body is brought together with a part, or the whole, of the other before."""
        met: dict[str, set[str]] = {}
        for pair in pairs:
            ends = (pair.one, pair.other), (pair.other, pair.one)
            if not any(self._is_of_one_house(end, each) for end, third in ends for each in met.get(third, ())):
                yield pair
                for end, third in ends:
                    met.setdefault(third, set()).add(end)

    def _is_of_one_house(self, one: str, other: str) -> bool:
        return one in self._within(other) or other in self._within(one)

    def _meeting_places(self, body: str) -> set[str]:
        return self._from.get((body, "hosting"), set()) | self._to.get((body, "membership"), set())

    def _within(self, body: str) -> set[str]:
        """Return a body and every whole that it is part of."""
        found, left = {body}, [body]
        while left:
            wider = self._owners(left.pop()) - found
            found |= wider
            left += wider
        return found

    def _is(self, body: str, *classes: str) -> bool:
        return body in self._bodies and self._bodies[body].is_of(classes)

    def _is_business(self, body: str) -> bool:
        """Return whether it makes things: a company that is no investor and no adviser."""
        return self._is(body, "Company", "SpinOutCompany") and not self._is(body, "Investor", "Adviser")

    def _origins(self, body: str) -> set[str]:
        return self._to.get((body, "spin-out"), set())

    def _owners(self, body: str) -> set[str]:
        return self._to.get((body, "composition"), set())

    def by_theme(self, themes: Matrix, wider: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str, PartnerReason]]:
        """Yield two that work on one theme, or the one on a part of the other's.

        Two of one house do not become partners by it, nor does an investor meet what nobody can invest in.
        """
        working: dict[str, set[str]] = {}
        for (theme, _), actors in themes.cells.items():
            working.setdefault(theme, set()).update(each.iri for each in actors)
        narrower: dict[str, set[str]] = {}
        for theme in sorted(working):
            for each in wider.get(theme, ()):
                narrower.setdefault(each, set()).add(theme)
        labels = {theme.iri: theme.label for theme in themes.rows}
        for theme, everybody in sorted(working.items()):
            below = sorted(narrower.get(theme, ()))
            shared_by = len(everybody.union(*(working[each] for each in below)))
            if shared_by > _MOST_AROUND:
                continue
            bodies = sorted(each for each in everybody if each in self._bodies)
            for one, other in combinations(bodies, 2):
                if self._may_share_a_theme(one, other):
                    yield one, other, PartnerReason("theme", (labels[theme],), shared_by)
            for part in below:
                others = [each for each in bodies if each not in working[part]]
                for one in sorted(each for each in working[part] - everybody if each in self._bodies):
                    reason = PartnerReason("wider theme", (one, labels[part], labels[theme]), shared_by)
                    yield from ((one, other, reason) for other in others if self._may_share_a_theme(one, other))

    def _may_share_a_theme(self, one: str, other: str) -> bool:
        siblings = not self._origins(one).isdisjoint(self._origins(other))
        return not siblings and not any(
            self._is(each, "Investor") and self._is(another, "Investor", *_OF_RESEARCH_AND_CARE)
            for each, another in ((one, other), (other, one))
        )

    def by_investor(self, helpers: Collection[str]) -> Iterator[tuple[str, str, PartnerReason]]:
        """Yield an investor and a company that was spun out of where one that it backs was.

        To have backed one company once says nothing of the next: the investor offers its help, or has done more.
        """
        for origin in sorted({origin for (origin, pattern) in self._from if pattern == "spin-out"}):
            companies = sorted(self._from[origin, "spin-out"])
            for backed in companies if len(companies) <= _MOST_AROUND else []:
                for investor in sorted(self._from.get((backed, "funding"), ())):
                    deeds = sum(len(self._to.get((investor, each), ())) for each in ("funding", "founding"))
                    if self._is(investor, "Investor") and (investor in helpers or deeds > 1):
                        for company in companies:
                            if company != backed and self._is_business(company) and not self._owners(company):
                                about = PartnerReason("investor", (backed, origin), len(companies))
                                yield investor, company, about

    def by_adoption(self) -> Iterator[tuple[str, str, PartnerReason]]:
        """Yield a company that works with an NHS body, and another NHS body that is a partner of that one.

        What a neighbour can take up is a product, a service or a programme of the company that the graph has.
        """
        for trust in sorted(self._bodies):
            around = self._tied.get(trust, set())
            if not self._is(trust, "NHSOrganisation") or len(around) > _MOST_AROUND:
                continue
            companies = [
                each for each in sorted(around) if self._has_something(each) and self._work(each, trust, _WITH)
            ]
            for other in sorted(around):
                if self._is(other, "NHSOrganisation") and self._work(other, trust, _WITH):
                    for company in sorted(companies):
                        yield company, other, PartnerReason("adoption", (trust,), len(around))

    def _has_something(self, body: str) -> bool:
        return self._is_business(body) and any((body, pattern) in self._to for pattern in _TO_TAKE_UP)

    def _work(self, one: str, other: str, patterns: Iterable[str]) -> bool:
        return any(
            other in self._to.get((one, pattern), ()) or one in self._to.get((other, pattern), ())
            for pattern in patterns
        )
