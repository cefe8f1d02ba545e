"""Who might work together: two bodies that nothing joins yet, with a reason that a person would give."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
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
_MOST_OF_ONE = 2
#: Bodies around one beyond which it introduces nobody in particular, and would make too many pairs.
_MOST_AROUND = 100
_WITH = frozenset({"partnership", "strategic-partnership", "co-developers", "co-development", "usage", "commissioning"})


@dataclass(frozen=True)
class PartnerReason:
    """Why two might work together, by what it is `about`, which `shared_by` so many have.

    Of kind `theme`: the label of the theme that both work on. Of kind `investor`: a company that the one backs, and
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


def read_statements(reader: Reader, namespaces: Namespaces) -> dict[str, frozenset[str]]:
    """Return the statements in force that each thing takes part in, in whatever role."""
    found: dict[str, set[str]] = {}
    for row in reader.rows(query_beside(__file__, "partners_statements") % namespaces.base):
        found.setdefault(row["participant"].value, set()).add(row["statement"].value)
    return {iri: frozenset(statements) for iri, statements in found.items()}


def potential_partners(
    network: Network,
    bodies: Mapping[str, CatalogueEntry],
    themes: Matrix,
    statements: Mapping[str, frozenset[str]],
) -> tuple[PotentialPartners, ...]:
    """Return the pairs of these bodies that have a reason to meet and that nothing joins, the best first."""
    search = _Search(network, bodies, statements)
    reasons: dict[tuple[str, str], dict[PartnerReason, None]] = {}
    for one, other, reason in (*search.by_theme(themes), *search.by_investor(), *search.by_adoption()):
        reasons.setdefault((min(one, other), max(one, other)), {})[reason] = None
    pairs = (PotentialPartners(*pair, tuple(found)) for pair, found in reasons.items() if not search.are_joined(*pair))
    return tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.one, pair.other))[:_MOST_KEPT])


def suggested(
    pairs: Iterable[PotentialPartners], dismissed: Collection[tuple[str, str]] = ()
) -> list[PotentialPartners]:
    """Return the pairs to suggest, the best first: none that somebody dismissed, and no body in many of them."""
    found: list[PotentialPartners] = []
    times: Counter[str] = Counter()
    for pair in pairs:
        ends = pair.one, pair.other
        if ends not in dismissed and max(times[end] for end in ends) < _MOST_OF_ONE and len(found) < MOST_PAIRS:
            times.update(ends)
            found.append(pair)
    return found


class _Search:
    """What joins bodies, and what speaks for joining them."""

    def __init__(
        self, network: Network, bodies: Mapping[str, CatalogueEntry], statements: Mapping[str, frozenset[str]]
    ) -> None:
        self._bodies = bodies
        self._statements = statements
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
        """Return whether a statement, a tie, or a whole that one or both are part of brings two together already."""
        if not self._statements.get(one, frozenset()).isdisjoint(self._statements.get(other, frozenset())):
            return True
        around, others = self._within(one), self._within(other)
        return not around.isdisjoint(others) or any(
            not self._tied.get(each, set()).isdisjoint(others) for each in around
        )

    def _within(self, body: str) -> set[str]:
        """Return a body and every whole that it is part of."""
        found, left = {body}, [body]
        while left:
            wider = self._owners(left.pop()) - found
            found |= wider
            left += wider
        return found

    def _is(self, body: str, *kinds: str) -> bool:
        return body in self._bodies and not set(kinds).isdisjoint(self._bodies[body].kind_labels)

    def _is_business(self, body: str) -> bool:
        """Return whether it makes things: a company that is no investor and no adviser."""
        return self._is(body, "company", "spin-out company") and not self._is(body, "investor", "professional adviser")

    def _origins(self, body: str) -> set[str]:
        return self._to.get((body, "spin-out"), set())

    def _owners(self, body: str) -> set[str]:
        return self._to.get((body, "composition"), set())

    def by_theme(self, themes: Matrix) -> Iterator[tuple[str, str, PartnerReason]]:
        """Yield two that work on one theme; two investors do not become partners by it, nor do two of one house."""
        working: dict[tuple[str, str], set[str]] = {}
        labels = {theme.iri: theme.label for theme in themes.rows}
        for (theme, _), actors in themes.cells.items():
            working.setdefault((theme, labels[theme]), set()).update(each.iri for each in actors)
        for (_, label), everybody in sorted(working.items()):
            bodies = sorted(each for each in everybody if each in self._bodies)
            for one, other in combinations(bodies if len(bodies) <= _MOST_AROUND else [], 2):
                siblings = not self._origins(one).isdisjoint(self._origins(other))
                if not siblings and not (self._is(one, "investor") and self._is(other, "investor")):
                    yield one, other, PartnerReason("theme", (label,), len(everybody))

    def by_investor(self) -> Iterator[tuple[str, str, PartnerReason]]:
        """Yield an investor and a company that was spun out of where one that it backs was."""
        for origin in sorted({origin for (origin, pattern) in self._from if pattern == "spin-out"}):
            companies = sorted(self._from[origin, "spin-out"])
            for backed in companies if len(companies) <= _MOST_AROUND else []:
                for investor in sorted(self._from.get((backed, "funding"), ())):
                    if self._is(investor, "investor"):
                        for company in companies:
                            if company != backed and self._is_business(company) and not self._owners(company):
                                about = PartnerReason("investor", (backed, origin), len(companies))
                                yield investor, company, about

    def by_adoption(self) -> Iterator[tuple[str, str, PartnerReason]]:
        """Yield a company that works with an NHS body, and another NHS body that is a partner of that one."""
        for trust in sorted(self._bodies):
            around = self._tied.get(trust, set())
            if not self._is(trust, "NHS organisation") or len(around) > _MOST_AROUND:
                continue
            companies = [each for each in sorted(around) if self._is_business(each) and self._work(each, trust, _WITH)]
            for other in sorted(around):
                if self._is(other, "NHS organisation") and self._work(other, trust, _WITH):
                    for company in companies:
                        yield company, other, PartnerReason("adoption", (trust,), len(around))

    def _work(self, one: str, other: str, patterns: Iterable[str]) -> bool:
        return any(
            other in self._to.get((one, pattern), ()) or one in self._to.get((other, pattern), ())
            for pattern in patterns
        )
