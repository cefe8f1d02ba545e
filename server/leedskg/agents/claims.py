"""Claims as programs make them, read: triples, and sentences in the pattern in which the site puts statements.

A sentence can often be read in more than one way (“A, B and C” may be one name or three), so each reading is given, and
what is checked is any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from leedskg.errors import RequestError, excerpt
from leedskg.generation_view import GenerationView
from leedskg.naming import folded
from leedskg.routes.question import stated
from leedskg.wording import clause

#: Characters of a claim, and of a list of names the most that are told apart.
LONGEST_CLAIM, _MOST_NAMES = 1000, 40
HELPS = "helps with"
ClaimKind = Literal["edge", "group", "fact", "figure", "kind"]

_MORE = re.compile(r"(\d{1,4}) more")
#: What our own lines have behind what they say: who says so, and the address.
_BEHIND = re.compile(r"(\s*\[[^\[\]]*\])?(\s*<[^<>\s]*>)?(\s*\+\d+)?\s*$")


@dataclass(frozen=True)
class Thing:
    """What a name of a claim may mean: an entity, or a need or theme."""

    iri: str
    label: str


@dataclass(frozen=True)
class Claim:
    """One reading of a claim. Each of `subjects` and of the lists in `objects` are the things that a name may mean."""

    kind: ClaimKind
    subjects: tuple[Thing, ...] = ()
    #: The words of the edge, the label of the field, the kind of relationship, or the name of the figure.
    words: str = ""
    objects: tuple[tuple[Thing, ...], ...] = ()
    #: The value of a fact or figure, as it was written.
    value: str = ""
    #: How many names the sentence counts and does not give.
    more: int = 0
    #: What is claimed beside it, by what it is: amount, dates, from, to, period, according to.
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unread:
    """Why a claim has no reading: names that nothing goes by, or words that say nothing here."""

    message: str
    candidates: tuple[Thing, ...] = ()
    #: Whether it was understood but for its names, so that it is not recorded.
    is_unknown_name: bool = False


class ClaimReader:
    """Reads claims against the names of one generation."""

    def __init__(self, view: GenerationView) -> None:
        self._view = view
        self._topics = {
            name: Thing(topic.iri, topic.label)
            for topic in view.topics
            for name in (folded(topic.label), topic.iri, view.namespaces.shorten(topic.iri))
        }

    @cached_property
    def verbs(self) -> dict[str, str]:
        """The words of edges as pages write them, by how a sentence may write them; the longest first."""
        found: dict[str, str] = {HELPS: HELPS}
        for pattern in self._view.patterns:
            for words in (pattern.words, pattern.words_back):
                found |= {words: words, clause(words): words, stated(words): words}
        return dict(sorted(found.items(), key=lambda each: -len(each[0])))

    @cached_property
    def _edges(self) -> dict[str, str]:
        """The words of edges by what a triple may call them: the words, the name of the property, its IRI."""
        found = {folded(said): words for said, words in self.verbs.items()}
        for pattern in self._view.patterns:
            short = self._view.namespaces.shorten(pattern.edge)
            for name in (pattern.edge, short, short.partition(":")[2]):
                found.setdefault(folded(name), pattern.words)
        return found

    @cached_property
    def fields(self) -> dict[str, str]:
        """The labels of fields of entities, by how a claim may call them."""
        found: dict[str, str] = {}
        for word in self._view.vocabulary:
            if word.kind == "property" and word.label:
                found |= dict.fromkeys((folded(word.label), folded(word.name), folded(word.iri)), word.label)
        return found

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kinds of relationship: their labels by how a claim may call them."""
        iris = dict.fromkeys(pattern.relationship_type for pattern in self._view.patterns)
        labels = self._view.records.labels([*iris, self._view.namespaces.term("Support")])
        return {folded(label): label for label in labels.values()}

    def things(self, name: str) -> tuple[Thing, ...]:
        """Return what a name may mean, without guessing; nothing for a name that nothing goes by."""
        name = name.strip()
        if not name or len(name) > 300:
            return ()
        found = self._view.catalogue.named(name)
        if not found and (topic := self._topics.get(folded(name)) or self._topics.get(name)):
            return (topic,)
        found = [self._view.catalogue.current(entry) for entry in found or self._view.catalogue.known(name)]
        return tuple(Thing(entry.iri, entry.label) for entry in found)

    def read(self, said: str | Mapping[str, Any]) -> list[Claim] | Unread:
        """Return the readings of a claim, or why there is none. Raises RequestError for what is no claim at all."""
        if isinstance(said, str):
            if not said.strip() or len(said) > LONGEST_CLAIM:
                raise RequestError(f"A claim has 1 to {LONGEST_CLAIM:,} characters, not {len(said):,}.")
            return self._sentence(said)
        return self._triple(said)

    def _sentence(self, said: str) -> list[Claim] | Unread:
        text = _BEHIND.sub("", " ".join(said.split()).removeprefix("- ")).removesuffix(".").strip()
        found: list[Claim] = []
        unknown: list[str] = []
        for body, details in _with_brackets(text):
            found += self._figures(body, details)
            found += self._facts(body, details)
            found += self._groups(body, details)
            found += self._relations(body, details, unknown)
        if found:
            return found
        if unknown:
            name = min(unknown, key=len)
            return Unread(f"We could not find “{excerpt(name)}”.", self._near(name), is_unknown_name=True)
        return Unread(
            "The sentence is in no pattern that is read here. Write “A funds B (£5 million; since 2019)”, “A, website: "
            "value”, “Number of companies in Leeds: 144 companies”, or give subject, predicate and object."
        )

    def _near(self, name: str) -> tuple[Thing, ...]:
        return tuple(Thing(each.entry.iri, each.entry.label) for each in self._view.catalogue.search(name[:200], 3))

    def _figures(self, body: str, details: Mapping[str, str]) -> Iterator[Claim]:
        name, colon, value = body.rpartition(": ")
        if colon and folded(name) in self.figure_names:
            yield Claim("figure", words=name, value=value, details=details)

    @cached_property
    def figure_names(self) -> set[str]:
        """What figures are called in a sentence: what they count, of what, and where."""
        return {
            folded(self._view.sentences.sentence(figure.statement).rpartition(": ")[0])
            for indicator in self._view.indicators
            for figure in indicator.held
        }

    def _facts(self, body: str, details: Mapping[str, str]) -> Iterator[Claim]:
        for colon in re.finditer(": ", body):
            subject, comma, name = body[: colon.start()].rpartition(", ")
            if comma and folded(name) in self.fields and (things := self.things(subject)):
                yield Claim("fact", things, self.fields[folded(name)], value=body[colon.end() :], details=details)

    def _groups(self, body: str, details: Mapping[str, str]) -> Iterator[Claim]:
        name, colon, rest = body.partition(": ")
        if colon and folded(name) in self.kinds:
            for names, more in self._lists(rest):
                yield Claim("group", words=self.kinds[folded(name)], objects=names, more=more, details=details)

    def _relations(self, body: str, details: Mapping[str, str], unknown: list[str]) -> Iterator[Claim]:
        for said, words in self.verbs.items():
            for place in re.finditer(rf" {re.escape(said)} ", body):
                one, rest = body[: place.start()], body[place.end() :]
                subjects, lists = self.things(one), list(self._lists(rest))
                for names, more in lists if subjects else ():
                    yield Claim("edge", subjects, words, names, more=more, details=details)
                if bool(subjects) != bool(lists):
                    unknown.append(rest if subjects else one)

    def _lists(self, text: str) -> Iterator[tuple[tuple[tuple[Thing, ...], ...], int]]:
        """Yield the ways to read a text as names in a row, each name with what it may mean."""
        more = 0
        if counted := re.fullmatch(rf"(.+) and {_MORE.pattern}", text):
            text, more = counted[1], int(counted[2])
        parts = re.split(r"(, | and )", text)
        if len(parts) > 2 * _MOST_NAMES:
            return
        for names in self._split(parts):
            yield names, more

    def _split(self, parts: list[str]) -> Iterator[tuple[tuple[Thing, ...], ...]]:
        """Yield the readings of a row, the one with the longest first name first; each end is tried once."""
        whole: dict[int, tuple[tuple[Thing, ...], ...] | None] = {}

        def rest(start: int) -> tuple[tuple[Thing, ...], ...] | None:
            if start >= len(parts):
                return ()
            if start not in whole:
                whole[start] = None
                for end in range(len(parts), start, -2):
                    things = self.things("".join(parts[start:end]))
                    after = rest(end + 1) if things else None
                    if things and after is not None:
                        whole[start] = (things, *after)
                        break
            return whole[start]

        found = rest(0)
        if found:
            yield found

    def _triple(self, said: Mapping[str, Any]) -> list[Claim] | Unread:
        """Read a claim of parts, all of which have to be texts or numbers."""
        parts = {str(name): _part(str(name), value) for name, value in said.items()}
        unknown = [name for name in parts if name not in {"subject", "predicate", "object", *DETAILS}]
        missing = [name for name in ("subject", "predicate", "object") if not parts.get(name)]
        if unknown or missing:
            what = f"no part “{excerpt(unknown[0], 40)}”" if unknown else f"a “{missing[0]}”, which is missing here"
            raise RequestError(
                f"A triple has {what}; it has subject, predicate and object, and may have {', '.join(DETAILS)}."
            )
        subject, predicate, value = parts["subject"], folded(parts["predicate"]), parts["object"]
        details = {name: parts[name] for name in DETAILS if parts.get(name)}
        subjects, objects = self.things(subject), self.things(value)
        found: list[Claim] = []
        if predicate in _IS:
            found.append(Claim("kind", subjects, value=value))
        if predicate in self._edges and objects:
            found.append(Claim("edge", subjects, self._edges[predicate], (objects,), details=details))
        if predicate in self.kinds and objects:
            found.append(Claim("group", (), self.kinds[predicate], (subjects, objects), details=details))
        if predicate in self.fields:
            found.append(Claim("fact", subjects, self.fields[predicate], value=value, details=details))
        if any(predicate == folded(each.name.label) for each in self._view.indicators):
            found.append(Claim("figure", subjects, predicate, value=value, details=details))
        if not found and predicate not in self._edges and predicate not in self.kinds:
            known = ", ".join(dict.fromkeys(self.verbs.values()))
            return Unread(f"“{excerpt(parts['predicate'], 60)}” is no predicate here. There are: {known}; and fields.")
        unread = subject if not subjects else value
        if not subjects or not found:
            return Unread(f"We could not find “{excerpt(unread)}”.", self._near(unread), is_unknown_name=True)
        return found


#: What a triple may say beside subject, predicate and object.
DETAILS = ("amount", "from", "to", "period", "according to")
_IS = frozenset({"is a", "is an", "type", "kind", "a", "rdf type"})


def _part(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise RequestError(f"“{excerpt(name, 40)}” of a claim has to be a text or a number.")
    text = str(value).strip()
    if len(text) > LONGEST_CLAIM:
        raise RequestError(f"“{excerpt(name, 40)}” of a claim has no more than {LONGEST_CLAIM:,} characters.")
    return text


def _with_brackets(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield a sentence as it stands, and without the brackets at its end with what these say."""
    yield text, {}
    if not text.endswith(")"):
        return
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if not depth:
            yield text[:at].strip(), _details(text[at + 1 : -1])
            return


def _details(text: str) -> dict[str, str]:
    """Read what stands in brackets, by what it is; dates are what nothing else is."""
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        for name in ("period", "according to"):
            if part.startswith(f"{name} "):
                found[name] = part.removeprefix(f"{name} ")
                break
        else:
            is_money = bool(re.match(r"[£$€]|[A-Z]{3} [\d]", part))
            found["amount" if is_money else f"dates {len(found)}" if "dates" in found else "dates"] = part
    return found


__all__ = ["DETAILS", "HELPS", "Claim", "ClaimReader", "Thing", "Unread"]
