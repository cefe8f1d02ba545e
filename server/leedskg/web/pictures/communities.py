"""The ecosystem as communities, each of which can be opened."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from flask import Response, request

from leedskg.analysis import Community
from leedskg.errors import RequestError
from leedskg.generation_view import GenerationView
from leedskg.picture import NODE_LIMIT, NODE_SIZE, PictureEdge, PictureNode, draw_freely
from leedskg.picture.files import network_file
from leedskg.picture.svg import still
from leedskg.web import current
from leedskg.web.api.parameters import reads, several
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.views import EntityView
from leedskg.web.pictures.frame import (
    FRAMED,
    MOST_ROWS,
    about,
    address,
    asked_format,
    blueprint,
    edge,
    file,
    framed,
    node,
    show,
)
from leedskg.wording import listed

_TITLE = "Communities of the network"
#: Members that the list names of a closed community, and others that it says each is tied to; the files have all.
_MOST_MEMBERS, _MOST_TIES = 30, 10


@dataclass(frozen=True)
class CommunityEntry:
    """A community in the list beside the picture, with the way to open or close it."""

    number: int
    name: str
    members: tuple[EntityView, ...]
    more: int
    ties: tuple[tuple[str, int], ...]
    more_ties: int
    open: bool
    way: str


@blueprint.get("/network/communities")
@reads(several("open", "The number of a community that is shown as its members.", {"type": "integer"}), *FRAMED)
def communities() -> str | Response:
    """Show each community as a node, an open one as its members. Which are open stands in the address."""
    view = current.view()
    format_name = asked_format()
    groups = {each.number: each for each in view.communities}
    opened = _opened(groups)
    presenter = Presenter(view)
    names = {number: _name(presenter, group) for number, group in groups.items()}
    nodes, edges = _network(view, presenter, groups, opened, names)
    if format_name and format_name != "svg":
        return file(network_file(format_name, about(_TITLE), nodes, edges), format_name, _TITLE)
    drawn = {each.iri for each in nodes[:NODE_LIMIT]}
    picture = draw_freely(nodes, [each for each in edges if {each.source, each.target} <= drawn])
    picture = replace(picture, told=_told(nodes, len(groups) - len(opened)))
    if format_name:
        return file(still(picture).file(about(_TITLE)), format_name, _TITLE)
    grouped = sum(len(group.members) for group in groups.values())
    views = [
        CommunityEntry(
            number,
            names[number],
            tuple(presenter.entity(iri) for iri in _listed(group, open_=number in opened)),
            len(group.members) - len(_listed(group, open_=number in opened)),
            tuple((names[other], count) for other, count in _closest(view, number)[:_MOST_TIES]),
            max(0, len(_closest(view, number)) - _MOST_TIES),
            number in opened,
            # One at a time by link, several by the form: every set of them would be thousands of links.
            _way(set() if number in opened else {number}),
        )
        for number, group in groups.items()
    ]
    return show(
        "communities.html",
        framed(_TITLE),
        picture=picture if groups else None,
        still=still(picture).inline(_TITLE) if groups else "",
        groups=views,
        opened=[each for each in views if each.open],
        all_closed=_way(set()),
        left=view.network.graph.number_of_nodes() - grouped,
    )


def _listed(group: Community, *, open_: bool) -> tuple[str, ...]:
    """Return the members that the list names, the leading ones first."""
    return group.members[: MOST_ROWS if open_ else _MOST_MEMBERS]


def _closest(view: GenerationView, number: int) -> list[tuple[int, int]]:
    """Return the communities that one is tied to, the most closely tied first, with the relationships of each."""
    return sorted(view.ties_of_communities.get(number, {}).items(), key=lambda each: (-each[1], each[0]))


def _opened(groups: dict[int, Community]) -> set[int]:
    found = set()
    for text in request.args.getlist("open"):
        if not (text.isascii() and text.isdecimal() and len(text) < 7 and int(text) in groups):
            most = f"a number from 1 to {len(groups)}" if groups else "left out: there is no community"
            raise RequestError(f"“open” in the address has to be {most}.")
        found.add(int(text))
    return found


def _told(nodes: list[PictureNode], closed: int) -> str:
    members = len(nodes) - closed
    groups = f"{closed} closed {'group' if closed == 1 else 'groups'}"
    return f"{groups} and {members} members of open ones" if members else groups


def _way(opened: set[int]) -> str:
    way = address(open=None, format=None)
    query = "&".join(f"open={number}" for number in sorted(opened))
    return f"{way}{'&' if '?' in way else '?'}{query}" if query else way


def _name(presenter: Presenter, group: Community) -> str:
    rest = len(group.members) - len(group.leading)
    return listed([presenter.entity(iri).label for iri in group.leading] + ([f"{rest} more"] if rest else []))


def _network(
    view: GenerationView, presenter: Presenter, groups: dict[int, Community], opened: set[int], names: dict[int, str]
) -> tuple[list[PictureNode], list[PictureEdge]]:
    """Return nodes and edges of the picture."""
    nodes: list[PictureNode] = []
    for number, group in groups.items():
        if number in opened:
            nodes += [node(presenter, iri) for iri in group.members]
        else:
            size = NODE_SIZE + 2.5 * math.sqrt(len(group.members))
            nodes.append(PictureNode(f"community-{number}", names[number], "community", _way({number}), size))
    edges: list[PictureEdge] = []
    bundles: dict[tuple[str, str], set[str]] = {}
    between = view.ties_of_communities
    group_of = {iri: number for number, group in groups.items() for iri in group.members} if opened else {}
    for source, target, tie in view.network.ties() if opened else ():
        if opened.isdisjoint((group_of.get(source, 0), group_of.get(target, 0))):
            continue
        if source not in group_of or target not in group_of:
            continue
        ends = [iri if group_of[iri] in opened else f"community-{group_of[iri]}" for iri in (source, target)]
        if ends == [source, target]:
            edges.append(edge(source, target, tie))
        elif ends[0] != ends[1]:
            bundles.setdefault((min(ends), max(ends)), set()).add(tie.relationship)
    counts = {ends: len(relationships) for ends, relationships in bundles.items()} | {
        (f"community-{one}", f"community-{other}"): count
        for one, others in between.items() if one not in opened
        for other, count in others.items() if other not in opened and f"community-{one}" < f"community-{other}"
    }  # fmt: skip
    for (end, other_end), count in sorted(counts.items()):
        words = f"{count} relationship{'s' if count > 1 else ''}"
        edges.append(PictureEdge(end, other_end, words, weight=min(1.0, count / 6), mutual=True))
    return nodes, edges
