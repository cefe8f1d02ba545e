"""Which bodies a publisher is asked about: those of the graph in the region, or those that somebody named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass

from leedskg.errors import RequestError
from leedskg.graph import CuratedGraph
from leedskg.matching.bodies import BodyMatcher
from leedskg.matching.matcher import Mention
from leedskg.namespaces import RDF_TYPE, REUSED

_IDENTIFIER, _NOTATION = REUSED["adms"] + "identifier", REUSED["skos"] + "notation"


@dataclass(frozen=True)
class AskedBody:
    """A body of the graph that a publisher is asked about: its entity, the name to ask for, its ROR ID."""

    entity: str
    name: str
    ror: str = ""


def asked_bodies(graph: CuratedGraph, matcher: BodyMatcher, region: Set[str], named: Iterable[str]) -> list[AskedBody]:
    """Return the bodies to ask about, in the order of their names.

    Raises RequestError for a name that is no body of the graph, and where nothing of the graph lies in the region.
    """
    found: dict[str, str] = {}
    for name in named:
        outcome = matcher.match(Mention.of(name))
        if outcome.entity is None:
            near = next((f" Is {each.candidate.label} meant?" for each in outcome.proposals), "")
            raise RequestError(
                f"“{name}” is no body of the graph, so that no record of it would be kept.{near} Write the name as its "
                "page has it."
            )
        found[outcome.entity.iri] = outcome.entity.label
    if not found:
        inside = in_region(graph, region)
        found = {iri: label for iri, label in matcher.labels().items() if iri in inside}
    if not found:
        raise RequestError(
            f"The graph places no body in {', '.join(sorted(region)) or 'a region'} (LEEDSKG_REGION). Name whom to ask "
            "about with --body."
        )
    made = [AskedBody(iri, label, _ror(matcher, iri)) for iri, label in found.items()]
    return sorted(made, key=lambda each: (each.name.casefold(), each.entity))


def _ror(matcher: BodyMatcher, entity: str) -> str:
    return next((number for scheme, number in sorted(matcher.numbers(entity)) if scheme == "ror"), "")


def in_region(graph: CuratedGraph, region: Set[str]) -> set[str]:
    """Return everything that the graph places in local authorities, by their GSS codes, or in a place within one."""
    statements, term = graph.statements, graph.namespaces.term
    holds: dict[str, set[str]] = defaultdict(set)
    for location in statements.of_type([term("Location")], RDF_TYPE):
        played = graph.parts_played(location)
        places = [each for role, each in played if role.endswith("/place")]
        if (statements.text(location, term("rank")) or "").endswith("/deprecated"):
            continue
        for role, each in played:
            if role.rpartition("/")[2] in {"located", "headquartered"}:
                for place in places:
                    holds[place].add(each)
    codes = {
        entity
        for entity in graph.entities()
        for number in statements.texts(entity, _IDENTIFIER)
        if (statements.text(number, term("identifierScheme")) or "").endswith("/gss")
        and statements.text(number, _NOTATION) in region
    }
    inside = set(codes)
    waiting = list(codes)
    while waiting:
        place = waiting.pop()
        new = holds[place] - inside
        inside |= new
        waiting += new
    return inside
