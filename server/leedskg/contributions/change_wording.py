"""A change in words: what it adds, changes, retires and takes out, as a person would say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import pyoxigraph as ox

from leedskg import asker
from leedskg.graph import ALT_LABEL, PREF_LABEL
from leedskg.identity import about_the_claim
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import Term, key
from leedskg.validation.change import Action, ProposedStatement

SentenceKind = Literal["added", "changed", "retired", "taken out", "cited"]
_DEPRECATED, _REPLACED_BY = REUSED["owl"] + "deprecated", REUSED["dcterms"] + "isReplacedBy"
_IDENTIFIER, _NOTATION = REUSED["adms"] + "identifier", REUSED["skos"] + "notation"
#: Properties whose change is told by another sentence, or tells a reader nothing.
_QUIET = ("hasParticipation",)
_FIELDS = {RDF_TYPE: "kind", PREF_LABEL: "name", ALT_LABEL: "printed variant"}
#: Words of an edge that need a verb before them.
_PARTICIPLE = re.compile(r"(\w+ed|spun)\b.* (of|in|with|by)$")
#: What a reason in a note begins with.
_WHEN = re.compile(r"^Retired on [0-9-]+: ")
#: How the note of a claim that is stated anew ends, with the name of the new one.
_CORRECTED = re.compile(r" Corrected as assertion:([0-9a-f]+)\.$")
_NOUN = re.compile(r".* of$")


@dataclass(frozen=True)
class Sentence:
    """One thing that a change does, the record that it does it to, and the places in sources that the record cites."""

    kind: SentenceKind
    words: str
    record: str
    sources: tuple[str, ...] = ()


def field_name(predicate: str, state: Knowledge) -> str:
    """Say what a property is called: its label, or its name in words where it is another vocabulary's."""
    if predicate in _FIELDS:
        return _FIELDS[predicate]
    label = state.ontology.label(predicate)
    local = predicate.rpartition("#")[2].rpartition("/")[2]
    return label or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local).lower()


def sentence(triple: ox.Triple, state: Knowledge) -> str:
    """Return one statement in the words of its labels."""
    subject = state.graph.label(key(triple.subject))
    predicate = "is of the kind" if triple.predicate.value == RDF_TYPE else field_name(triple.predicate.value, state)
    return f"{subject} – {predicate} – {_value(triple.object, state)}"


@dataclass(frozen=True)
class Told:
    """A change in words: a sentence for each record and field as far as asked, and how many more records it changes."""

    sentences: list[Sentence]
    more: int = 0


def in_words(
    proposals: Sequence[ProposedStatement],
    before: Knowledge,
    after: Knowledge,
    *,
    skip: int = 0,
    most: int | None = None,
) -> Told:
    """Say what the proposals do to the graph, of at most so many records, without the first `skip`."""
    records: dict[str, list[ProposedStatement]] = {}
    cited: set[str] = set()
    evidence = f"{before.namespaces.base}evidence/"
    for each in proposals:
        record = _record(each.triple)
        if record.startswith(evidence):
            cited.add(record)
        else:
            records.setdefault(record, []).append(each)
    end = len(records) if most is None else skip + most
    found: list[Sentence] = []
    for record, mine in islice(records.items(), skip, end):
        asker.check()
        start = len(found)
        if not _says(record, before):
            found.append(Sentence("added", f"{_described(record, after)}.", record))
        elif not _says(record, after):
            found.append(Sentence("taken out", f"No longer said: {_described(record, before)}.", record))
        else:
            found += _changed(record, mine, before, after)
        state = after if _says(record, after) else before
        places = cited_by(record, state)
        cited -= set(places)
        sources = tuple(dict.fromkeys(place_words(each, state) for each in places))
        found[start:] = [replace(each, sources=sources) for each in found[start:]]
    if cited and end >= len(records) and not skip:
        where = "1 place in a source is" if len(cited) == 1 else f"{len(cited):,} places in sources are"
        found.append(Sentence("cited", f"{where} cited, or no longer cited.", ""))
    return Told(found, max(0, len(records) - end))


def cited_by(record: str, state: Knowledge) -> list[str]:
    """Return the evidence that a record rests on, or at which it is named."""
    term = state.namespaces.term
    return [each for name in ("hasEvidence", "namedAt") for each in state.graph.statements.texts(record, term(name))]


def place_words(evidence: str, state: Knowledge) -> str:
    """Say where a piece of evidence stands: the source, with the section, the record of a register or the day seen."""
    statements, term = state.graph.statements, state.namespaces.term
    source = statements.text(evidence, REUSED["oa"] + "hasSource")
    if not source:
        return state.namespaces.shorten(evidence)
    section, record, seen = (statements.text(evidence, term(name)) for name in ("inSection", "recordKey", "seenOn"))
    found = [state.graph.label(source), section, record and f"record {record}", seen and f"seen on {seen}"]
    return ", ".join(each for each in found if each)


def describe(record: str, state: Knowledge) -> str:
    """Say what a record says or is, in words without a full stop."""
    return _described(record, state)


def _record(triple: ox.Triple) -> str:
    return key(triple.subject).partition("#")[0]


def _says(record: str, state: Knowledge) -> bool:
    return bool(state.graph.statements.values(record, RDF_TYPE))


def _value(value: Term, state: Knowledge) -> str:
    return state.graph.label(value.value) if isinstance(value, ox.NamedNode) else f"“{key(value)}”"


def _described(record: str, state: Knowledge) -> str:
    statements, term, label = state.graph.statements, state.namespaces.term, state.graph.label
    kinds = statements.texts(record, RDF_TYPE)
    kind = label(kinds[0]) if kinds else "record"
    if term("IndicatorObservation") in kinds:
        return _figure(record, state)
    if term("AttributeStatement") in kinds:
        subject = statements.text(record, term("subject")) or record
        stated = statements.text(record, term("property")) or ""
        values = statements.values(record, term("object")) + statements.values(record, term("literalValue"))
        return f"{label(subject)} has the {label(stated)} {_listed([_value(each, state) for each in values])}"
    if statements.values(record, term("hasParticipation")):
        return _relationship(record, kinds, kind, state)
    name = statements.text(record, PREF_LABEL)
    return f"{name} ({kind})" if name else f"{kind} {state.namespaces.shorten(record)}"


def _figure(record: str, state: Knowledge) -> str:
    statements, term, label = state.graph.statements, state.namespaces.term, state.graph.label

    def of(name: str) -> str:
        value = statements.value(record, term(name))
        return "" if value is None else label(value.value) if isinstance(value, ox.NamedNode) else key(value)

    about = ", ".join(filter(None, (of("geography"), of("about"), of("referencePeriod"))))
    value = " ".join(filter(None, (of("qualifier"), of("value"), of("unit"))))
    return f"{of('indicator')}: {value}" + (f" ({about})" if about else "")


def _relationship(record: str, kinds: Sequence[str], kind: str, state: Knowledge) -> str:
    """Say a relationship by the words of its edges: KPMG becomes strategic partner of Nexus."""
    label, ontology, term = state.graph.label, state.ontology.statements, state.namespaces.term
    players: dict[str, list[str]] = {}
    for role, entity in state.graph.parts_played(record):
        players.setdefault(role, []).append(label(entity))
    told: list[str] = []
    for pattern in ontology.of_type([term("EdgePattern")], RDF_TYPE):
        if not set(kinds) & set(ontology.texts(pattern, term("relationshipType"))):
            continue
        start, goal, edge = (ontology.text(pattern, term(name)) or "" for name in ("fromRole", "toRole", "derives"))
        whose, others = players.get(start, []), players.get(goal, [])
        if start == goal:
            whose, others = whose[:1], whose[1:]
        if whose and others:
            told.append(f"{_listed(whose)} {_verb(label(edge), label(start), len(whose) > 1)} {_listed(others)}")
    amount, currency = (state.graph.statements.text(record, term(name)) for name in ("amount", "currency"))
    money = f", with {amount} {currency or ''}".rstrip() if amount else ""
    if not told:
        told = ["; ".join([kind, *(f"{label(role)} {_listed(names)}" for role, names in players.items())])]
    needs = [_value(each, state) for each in state.graph.statements.values(record, term("need"))]
    return "; ".join(dict.fromkeys(told)) + money + (f", for {_listed(needs)}" if needs else "")


def _verb(words: str, role: str, several: bool) -> str:
    if words == "partner of" and role.endswith("partner"):
        words = f"{role} of"
    if _PARTICIPLE.fullmatch(words):
        return f"{'are' if several else 'is'} {words}"
    return f"{'become' if several else 'becomes'} {words}" if _NOUN.fullmatch(words) else words


def _changed(record: str, mine: Iterable[ProposedStatement], before: Knowledge, after: Knowledge) -> list[Sentence]:
    """Say what changes of a record that stays: its retirement, or field by field."""
    term, statements = after.namespaces.term, after.graph.statements
    rank = after.namespaces.concept("rank", "deprecated")
    retired = any(
        each.action == "add"
        and (each.triple.predicate.value == _DEPRECATED or key(each.triple.object) == rank)
        for each in mine
    )  # fmt: skip
    found = []
    told: set[str] = set()
    if retired:
        heir = statements.text(record, _REPLACED_BY)
        name = _described(record, before)
        name = name if statements.text(record, PREF_LABEL) else f"“{name}”"
        words = f"{name} is retired" + (f" and replaced by {after.graph.label(heir)}" if heir else "")
        correction = _correction(_described(record, before), record, mine, before, after)
        words = correction or words
        reasons = [
            _CORRECTED.sub("", _WHEN.sub("", key(each.triple.object)))
            for each in mine
            if each.action == "add" and _is_note(each)
        ]
        found.append(
            Sentence(
                "changed" if correction else "retired",
                f"{words}{': ' + '; '.join(reasons) if reasons else '.'}",
                record,
            )
        )
        told = {_DEPRECATED, _REPLACED_BY, term("rank"), REUSED["skos"] + "editorialNote"}
    name = _described(record, before if retired else after)
    fields: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for each in mine:
        predicate = each.triple.predicate.value
        if predicate in told or predicate in map(term, _QUIET):
            continue
        old, new = fields.setdefault((key(each.triple.subject), predicate), ([], []))
        (new if each.action == "add" else old).append(_value(each.triple.object, after))
    registers = _registers(fields, before, after)
    for (subject, predicate), (old, new) in fields.items():
        if predicate == _IDENTIFIER and registers:
            continue
        if subject in registers and predicate != _NOTATION:
            continue
        label = registers.get(subject) or field_name(predicate, after)
        if old and new:
            words = f"{name}: the {label} changes from {_listed(old)} to {_listed(new)}."
        else:
            words = f"{name}: {'gets' if new else 'loses'} the {label} {_listed(new or old)}."
        found.append(Sentence("changed", words, record))
    return found


def _registers(fields: Iterable[tuple[str, str]], before: Knowledge, after: Knowledge) -> dict[str, str]:
    """Return what the numbers that change are called, by the identifier: a company number and not a notation."""
    scheme = after.namespaces.term("identifierScheme")
    found: dict[str, str] = {}
    for subject, predicate in fields:
        if predicate == _NOTATION:
            register = after.graph.statements.text(subject, scheme) or before.graph.statements.text(subject, scheme)
            if register:
                found[subject] = after.graph.label(register)
    return found


def _correction(name: str, record: str, mine: Iterable[ProposedStatement], before: Knowledge, after: Knowledge) -> str:
    """Say what a claim that is stated anew says otherwise than the one that it takes the place of; else nothing."""
    notes = (key(each.triple.object) for each in mine if each.action == "add" and _is_note(each))
    found = next((match for match in map(_CORRECTED.search, notes) if match), None)
    new = after.namespaces.prefixes["assertion"] + found[1] if found else ""
    if not new or _says(new, before) or not _says(new, after):
        return ""
    old_says, new_says = _claimed(record, before), _claimed(new, after)
    told = [
        f"the {field_name(field[1], after)} changes from "
        f"{_listed([_value(each, before) for each in old_says.get(field, ())]) or 'nothing'} to "
        f"{_listed([_value(each, after) for each in new_says.get(field, ())]) or 'nothing'}"
        for field in dict.fromkeys([*old_says, *new_says])
        if old_says.get(field) != new_says.get(field)
    ]
    return f"{name}: {'; '.join(told)}" if told else ""


def _claimed(record: str, state: Knowledge) -> dict[tuple[str, str], list[Term]]:
    """Return what a record claims, by its part and property."""
    statements, ignored = state.graph.statements, about_the_claim(state.namespaces)
    parts = ["", *(f"#{key(each).partition('#')[2]}" for each in statements.values(
        record, state.namespaces.term("hasParticipation")))]  # fmt: skip
    return {
        (part, predicate): list(values)
        for part in parts
        for predicate, values in statements.about(record + part).items()
        if predicate not in ignored and predicate != state.namespaces.term("hasParticipation")
    }


def _is_note(proposal: ProposedStatement) -> bool:
    return proposal.triple.predicate.value == REUSED["skos"] + "editorialNote"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


@dataclass(frozen=True)
class StatementChoice:
    """A statement by its number in the contribution, in words."""

    number: int
    action: Action
    words: str


@dataclass(frozen=True)
class RecordChoices:
    """The statements on one record and its parts; `words` say what the record is."""

    record: str
    words: str
    choices: tuple[StatementChoice, ...]


def record_choices(
    numbers: Sequence[int], proposals: Sequence[ProposedStatement], before: Knowledge, after: Knowledge, most: int
) -> list[RecordChoices]:
    """Return `most` of the proposals, by record and in the order in which they were sent, in words."""
    found: dict[str, list[tuple[int, ProposedStatement]]] = {}
    for number, each in zip(numbers, proposals, strict=True):
        found.setdefault(key(each.triple.subject).partition("#")[0], []).append((number, each))
    made: list[RecordChoices] = []
    for record, all_of_it in found.items():
        if not (some := all_of_it[: max(0, most)]):
            break
        most -= len(some)
        asker.check()
        choices = (
            StatementChoice(number, each.action, sentence(each.triple, after if each.action == "add" else before))
            for number, each in some
        )
        described = describe(record, after if record in after.graph.statements else before)
        made.append(RecordChoices(record, described, tuple(choices)))
    return made
