"""Whether the graph says what a claim says: supported, contradicted by what, or not recorded.

A claim is supported by a statement in force that says each part of it. It is contradicted where the graph says
something of the same things that cannot hold beside it: another amount or date of the same relationship, the opposite
direction, another date of a fact, a figure out of the range that a source admits. All else is not recorded, which is no
denial.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from leedskg.agents.answer import AnswerLine, ToolAnswer
from leedskg.agents.claims import Claim, ClaimReader, Thing, Unread
from leedskg.agents.graph import NOT_A_NO, AskedGraph
from leedskg.agents.values import (
    DATE_WORDS,
    is_date,
    is_date_claimed,
    is_day,
    is_out,
    is_part,
    money_of,
    number_of,
    same_numbers,
)
from leedskg.errors import RequestError, excerpt
from leedskg.figures import Figure
from leedskg.naming import folded
from leedskg.record import EntityRecord, Relation, ShownAssertion
from leedskg.wording import finite_decimal, plain_date, plural

Verdict = Literal["supported", "contradicted", "not recorded", "not understood"]
#: Claims of one call, and statements that a verdict is told with.
MOST_CLAIMS, _MOST_TOLD = 50, 4


@dataclass(frozen=True)
class Checked:
    """What became of a claim: the verdict, the statements that it rests on, and what else a reader should know."""

    said: str
    verdict: Verdict
    by: tuple[ShownAssertion, ...] = ()
    note: str = ""
    #: Statements that support it while others cannot hold beside it.
    disputed_by: tuple[ShownAssertion, ...] = ()
    candidates: tuple[Thing, ...] = ()


class ClaimChecker:
    """Checks claims against one generation; what it has read of an entity it keeps."""

    def __init__(self, graph: AskedGraph) -> None:
        self._graph = graph
        self._view = graph.view
        self._reader = ClaimReader(graph.view)
        self._records: dict[str, EntityRecord] = {}

    def check(self, said: str | Mapping[str, Any]) -> Checked:
        """Return the verdict on a claim. Raises RequestError for what is no claim."""
        shown = (
            said
            if isinstance(said, str)
            else " ".join(str(said.get(n, "")) for n in ("subject", "predicate", "object"))
        )
        read = self._reader.read(said)
        if isinstance(read, Unread):
            verdict: Verdict = "not recorded" if read.is_unknown_name else "not understood"
            return Checked(shown, verdict, note=read.message, candidates=read.candidates)
        found = [self._of(claim) for claim in read]
        order = ("supported", "contradicted", "not recorded")
        best = min(found, key=lambda each: order.index(each.verdict))
        return Checked(shown, best.verdict, best.by, best.note, best.disputed_by)

    def _of(self, claim: Claim) -> _Found:
        return {
            "edge": self._edge, "group": self._group, "fact": self._fact, "figure": self._figure, "kind": self._kind,
        }[claim.kind](claim)  # fmt: skip

    def _record(self, iri: str) -> EntityRecord:
        if iri not in self._records:
            self._records[iri] = self._view.records.record(iri).in_force
        return self._records[iri]

    def _edge(self, claim: Claim) -> _Found:
        """Check that a thing is tied to each of others in these words, by a statement with the same details."""
        best = _Found("not recorded")
        for subject in claim.subjects:
            relations = self._record(subject.iri).relations
            found = [self._pair(relations, claim, subject, others) for others in claim.objects]
            if claim.more and not any(self._has_so_many(each, claim, subject) for each in found):
                continue
            verdict = _worst(found)
            if verdict.is_better_than(best):
                best = verdict
        return best

    def _has_so_many(self, found: _Found, claim: Claim, subject: Thing) -> bool:
        """Return whether a statement names as many others as a sentence gives and counts."""
        wanted = len(claim.objects) + claim.more
        return any(
            sum(
                relation.statement.iri == each.iri and relation.words == claim.words
                for relation in self._record(subject.iri).relations
            )
            == wanted
            for each in found.by
        )

    def _pair(self, relations: Iterable[Relation], claim: Claim, subject: Thing, others: tuple[Thing, ...]) -> _Found:
        iris = {each.iri for each in others}
        tied = [relation for relation in relations if relation.other.iri in iris]
        same = [relation.statement for relation in tied if relation.words == claim.words]
        if same:
            return self._detailed(same, claim)
        back = self._opposite(claim.words)
        opposite = [relation.statement for relation in tied if relation.words in back]
        if opposite:
            return _Found("contradicted", tuple(opposite), "It is recorded the other way round.")
        if tied:
            words = ", ".join(dict.fromkeys(relation.words for relation in tied))
            return _Found("not recorded", (), f"Recorded of the two is: {subject.label} {words} {tied[0].other.label}.")
        return _Found("not recorded")

    def _opposite(self, words: str) -> set[str]:
        """Return the words in which the same edge is told from the other end, where it has a direction."""
        found = set()
        for pattern in self._view.patterns:
            if not pattern.mutual and pattern.words != pattern.words_back:
                found |= {pattern.words_back} if words == pattern.words else set()
                found |= {pattern.words} if words == pattern.words_back else set()
        return found

    def _detailed(self, statements: Iterable[ShownAssertion], claim: Claim) -> _Found:
        """Compare what is claimed beside a relationship with what its statements say."""
        against, silent = [], False
        for statement in dict.fromkeys(statements):
            fits = [self._fits(name, text, statement) for name, text in claim.details.items()]
            if all(fits):
                return _Found("supported", (statement,))
            if False in fits:
                against.append(statement)
            else:
                silent = True
        if against and not silent:
            return _Found("contradicted", tuple(against), "The amount or the dates are recorded otherwise.")
        return _Found("not recorded", (), "The relationship is recorded; what is claimed beside it is not.")

    def _fits(self, name: str, text: str, statement: ShownAssertion) -> bool | None:
        """Return whether a statement says this too; None where it says nothing of the kind."""
        label = self._view.sentences.label
        if name == "amount":
            amount = label(statement, "amount")
            return money_of(text, label(statement, "currency")) == finite_decimal(amount) if amount else None
        if name in {"from", "to"}:
            return is_day(text, label(statement, "validFrom" if name == "from" else "validTo"))
        if name == "dates":
            return self._fit_dates(text, statement)
        if name == "period":
            return is_day(text, label(statement, "referencePeriod"))
        if name == "according to":
            said_by = label(statement, "attributedTo")
            return folded(text) == folded(said_by) if said_by else None
        return None  # what is claimed in words that nobody here understands is not recorded

    def _fit_dates(self, text: str, statement: ShownAssertion) -> bool | None:
        words = self._view.sentences.dates(statement)
        if folded(text) == folded(words):
            return True
        days = rf"(?:since |until |from |in |on )?{DATE_WORDS.pattern}(?: to {DATE_WORDS.pattern})?"
        if self._view.sentences.has_dates_of_a_project(statement) or not re.fullmatch(days, text):
            return None
        one, to, other = text.partition(" to ")
        start = re.sub("^(?:since|from|in|on) ", "", one) if not one.startswith("until ") else ""
        end = other if to else one.removeprefix("until ") if one.startswith("until ") else ""
        label = self._view.sentences.label
        fits = [is_day(day, label(statement, name)) for day, name in ((start, "validFrom"), (end, "validTo")) if day]
        return False if False in fits else None if None in fits else True

    def _group(self, claim: Claim) -> _Found:
        """Check that things take part together in a relationship of a kind."""
        first, *others = claim.objects
        kind = folded(claim.words)
        silent = False
        for thing in first:
            for relation in self._record(thing.iri).relations:
                statement = relation.statement
                need = statement.detail(self._view.namespaces.term("need"))
                taking = {part.entity.iri for part in statement.parts} | ({need.iri} if need else set())
                if folded(statement.kind.label) != kind or not all(
                    any(each.iri in taking for each in names) for names in others
                ):
                    continue
                if claim.more and len(taking) != len(claim.objects) + claim.more:
                    continue
                found = self._detailed([statement], claim)
                if found.verdict == "supported":
                    return found
                silent = True
        return _Found(
            "not recorded", (), "The relationship is recorded; what is claimed beside it is not." if silent else ""
        )

    def _fact(self, claim: Claim) -> _Found:
        """Check the value of a field of a thing."""
        recorded = []
        for subject in claim.subjects:
            for statement in self._record(subject.iri).attributes:
                stated = self._view.sentences.stated_value(statement)
                owner = statement.detail(self._view.namespaces.term("subject"))
                if stated is None or stated[0].label != claim.words or (owner and owner.iri != subject.iri):
                    continue
                value = stated[1]
                if self._is_value(claim.value, value.iri, value.label):
                    return self._detailed([statement], claim)
                recorded.append((statement, value.label))
        dates = [statement for statement, label in recorded if is_date(label) and not is_part(claim.value, label)]
        if dates and len(dates) == len(recorded) and is_date_claimed(claim.value):
            return _Found("contradicted", tuple(dates), "Another date is recorded.")
        told = "; ".join(excerpt(plain_date(label), 80) for _, label in recorded[:3])
        return _Found("not recorded", (), f"Recorded there is: {told}." if told else "")

    def _is_value(self, claimed: str, iri: str, label: str) -> bool:
        if folded(claimed) in {folded(label), folded(plain_date(label))} and same_numbers(claimed, label):
            return True
        if iri and claimed in {iri, self._view.namespaces.shorten(iri)}:
            return True
        return bool(iri) and any(each.iri == iri for each in self._reader.things(claimed))

    def _kind(self, claim: Claim) -> _Found:
        """Check what kind of thing something is; its page shows where it is named."""
        wanted = folded(claim.value)
        for subject in claim.subjects:
            if subject.iri not in self._view.catalogue.entries:
                continue
            kinds = self._view.kinds_of(subject.iri)
            for iri in kinds:
                label = self._view.broader_kinds[iri].label if iri in self._view.broader_kinds else ""
                if label and wanted in {folded(label), folded(plural(label))}:
                    return _Found(
                        "supported", (), f"{subject.label} is recorded as {label}: {self._graph.address(subject.iri)}"
                    )
        return _Found("not recorded")

    def _figure(self, claim: Claim) -> _Found:
        """Check a figure: it is supported by one with this value and qualifier, whatever others say."""
        figures = [
            figure for indicator in self._view.indicators for figure in indicator.held if self._is_of(figure, claim)
        ]
        supporting = [each for each in figures if self._says(each, claim)]
        if supporting:
            disputed = {name.iri for each in supporting for name in each.statement.conflicts}
            others = [each.statement for each in figures if each.statement.iri in disputed]
            return _Found("supported", tuple(each.statement for each in supporting), "", tuple(others))
        details = [each for each in figures if self._detailed([each.statement], claim).verdict == "supported"]
        number = number_of(claim.value)
        against = [each for each in details if number is not None and is_out(number, each)]
        if against and len(against) == len(details):
            return _Found("contradicted", tuple(each.statement for each in against), "Another value is recorded.")
        told = "; ".join(self._view.sentences.figure_words(each.statement) for each in figures[:3])
        return _Found("not recorded", (), f"Recorded are: {told}." if told else "")

    def _is_of(self, figure: Figure, claim: Claim) -> bool:
        if claim.subjects:
            iris = {each.iri for each in claim.subjects}
            of = {figure.subject.iri} if figure.subject.iri else {figure.place.iri}
            return folded(claim.words) == folded(self._indicator(figure)) and not iris.isdisjoint(of)
        return folded(claim.words) == folded(self._view.sentences.sentence(figure.statement).rpartition(": ")[0])

    def _indicator(self, figure: Figure) -> str:
        return self._view.sentences.label(figure.statement, "indicator")

    def _says(self, figure: Figure, claim: Claim) -> bool:
        words = self._view.sentences.figure_words(figure.statement)
        same = folded(words) == folded(claim.value) and same_numbers(words, claim.value)
        bare = not self._view.sentences.qualifier(figure.statement) and re.fullmatch(r"[\d.,]+", claim.value)
        same = same or (bool(bare) and figure.value is not None and number_of(claim.value) == figure.value)
        return same and self._detailed([figure.statement], claim).verdict == "supported"


@dataclass(frozen=True)
class _Found:
    verdict: Literal["supported", "contradicted", "not recorded"]
    by: tuple[ShownAssertion, ...] = ()
    note: str = ""
    disputed_by: tuple[ShownAssertion, ...] = field(default=())

    def is_better_than(self, other: _Found) -> bool:
        order = ("supported", "contradicted", "not recorded")
        return order.index(self.verdict) < order.index(other.verdict) or (not other.by and not other.note)


def _worst(found: list[_Found]) -> _Found:
    """Return the verdict on a claim of several parts: one that is contradicted or not recorded tells for all."""
    for verdict in ("contradicted", "not recorded"):
        for each in found:
            if each.verdict == verdict:
                return each
    return _Found("supported", tuple(dict.fromkeys(statement for each in found for statement in each.by)))


def check(graph: AskedGraph, claims: list[Any]) -> ToolAnswer:
    """Say of each claim whether it is supported, contradicted or not recorded."""
    checked = check_all(graph, claims)
    lines = [line for number, each in enumerate(checked, 1) for line in _lines(graph, number, each)]
    counts = {
        verdict: sum(each.verdict == verdict for each in checked)
        for verdict in dict.fromkeys(each.verdict for each in checked)
    }
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    notes = (NOT_A_NO,) if "not recorded" in counts else ()
    return ToolAnswer("checked", f"{len(checked)} claim{'' if len(checked) == 1 else 's'}: {told}", lines, notes)


def check_all(graph: AskedGraph, claims: list[Any]) -> list[Checked]:
    """Return the verdict on each of some claims. Raises RequestError for what is no list of claims."""
    if not isinstance(claims, list) or not 1 <= len(claims) <= MOST_CLAIMS:
        raise RequestError(f"“claims” is a list of 1 to {MOST_CLAIMS} claims.")
    for number, each in enumerate(claims, 1):
        if not isinstance(each, (str, dict)):
            raise RequestError(f"Claim {number} has to be a sentence, or an object of subject, predicate and object.")
    checker = ClaimChecker(graph)
    return [checker.check(each) for each in claims]


def _lines(graph: AskedGraph, number: int, checked: Checked) -> list[AnswerLine]:
    told = f"{number} {checked.verdict}: “{excerpt(checked.said, 160)}”"
    data = {"claim": number, "verdict": checked.verdict}
    if not checked.by:
        near = "; ".join(f"{each.label} ({graph.short(each.iri)})" for each in checked.candidates)
        note = " ".join(filter(None, (checked.note, f"Nearest names: {near}." if near else "")))
        return [AnswerLine(f"{told}{f' — {note}' if note else ''}", (), data)]
    word = "by" if checked.verdict == "supported" else "recorded is"
    lines = []
    for each in checked.by[:_MOST_TOLD]:
        line = graph.line(f"{told} — {word}: {graph.statement_words(each)}", each, **data)
        lines.append(line)
    lines += [
        graph.line(f"{number} disputed: {graph.statement_words(each)} cannot hold beside it", each, claim=number)
        for each in checked.disputed_by[:_MOST_TOLD]
    ]
    return lines


__all__ = ["MOST_CLAIMS", "Checked", "ClaimChecker", "check", "check_all"]
