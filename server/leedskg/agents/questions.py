"""Questions as people type them into a search box, read by their pattern and without any model.

What is read becomes a SPARQL query, which is shown with its answer, so that a reader sees how they were understood and
can change it. A text in none of the patterns is no question here, and is searched for as a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leedskg.agents.entity_tools import needs_meant
from leedskg.agents.question_words import (
    ASKS,
    FIELDS,
    KINDS,
    MANY,
    NEEDS,
    NOUNS,
    PAIRS,
    POLITE,
    THEMES,
    VERBS,
    WHERE,
)
from leedskg.catalogue import CatalogueEntry
from leedskg.generation_view import GenerationView
from leedskg.kinds import FAMILIES
from leedskg.naming import beginnings, folded
from leedskg.network import EdgePattern
from leedskg.routes.question import stated
from leedskg.wording import listed, plural

#: Characters of a text that may be a question.
_LONGEST = 200

_SOURCES = frozenset(FAMILIES["Figures and sources"])


@dataclass(frozen=True)
class Question:
    """A text as it was read: in words, and as a query whose rows have `thing`, `name` and mostly `statement`."""

    read_as: str
    query: str = ""
    #: Pages that go further: words, the name of the page, and what its address asks.
    more: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = ()
    #: A name of the question that nothing goes by, and the same question with names that it may have meant.
    unknown: str = ""
    instead: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Tie:
    """A relationship as a question asks for it: its kind, the role of what is sought, and of what is named."""

    kind: str
    sought: str
    named: str


class QuestionReader:
    """Reads questions against the words and names of one generation."""

    def __init__(self, view: GenerationView) -> None:
        self._view = view
        self._verbs: dict[str, list[_Tie]] = {}
        self._nouns: dict[str, list[_Tie]] = {}
        self._words: dict[str, str] = {}
        for pattern in view.patterns:
            self._learn(pattern)
        for said, words in VERBS.items():
            if words in self._verbs:
                self._verbs[said], self._words[said] = self._verbs[words], words
        for said, noun in NOUNS.items():
            if noun in self._nouns:
                self._nouns.setdefault(said, []).extend(self._nouns[noun])

    def _learn(self, pattern: EdgePattern) -> None:
        kind = pattern.relationship_type
        along = _Tie(kind, pattern.from_role, pattern.to_role)
        back = _Tie(kind, pattern.to_role, pattern.from_role)
        both = [along, back] if pattern.mutual else [along]
        for words, ties in ((pattern.words, both), (pattern.words_back, both if pattern.mutual else [back])):
            for said in {words, stated(words)}:
                self._verbs.setdefault(said, []).extend(ties)
                self._words[said] = words
        for label, ties in ((pattern.from_label, both), (pattern.to_label, both if pattern.mutual else [back])):
            if label:
                self._nouns.setdefault(label, []).extend(ties)
        if pattern.words == "partner of":
            self._nouns.setdefault("partner", []).extend(both)

    def read(self, text: str) -> Question | None:
        """Return how a text is read; None for one that is no question, or is a name as it stands."""
        text = " ".join(text.split()).rstrip("?.! ")
        if not text or len(text) > _LONGEST or self._view.catalogue.named(text):
            return None
        plain = POLITE.sub("", text)
        unknown: list[Question] = []
        readers: tuple[Callable[[str], Iterator[Question]], ...] = (
            self._verb, self._noun, self._place_of, self._field, self._need, self._theme, self._how_many, self._kind,
            self._pair,
        )  # fmt: skip
        for reader in readers:
            for question in reader(plain):
                if question.query:
                    return question
                unknown.append(question)
        return unknown[0] if unknown else None

    def _verb(self, text: str) -> Iterator[Question]:
        """Read “who funds X”, “what does X fund” and “who is X funded by”."""
        for said in sorted(self._verbs, key=len, reverse=True):
            words = re.escape(said)
            bare = re.escape(re.sub(r"^(?:is|was) (?:a )?", "", said))
            if found := re.fullmatch(
                rf"{ASKS}(?: (?P<kind>[\w -]+?))?(?: (?:is|are|was|were)(?: an?)?)? {bare} (?P<name>.+)",
                text,
                re.IGNORECASE,
            ):
                yield from self._tied(
                    said, self._verbs[said], found["name"], text, f"who or what {stated(self._words[said])}"
                )
            base = re.escape(re.sub(r"(?<=[^s])s$", "", said))
            if found := re.fullmatch(rf"{ASKS}(?: else)? (?:does|do|did) (?P<name>.+?) {base}", text, re.IGNORECASE):
                turned = [_Tie(tie.kind, tie.named, tie.sought) for tie in self._verbs[said]]
                yield from self._tied(said, turned, found["name"], text, "", f" {stated(self._words[said])}")
            if found := re.fullmatch(rf"{ASKS} (?:is|are|was|were) (?P<name>.+?) {words}", text, re.IGNORECASE):
                turned = [_Tie(tie.kind, tie.named, tie.sought) for tie in self._verbs[said]]
                yield from self._tied(said, turned, found["name"], text, "", f" {stated(self._words[said])}")

    def _noun(self, text: str) -> Iterator[Question]:
        """Read “partners of X” and “X's partners”."""
        plain = re.sub(rf"^{ASKS} (?:are|is) (?:the )?|^the ", "", text, flags=re.IGNORECASE)
        for noun in sorted(self._nouns, key=len, reverse=True):
            either = "|".join(re.escape(each) for each in (plural(noun), noun))
            found = re.fullmatch(
                rf"(?:{either}) (?:of|from|for|with) (?P<name>.+)", plain, re.IGNORECASE
            ) or re.fullmatch(rf"(?P<name>.+?)['’]s? (?:{either})", plain, re.IGNORECASE)
            if found:
                yield from self._tied(noun, self._nouns[noun], found["name"], text, f"{plural(noun)} of")

    def _tied(  # noqa: PLR0913, PLR0917 - what was said, as what, and how it is told
        self, said: str, ties: list[_Tie], name: str, text: str, before: str, after: str = ""
    ) -> Iterator[Question]:
        entry, instead = self._entry(name)
        if entry is None:
            yield self._nobody(name, instead, text)
            return
        told = f"{before} {entry.label}{after}".strip() if before else f"what {entry.label}{after}"
        yield Question(told, self._edge_query(ties, entry))

    def _place_of(self, text: str) -> Iterator[Question]:
        if (found := WHERE.fullmatch(text)) and "located in" in self._verbs:
            turned = [_Tie(tie.kind, tie.named, tie.sought) for tie in self._verbs["located in"]]
            yield from self._tied("located in", turned, found["name"], text, "the place of")

    def _field(self, text: str) -> Iterator[Question]:
        """Read “website of X”."""
        plain = re.sub(rf"^{ASKS} (?:are|is) (?:the )?|^the ", "", text, flags=re.IGNORECASE)
        if not (found := re.fullmatch(r"(?P<field>[\w -]{3,40}?) of (?P<name>.+)", plain, re.IGNORECASE)):
            return
        wanted = folded(FIELDS.get(folded(found["field"]), found["field"]))
        field = next((w for w in self._view.vocabulary if w.kind == "property" and folded(w.label) == wanted), None)
        if field is None or not field.name.startswith("lhi:"):
            return
        entry, instead = self._entry(found["name"])
        if entry is None:
            yield self._nobody(found["name"], instead, text)
            return
        yield Question(
            f"{field.label} of {entry.label}",
            self._whole(
                f"  VALUES ?property {{ {field.name} }}\n  ?statement lhi:subject {self._short(entry.iri)} ; "
                "lhi:property ?property .\n"
                "  { ?statement lhi:literalValue ?name } UNION\n"
                "  { ?statement lhi:object ?thing . ?thing skos:prefLabel ?name }\n"
            ),
        )

    def _need(self, text: str) -> Iterator[Question]:
        """Read “who offers lab space near Y”."""
        if not (found := NEEDS.fullmatch(text)):
            return
        needs, unknown = needs_meant(self._view.support, found["need"])
        if not needs or unknown:
            return
        place, instead = self._entry(found["place"]) if found["place"] else (None, ())
        if found["place"] and place is None:
            yield self._nobody(found["place"], instead, text)
            return
        values = " ".join(self._short(need.iri) for need in needs)
        where = ""
        if place:
            short = self._short(place.iri)
            where = (
                f"  {{ ?thing lhi:within|lhi:locatedIn {short} }} UNION\n"
                f"  {{ ?thing lhi:operatedBy|lhi:hostedBy ?owner . ?owner lhi:within|lhi:locatedIn {short} }}\n"
            )
        told = f"who helps with {listed((need.label for need in needs), 0)}{f', in {place.label}' if place else ''}"
        more = tuple((f"Who can help: {need.label}", "support.page", (("need", need.slug),)) for need in needs)
        body = (
            f"  VALUES ?need {{ {values} }}\n"
            "  ?statement a lhi:Support ; lhi:need ?need ; lhi:hasParticipation ?part .\n"
            f"  ?part lhi:role role:provider ; lhi:participant ?thing .\n  ?thing skos:prefLabel ?name .\n{where}"
        )
        yield Question(told, self._whole(body), more)

    def _theme(self, text: str) -> Iterator[Question]:
        """Read “who works on diabetes”."""
        if not (found := THEMES.fullmatch(text)):
            return
        wanted = folded(found["theme"])
        for topic in self._view.topics:
            if topic.scheme == "theme" and folded(topic.label) == wanted:
                body = (
                    "  ?statement lhi:subject ?thing ; lhi:property lhi:hasTheme ;\n"
                    f"    lhi:object/skos:broader* {self._short(topic.iri)} .\n"
                    "  ?thing skos:prefLabel ?name .\n"
                )
                yield Question(f"what works on {topic.label}", self._whole(body))

    def _kind(self, text: str) -> Iterator[Question]:
        """Read “companies in Leeds”."""
        if not (found := KINDS.fullmatch(text)):
            return
        wanted = folded(found["kind"])
        for iri, kind in self._view.broader_kinds.items():
            if wanted not in {folded(kind.label), folded(plural(kind.label))}:
                continue
            place, instead = self._entry(found["place"])
            if place is None:
                yield self._nobody(found["place"], instead, text)
                return
            body = (
                f"  ?thing a {self._short(iri)} ; lhi:within|lhi:locatedIn {self._short(place.iri)} ;\n"
                "    skos:prefLabel ?name .\n"
                "  OPTIONAL {\n    ?statement a lhi:Location ; lhi:hasParticipation/lhi:participant ?thing .\n"
                "    FILTER NOT EXISTS { ?statement lhi:rank rank:deprecated }\n  }\n"
            )
            more = (("All of this kind", "search.page", (("kind", iri),)),)
            yield Question(f"{plural(kind.label)} in {place.label}", self._whole(body, ""), more)

    def _how_many(self, text: str) -> Iterator[Question]:
        """Read “how many healthtech companies in Leeds”."""
        if not (found := MANY.fullmatch(text)):
            return
        words = beginnings(folded(found["what"]).split())
        fitting = [
            each.name
            for each in self._view.indicators
            if words and all(any(part.startswith(word) for part in folded(each.name.label).split()) for word in words)
        ]
        place, instead = self._entry(found["place"]) if found["place"] else (None, ())
        if not fitting:
            return
        if found["place"] and place is None:
            yield self._nobody(found["place"], instead, text)
            return
        values = " ".join(self._short(each.iri) for each in fitting)
        where = f"  ?statement lhi:geography {self._short(place.iri)} .\n" if place else ""
        body = (
            f"  VALUES ?thing {{ {values} }}\n  ?statement lhi:indicator ?thing .\n"
            f"  ?thing skos:prefLabel ?name .\n{where}"
        )
        told = f"figures on {listed((each.label for each in fitting), 4)}{f', for {place.label}' if place else ''}"
        yield Question(told, self._whole(body), (("All figures", "figures.page", ()),))

    def _pair(self, text: str) -> Iterator[Question]:
        """Read “X and Y”, where both are names."""
        for pattern in PAIRS:
            for one, other in _halves(pattern, text):
                first, second = (self._known(name) for name in (one, other))
                if first and second and first.iri != second.iri:
                    ends = (self._view.catalogue.unique_name(first), self._view.catalogue.unique_name(second))
                    body = (
                        f"  ?statement lhi:hasParticipation/lhi:participant {self._short(first.iri)} ;\n"
                        f"    lhi:hasParticipation/lhi:participant {self._short(second.iri)} ; a ?thing .\n"
                        "  ?thing rdfs:subClassOf lhi:Relationship ; rdfs:label ?name .\n"
                    )
                    more = (
                        ("Routes between them", "routes.page", (("from", ends[0]), ("to", ends[1]))),
                        ("The two side by side", "compare.page", (("of", ends[0]), ("of", ends[1]))),
                    )
                    told = f"what ties {first.label} and {second.label} to each other directly"
                    yield Question(told, self._whole(body), more)

    def _known(self, name: str) -> CatalogueEntry | None:
        found = [entry for entry in self._view.catalogue.known(name.strip()) if entry.in_use]
        return found[0] if len(found) == 1 else None

    def _entry(self, name: str) -> tuple[CatalogueEntry | None, tuple[str, ...]]:
        """Return the entity of a name, or the names that it may have meant."""
        name = re.sub(r"^the ", "", name.strip(), flags=re.IGNORECASE) if not self._known(name) else name
        found = [self._view.catalogue.current(entry) for entry in self._view.catalogue.known(name.strip())]
        found = [entry for entry in dict.fromkeys(found) if entry.in_use]
        if len(found) == 1:
            return found[0], ()
        alike = [match.entry for match in self._view.catalogue.search(name, 20)]
        # Nobody asks for the partners of a web page.
        near = found or ([entry for entry in alike if not entry.is_of(_SOURCES)] or alike)[:4]
        return None, tuple(self._view.catalogue.unique_name(entry) for entry in near)

    @staticmethod
    def _nobody(name: str, instead: tuple[str, ...], text: str) -> Question:
        return Question("", unknown=name, instead=tuple(text.replace(name, each) for each in instead))

    def _edge_query(self, ties: list[_Tie], entry: CatalogueEntry) -> str:
        values = " ".join(
            f"({self._short(tie.kind)} {self._short(tie.sought)} {self._short(tie.named)})"
            for tie in dict.fromkeys(ties)
        )
        return self._whole(
            f"  VALUES ?named {{ {self._short(entry.iri)} }}\n  VALUES (?kind ?theirs ?own) {{ {values} }}\n"
            "  ?statement a ?kind ; lhi:hasParticipation ?one , ?other .\n"
            "  ?one lhi:participant ?named ; lhi:role ?own .\n  ?other lhi:participant ?thing ; lhi:role ?theirs .\n"
            "  ?thing skos:prefLabel ?name .\n  FILTER(?thing != ?named)\n"
        )

    def _whole(self, body: str, in_force: str = "  FILTER NOT EXISTS { ?statement lhi:rank rank:deprecated }\n") -> str:
        """Return a query around its patterns, with the prefixes that it uses; what was withdrawn is left out."""
        text = f"SELECT DISTINCT ?name ?thing ?statement WHERE {{\n{body}{in_force}}} ORDER BY ?name ?statement\n"
        used = {
            name: iri
            for name, iri in self._view.namespaces.prefixes.items()
            if re.search(rf"(?<![\w:-]){re.escape(name)}:", text)
        }
        return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in sorted(used.items())) + text

    def _short(self, iri: str) -> str:
        """Return an IRI as a query has it."""
        short = self._view.namespaces.shorten(iri)
        return short if re.fullmatch(r"\w[\w-]*:[\w-]+", short) else f"<{iri}>"


def _halves(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to divide a text in two by a pattern: the last one has a joint in each of several places."""
    if pattern is not PAIRS[-1]:
        if found := pattern.fullmatch(text):
            yield found["one"], found["other"]
        return
    for joint in pattern.finditer(text):
        yield text[: joint.start()], text[joint.end() :]
