"""The graph as a tool asks it: what is published now, in words that pages have too, with addresses to look at."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from leedskg.agents.answer import AnswerLine
from leedskg.catalogue import CatalogueEntry
from leedskg.errors import RequestError, excerpt
from leedskg.generation_view import GenerationView
from leedskg.query_files import query_beside
from leedskg.record import Relation, ShownAssertion, certainty
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.wording import listed, plain_date

#: Characters of a name or of words that are looked for.
LONGEST_NAME = 200
#: Characters of the title of a source, whose address stands beside it.
_LONGEST_TITLE = 60
NOT_A_NO = "No source read so far says so; that is not the same as no."


@dataclass(frozen=True)
class AskedGraph:
    """One generation with what a tool needs beside it. `site` is the address of the site; empty where there is none."""

    view: GenerationView
    pool: QueryPool
    settings: Settings
    site: str = ""
    #: The address of the site whose forms a person can open; that of `site` where it is empty.
    forms: str = ""
    #: Who asks, as far as fairness among queries goes.
    client: str = ""
    #: What lets searches for routes in, a few at a time.
    let_in: Callable[[], AbstractContextManager[Any]] = nullcontext
    #: The day as at which routes are weighed.
    today: date = field(default_factory=date.today)

    def address(self, iri: str) -> str:
        """Return where a person can look at a thing: on the site where that has an address, else its IRI."""
        local = self.view.namespaces.local(iri)
        return iri if local is None or not self.site else f"{self.site}{quote(local, safe='/#')}"

    def page(self, path: str, **values: str) -> str:
        """Return the address of a page of the site."""
        query = f"?{urlencode(values)}" if values else ""
        return f"{self.site or self.view.namespaces.base}{path}{query}"

    def short(self, iri: str) -> str:
        """Return an IRI as structured forms have it: with a prefix."""
        return self.view.namespaces.shorten(iri)

    def deadline(self) -> float:
        """Return when a search for routes that begins now has to be done."""
        return time.monotonic() + self.settings.route_timeout

    def entry(self, name: str) -> CatalogueEntry:
        """Return the entity of a name. Raises UnknownNameError with candidates, and RequestError for a retired one."""
        if len(name) > LONGEST_NAME:
            raise RequestError(f"A name has no more than {LONGEST_NAME} characters; this has {len(name):,}.")
        found = self.view.catalogue.find(name)
        if found.retired:
            raise RequestError(f"{found.label} was retired, and nothing took its place. Name another.")
        return found

    def read_as(self, name: str, entry: CatalogueEntry) -> tuple[str, ...]:
        """Say how a name was read, where that was a guess."""
        return (f"“{name}” was read as {entry.label}.",) if self.view.catalogue.is_guess(name) else ()

    def line(self, text: str, statement: ShownAssertion, **data: object) -> AnswerLine:
        """Return the line of a statement: how sure it is, by whom, and where that stands."""
        sources = listed(dict.fromkeys(excerpt(place.source.label, _LONGEST_TITLE) for place in statement.evidence), 2)
        sure = certainty(statement.confidence).words
        evidence = tuple(place.iri for place in statement.evidence) or (statement.iri,)
        told = {
            "statement": self.short(statement.iri),
            "evidence": [self.short(iri) for iri in evidence],
            "confidence": statement.confidence,
        }
        return AnswerLine(f"{text} [{'; '.join(filter(None, (sources, sure)))}]", evidence, dict(data) | told)

    def statement_words(self, statement: ShownAssertion) -> str:
        """Put a statement in the site's own pattern, with amount, dates, period and source behind it in brackets."""
        return f"{self.view.sentences.sentence(statement, 0)}{self.told(statement)}"

    def told(self, statement: ShownAssertion) -> str:
        """Return what is told of a statement beside what it says, in brackets; nothing where that is nothing."""
        sentences = self.view.sentences
        period = plain_date(sentences.label(statement, "referencePeriod"))
        said = sentences.label(statement, "attributedTo")
        told = (
            sentences.amount(statement),
            sentences.dates(statement),
            f"period {period}" if period else "",
            f"according to {said}" if said else "",
        )
        words = "; ".join(filter(None, told))
        return f" ({words})" if words else ""

    def relation_line(self, relation: Relation, subject: str = "") -> AnswerLine:
        """Return the line of a relationship, as seen from one of its entities."""
        text = f"{subject} {relation.words} {relation.other.label}".strip()
        return self.line(
            f"{text}{self.told(relation.statement)}", relation.statement, of=self.short(relation.other.iri)
        )

    def named_at(self, iris: list[str]) -> dict[str, str]:
        """Return for each entity a place where a source names it, as far as one does."""
        if not iris:
            return {}
        values = " ".join(f"<{iri}>" for iri in iris)
        rows = self.view.reader.rows(query_beside(__file__, "graph_named") % (self.view.namespaces.base, values))
        return {row["thing"].value: row["place"].value for row in rows if "place" in row}
