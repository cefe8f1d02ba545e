"""The bodies of an import's records among the organisations of the curated graph, under what people have said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from leedskg.graph import HIDDEN_LABEL, IS_REPLACED_BY, CuratedGraph, follow_replacements
from leedskg.importers.model import IDENTIFIERS, SEVERAL, SourceRecord
from leedskg.matching.body_questions import BodyQuestions
from leedskg.matching.index import MatchCandidate, MatchIndex
from leedskg.matching.judgements import Judgements
from leedskg.matching.matcher import Matcher, Mention, Outcome
from leedskg.matching.queue import QueuedQuestion
from leedskg.namespaces import RDF_TYPE, REUSED

_IDENTIFIER, _NOTATION = REUSED["adms"] + "identifier", REUSED["skos"] + "notation"
_DEPRECATED = REUSED["owl"] + "deprecated"


class BodyMatcher:
    """Matches the bodies of records with the organisations of a graph, and with what a judgement says they are."""

    def __init__(self, graph: CuratedGraph, judgements: Judgements) -> None:
        statements = graph.statements
        replaced_by = {old: new for old in graph.entities() if (new := statements.text(old, IS_REPLACED_BY))}
        current = follow_replacements(replaced_by, set(graph.entities()))
        kept = Judgements.of(replace(each, entity=current.get(each.entity, each.entity)) for each in judgements)
        judged = {each.entity for each in kept if each.says == "same"}
        self._matcher = Matcher(MatchIndex.of(_candidates(graph, current, judged)), kept)
        self._resolved: dict[Mention, str | None] = {}

    def resolve(self, source: str, values: Mapping[str, str]) -> str | None:
        """Return the entity that a body is; None where the graph does not know it, or a person has to say."""
        mention = mention_of(source, values)
        if mention not in self._resolved:
            found = self._matcher.match(mention, most=0).entity
            self._resolved[mention] = found.iri if found else None
        return self._resolved[mention]

    def match(self, mention: Mention) -> Outcome:
        """Return the entity that a mention is, or what it may be."""
        return self._matcher.match(mention)

    def numbers(self, entity: str) -> frozenset[tuple[str, str]]:
        """Return the identifiers that the graph gives an entity: scheme and notation."""
        found = self._matcher.index.candidates.get(entity)
        return frozenset(found.identifiers) if found else frozenset()

    def labels(self) -> dict[str, str]:
        """Return the preferred name of each entity that a body may be."""
        return {iri: each.label for iri, each in self._matcher.index.candidates.items()}

    def questions(self, records: Iterable[SourceRecord]) -> list[QueuedQuestion]:
        """Return which bodies of records a person has to decide on, each once."""
        return self.asked(records).under(self._matcher.judgements)

    def asked(self, records: Iterable[SourceRecord]) -> BodyQuestions:
        """Return what may be asked of the bodies of records, for whatever is decided later."""
        return BodyQuestions.of(self._matcher.index, mentions_in(records))


def mention_of(source: str, values: Mapping[str, str]) -> Mention:
    """Return what a record says of a body; the record of a judgement is the id that the publisher gives the body."""
    numbers = [
        (scheme, each) for scheme in IDENTIFIERS if scheme in values for each in values[scheme].split(SEVERAL)
    ]  # fmt: skip
    key = values.get("organisation") or values.get("id", "")
    record = f"{source}:{key}" if key else ""
    return Mention.of(values.get("name", ""), numbers, postcode=values.get("postcode", ""), record=record)


def mentions_in(records: Iterable[SourceRecord]) -> Iterator[Mention]:
    """Yield the bodies that records are of, or that take part in what they are of."""
    for record in records:
        if record.kind == "organisation":
            yield mention_of(record.source, record.body)
        else:
            yield from (mention_of(record.source, each.values) for each in record.participants if each.name)


def _candidates(graph: CuratedGraph, current: Mapping[str, str], judged: Set[str]) -> Iterator[MatchCandidate]:
    """Yield the organisations in use, and what judgements name; what one replaced gives its names."""
    statements, term, ontology = graph.statements, graph.namespaces.term, graph.ontology
    earlier: dict[str, list[str]] = defaultdict(list)
    for old, new in current.items():
        earlier[new].append(old)
    apart: dict[str, set[str]] = defaultdict(set)
    for entity in graph.entities():
        for other in statements.texts(entity, term("keptApartFrom")):
            apart[entity].add(other)
            apart[other].add(entity)
    organisations = statements.of_type(ontology.narrower(term("Organisation")), RDF_TYPE)
    for entity in dict.fromkeys([*organisations, *sorted(each for each in judged if each in statements)]):
        names = [
            name for each in (entity, *earlier[entity])
            for name in (*graph.names(each), *statements.texts(each, HIDDEN_LABEL))
        ]  # fmt: skip
        if names and not statements.text(entity, _DEPRECATED):
            kinds = tuple(ontology.label(each) or "" for each in statements.texts(entity, RDF_TYPE))
            numbers = tuple(
                ((statements.text(part, term("identifierScheme")) or "").rpartition("/")[2], notation)
                for part in statements.texts(entity, _IDENTIFIER)
                for notation in statements.texts(part, _NOTATION)
            )
            yield MatchCandidate(
                entity, tuple(dict.fromkeys(names)), kinds, numbers, kept_apart=frozenset(apart[entity])
            )  # fmt: skip
