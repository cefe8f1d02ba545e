"""What pages and commands need of one published generation, read once and kept while it is current."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from leedskg.analysis import Analysis, Community
from leedskg.analysis.communities import ties_between
from leedskg.artefacts import Artefacts
from leedskg.catalogue import Catalogue, CatalogueEntry
from leedskg.facets import Facets
from leedskg.figures import Indicator, read_indicators
from leedskg.limits import CitedSource, Limits, read_sources
from leedskg.matching import MatchIndex
from leedskg.matrix import Matrix, themes_by_kinds
from leedskg.namespaces import QUERIES_GRAPH, VOID_GRAPH, Namespaces
from leedskg.network import EdgePattern, Network, RouteModel, read_model, read_patterns
from leedskg.network.words_of_kinds import missing_words, read_words
from leedskg.picture.money import Award, read_awards
from leedskg.picture.timeline import Dated, read_dated
from leedskg.query_files import query_beside
from leedskg.record import EntityRecord, Name, Overview, RecordReader, read_every_overview
from leedskg.routes import RouteFinder
from leedskg.routes.groups import Groups
from leedskg.routes.question_parser import QuestionParser
from leedskg.routes.ties import joint_tie
from leedskg.sentences import Sentences
from leedskg.store import Published, Reader
from leedskg.support import Support, WorksOn, read_support, works_on
from leedskg.vocabulary import Word, read_vocabulary

#: Names of ends offered while one types.
_MOST_NAMES = 3000
#: Statements up to which the whole network may be read for a page.
_SMALL = 50_000
_PREFIX = "PREFIX graph: <%sgraph/>\n"
#: How much of it is what it says of itself (decision 0181).
_OWN = "".join(
    f"\n  {{ SELECT (COUNT(*) AS ?{name}) WHERE {{ GRAPH graph:{name} {{ ?s ?p ?o }} }} }}"
    for name in (VOID_GRAPH, QUERIES_GRAPH)
)


@dataclass(frozen=True)
class Count:
    """How many there are of something, for the home page."""

    words: str
    number: int


@dataclass(frozen=True)
class BroaderKind:
    """What a kind is called, and the kinds that it is a kind of."""

    label: str
    broader: set[str]


@dataclass(frozen=True)
class Topic:
    """A need or a theme."""

    iri: str
    label: str
    scheme: str


class GenerationView:
    """One generation, read through any Reader: names, network, routes and records, each read when first asked for."""

    def __init__(self, reader: Reader, namespaces: Namespaces, state: Path | None = None) -> None:
        """Read through `reader`; `state` is the folder for the artefacts of a generation that has none of its own."""
        self.reader = reader
        self.namespaces = namespaces
        self.published: Published = reader.generation()
        self.artefacts = Artefacts.of(reader, self.published, namespaces, state)
        #: This generation within limits, by these; see `limited_view`.
        self.narrowed: dict[Limits, GenerationView] = {}

    @cached_property
    def catalogue(self) -> Catalogue:
        """Every entity by name."""
        return Catalogue.read(self.reader, self.namespaces)

    @cached_property
    def facets(self) -> Facets:
        """What lists can be narrowed by."""
        return Facets.read(self.reader, self.namespaces)

    @cached_property
    def overviews(self) -> Mapping[str, Overview]:
        """What lists sort by, of every entity that has any of it."""
        return read_every_overview(self.reader, self.namespaces)

    @cached_property
    def attribution_lines(self) -> tuple[str, ...]:
        """The lines that have to stand wherever data of the registers is used of which an import is in force."""
        term = self.namespaces.term
        query = (
            f"SELECT DISTINCT ?line {{ ?register <{term('attributionLine')}> ?line ; <{term('tableDigest')}> ?any }}"
        )
        return tuple(sorted(row["line"].value for row in self.reader.rows(query)))

    @cached_property
    def match_index(self) -> MatchIndex:
        """Every entity, ready for names of tables to be matched with."""
        return MatchIndex.read(self.reader, self.catalogue)

    @cached_property
    def broader_kinds(self) -> Mapping[str, BroaderKind]:
        """Every kind of entity by IRI, with its label and the kinds that it is a kind of, itself too."""
        found: dict[str, BroaderKind] = {}
        for row in self.reader.rows(query_beside(__file__, "generation_view_broader_kinds") % self.namespaces.base):
            kind = found.setdefault(row["kind"].value, BroaderKind(row["label"].value, set()))
            kind.broader.add(row["broader"].value)
        return found

    def narrower_kinds(self, iri: str) -> list[str]:
        """Return a kind and all that are of it."""
        return [each for each, kind in self.broader_kinds.items() if iri in kind.broader]

    def kinds_of(self, entity: str) -> set[str]:
        """Return every kind that an entity is of, broader ones too."""
        known, kinds = self.broader_kinds, self.catalogue.entries[entity].kinds
        return {one for each in kinds for one in (known[each].broader if each in known else {each})}

    def entities_of(self, kind: str) -> list[str]:
        """Return the entities in use that are of a kind, or of one that is of it."""
        narrower = {*self.narrower_kinds(kind)}
        return [
            entry.iri
            for entry in self.catalogue.entries.values()
            if entry.in_use and not narrower.isdisjoint(entry.kinds)
        ]

    @cached_property
    def projects_cover(self) -> tuple[str, ...]:
        """What the registers cover whose projects are in the graph, in their own words."""
        rows = self.reader.rows(query_beside(__file__, "generation_view_projects_cover") % self.namespaces.base)
        return tuple(row["covers"].value for row in rows)

    @property
    def network(self) -> Network:
        """Every relationship that a route may use."""
        return self.artefacts.network

    @property
    def network_with_projects(self) -> Network:
        """Every relationship that a route may use, those with projects of registers too."""
        return self.artefacts.network_with_projects

    @property
    def ends(self) -> list[tuple[str, str]]:
        """The two entities of each tie of the network."""
        return self.artefacts.ends

    @cached_property
    def sources(self) -> tuple[CitedSource, ...]:
        """Every document and register that something rests on."""
        return read_sources(self.reader, self.namespaces)

    @cached_property
    def patterns(self) -> tuple[EdgePattern, ...]:
        """How relationships become edges."""
        return read_patterns(self.reader, self.namespaces)

    @cached_property
    def route_model(self) -> RouteModel:
        """The weights that every hop shares."""
        return read_model(self.reader, self.namespaces)

    @property
    def routes(self) -> RouteFinder:
        """What finds routes."""
        return self.artefacts.routes

    def is_tied(self, iri: str) -> bool:
        """Return whether an entity has a relationship that a route may use."""
        return self.routes.index.entities.find(iri) >= 0

    @cached_property
    def route_ends(self) -> tuple[str, ...]:
        """The names of what a route can begin or end at, each of one entity only; the first few thousand of many."""
        entities = self.routes.index.entities
        joined = (entry for entry in self.catalogue.entries.values() if entry.in_use and entities.find(entry.iri) >= 0)
        return tuple(self.catalogue.unique_name(entry) for entry in itertools.islice(joined, _MOST_NAMES))

    @cached_property
    def groups(self) -> Groups:
        """Kinds and needs, which an end of a route may be."""
        return Groups(self.reader, self.namespaces)

    @cached_property
    def question_parser(self) -> QuestionParser:
        """What reads the words of a question about routes."""
        return QuestionParser(self.catalogue, self.groups, self.patterns)

    def not_recorded(self, entry: CatalogueEntry, record: EntityRecord) -> list[str]:
        """Return the words of relationships recorded of others of its kind and not of it, the commonest first."""
        return missing_words(self.words_of_kinds, entry.kinds, (relation.words for relation in record.relations))

    @cached_property
    def words_of_kinds(self) -> Mapping[str, Counter[str]]:
        """Of each kind of entity, by IRI, in which words relationships are recorded, and of how many entities.

        Nothing for a large graph, all of whose network would be read for a page.
        """
        if self.published.statements > _SMALL:
            return {}
        return read_words(self.network, {iri: entry.kinds for iri, entry in self.catalogue.entries.items()})

    @cached_property
    def records(self) -> RecordReader:
        """What is said of each entity."""
        return RecordReader(self.reader, self.namespaces, lambda ends: joint_tie(self.routes.index, ends))

    @cached_property
    def sentences(self) -> Sentences:
        """What puts statements in words."""
        return Sentences(self.namespaces, self.patterns)

    @cached_property
    def indicators(self) -> list[Indicator]:
        """Every indicator that has a figure."""
        return read_indicators(self.reader, self.records, self.namespaces)

    @cached_property
    def support(self) -> Support:
        """Who can help with what."""
        return read_support(self.reader, self.records, self.namespaces)

    def working_on(self, themes: Iterable[Name]) -> list[WorksOn]:
        """Read what works on any of some themes, or on a part of one."""
        return works_on(self.reader, self.records, self.namespaces, themes)

    def bodies_on(self, themes: Iterable[Name]) -> list[WorksOn]:
        """Read which bodies work on any of some themes; a product or a study can be on one too, and helps nobody."""
        helping = {offer.provider.iri for offer in self.support.offers}
        entries = self.catalogue.entries
        return [
            each
            for each in self.working_on(themes)
            if each.entity.iri in helping or (each.entity.iri in entries and entries[each.entity.iri].actor)
        ]

    @cached_property
    def themes(self) -> Matrix:
        """Who works on which theme."""
        return themes_by_kinds(self.reader, self.catalogue, self.namespaces)

    @property
    def analysis(self) -> Analysis:
        """Who matters in the network."""
        return self.artefacts.analysis

    @cached_property
    def awards(self) -> list[Award]:
        """Every funding award, the largest first: with grants of registers there can be tens of thousands."""
        return read_awards(self.reader, self.namespaces)

    @cached_property
    def dated(self) -> tuple[list[Dated], int]:
        """Every statement that a source dates, the earliest first, and how many have a date that is not understood."""
        return read_dated(self.reader, self.namespaces)

    @property
    def communities(self) -> tuple[Community, ...]:
        """The communities of the network, which are those of the analysis too."""
        return self.artefacts.outline.communities

    @cached_property
    def ties_of_communities(self) -> Mapping[int, Mapping[int, int]]:
        """How many relationships each community has with each other one, by their numbers."""
        return ties_between(self.communities, self.network)

    @property
    def positions(self) -> Mapping[str, tuple[float, float]]:
        """Where each entity of the network stands in a picture of all of it."""
        return self.artefacts.outline.positions

    @cached_property
    def vocabulary(self) -> list[Word]:
        """What a query can name."""
        return read_vocabulary(self.reader, self.catalogue, self.namespaces)

    @cached_property
    def counts(self) -> tuple[Count, ...]:
        """How much the graph holds, by kind."""
        return tuple(
            Count(row["words"].value, int(row["number"].value))
            for row in self.reader.rows(query_beside(__file__, "generation_view_counts") % self.namespaces.base)
        )

    @cached_property
    def triples(self) -> int:
        """How many triples it has without those in which it describes itself: what `triples_query` counts."""
        own = self.reader.rows(_PREFIX % self.namespaces.base + f"SELECT (?void + ?queries AS ?own) WHERE {{{_OWN}}}")
        return self.published.statements - int(own[0]["own"].value)

    @property
    def triples_query(self) -> str:
        """A query that counts the triples; what the graph says of itself is in graphs of its own and nowhere else."""
        return (
            _PREFIX % self.namespaces.base + "SELECT (?all - ?void - ?queries AS ?triples) WHERE {\n"
            f"  {{ SELECT (COUNT(*) AS ?all) WHERE {{ ?s ?p ?o }} }}{_OWN}\n}}\n"
        )

    @property
    def figure_count(self) -> int:
        """How many figures there are."""
        return next((count.number for count in self.counts if count.words == "figures"), 0)

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Every need and theme, by its label."""
        return tuple(
            Topic(row["topic"].value, row["label"].value, row["scheme"].value)
            for row in self.reader.rows(query_beside(__file__, "generation_view_topics") % self.namespaces.base)
        )


class GenerationViews:
    """Gives the view of the current generation, and makes a new one when another generation is published."""

    def __init__(self, reader: Reader, namespaces: Namespaces, state: Path | None = None) -> None:
        self._reader = reader
        self._namespaces = namespaces
        self._state = state
        self._lock = threading.Lock()
        self._view: GenerationView | None = None

    def current(self) -> GenerationView:
        """Return the view of what is published now. Raises KnowledgeError when nothing is."""
        published = self._reader.generation()
        view = self._view
        if view is None or view.published.id != published.id:
            with self._lock:
                view = self._view
                if view is None or view.published.id != published.id:
                    view = GenerationView(self._reader, self._namespaces, self._state)
                    self._view = view
        return view
