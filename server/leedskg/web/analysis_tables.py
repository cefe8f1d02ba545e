"""The tables of who matters as rows, and the sentence that explains each measure, on the page and in the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from leedskg.analysis import Analysis, Community, PotentialPartners
from leedskg.web.presentation import Presenter
from leedskg.web.tables import Table
from leedskg.web.wording import listed

#: Names in a sentence; more are counted.
_MOST_NAMES = 6


def explained(found: Analysis) -> dict[str, str]:
    """What each table holds and how its rows are ranked, by the table's name."""
    exact = f"estimated from {found.starts:,} starting points" if found.starts else "exact"
    first = f" The first {len(found.cut_points):,} of {found.all_cut_points:,} are listed." if (
        found.all_cut_points > len(found.cut_points)
    ) else ""  # fmt: skip
    return {
        "brokers": (
            "Who stands between others. “Between” is betweenness: of all pairs of other entities, the share whose "
            f"shortest ways lead through this one ({exact}). “Constraint” (Burt’s structural holes) is the lower, the "
            "more contacts it has and the fewer ties these have to each other: low where it alone brings many together."
            " “Contacts” are those it has a relationship with. Ranked by “Between”."
        ),
        "single-points": (
            "Entities through which alone others are connected to the rest (articulation points). Without the entity "
            "and its relationships, those that it cuts off would have no recorded way to the largest remaining part of "
            f"their network. Ranked by how many it cuts off; exact.{first}"
        ),
        "communities": (
            "Louvain’s method divides the network into groups so that more ties fall inside them than chance would put "
            "there. Each is named by the two members with the most ties inside it. A group is a finding about the "
            "records, not a body that exists. Groups of three or more are listed, the largest first."
        ),
        "partners": (
            "Organisations that have no recorded relationship with each other and share at least one contact. Each "
            "shared contact adds 1 / ln(its contacts) to the score, so that one with few contacts adds more (Adamic "
            "and Adar’s measure); a shared theme adds as much as a contact that has four. Contacts with more than 60 "
            "organisations around them, and bodies that have a successor, are left out. Ranked by score, the first 60."
        ),
        "needs": "How many bodies are recorded as helping with each need, the fewest first.",
        "theme-gaps": (
            "Themes that some of these three kinds are recorded for and others are not: universities, colleges and "
            "research centres; companies and spin-outs; NHS organisations. Those that miss the fewest come first."
        ),
        "unlinked": "Pairs of the twelve largest communities without any recorded relationship between their members.",
        "unconnected": "Organisations of which no relationship is recorded that joins them to another entity, by name.",
    }


def community_name(presenter: Presenter, community: Community) -> str:
    """A community's name, made from its leading members."""
    rest = len(community.members) - len(community.leading)
    names = [presenter.entity(iri).label for iri in community.leading] + ([f"{rest} more"] if rest else [])
    return listed(names)


def reasons(presenter: Presenter, pair: PotentialPartners) -> tuple[str, ...]:
    """What speaks for bringing two together, as statements of what is recorded."""
    contacts = [presenter.entity(iri).label for iri in pair.contacts]
    found = [f"both have a recorded relationship with {listed(contacts, _MOST_NAMES)}"]
    if pair.themes:
        found.append(f"both are recorded as working on {listed(pair.themes, _MOST_NAMES)}")
    return tuple(found)


def _label(presenter: Presenter, iri: str) -> str:
    return presenter.entity(iri).label


def _brokers(presenter: Presenter, found: Analysis) -> Table:
    return Table(
        "Brokers",
        explained(found)["brokers"],
        ("rank", "entity", "iri", "between", "constraint", "contacts", "exact"),
        [
            (rank, _label(presenter, each.iri), each.iri, each.share, round(each.constraint, 6), each.contacts,
             "no" if found.starts else "yes")
            for rank, each in enumerate(found.brokers, 1)
        ],
    )  # fmt: skip


def _single_points(presenter: Presenter, found: Analysis) -> Table:
    return Table(
        "Single points of failure",
        explained(found)["single-points"],
        ("rank", "entity", "iri", "cuts_off", "who", "who_iris"),
        [
            (rank, _label(presenter, each.iri), each.iri, len(each.cut_off),
             "; ".join(_label(presenter, iri) for iri in each.cut_off), " ".join(each.cut_off))
            for rank, each in enumerate(found.cut_points, 1)
        ],
    )  # fmt: skip


def _communities(presenter: Presenter, found: Analysis) -> Table:
    """A row for each member."""
    return Table(
        "Communities",
        explained(found)["communities"],
        ("community", "name", "members", "ties_inside", "ties_to_others", "member", "member_iri"),
        [
            (each.number, community_name(presenter, each), len(each.members), each.ties_inside, each.ties_outside,
             _label(presenter, iri), iri)
            for each in found.communities
            for iri in each.members
        ],
    )  # fmt: skip


def _partners(presenter: Presenter, found: Analysis) -> Table:
    return Table(
        "Potential partners",
        explained(found)["partners"],
        ("rank", "one", "one_iri", "other", "other_iri", "score", "why", "shared_contacts", "shared_themes"),
        [
            (rank, _label(presenter, each.one), each.one, _label(presenter, each.other), each.other,
             round(each.score, 6), "; ".join(reasons(presenter, each)), " ".join(each.contacts),
             "; ".join(each.themes))
            for rank, each in enumerate(found.partners, 1)
        ],
    )  # fmt: skip


def _needs(_presenter: Presenter, found: Analysis) -> Table:
    rows = [(each.label, each.iri, each.providers) for each in found.needs]
    return Table("Needs by number of providers", explained(found)["needs"], ("need", "iri", "providers"), rows)


def _theme_gaps(_presenter: Presenter, found: Analysis) -> Table:
    rows = [(each.label, each.iri, "; ".join(each.recorded), "; ".join(each.missing)) for each in found.theme_gaps]
    columns = ("theme", "iri", "recorded", "not_recorded")
    return Table("Themes that miss a kind of actor", explained(found)["theme-gaps"], columns, rows)


def _unlinked(presenter: Presenter, found: Analysis) -> Table:
    names = {each.number: community_name(presenter, each) for each in found.communities}
    rows = [(one, names[one], other, names[other]) for one, other in found.unlinked]
    columns = ("one", "one_name", "other", "other_name")
    return Table("Communities without a tie between them", explained(found)["unlinked"], columns, rows)


def _unconnected(presenter: Presenter, found: Analysis) -> Table:
    rows = [(_label(presenter, iri), iri, presenter.entity(iri).kind) for iri in found.unconnected]
    columns = ("organisation", "iri", "kind")
    return Table("Organisations with no recorded relationship", explained(found)["unconnected"], columns, rows)


#: Each table by the name that an address asks for it with.
TABLES: Mapping[str, Callable[[Presenter, Any], Table]] = {
    "brokers": _brokers,
    "single-points": _single_points,
    "communities": _communities,
    "partners": _partners,
    "needs": _needs,
    "theme-gaps": _theme_gaps,
    "unlinked": _unlinked,
    "unconnected": _unconnected,
}
