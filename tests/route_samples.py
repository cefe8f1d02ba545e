"""Small networks for the tests of routes, and routes found by trying every path."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from datetime import date

from hypothesis import strategies as st

from leedskg.network import EdgePattern, RouteModel, Tie
from leedskg.routes import RouteFinder, RouteIndex, RouteQuery, build_index

TODAY = date(2026, 11, 21)
FUNDS = EdgePattern("p:funding", "funding", "FundingAward", "funder", "funded", "funds", "funds", "funded by",
                    False, True, 0.9, 5.0, "funder", "funded")  # fmt: skip
PARTNER = EdgePattern("p:partnership", "partnership", "Partnership", "partner", "partner", "partnerOf", "partner of",
                      "partner of", True, True, 0.9, 8.0, "partner", "partner")  # fmt: skip
STRATEGIC = EdgePattern("p:strategic", "strategic partnership", "Partnership", "strategic", "partner", "partnerOf",
                        "partner of", "partner of", True, True, 1.0, 8.0, "strategic partner", "partner")  # fmt: skip
MEMBER = EdgePattern("p:membership", "membership", "Membership", "member", "group", "memberOf", "member of",
                     "has member", False, True, 0.5, 10.0, "member", "group")  # fmt: skip
PATTERNS = (FUNDS, PARTNER, STRATEGIC, MEMBER)
MODEL = RouteModel(0.4, 0.5, 30, 4.0, 500, 4)

#: From, to, pattern, confidence, sources, and when it began and ended.
Row = tuple[str, str, EdgePattern, float, tuple[str, ...], str, str]


def row(  # noqa: PLR0917 - a row of a table
    source: str,
    target: str,
    pattern: EdgePattern,
    confidence: float = 1.0,
    sources: tuple[str, ...] = ("doc",),
    begun: str = "",
    ended: str = "",
) -> Row:
    return source, target, pattern, confidence, sources, begun, ended


def index_of(*rows: Row, kinds: dict[str, str] | None = None) -> RouteIndex:
    ties = [
        (source, target, Tie(f"assertion:{number}", pattern, confidence, begun, ended, frozenset(sources)))
        for number, (source, target, pattern, confidence, sources, begun, ended) in enumerate(rows)
    ]
    return build_index(ties, PATTERNS, MODEL, kinds or {})


def finder(*rows: Row) -> RouteFinder:
    return RouteFinder(index_of(*rows))


def ask(start: str, goal: str, **more: object) -> RouteQuery:
    return RouteQuery((start,), (goal,), **({"as_at": TODAY} | more))  # type: ignore[arg-type]


@st.composite
def networks(draw: st.DrawFn) -> list[Row]:
    """Up to eight entities and two dozen relationships, parallel ones among them, with sources and dates."""
    size = draw(st.integers(2, 8))
    names = [f"n{number}" for number in range(size)]
    rows = []
    for _ in range(draw(st.integers(1, 24))):
        one, other = draw(st.permutations(names))[:2]
        confidence = draw(st.sampled_from([0.3, 0.5, 0.7, 0.9, 1.0]))
        sources = draw(st.sampled_from([("a",), ("b",), ("a", "b"), ()]))
        begun, ended = draw(st.sampled_from(["", "2015", "2025-06"])), draw(st.sampled_from(["", "2019", "2024-03-01"]))
        rows.append(row(one, other, draw(st.sampled_from(PATTERNS)), confidence, sources, begun, ended))
    return rows


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[Row], RouteQuery]:
    """A network and a question with filters; an end may be several entities."""
    rows = draw(networks())
    names = draw(st.permutations(sorted({end for each in rows for end in each[:2]} | {"elsewhere"})))
    first, second = draw(st.sampled_from([(1, 1), (1, 1), (1, 2), (2, 1), (2, 2)]))
    starts, goals = tuple(names[:first]), tuple(names[first : first + second])
    rest = names[first + second :]
    question = RouteQuery(
        starts,
        goals or (rest[0] if rest else "elsewhere",),
        draw(st.integers(1, 5)),
        30,
        draw(st.sampled_from([TODAY, date(2020, 1, 1), date(2010, 1, 1)])),
        draw(st.sampled_from([0.0, 0.0, 0.5, 0.8])),
        frozenset(draw(st.sampled_from([(), (), ("Partnership",), ("FundingAward", "Membership")]))),
        tuple(rest[: draw(st.integers(0, 2))]),
    )
    return rows, question


def by_brute_force(rows: list[Row], question: RouteQuery) -> list[tuple[float, tuple[str, ...]]]:
    """Every route by walking every path, its cost by the formula written out: independent of the program's arrays."""
    costs = hop_costs(rows, question)
    closed = {*question.starts, *question.goals, *question.without}
    found: list[tuple[float, tuple[str, ...]]] = []

    def walk(path: tuple[str, ...], cost: float) -> None:
        for (one, other), more in costs.items():
            if one != path[-1] or other in path:
                continue
            if other in question.goals and other not in question.without:
                found.append((cost + more, (*path, other)))
            elif other not in closed and len(path) < question.most_steps:
                walk((*path, other), cost + more)

    for start in question.starts:
        if start not in question.without:
            walk((start,), 0.0)
    return sorted(found)


def hop_costs(rows: list[Row], question: RouteQuery) -> dict[tuple[str, str], float]:
    """The cost of the cheapest hop between each two entities, in both directions."""
    groups: dict[tuple[str, str, str], list[tuple[int, Row]]] = {}
    for number, each in enumerate(rows):
        ends = sorted(each[:2]) if each[2].mutual else list(each[:2])
        groups.setdefault((ends[0], ends[1], each[2].edge), []).append((number, each))
    costs: dict[tuple[str, str], float] = {}
    for (source, target, edge), members in groups.items():
        kept = [(number, each) for number, each in members if _counts(each, question)]
        if not kept:
            continue
        mutual = members[0][1][2].mutual
        out = {b for a, b, e in _directed(groups, mutual) if (a, e) == (source, edge)}
        into = {a for a, b, e in _directed(groups, mutual) if (b, e) == (target, edge)}
        surest: dict[str, float] = {}
        for number, (_, _, _, confidence, sources, _, _) in kept:
            for source_document in sources or (str(number),):
                surest[source_document] = max(surest.get(source_document, 0.0), confidence)
        belief = 1 - math.prod(1 - each for each in surest.values())
        relevance = max(each[2].relevance for _, each in kept)
        fading = max(2 ** -(_age(each[6], question.as_at) / each[2].half_life) for _, each in kept)
        cost = -math.log2(relevance * belief * fading) + 0.4 * math.log2(len(out) + len(into) - 1) + 0.5
        for pair in ((source, target), (target, source)):
            costs[pair] = min(costs.get(pair, math.inf), cost)
    return costs


def _directed(
    groups: dict[tuple[str, str, str], list[tuple[int, Row]]], mutual: bool
) -> Iterator[tuple[str, str, str]]:
    for one, other, edge in groups:
        yield one, other, edge
        if mutual:
            yield other, one, edge


def _counts(each: Row, question: RouteQuery) -> bool:
    begins = {"": date.min, "2015": date(2015, 1, 1), "2025-06": date(2025, 6, 1)}[each[5]]
    allowed = not question.kinds or each[2].relationship_type in question.kinds
    return allowed and each[3] >= question.min_confidence and begins <= question.as_at


def _age(ended: str, as_at: date) -> float:
    end = {"": None, "2019": date(2019, 12, 31), "2024-03-01": date(2024, 3, 1)}[ended]
    return max(0, (as_at - end).days) / 365.25 if end else 0.0


def cost_of(rows: list[Row], question: RouteQuery, path: tuple[str, ...]) -> float:
    costs = hop_costs(rows, question)
    return sum(costs[pair] for pair in itertools.pairwise(path))
