"""What `leedskg import SOURCE --fetch` does before the import: ask the publisher. No other command does.

This module is loaded by that command alone, for the server must have nothing that could call out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click

from leedskg.cli.group import steps_told
from leedskg.fetching.fetcher import Fetched, SourceFetcher, Wanted, contact_of, fetch
from leedskg.fetching.giving import fetch_giving
from leedskg.fetching.gtr import fetch_gtr
from leedskg.fetching.nihr import fetch_nihr
from leedskg.fetching.ror import fetch_ror
from leedskg.fetching.scope import asked_bodies
from leedskg.fetching.services import service_of
from leedskg.importers.intake import check_licence
from leedskg.importers.registry import source_named
from leedskg.ledger import Stewardship
from leedskg.ledger.imports import table_of
from leedskg.matching import judgements_of
from leedskg.matching.bodies import BodyMatcher
from leedskg.settings import Settings


@dataclass(frozen=True)
class _Way:
    """How a source is fetched, and whether its publisher can be asked about single bodies, or gives all that it has."""

    fetcher: SourceFetcher
    by_bodies: bool


_WAYS = {
    "gtr": _Way(fetch_gtr, by_bodies=True),
    "ror": _Way(fetch_ror, by_bodies=True),
    "nihr": _Way(fetch_nihr, by_bodies=False),
    "360giving": _Way(fetch_giving, by_bodies=False),
}


def fetched(source: str, bodies: Sequence[str], ledger: Stewardship, settings: Settings, *, anew: bool) -> Fetched:
    """Return the file that was made of what a publisher has. What is wrong with settings is told before it is asked."""
    about = source_named(source)
    service_of(source, settings.fetch_services)
    check_licence(about, private=settings.private_site)
    contact_of(settings)
    way = _WAYS[source]
    with steps_told() as tell:
        tell("the graph is read")
        graph = ledger.publication.replay().graph
        matcher = BodyMatcher(graph.graph, judgements_of(graph))
        region = frozenset(settings.region.split())
        asked = asked_bodies(graph.graph, matcher, region, bodies) if way.by_bodies or bodies else []
        table = table_of(graph, source, graph.imports)
        in_force = frozenset(each.id for each in table.records if "gone" not in each.values) if table else frozenset()
        wanted = Wanted(asked, matcher.resolve, in_force, named=bool(bodies))
        made = fetch(source, way.fetcher, wanted, settings, tell=tell, anew=anew)
    for line in made.told:
        click.echo(line, err=True)
    return made
