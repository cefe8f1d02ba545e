"""The things that the values of a result are, or are the names of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from itertools import islice

from leedskg.generation_view import GenerationView
from leedskg.picture import PictureNode
from leedskg.picture.model import safe_address
from leedskg.picture.result import date_of
from leedskg.store import Row, Term
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.views import EntityView
from leedskg.wording import plain_date

#: Statements that are put into words; each is read whole.
_MOST_SENTENCES = 500


class ResultNames:
    """The names of one generation, as the rows of a result need them."""

    def __init__(self, view: GenerationView, rows: Iterable[Row]) -> None:
        self.view = view
        self._rows = rows
        self._presenter = Presenter(view)
        self._known: dict[str, EntityView] = {}

    @cached_property
    def _by_label(self) -> dict[str, str]:
        entries = [each for each in self.view.catalogue.entries.values() if each.in_use]
        times = Counter(each.label for each in entries)
        return {each.label: each.iri for each in entries if times[each.label] == 1}

    @cached_property
    def _words(self) -> dict[str, tuple[str, str]]:
        """The label of each term of the graph, and what it is in a word."""
        return {word.iri: (word.label or word.name, word.kind) for word in self.view.vocabulary}

    @cached_property
    def _sentences(self) -> dict[str, str]:
        """The first statements that the rows name, each in one line."""
        begins = self.view.namespaces.base + "assertion/"
        named = (term.value for row in self._rows for term in row.values() if term.is_iri)
        iris = dict.fromkeys(iri for iri in named if iri.startswith(begins))
        found = self.view.records.statements(set(islice(iris, _MOST_SENTENCES))) if iris else {}
        return {iri: self._presenter.sentence(statement) for iri, statement in found.items()}

    @cached_property
    def properties(self) -> frozenset[str]:
        """The properties of the graph."""
        return frozenset(iri for iri, (_, kind) in self._words.items() if kind == "property")

    def thing(self, term: Term | None) -> str:
        """Return the IRI of the thing that a value is, or is the only name of; nothing for another value."""
        if term is None or term.kind == "triple":
            return ""
        if term.kind != "literal":
            return term.value if term.is_iri else f"_:{term.value}"
        return "" if term.datatype else self._by_label.get(term.value, "")

    def entity(self, iri: str) -> EntityView:
        """Show a thing by its name here, or by its IRI cut short; an address that no page may lead to is left off."""
        if iri not in self._known:
            label = self._sentences.get(iri) or self._words.get(iri, ("", ""))[0]
            found = EntityView(iri, "") if iri.startswith("_:") else self._presenter.entity(iri, label)
            href = safe_address(found.href)
            self._known[iri] = EntityView(found.label, href, found.kind, iri, found.retired)
        return self._known[iri]

    def node(self, iri: str) -> PictureNode:
        """Give a thing as a picture has it."""
        found = self.entity(iri)
        kind = found.kind or self._words.get(iri, ("", ""))[1]
        return PictureNode(iri, found.label, kind or "thing", found.href)

    def told(self, term: Term | None) -> str:
        """Return a value in words: the name of a thing or of a term, a date as it is read, a text as it came."""
        if term is None:
            return "(no value)"
        if term.kind in ("iri", "blank"):
            return self.entity(self.thing(term)).label
        return plain_date(date_of(term)) if term.datatype and date_of(term) else term.value

    def address(self, term: Term | None) -> str:
        """Return the address of the page of the thing that a value is or names; nothing for another value."""
        iri = self.thing(term)
        return self.entity(iri).href if iri else ""
