"""Which body a name means: by identifier, by exact key, by what people have decided; all else is a question."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from leedskg.matching.index import MatchCandidate, MatchIndex, keys
from leedskg.matching.judgements import Judgements
from leedskg.matching.registers import identifiers
from leedskg.matching.sorts import are_at_odds, names_part, names_several, sort_of_name, sorts_of_kinds, tells_nobody
from leedskg.naming import folded, initials, telling_words

#: Proposals that a person is shown.
MOST_PROPOSALS = 5
#: How alike a name and a body are at least, from 0 to 1, for a person to be asked rather than told that it is new.
WORTH_ASKING = 0.6
#: Names that share words which are compared letter by letter.
_COMPARED = 60
#: How a body falls back whose sort is at odds with the name's.
_AT_ODDS = 0.75


@dataclass(frozen=True)
class Mention:
    """A body as a table names it."""

    name: str
    identifiers: tuple[tuple[str, str], ...] = ()
    postcode: str = ""
    #: Kinds in words that the table gives it.
    kinds: tuple[str, ...] = ()
    #: The record of the source, such as `gtr:3A5E126D`.
    record: str = ""

    @classmethod
    def of(
        cls,
        name: str,
        numbers: Iterable[tuple[str, str]] = (),
        *,
        postcode: str = "",
        kinds: tuple[str, ...] = (),
        record: str = "",
    ) -> Mention:
        """Make a mention of a name and identifiers as a table writes them, each with its register."""
        return cls(" ".join(name.split()), identifiers(numbers), postcode, kinds, record)


@dataclass(frozen=True)
class MatchProposal:
    """A body that a name may mean: how likely from 0 to 1, and why."""

    candidate: MatchCandidate
    score: float
    why: str


@dataclass(frozen=True)
class Outcome:
    """What is known of a mention: the body that it is, with the reason, or a question with proposals."""

    mention: Mention
    entity: MatchCandidate | None = None
    why: str = ""
    proposals: tuple[MatchProposal, ...] = field(default=())

    @property
    def is_question(self) -> bool:
        """Whether a person has to say which body it is."""
        return self.entity is None and bool(self.proposals) and self.proposals[0].score >= WORTH_ASKING


@dataclass
class Matcher:
    """Matches mentions with the bodies of an index."""

    index: MatchIndex
    judgements: Judgements = field(default_factory=Judgements)

    def match(self, mention: Mention, *, most: int = MOST_PROPOSALS) -> Outcome:
        """Return the body that a mention is, or what it may be."""
        said = self.judgements.same(mention.name, mention.record)
        if said and said.entity in self.index.candidates:
            when = f" on {said.when[:10]}" if said.when else ""
            return Outcome(mention, self.index.candidates[said.entity], f"{said.who or 'somebody'} said so{when}")
        apart = self.judgements.apart(mention.name, mention.record)
        certain, doubt = self._certain(mention, apart)
        if certain and not doubt:
            return Outcome(mention, certain.candidate, certain.why)
        return Outcome(mention, None, doubt, tuple(self.proposals(mention, most=most) if most else ()))

    def _certain(self, mention: Mention, apart: frozenset[str]) -> tuple[MatchProposal | None, str]:
        """Return the one body that identifiers or an exact key give, and what stands against taking it."""
        numbered = {
            iri: number
            for number in mention.identifiers
            for iri in self.index.by_identifier.get(number, ())
            if iri not in apart
        }
        named = {iri for key in keys(mention.name) for iri in self.index.by_key.get(key, ())} - apart
        if len(numbered) > 1:
            return None, "its identifiers are those of several bodies"
        if numbered:
            iri, (scheme, notation) = next(iter(numbered.items()))
            candidate = self.index.candidates[iri]
            return MatchProposal(candidate, 1.0, f"{scheme} {notation}"), self._against_number(
                mention, candidate, named
            )
        if len(named) > 1:
            return None, f"it is a name of {len(named)} bodies"
        if not named:
            return None, ""
        candidate = self.index.candidates[next(iter(named))]
        same = any(folded(name) == folded(mention.name) for name in candidate.names)
        why = "the same name" if same else "the same words"
        return MatchProposal(candidate, 1.0, why), self._against_name(mention, candidate, as_written=same)

    def _against_number(self, mention: Mention, candidate: MatchCandidate, named: set[str]) -> str:
        """Return what speaks against the body that an identifier gives: the identifier may be of the whole of it."""
        plain = folded(mention.name)
        if candidate.iri in named or not plain:
            return ""
        if named:
            return "its identifier and its name are those of two bodies"
        if names_part(plain) and not any(names_part(folded(name)) for name in candidate.names):
            return f"it is named as a part, and the identifier is that of {candidate.label}"
        if are_at_odds([sort_of_name(plain)], candidate.sorts):
            return f"the name is not that of a body such as {candidate.label}, whose identifier it has"
        return ""

    def _against_name(self, mention: Mention, candidate: MatchCandidate, *, as_written: bool) -> str:
        """Return what speaks against the body that has the name."""
        plain = folded(mention.name)
        schemes = dict(candidate.identifiers)
        other = next((each for each in mention.identifiers if schemes.get(each[0], each[1]) != each[1]), None)
        if other:
            return f"{candidate.label} has another identifier in the register {other[0]}"
        if mention.postcode and candidate.postcode and _postcode(mention.postcode) != _postcode(candidate.postcode):
            return "the postcodes differ"
        kinds = sorts_of_kinds(mention.kinds)
        if are_at_odds(kinds, candidate.sorts) or (
            not as_written and are_at_odds([sort_of_name(plain)], candidate.sorts)
        ):
            return f"{candidate.label} is a body of another kind"
        if tells_nobody(plain) or (not as_written and names_several(plain, mention.name)):
            return "many bodies have such a name" if tells_nobody(plain) else "it seems to be the name of two bodies"
        for each in self.proposals(mention, most=_COMPARED) if candidate.kept_apart else ():
            if each.candidate.iri in candidate.kept_apart and each.score >= WORTH_ASKING:
                return f"{candidate.label} is kept apart from {each.candidate.label}, which may be meant"
        return ""

    def proposals(self, mention: Mention, *, most: int = MOST_PROPOSALS) -> list[MatchProposal]:
        """Return the bodies that a mention may be, the likeliest first, with the reason for each."""
        apart = self.judgements.apart(mention.name, mention.record)
        best: dict[str, MatchProposal] = {}

        def propose(iri: str, score: float, why: str) -> None:
            if iri not in apart and (iri not in best or best[iri].score < score):
                best[iri] = MatchProposal(self.index.candidates[iri], score, why)

        for identifier in mention.identifiers:
            for iri in self.index.by_identifier.get(identifier, ()):
                propose(iri, 1.0, f"has the identifier {identifier[1]}")
        plain = folded(mention.name)
        own_keys = set(keys(mention.name))
        alike = sorted(
            ((_likeness(of_known, of_this), of_known, of_this, number)
             for of_known, of_this, number in self.index.alike(mention.name)),
            reverse=True,
        )[:_COMPARED]  # fmt: skip
        sorts = sorts_of_kinds(mention.kinds) or {sort_of_name(plain)}
        for likeness, of_known, of_this, number in alike:
            iri, name = self.index.names[number]
            candidate = self.index.candidates[iri]
            if folded(name) == plain:
                propose(iri, 1.0, "the same name")
                continue
            if own_keys & set(keys(name)):
                propose(iri, 0.99, f"the same words as “{name}”")
                continue
            score = 0.65 * likeness + 0.35 * fuzz.WRatio(plain, folded(name)) / 100
            why = _reason(mention.name, name, of_known, of_this)
            if are_at_odds(sorts, candidate.sorts):
                score *= _AT_ODDS
                why += (
                    f", but it is a body of another kind ({', '.join(candidate.kinds) or ', '.join(candidate.sorts)})"
                )
            propose(iri, min(0.98, score), why)
        return sorted(best.values(), key=lambda each: (-round(each.score, 4), each.candidate.label))[:most]


def _likeness(of_known: float, of_this: float) -> float:
    """Return how alike two names are that share so much of each: a name within another counts for more than half."""
    return 0.6 * of_known + 0.4 * of_this


def _reason(name: str, known: str, of_known: float, of_this: float) -> str:
    """Return in words why a known name is proposed for a name."""
    words, others = set(telling_words(folded(name))), set(telling_words(folded(known)))
    short = words & initials(known)
    if short:
        return f"{next(iter(short)).upper()} may stand for “{known}”"
    if others < words:
        return f"“{known}” stands in it: it may be a part"
    if words < others:
        return f"its words stand in “{known}”"
    if (of_known > 0.8 and of_this > 0.8) or OSA.distance(folded(name), folded(known), score_cutoff=2) <= 2:
        return f"a slip of the pen away from “{known}”"
    shared = " ".join(each for each in known.split() if set(telling_words(folded(each))) & words)
    return f"shares {shared} with “{known}”" if shared else f"looks like “{known}”"


def _postcode(text: str) -> str:
    return re.sub(r"\s", "", text).upper()
