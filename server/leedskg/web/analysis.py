"""Who matters in the network: ranked tables, each with its measure explained, on the page and as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from leedskg.analysis import Analysis, Community, PotentialPartners
from leedskg.edition import Edition
from leedskg.errors import RequestError
from leedskg.web import current
from leedskg.web.analysis_tables import TABLES, community_name, explained, reasons
from leedskg.web.presentation import Presenter, href
from leedskg.web.tables import TableLink, asked_table_format, saved, table_links
from leedskg.web.views import EntityView

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
    """Two actors that might work together, why, and the way between them."""

    one: EntityView
    other: EntityView
    reasons: tuple[str, ...]
    score: float
    route: str


@blueprint.get("/network")
def page() -> str | Response:
    """Brokers, single points of failure, communities, potential partners and gaps; one `table` as CSV or JSON."""
    return current.of_one_generation(_page)


def _page(edition: Edition) -> str | Response:
    format_name, name = asked_table_format(), request.args.get("table", "")
    if name and name not in TABLES:
        raise RequestError(f"There is no table “{name[:40]}”: “table” is one of {', '.join(TABLES)}.")
    if format_name and not name:
        raise RequestError(f"Say which table: “table” is one of {', '.join(TABLES)}.")
    presenter, found = Presenter(edition), edition.analysis
    if format_name:
        return saved(TABLES[name](presenter, found), format_name)
    return _show(presenter, found)


def _show(presenter: Presenter, found: Analysis) -> str:
    communities = {each.number: _community(presenter, each) for each in found.communities}
    fewest = found.needs[0].providers if found.needs else 0
    files: Callable[[str], tuple[TableLink, ...]] = lambda name: table_links(table=name)  # noqa: E731 - for the template
    return render_template(
        "network.html",
        found=found,
        explained=explained(found),
        files=files,
        brokers=[(presenter.entity(each.iri), each) for each in found.brokers],
        cuts=[
            (presenter.entity(each.iri), _some(presenter, each.cut_off[:6]), len(each.cut_off))
            for each in found.cut_points
        ],
        communities=list(communities.values()),
        pairs=[_pair(presenter, each) for each in found.partners],
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
        url_for("pictures.communities", open=community.number),
    )


def _pair(presenter: Presenter, pair: PotentialPartners) -> PairView:
    catalogue = presenter.edition.catalogue
    names = [catalogue.unique_name(catalogue.entries[iri]) for iri in (pair.one, pair.other)]
    ends = urlencode({"from": names[0], "to": names[1]})
    return PairView(
        presenter.entity(pair.one),
        presenter.entity(pair.other),
        reasons(presenter, pair),
        pair.score,
        f"{url_for('routes.page')}?{ends}",
    )
