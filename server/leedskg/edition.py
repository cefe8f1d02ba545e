"""What pages and commands need of one published generation, read once and kept while it is current."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from leedskg.analysis import Analysis, Community
from leedskg.catalogue import Catalogue
from leedskg.figures import Indicator, read_indicators
from leedskg.groundwork import SMALL, Groundwork, Waiting
from leedskg.matrix import Matrix, themes_by_kinds
from leedskg.namespaces import Namespaces
from leedskg.network import EdgePattern, Network, RouteModel, read_model, read_patterns
from leedskg.record import RecordReader
from leedskg.routes import RouteFinder
from leedskg.routes.asking import Asking
from leedskg.routes.groups import Groups
from leedskg.store import Published, Reader
from leedskg.support import Support, read_support
from leedskg.vocabulary import Word, read_vocabulary

#: Names of ends offered while one types.
_MOST_NAMES = 3000


@dataclass(frozen=True)
class Count:
    """How many there are of something, for the home page."""

    words: str
    number: int


@dataclass(frozen=True)
class Topic:
    """A need or a theme, and how many entities have to do with it."""

    iri: str
    label: str
    scheme: str
    number: int


class Edition:
    """One generation, read through any Reader: names, network, routes and records, each read when first asked for."""

    def __init__(
        self, reader: Reader, namespaces: Namespaces, state: Path | None = None, waiting: Waiting | None = None
    ) -> None:
        """Read through `reader`; what takes long to work out is kept in the `state` folder, if one is given."""
        self.reader = reader
        self.namespaces = namespaces
        self.groundwork = Groundwork(reader, namespaces, state, waiting)

    @property
    def published(self) -> Published:
        """The generation that this is the edition of."""
        return self.groundwork.published

    @cached_property
    def catalogue(self) -> Catalogue:
        """Every entity by name."""
        return Catalogue.read(self.reader, self.namespaces)

    @property
    def network(self) -> Network:
        """Every relationship that a route may use."""
        return self.groundwork.network

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
        return self.groundwork.routes

    def is_tied(self, iri: str) -> bool:
        """Whether an entity has a relationship that a route may use; while that is being worked out, none seems to."""
        return self.groundwork.is_near and self.routes.index.entities.find(iri) >= 0

    @property
    def route_ends(self) -> tuple[str, ...]:
        """Names to offer for the ends of a route; none while they are being worked out, for one can do without."""
        return self._route_ends if self.groundwork.is_near else ()

    @cached_property
    def _route_ends(self) -> tuple[str, ...]:
        """The names of what a route can begin or end at, each of one entity only; the first few thousand of many."""
        entities = self.routes.index.entities
        joined = (
            entry
            for entry in self.catalogue.entries.values()
            if not entry.replaced_by and entities.find(entry.iri) >= 0
        )
        return tuple(self.catalogue.unique_name(entry) for entry in itertools.islice(joined, _MOST_NAMES))

    @cached_property
    def groups(self) -> Groups:
        """Kinds and needs, which an end of a route may be."""
        return Groups(self.reader, self.namespaces)

    @cached_property
    def asking(self) -> Asking:
        """What reads the words of a question about routes."""
        return Asking(self.catalogue, self.groups, self.patterns)

    @property
    def words_of_kinds(self) -> Mapping[str, Counter[str]]:
        """Of each kind of entity, by IRI, in which words relationships are recorded, and of how many entities.

        Nothing while the network is being worked out, and for a large one, all of which would be read for a page.
        """
        return self._words_of_kinds if self.published.statements <= SMALL and self.groundwork.is_near else {}

    @cached_property
    def _words_of_kinds(self) -> dict[str, Counter[str]]:
        said: dict[str, set[str]] = {}
        for source, target, tie in self.network.ties():
            said.setdefault(source, set()).add(tie.pattern.words)
            said.setdefault(target, set()).add(tie.pattern.words if tie.pattern.mutual else tie.pattern.words_back)
        found: dict[str, Counter[str]] = {}
        for iri, words in said.items():
            for kind in self.catalogue.entries[iri].kinds if iri in self.catalogue.entries else ():
                found.setdefault(kind, Counter()).update(words)
        return found

    @cached_property
    def records(self) -> RecordReader:
        """What is said of each entity."""
        return RecordReader(self.reader, self.namespaces)

    @cached_property
    def indicators(self) -> list[Indicator]:
        """Every indicator that has a figure."""
        return read_indicators(self.reader, self.records, self.namespaces)

    @cached_property
    def support(self) -> Support:
        """Who can help with what."""
        return read_support(self.reader, self.records, self.namespaces)

    @cached_property
    def themes(self) -> Matrix:
        """Who works on which theme."""
        return themes_by_kinds(self.reader, self.catalogue, self.namespaces)

    @property
    def analysis(self) -> Analysis:
        """Who matters in the network."""
        return self.groundwork.analysis

    @property
    def communities(self) -> tuple[Community, ...]:
        """The communities of the network; those of the analysis too, without waiting for the rest of it."""
        return self.groundwork.outline.communities

    @property
    def positions(self) -> Mapping[str, tuple[float, float]]:
        """Where each entity of the network stands in a picture of all of it."""
        return self.groundwork.outline.positions

    @cached_property
    def vocabulary(self) -> list[Word]:
        """What a query can name."""
        return read_vocabulary(self.reader, self.catalogue, self.namespaces)

    @cached_property
    def counts(self) -> tuple[Count, ...]:
        """How much the graph holds, by kind."""
        return tuple(
            Count(row["words"].value, int(row["number"].value))
            for row in self.reader.rows(_COUNTS % self.namespaces.base)
        )

    @property
    def figure_count(self) -> int:
        """How many figures there are."""
        return next((count.number for count in self.counts if count.words == "figures"), 0)

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Every need and theme, by its label."""
        return tuple(
            Topic(row["topic"].value, row["label"].value, row["scheme"].value, int(row["number"].value))
            for row in self.reader.rows(_TOPICS % self.namespaces.base)
        )


class Editions:
    """Gives the edition of the current generation, and makes a new one when another generation is published."""

    def __init__(
        self, reader: Reader, namespaces: Namespaces, state: Path | None = None, waiting: Waiting | None = None
    ) -> None:
        self._reader = reader
        self._namespaces = namespaces
        self._state = state
        self._waiting = waiting
        self._lock = threading.Lock()
        self._edition: Edition | None = None

    def current(self) -> Edition:
        """The edition of what is published now. Raises KnowledgeError when nothing is."""
        published = self._reader.generation()
        edition = self._edition
        if edition is None or edition.published.id != published.id:
            with self._lock:
                edition = self._edition
                if edition is None or edition.published.id != published.id:
                    edition = Edition(self._reader, self._namespaces, self._state, self._waiting)
                    self._edition = edition
        return edition


_COUNTS = """
PREFIX lhi: <%sdef#>
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?words (COUNT(DISTINCT ?thing) AS ?number) ?order WHERE {
  VALUES (?kind ?words ?order) {
    (lhi:Organisation "organisations" 1) (lhi:Facility "facilities" 2) (lhi:Programme "programmes" 3)
    (lhi:Initiative "initiatives" 4) (lhi:Product "products" 5) (lhi:Place "places" 6)
    (lhi:Relationship "relationships" 7) (lhi:IndicatorObservation "figures" 8) (lhi:AttributeStatement "other facts" 9)
    (lhi:TextEvidence "passages cited" 10) (lhi:SourceDocument "documents" 11)
  }
  ?thing a ?kind
  FILTER NOT EXISTS { ?thing dcterms:isReplacedBy ?other }
} GROUP BY ?words ?order ORDER BY ?order
"""

_TOPICS = """
BASE <%s>
PREFIX lhi: <def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?topic ?label ?scheme (COUNT(DISTINCT ?thing) AS ?number) WHERE {
  VALUES (?in ?scheme) { (<scheme/need> "need") (<scheme/theme> "theme") }
  ?topic skos:inScheme ?in ; skos:prefLabel ?label .
  OPTIONAL { ?thing lhi:helpsWith|lhi:meetsNeed|lhi:hasTheme ?topic }
} GROUP BY ?topic ?label ?scheme ORDER BY LCASE(?label)
"""
