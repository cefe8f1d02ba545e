"""From the arrays of a RouteIndex back to ties: what pictures of the network need, without reading the store again."""

from __future__ import annotations

from collections.abc import Iterator

from leedskg.network import Tie
from leedskg.routes.index import RouteIndex


def every_tie(index: RouteIndex) -> Iterator[tuple[str, str, Tie]]:
    """Every tie with the entity it leads from and the one it leads to; one of equals leads from the lower IRI.

    A tie without a document names itself as its source, as in the index.
    """
    entities, documents = list(index.entities), list(index.documents)
    dates = [text.split("\n") for text in index.dates]
    sources: list[list[str]] = [[] for _ in range(index.ties)]
    for number, document in zip(index.backing_tie.tolist(), index.backing_document.tolist(), strict=True):
        sources[number].append(documents[document])
    columns = (index.tie_source, index.tie_target, index.tie_pattern, index.tie_confidence, index.tie_dates)
    rows = zip(index.relationships, sources, *(column.tolist() for column in columns), strict=True)
    for relationship, backing, source, target, pattern, confidence, when in rows:
        begun, ended = dates[when]
        tie = Tie(relationship, index.patterns[pattern], confidence, begun, ended, frozenset(backing))
        yield entities[source], entities[target], tie
