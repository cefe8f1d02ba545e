"""Who matters in the network: ranked tables, each with its measure explained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, url_for

from leedskg.analysis import Community, PotentialPartners
from leedskg.web import current
from leedskg.web.presentation import Presenter, href
from leedskg.web.views import EntityView
from leedskg.web.wording import listed

blueprint = Blueprint("analysis", __name__)

#: Names in a cell; more are counted.
_MOST_NAMES = 6


@dataclass(frozen=True)
class CommunityView:
    """A community, named by its leading members."""

    name: str
    anchor: str
    members: tuple[EntityView, ...]
    ties_inside: int
    ties_outside: int


@dataclass(frozen=True)
class PairView:
    """Two actors that might work together, why, and the way between them."""

    one: EntityView
    other: EntityView
    reasons: tuple[str, ...]
    route: str


@blueprint.get("/network")
def page() -> str:
    """Brokers, single points of failure, communities, potential partners and gaps of the current generation."""
    edition = current.edition()
    presenter, found = Presenter(edition), edition.analysis
    communities = {each.number: _community(presenter, each) for each in found.communities}
    return render_template(
        "network.html",
        found=found,
        brokers=[(presenter.entity(each.iri), each) for each in found.brokers],
        cuts=[
            (presenter.entity(each.iri), _some(presenter, each.cut_off), len(each.cut_off)) for each in found.cut_points
        ],
        communities=list(communities.values()),
        pairs=[_pair(presenter, each) for each in found.partners],
        gaps=[(gap.theme.label, href(gap.theme.iri), gap) for gap in found.theme_gaps],
        thin=[
            (need.label, url_for("support.page", need=need.iri.rpartition("/")[2]), n) for need, n in found.thin_needs
        ],
        unlinked=[(communities[one.number], communities[other.number]) for one, other in found.unlinked],
        unconnected=[presenter.entity(entry.iri) for entry in found.unconnected],
    )


def _some(presenter: Presenter, iris: Iterable[str]) -> tuple[EntityView, ...]:
    return tuple(presenter.entity(iri) for iri in iris)


def _community(presenter: Presenter, community: Community) -> CommunityView:
    members = _some(presenter, community.members)
    rest = len(members) - len(community.leading)
    names = [member.label for member in members[: len(community.leading)]] + ([f"{rest} more"] if rest else [])
    return CommunityView(
        listed(names), f"community-{community.number}", members, community.ties_inside, community.ties_outside
    )


def _pair(presenter: Presenter, pair: PotentialPartners) -> PairView:
    catalogue = presenter.edition.catalogue
    names = [catalogue.unique_name(catalogue.entries[iri]) for iri in (pair.one, pair.other)]
    contacts = [presenter.entity(iri).label for iri in pair.contacts]
    reasons = [f"both have a recorded relationship with {listed(contacts, _MOST_NAMES)}"]
    if pair.themes:
        reasons.append(f"both work on {listed(pair.themes, _MOST_NAMES)}")
    ends = urlencode({"from": names[0], "to": names[1]})
    return PairView(
        presenter.entity(pair.one), presenter.entity(pair.other), tuple(reasons), f"{url_for('routes.page')}?{ends}"
    )
