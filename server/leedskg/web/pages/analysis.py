"""Who matters in the network: ranked tables, each with its measure explained, on the page and as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from leedskg.analysis import Analysis, Community, PartnerReason, PotentialPartners, suggested
from leedskg.analysis.partners import MOST_OF_ONE, MOST_PAIRS
from leedskg.errors import KnowledgeError, RequestError
from leedskg.generation_view import GenerationView
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.api.parameters import DONE, choice, reads
from leedskg.web.contributing.steward import ledger
from leedskg.web.pages.limits import LIMITS, LimitsForm, limits_asked, limits_form, narrowed
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.tables import AS_FILE, SavedTable, TableLink, asked_table_format, saved, table_links
from leedskg.web.pages.views import EntityView
from leedskg.web.serving.addresses import address
from leedskg.wording import listed


def explained(found: Analysis) -> dict[str, str]:
    """Say what each table holds and how its rows are ranked, by the table's name."""
    exact = f"estimated from {found.starts:,} starting points" if found.starts else "exact"
    first = f" The first {len(found.cut_points):,} of {found.all_cut_points:,} are listed." if (
        found.all_cut_points > len(found.cut_points)
    ) else ""  # fmt: skip
    return {
        "brokers": (
            "Who links others. “Between” is betweenness: of all pairs of other entities, the share whose "
            f"shortest ways lead through this one ({exact}). “Constraint” (Burt’s structural holes) is the lower, the "
            "more contacts it has and the fewer ties these have to each other: low where it alone brings many together."
            " “Contacts” are those it has a relationship with. Ranked by “Between”."
        ),
        "single-points": (
            "Entities that are the only link between others and the rest (articulation points). Without the entity "
            "and its relationships, those that it cuts off would have no recorded way to the largest remaining part of "
            f"their network. Ranked by how many it cuts off; exact.{first}"
        ),
        "communities": (
            "Louvain’s method divides the network into groups so that more ties fall inside them than chance would put "
            "there. Each is named by the two members with the most ties inside it. A group is a finding about the "
            "records, not a body that exists. Groups of three or more are listed, the largest first."
        ),
        "partners": (
            "Pairs of organisations with one of three reasons: both work on a theme, or one on part of the other’s "
            "theme; one is an investor that backs a company spun out of the same body as the other; or one is a "
            "company with a product, service or programme that works with an NHS body, and the other an NHS partner "
            "of that body. Left out are two that any statement names together, two with a relationship, two with the "
            "same host or in the same group, a part with its whole, two parts of one whole, either with what the "
            "other is part of, two spin-outs of one body for a theme alone, investors with research centres, trusts "
            "or each other for a theme alone, investors known for a single investment, bodies that have a successor, "
            "and what a steward dismissed. A reason weighs 1 / ln(1 + how many share it), after Adamic and Adar; "
            f"ranked by the sum, the first {MOST_PAIRS}, each body {MOST_OF_ONE} times at most."
        ),
        "needs": "How many bodies are recorded as helping with each need, the fewest first.",
        "theme-gaps": (
            "Themes that some of these three kinds are recorded for and others are not: universities, colleges and "
            "research centres; companies and spin-outs; NHS organisations. Those that miss the fewest come first."
        ),
        "unlinked": "Pairs of the twelve largest communities without any recorded relationship between their members.",
        "unconnected": "Organisations without a recorded relationship to another entity, by name.",
    }


def community_name(presenter: Presenter, community: Community) -> str:
    """Make a community's name from its leading members."""
    rest = len(community.members) - len(community.leading)
    names = [presenter.entity(iri).label for iri in community.leading] + ([f"{rest} more"] if rest else [])
    return listed(names)


def reasons(presenter: Presenter, pair: PotentialPartners) -> tuple[str, ...]:
    """Say what speaks for bringing two together, as statements of what is recorded."""
    return tuple(_reason(presenter, pair, each) for each in pair.reasons)


def _reason(presenter: Presenter, pair: PotentialPartners, reason: PartnerReason) -> str:
    if reason.kind == "theme":
        return f"Both work on {reason.about[0]}."
    if reason.kind == "wider theme":
        one, narrow, wide = reason.about
        other = pair.other if one == pair.one else pair.one
        return f"{_label(presenter, one)} works on {narrow}, and {_label(presenter, other)} on {wide}."
    about = [_label(presenter, each) for each in reason.about]
    if reason.kind == "adoption":
        company, other = _with_kind(presenter, pair, "NHSOrganisation")
        return f"{company} has worked with {about[0]}, which is recorded as a partner of {other}."
    company, investor = _with_kind(presenter, pair, "Investor")
    return f"{investor} has funded {about[0]}. Like {company}, it was spun out of {about[1]}."


def _with_kind(presenter: Presenter, pair: PotentialPartners, kind: str) -> tuple[str, str]:
    """Return the names of the two, the one of a class last."""
    entries = presenter.view.catalogue.entries
    one, other = sorted((pair.one, pair.other), key=lambda iri: entries[iri].is_of((kind,)))
    return _label(presenter, one), _label(presenter, other)


def dismissed() -> frozenset[tuple[str, str]]:
    """Return the pairs that stewards of this site do not want suggested; none where the ledger cannot be read."""
    try:
        return frozenset() if current.version() else ledger().dismissed.pairs()
    except KnowledgeError:  # reading the graph needs no ledger
        return frozenset()


def _label(presenter: Presenter, iri: str) -> str:
    return presenter.entity(iri).label


def _brokers(presenter: Presenter, found: Analysis) -> SavedTable:
    return SavedTable(
        "Brokers",
        explained(found)["brokers"],
        ("rank", "entity", "iri", "between", "constraint", "contacts", "exact"),
        [
            (rank, _label(presenter, each.iri), each.iri, each.share, round(each.constraint, 6), each.contacts,
             "no" if found.starts else "yes")
            for rank, each in enumerate(found.brokers, 1)
        ],
    )  # fmt: skip


def _single_points(presenter: Presenter, found: Analysis) -> SavedTable:
    return SavedTable(
        "Single points of failure",
        explained(found)["single-points"],
        ("rank", "entity", "iri", "cuts_off", "who", "who_iris"),
        [
            (rank, _label(presenter, each.iri), each.iri, len(each.cut_off),
             "; ".join(_label(presenter, iri) for iri in each.cut_off), " ".join(each.cut_off))
            for rank, each in enumerate(found.cut_points, 1)
        ],
    )  # fmt: skip


def _communities(presenter: Presenter, found: Analysis) -> SavedTable:
    """Make the table of communities, with a row for each member."""
    return SavedTable(
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


def _partners(presenter: Presenter, found: Analysis) -> SavedTable:
    return SavedTable(
        "Potential partners",
        explained(found)["partners"],
        ("rank", "one", "one_iri", "other", "other_iri", "score", "why"),
        [
            (rank, _label(presenter, each.one), each.one, _label(presenter, each.other), each.other,
             round(each.score, 6), " ".join(reasons(presenter, each)))
            for rank, each in enumerate(suggested(found.partners, dismissed()), 1)
        ],
    )  # fmt: skip


def _needs(_presenter: Presenter, found: Analysis) -> SavedTable:
    rows = [(each.label, each.iri, each.providers) for each in found.needs]
    return SavedTable("Needs by number of providers", explained(found)["needs"], ("need", "iri", "providers"), rows)


def _theme_gaps(_presenter: Presenter, found: Analysis) -> SavedTable:
    rows = [(each.label, each.iri, "; ".join(each.recorded), "; ".join(each.missing)) for each in found.theme_gaps]
    columns = ("theme", "iri", "recorded", "not_recorded")
    return SavedTable("Topics with no company, NHS body or university", explained(found)["theme-gaps"], columns, rows)


def _unlinked(presenter: Presenter, found: Analysis) -> SavedTable:
    names = {each.number: community_name(presenter, each) for each in found.communities}
    rows = [(one, names[one], other, names[other]) for one, other in found.unlinked]
    columns = ("one", "one_name", "other", "other_name")
    return SavedTable("Communities without a tie between them", explained(found)["unlinked"], columns, rows)


def _unconnected(presenter: Presenter, found: Analysis) -> SavedTable:
    rows = [(_label(presenter, iri), iri, presenter.entity(iri).kind) for iri in found.unconnected]
    columns = ("organisation", "iri", "kind")
    return SavedTable("Organisations with no recorded relationship", explained(found)["unconnected"], columns, rows)


#: Each table by the name that an address asks for it with.
TABLES: Mapping[str, Callable[[Presenter, Any], SavedTable]] = {
    "brokers": _brokers,
    "single-points": _single_points,
    "communities": _communities,
    "partners": _partners,
    "needs": _needs,
    "theme-gaps": _theme_gaps,
    "unlinked": _unlinked,
    "unconnected": _unconnected,
}


blueprint = Blueprint("analysis", __name__)

#: Members of a community, and organisations, that the page names; the files have all.
_MOST_MEMBERS, _MOST_ALONE = 30, 100


@dataclass(frozen=True)
class CommunityView:
    """A community, named by its leading members."""

    name: str
    anchor: str
    members: tuple[EntityView, ...]
    more: int
    ties_inside: int
    ties_outside: int
    picture: str


@dataclass(frozen=True)
class PairView:
    """Two bodies that might work together, why, and the way between them."""

    one: EntityView
    other: EntityView
    reasons: tuple[str, ...]
    route: str


@blueprint.get("/network")
@reads(
    choice("table", "The table to save.", *TABLES),
    choice("kinds", "Whether brokers and single points are of every kind; without it, organisations.", "all"),
    DONE,
    *LIMITS,
    AS_FILE,
)
@current.one_generation
def page(whole: GenerationView) -> str | Response:
    """Show brokers, single points of failure, communities, potential partners and gaps; or one `table` as a file."""
    format_name, name = asked_table_format(), request.args.get("table", "")
    if name and name not in TABLES:
        raise RequestError(f"There is no table “{name[:40]}”: “table” is one of {', '.join(TABLES)}.")
    if format_name and not name:
        raise RequestError(f"Say which table: “table” is one of {', '.join(TABLES)}.")
    presenter, found = Presenter(narrowed(whole)), _measures(whole)
    if format_name:
        return saved(TABLES[name](presenter, found), format_name)
    return _show(presenter, found, limits_form(whole))


def _measures(whole: GenerationView) -> Analysis:
    """Return who matters; within limits it is worked out now, a few at a time."""
    view = narrowed(whole)
    if view is whole:
        return whole.analysis
    with current.route_gate().pass_through():
        return view.analysis


def _show(presenter: Presenter, found: Analysis, limits: LimitsForm) -> str:
    communities = {each.number: _community(presenter, each) for each in found.communities}
    every_kind = request.args.get("kinds", "") == "all"
    entries = presenter.view.catalogue.entries
    shown: Callable[[str], bool] = lambda iri: every_kind or (iri in entries and entries[iri].actor)  # noqa: E731 - in two places
    account = security.visitor_or_nobody().account
    fewest = found.needs[0].providers if found.needs else 0
    files: Callable[[str], tuple[TableLink, ...]] = lambda name: table_links(table=name)  # noqa: E731 - for the template
    return render_template(
        "network.html",
        found=found,
        limits=limits,
        covered=presenter.view.projects_cover,
        explained=explained(found),
        files=files,
        every_kind=every_kind,
        other_kinds=address(kinds=None if every_kind else "all", done=None),
        brokers=[(presenter.entity(each.iri), each) for each in found.brokers if shown(each.iri)],
        cuts=[
            (presenter.entity(each.iri), _some(presenter, each.cut_off[:6]), len(each.cut_off))
            for each in found.cut_points
            if shown(each.iri)
        ],
        communities=list(communities.values()),
        pairs=[_pair(presenter, each) for each in suggested(found.partners, dismissed())],
        may_dismiss=bool(account and account.may("review")) and not current.version(),
        done=request.args.get("done", ""),
        gaps=[(gap.label, href(gap.iri), gap) for gap in found.theme_gaps],
        thin=[
            (need.label, url_for("support.page", need=need.iri.rpartition("/")[2]), need.providers)
            for need in found.needs
            if need.providers == fewest
        ],
        unlinked=[(communities[one], communities[other]) for one, other in found.unlinked],
        unconnected=_some(presenter, found.unconnected[:_MOST_ALONE]),
        most_alone=_MOST_ALONE,
    )


def _some(presenter: Presenter, iris: Iterable[str]) -> tuple[EntityView, ...]:
    return tuple(presenter.entity(iri) for iri in iris)


def _community(presenter: Presenter, community: Community) -> CommunityView:
    return CommunityView(
        community_name(presenter, community),
        f"community-{community.number}",
        _some(presenter, community.members[:_MOST_MEMBERS]),
        max(0, len(community.members) - _MOST_MEMBERS),
        community.ties_inside,
        community.ties_outside,
        f"{url_for('pictures.communities')}?{urlencode([*limits_asked(), ('open', community.number)])}",
    )


def _pair(presenter: Presenter, pair: PotentialPartners) -> PairView:
    catalogue = presenter.view.catalogue
    names = [catalogue.unique_name(catalogue.entries[iri]) for iri in (pair.one, pair.other)]
    ends = urlencode({"from": names[0], "to": names[1]})
    return PairView(
        presenter.entity(pair.one),
        presenter.entity(pair.other),
        reasons(presenter, pair),
        f"{url_for('routes.page')}?{ends}",
    )
