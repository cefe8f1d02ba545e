"""The tools that find and read entities: find, entity, compare, who_can_help and routes."""

from __future__ import annotations

from leedskg.agents.answer import AnswerLine, ToolAnswer
from leedskg.agents.graph import LONGEST_NAME, NOT_A_NO, AskedGraph
from leedskg.catalogue import CatalogueEntry
from leedskg.errors import RequestError, excerpt
from leedskg.naming import folded
from leedskg.query_files import query_beside
from leedskg.record import EntityRecord, ShownAssertion
from leedskg.support import Need, Support, read_terms
from leedskg.wording import listed, plain_date, plural

#: Matches that a search gives; a narrower one finds the others.
_MOST_MATCHES = 400


def find(graph: AskedGraph, name: str, kind: str = "") -> ToolAnswer:
    """Find what goes by a name, or everything of a kind."""
    if len(name) > LONGEST_NAME:
        raise RequestError(f"A name has no more than {LONGEST_NAME} characters; this has {len(name):,}.")
    catalogue = graph.view.catalogue
    iri = _kind(graph, kind) if kind else ""
    if not folded(name) and not iri:
        raise RequestError("Give words of a name, or a kind such as “university”.")
    matches = catalogue.search(name, _MOST_MATCHES) if folded(name) else []
    entries = (
        _of_kind(graph, iri, [match.entry for match in matches] if folded(name) else None)
        if iri
        else [match.entry for match in matches]
    )
    of_kind = f" of the kind {kind}" if kind else ""
    if not entries:
        return ToolAnswer("not recorded", f"Nothing{of_kind} goes by “{excerpt(name)}”. {NOT_A_NO}")
    near = bool(matches) and matches[0].score < 0.5
    places = graph.named_at([entry.iri for entry in entries])
    lines = [
        AnswerLine(
            f"{entry.label} ({entry.kind}){f': {entry.description}' if entry.description else ''}",
            (places.get(entry.iri, entry.iri),),
            {"id": graph.short(entry.iri), "name": entry.label},
        )
        for entry in entries
    ]
    if near:
        return ToolAnswer(
            "not recorded", f"No name has the words “{excerpt(name)}”. The nearest:", lines, label="candidates"
        )
    asked = f"“{excerpt(name)}”" if name.strip() else "Everything"
    return ToolAnswer("found", f"{asked}{of_kind}: {len(lines)} found.", lines)


def _of_kind(graph: AskedGraph, kind: str, among: list[CatalogueEntry] | None) -> list[CatalogueEntry]:
    """Return the entities of a kind or a narrower one, of some or of all."""
    if among is None:
        return [graph.view.catalogue.entries[iri] for iri in graph.view.entities_of(kind)][:_MOST_MATCHES]
    narrower = {*graph.view.narrower_kinds(kind)}
    return [entry for entry in among if not narrower.isdisjoint(entry.kinds)]


def _kind(graph: AskedGraph, text: str) -> str:
    """Return the IRI of a kind, given in the singular, the plural or as a short IRI."""
    wanted = folded(text)
    for iri, kind in graph.view.broader_kinds.items():
        if wanted in (folded(kind.label), folded(plural(kind.label)), folded(graph.short(iri))) or text == iri:
            return iri
    known = ", ".join(dict.fromkeys(kind.label for kind in graph.view.catalogue.kinds))
    raise RequestError(f"There is no kind “{excerpt(text, 40)}”. There are: {known}.")


def entity(graph: AskedGraph, name: str, about: str = "") -> ToolAnswer:
    """Tell what is recorded of an entity; `about` keeps the lines with these words."""
    entry = graph.entry(name)
    record = graph.view.records.record(entry.iri).in_force
    lines = entity_lines(graph, entry, record)
    wanted = folded(about).split()
    if wanted:
        lines = [line for line in lines if all(word in folded(line.text) for word in wanted)]
    notes = list(graph.read_as(name, entry))
    if entry.variants:
        notes.append(f"also printed as {listed(entry.variants, 4)}")
    if entry.description:
        notes.append(entry.description)
    missing = graph.view.not_recorded(entry, record)
    if missing:
        notes.append(f"not recorded of it, though of others of its kind: {', '.join(missing)}. {NOT_A_NO}")
    facts = {"id": graph.short(entry.iri), "name": entry.label, "page": graph.address(entry.iri), "kind": entry.kind}
    if lines:
        return ToolAnswer("found", f"{entry.label} ({entry.kind})", lines, tuple(notes), facts)
    what = f"Nothing about “{excerpt(about)}” is recorded" if wanted else "Nothing but its name is recorded"
    return ToolAnswer("not recorded", f"{what} of {entry.label}. {NOT_A_NO}", (), tuple(notes), facts)


def entity_lines(graph: AskedGraph, entry: CatalogueEntry, record: EntityRecord) -> list[AnswerLine]:
    """Return the lines of a record: relationships, facts, figures and identifiers."""
    sentences = graph.view.sentences
    lines = [graph.relation_line(relation) for relation in record.relations]
    lines += [graph.line(_fact(graph, statement, entry.iri), statement) for statement in record.attributes]
    for statement in record.figures:
        name = sentences.figure_name(statement, entry.iri)
        lines.append(
            graph.line(f"{name}: {sentences.figure_words(statement)}{_figure_told(graph, statement)}", statement)
        )
    for each in record.identifiers:
        places = tuple(place.iri for place in each.seen_in) or (entry.iri,)
        lines.append(AnswerLine(f"{each.scheme.label}: {each.value}", places, {"identifier": each.value}))
    return lines


def _fact(graph: AskedGraph, statement: ShownAssertion, subject: str) -> str:
    stated = graph.view.sentences.stated_value(statement)
    if stated is None:
        return graph.statement_words(statement)
    field, value = stated
    if value.iri == subject:
        return f"{field.label} of: {graph.view.sentences.label(statement, 'subject')}{graph.told(statement)}"
    return f"{field.label}: {plain_date(value.label)}{graph.told(statement)}"


def _figure_told(graph: AskedGraph, statement: ShownAssertion) -> str:
    place = graph.view.sentences.label(statement, "geography")
    disputed = "; another source gives a value that cannot hold beside it" if statement.conflicts else ""
    return f"{f' in {place}' if place else ''}{graph.told(statement)}{disputed}"


def compare(graph: AskedGraph, names: list[str]) -> ToolAnswer:
    """Put two or three entities side by side: what they are both tied to, and how each is."""
    entries = [graph.entry(name) for name in names]
    if len({entry.iri for entry in entries}) < len(entries):
        raise RequestError("Two of the names mean the same entity; name different ones.")
    own = {entry.iri for entry in entries}
    ties: dict[str, list[list[tuple[str, ShownAssertion]]]] = {}
    labels: dict[str, str] = {}
    for at, entry in enumerate(entries):
        record = graph.view.records.record(entry.iri).in_force
        tied = [(relation.words, relation.other, relation.statement) for relation in record.relations]
        for statement in record.attributes:
            stated = graph.view.sentences.stated_value(statement)
            if stated and stated[1].iri:
                tied.append((stated[0].label, stated[1], statement))
        for words, other, statement in tied:
            if other.iri and other.iri not in own:
                labels[other.iri] = other.label
                ties.setdefault(other.iri, [[] for _ in entries])[at].append((words, statement))
    order = sorted(ties, key=lambda iri: (-sum(map(bool, ties[iri])), folded(labels[iri])))
    lines = [_tied(graph, entries, labels[iri], ties[iri]) for iri in order]
    shared = sum(sum(map(bool, cells)) > 1 for cells in ties.values())
    title = listed(entry.label for entry in entries)
    notes = (
        f"{shared} of {len(lines)} are tied to more than one of them; those come first. “-” is not recorded, not no.",
    )
    if not shared:
        return ToolAnswer("not recorded", f"Nothing is recorded that {title} share. {NOT_A_NO}", lines, notes)
    return ToolAnswer("found", f"{title} compared", lines, notes)


def _tied(
    graph: AskedGraph, entries: list[CatalogueEntry], label: str, cells: list[list[tuple[str, ShownAssertion]]]
) -> AnswerLine:
    told = "; ".join(
        f"{entry.label}: {', '.join(dict.fromkeys(words for words, _ in cell)) or '-'}"
        for entry, cell in zip(entries, cells, strict=True)
    )
    statements = [statement for cell in cells for _, statement in cell]
    evidence = tuple(dict.fromkeys(place.iri for each in statements for place in each.evidence))
    data = {"statements": [graph.short(each.iri) for each in statements[:6]]}
    return AnswerLine(f"{label} — {told}", evidence or (statements[0].iri,), data)


def who_can_help(graph: AskedGraph, need: str, near: str = "", stage: str = "") -> ToolAnswer:
    """Tell who helps with a need; `near` keeps those that lie in a place, `stage` those that help at a stage."""
    if len(need) > LONGEST_NAME:
        raise RequestError(f"A need is described in no more than {LONGEST_NAME} characters here.")
    support = graph.view.support
    terms, unread = read_terms(support, graph.view.themes.rows, need)
    several = len(terms) > 1
    chosen, unknown = needs_meant(support, need)
    themes = {theme.iri: theme for term in terms for theme in term.themes} if several else {}
    if several:
        chosen, unknown = list({each.iri: each for term in terms for each in term.needs}.values()), tuple(unread)
    if not chosen and not themes:
        lines = [AnswerLine(each.label, (each.iri,), {"need": each.slug}) for each in support.needs]
        head = f"No need of the graph has the words “{excerpt(', '.join(unknown) or need)}”. {NOT_A_NO}"
        return ToolAnswer("not recorded", head, lines, ("Ask again with one of these needs.",), label="needs")
    at = support.stage(stage) or next((each for each in support.stages if folded(stage) in folded(each.label)), None)
    if stage and at is None:
        known = ", ".join(each.label for each in support.stages)
        raise RequestError(f"No source ties help to a stage called “{excerpt(stage, 40)}”. There are: {known}.")
    offers = [offer for each in chosen for offer in support.for_need(each.iri, at.iri if at and stage else "")]
    workers = graph.view.bodies_on(themes.values())
    where = ""
    if near:
        place = graph.entry(near)
        lying = within(
            graph, place.iri, [offer.provider.iri for offer in offers] + [each.entity.iri for each in workers]
        )
        offers = [offer for offer in offers if offer.provider.iri in lying]
        workers = [each for each in workers if each.entity.iri in lying]
        where = f" in {place.label}"
    lines = [
        graph.line(
            "; ".join(
                filter(
                    None,
                    (
                        f"{offer.provider.label} helps with {offer.need.label}",
                        f"through {listed(each.label for each in offer.services)}" if offer.services else "",
                        f"run by {listed(each.label for each in offer.operators)}" if offer.operators else "",
                        f"in {listed(each.label for each in offer.places)}" if offer.places else "place not recorded",
                        "planned" if offer.planned else "",
                    ),
                )
            ),
            offer.statement,
            of=graph.short(offer.provider.iri),
        )
        for offer in offers
    ]
    lines += [
        graph.line(f"{each.entity.label} works on {each.stated.label}", each.statement, of=graph.short(each.entity.iri))
        for each in workers
    ]
    named = listed([f"“{each.label}”" for each in chosen] + [f"“{each.label}”" for each in themes.values()], 0)
    page = graph.page("support", q=need) if several else graph.page("support", need=chosen[0].slug)
    facts = {"needs": [each.slug for each in chosen], "themes": [each.label for each in themes.values()], "page": page}
    if not lines:
        every = sum(support.bodies(each.iri) for each in chosen)
        notes = (f"Without the filters {every} are recorded as helping with it.",) if near or stage else ()
        return ToolAnswer(
            "not recorded", f"Nobody{where} is recorded as helping with {named}. {NOT_A_NO}", (), notes, facts
        )
    notes = (f"No need or theme is known by “{excerpt(', '.join(unread))}”.",) if several and unread else ()
    return ToolAnswer("found", f"“{excerpt(need)}” was read as {named}; who helps{where}:", lines, notes, facts)


def needs_meant(support: Support, text: str) -> tuple[list[Need], tuple[str, ...]]:
    """Return the needs that a text names or may mean, and its words that no need has."""
    wanted = folded(text)
    exact = [each for each in support.needs if wanted == folded(each.label) or text in {each.iri, each.slug}]
    if exact:
        return exact, ()
    like, meaning = support.meant_by(text)
    return like, meaning.unknown


def within(graph: AskedGraph, place: str, iris: list[str]) -> set[str]:
    """Return those of some entities that are recorded as lying in a place, or that are run by one that does."""
    if not iris:
        return set()
    values = " ".join(f"<{iri}>" for iri in dict.fromkeys(iris))
    rows = graph.view.reader.rows(
        query_beside(__file__, "entity_tools_within") % (graph.view.namespaces.base, values, place, place)
    )
    return {row["thing"].value for row in rows}
