"""A change in words: what it adds, changes, retires and takes out, as a person would say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox

from leedskg.contributions.change import Proposal
from leedskg.graph import ALT_LABEL, PREF_LABEL
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import Term, key

SentenceKind = Literal["added", "changed", "retired", "taken out", "cited"]
_DEPRECATED, _REPLACED_BY = REUSED["owl"] + "deprecated", REUSED["dcterms"] + "isReplacedBy"
#: Properties whose change is told by another sentence, or tells a reader nothing.
_QUIET = ("hasParticipation",)
_FIELDS = {RDF_TYPE: "kind", PREF_LABEL: "name", ALT_LABEL: "printed variant"}
#: Words of an edge that need a verb before them.
_PARTICIPLE = re.compile(r"(\w+ed|spun)\b.* (of|in|with|by)$")
#: What a reason in a note begins with.
_WHEN = re.compile(r"^Retired on [0-9-]+: ")
_NOUN = re.compile(r".* of$")


@dataclass(frozen=True)
class Sentence:
    """One thing that a change does, and the record that it does it to."""

    kind: SentenceKind
    words: str
    record: str


def field_name(predicate: str, state: Knowledge) -> str:
    """What a property is called: its label, or its name in words where it is another vocabulary's."""
    if predicate in _FIELDS:
        return _FIELDS[predicate]
    label = state.ontology.label(predicate)
    local = predicate.rpartition("#")[2].rpartition("/")[2]
    return label or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local).lower()


def sentence(triple: ox.Triple, state: Knowledge) -> str:
    """One statement in the words of its labels."""
    subject = state.graph.label(key(triple.subject))
    predicate = "is of the kind" if triple.predicate.value == RDF_TYPE else field_name(triple.predicate.value, state)
    return f"{subject} – {predicate} – {_value(triple.object, state)}"


def in_words(proposals: Sequence[Proposal], before: Knowledge, after: Knowledge) -> list[Sentence]:
    """What the proposals do to the graph: a sentence for each record that comes or goes and each field that changes."""
    found: list[Sentence] = []
    cited: set[str] = set()
    evidence = f"{before.namespaces.base}evidence/"
    for record in dict.fromkeys(_record(each.triple) for each in proposals):
        if record.startswith(evidence):
            cited.add(record)
            continue
        mine = [each for each in proposals if _record(each.triple) == record]
        if not _says(record, before):
            found.append(Sentence("added", f"{_described(record, after)}.", record))
        elif not _says(record, after):
            found.append(Sentence("taken out", f"No longer said: {_described(record, before)}.", record))
        else:
            found += _changed(record, mine, before, after)
    if cited:
        places = "1 place in a source is" if len(cited) == 1 else f"{len(cited):,} places in sources are"
        found.append(Sentence("cited", f"{places} cited, or no longer cited.", ""))
    return found


def describe(record: str, state: Knowledge) -> str:
    """What a record says or is, in words without a full stop."""
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
    """A relationship by the words of its edges: KPMG becomes strategic partner of Nexus."""
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


def _changed(record: str, mine: Iterable[Proposal], before: Knowledge, after: Knowledge) -> list[Sentence]:
    """What changes of a record that stays: its retirement, or field by field."""
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
        reasons = [_WHEN.sub("", key(each.triple.object)) for each in mine if each.action == "add" and _is_note(each)]
        found.append(Sentence("retired", f"{words}{': ' + '; '.join(reasons) if reasons else '.'}", record))
        told = {_DEPRECATED, _REPLACED_BY, term("rank"), REUSED["skos"] + "editorialNote"}
    name = _described(record, before if retired else after)
    fields: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for each in mine:
        predicate = each.triple.predicate.value
        if predicate in told or predicate in map(term, _QUIET):
            continue
        old, new = fields.setdefault((key(each.triple.subject), predicate), ([], []))
        (new if each.action == "add" else old).append(_value(each.triple.object, after))
    for (_, predicate), (old, new) in fields.items():
        label = field_name(predicate, after)
        if old and new:
            words = f"{name}: the {label} changes from {_listed(old)} to {_listed(new)}."
        else:
            words = f"{name}: {'gets' if new else 'loses'} the {label} {_listed(new or old)}."
        found.append(Sentence("changed", words, record))
    return found


def _is_note(proposal: Proposal) -> bool:
    return proposal.triple.predicate.value == REUSED["skos"] + "editorialNote"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
