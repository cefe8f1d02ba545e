"""A generation as it would be without what a view leaves out: the network, measures, help, figures, records and routes.

Everything else, such as names, is that of the whole generation. Two bodies have together the projects that count, so
that their number is what a query for these finds.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from functools import cached_property, partial

from leedskg.analysis import Analysis, Community, TieGraph, analyse
from leedskg.analysis.communities import communities
from leedskg.analysis.partners import read_statements, read_wider_themes
from leedskg.errors import RequestError
from leedskg.figures import Indicator
from leedskg.generation_view import GenerationView
from leedskg.limits import Limits
from leedskg.matrix import Matrix, themes_by_kinds
from leedskg.namespaces import Namespaces
from leedskg.network import Network, Tie
from leedskg.network.joint import (
    JointProject,
    joint_pattern,
    joint_ties_of,
    read_projects,
    together,
)
from leedskg.record import EntityRecord, Name, RecordReader, ShownAssertion
from leedskg.routes import RouteAnswer, RouteFinder, RouteQuery
from leedskg.routes.joint import OwnProject, joint_ties, read_own_projects
from leedskg.store import Reader
from leedskg.support import Support, WorksOn, works_on

#: Relationships up to which measures are worked out while somebody waits; of all of them they are worked out before.
_MOST_MEASURED = 20_000
#: Limited views of a generation that are kept, the last ones asked for.
_MOST_KEPT = 4
#: What is not as in the whole generation: never taken over from it.
_OWN = ("records", "support", "themes", "indicators", "projects_cover", "words_of_kinds", "ties_of_communities")


def limited(view: GenerationView, limits: Limits) -> GenerationView:
    """Return a generation within limits; itself where there are none."""
    if not limits:
        return view
    kept = view.narrowed
    found = kept.pop(limits, None) or LimitedView(view, limits)
    kept[limits] = found
    while len(kept) > _MOST_KEPT:
        kept.pop(next(iter(kept)), None)
    return found


def own_projects(view: GenerationView, iri: str) -> list[OwnProject]:
    """Return the projects of registers that an entity takes part in or pays for, those that count, the newest first."""
    limits = view.limits if isinstance(view, LimitedView) else Limits()
    return read_own_projects(view.routes.index, iri, limits.keeps_tie)


def joint_ties_within(view: GenerationView, iri: str) -> list[tuple[str, Tie]]:
    """Return whom an entity has projects with that count, each with the tie; first those whose projects weigh most."""
    if not isinstance(view, LimitedView):
        return joint_ties(view.routes.index, iri)
    found = [
        (other if one == iri else one, tie)
        for one, other, tie in view.network.ties()
        if tie.projects and iri in (one, other)
    ]
    return sorted(found, key=lambda each: (-each[1].weight, each[0]))


class LimitedView(GenerationView):
    """A generation within limits."""

    def __init__(self, whole: GenerationView, limits: Limits) -> None:
        """Take over what the whole generation has read already and limits do not change."""
        self.__dict__.update({name: value for name, value in whole.__dict__.items() if name not in _OWN})
        self.whole = whole
        self.limits = limits

    @cached_property
    def records(self) -> RecordReader:
        """What is said of each entity, as far as it counts."""
        return _LimitedRecords(self.reader, self.namespaces, self.limits)

    @cached_property
    def network(self) -> Network:
        """The relationships that count, and the ties by the projects that do."""
        return self._network(self.whole.network)

    @cached_property
    def network_with_projects(self) -> Network:
        """The relationships that count, those with projects too."""
        return self._network(self.whole.network_with_projects)

    @property
    def ends(self) -> list[tuple[str, str]]:
        """The two entities of each tie that counts."""
        return [(one, other) for one, other, _ in self.network.ties()]

    @cached_property
    def projects_cover(self) -> tuple[str, ...]:
        """What the registers cover whose projects count."""
        pattern = joint_pattern(self.patterns, self.namespaces)
        tied = pattern and (not self.limits.patterns or pattern.iri in self.limits.patterns)
        there = tied and any(self._counts(each) for each in self._projects.values())
        return self.whole.projects_cover if there else ()

    @cached_property
    def analysis(self) -> Analysis:
        """Who matters by the relationships that count. Raises RequestError where that would take too long."""
        return analyse(
            self._measured, self.communities, self.catalogue, self.themes, self.support,
            partial(read_statements, self.reader, self.namespaces), read_wider_themes(self.reader, self.namespaces),
        )  # fmt: skip

    @cached_property
    def communities(self) -> tuple[Community, ...]:
        """The communities by the relationships that count. Raises RequestError where that would take too long."""
        return communities(TieGraph.of(self._measured))

    @cached_property
    def support(self) -> Support:
        """Who can help, by the statements that count."""
        every = self.whole.support
        return replace(every, offers=tuple(each for each in every.offers if self._keeps(each.statement)))

    @cached_property
    def themes(self) -> Matrix:
        """Who works on which theme, by the statements that count."""
        return themes_by_kinds(self.reader, self.catalogue, self.namespaces, self._on_themes)

    @cached_property
    def indicators(self) -> list[Indicator]:
        """The figures that count, of every indicator that has one."""
        kept = (
            replace(each, figures=tuple(figure for figure in each.figures if self._keeps(figure.statement)))
            for each in self.whole.indicators
        )
        return [each for each in kept if each.figures]

    @property
    def routes(self) -> RouteFinder:
        """What finds routes by the relationships that count."""
        return self._finder

    def bodies_on(self, themes: Iterable[Name]) -> list[WorksOn]:
        """Read which bodies work on any of some themes, by the statements that count."""
        return [each for each in self.whole.bodies_on(themes) if self._keeps(each.statement)]

    @property
    def _projects(self) -> Mapping[str, JointProject]:
        """The projects of registers by IRI, each with its bodies: read once for a generation, and kept with it."""
        if "joint projects" not in self.whole.__dict__:
            self.whole.__dict__["joint projects"] = read_projects(self.reader, self.namespaces)
        found: Mapping[str, JointProject] = self.whole.__dict__["joint projects"]
        return found

    def _counts(self, project: JointProject) -> bool:
        return self.limits.keeps(project.sources, project.begun, project.ended)

    def _keeps(self, statement: ShownAssertion) -> bool:
        return self.limits.keeps_statement(statement, self.namespaces)

    def _network(self, every: Network) -> Network:
        """Return a network without what does not count; joint projects are counted anew, for some may not."""
        stated = (tie for tie in every.ties() if not tie[2].projects and self.limits.keeps_tie(tie[2]))
        pattern = joint_pattern(every.patterns, self.namespaces)
        if pattern is None or (self.limits.patterns and pattern.iri not in self.limits.patterns):
            return Network.of(stated, every.patterns, every.model)
        projects = (each for each in self._projects.values() if self._counts(each))
        ties = joint_ties_of(projects, self.namespaces, pattern, every.model)
        return Network.of([*stated, *ties], every.patterns, every.model)

    @cached_property
    def _measured(self) -> Network:
        number = self.network.graph.number_of_edges()
        if number > _MOST_MEASURED:
            raise RequestError(
                f"{number:,} relationships are left, and measures are worked out while you wait for up to "
                f"{_MOST_MEASURED:,}. Limit to less, or take the measures of everything."
            )
        return self.network

    @cached_property
    def _on_themes(self) -> frozenset[tuple[str, str]]:
        stated = works_on(self.reader, self.whole.records, self.namespaces, self.whole.themes.rows)
        return frozenset((each.entity.iri, each.theme.iri) for each in stated if self._keeps(each.statement))

    @cached_property
    def _finder(self) -> RouteFinder:
        return _LimitedFinder(self.whole.routes, self.limits)


class _LimitedRecords(RecordReader):
    """What is said of an entity within limits. A statement that is asked for by its IRI is given all the same."""

    def __init__(self, reader: Reader, namespaces: Namespaces, limits: Limits) -> None:
        super().__init__(reader, namespaces, lambda ends: RecordReader.joint(self, ends)[0])
        self._limits = limits

    def record(self, iri: str, without: Container[str] = ()) -> EntityRecord:
        """Read the record of one entity without the statements that do not count."""
        found = super().record(iri, without)

        def kept(statements: Iterable[ShownAssertion]) -> tuple[ShownAssertion, ...]:
            return tuple(each for each in statements if self._limits.keeps_statement(each, self._namespaces))

        return replace(
            found,
            relations=tuple(
                each for each in found.relations if self._limits.keeps_statement(each.statement, self._namespaces)
            ),
            attributes=kept(found.attributes),
            figures=kept(found.figures),
        )

    def joint(self, ends: tuple[str, str]) -> tuple[Tie | None, list[JointProject], int]:
        """Read what two bodies have together in the projects that count."""
        tie, projects, larger = super().joint(ends)
        kept = [each for each in projects if self._limits.keeps(each.sources, each.begun, each.ended)]
        if tie is None or not kept:
            return None, [], larger
        return together(tie.relationship, tie.pattern, ends, kept), kept, larger


class _LimitedFinder(RouteFinder):
    """Finds routes within limits, in the index and with the weights of the whole generation."""

    def __init__(self, whole: RouteFinder, limits: Limits) -> None:
        super().__init__(whole.index)
        self._whole = whole
        self._limits = limits

    def answer(self, question: RouteQuery, deadline: float = math.inf) -> RouteAnswer:
        """Find the strongest routes that differ within the limits."""
        return self._whole.answer(self._limits.of_route(question), deadline)
