"""The tools on numbers and on the graph itself: figures, disagreements, coverage and changes."""

from __future__ import annotations

from leedskg.agents.answer import AnswerLine, ToolAnswer
from leedskg.agents.graph import NOT_A_NO, AskedGraph
from leedskg.changes import ChangeLog
from leedskg.errors import excerpt
from leedskg.figures import Figure
from leedskg.naming import beginnings, folded
from leedskg.query_files import query_beside
from leedskg.wording import plain_date

#: Publications that are told of, and records that each is told with.
_MOST_EVENTS, _MOST_RECORDS = 50, 12


def figures(graph: AskedGraph, about: str, place: str = "") -> ToolAnswer:
    """Give the figures whose indicator, subject or scope has these words; `place` keeps those for a place."""
    words = beginnings(folded(about).split())
    where = folded(place)
    found = [
        (indicator.name.label, figure)
        for indicator in graph.view.indicators
        for figure in indicator.held
        if _has(words, indicator.name.label, figure, indicator.population) and where in folded(figure.place.label)
    ]
    lines = [_figure_line(graph, figure) for _, figure in found]
    of_place = f" for {excerpt(place, 60)}" if place else ""
    if not lines:
        names = dict.fromkeys(indicator.name.label for indicator in graph.view.indicators)
        near = [name for name in names if any(word in folded(name) for word in words)][:12]
        notes = (f"Indicators that have one of the words: {'; '.join(near)}.",) if near else ()
        return ToolAnswer(
            "not recorded", f"No figure on “{excerpt(about)}”{of_place} is recorded. {NOT_A_NO}", (), notes
        )
    notes = ("Each is as its source puts it; figures of other places, periods or populations do not compare.",)
    return ToolAnswer("found", f"figures on “{excerpt(about)}”{of_place}", lines, notes)


def _has(words: list[str], name: str, figure: Figure, population: str) -> bool:
    parts = folded(f"{name} {figure.subject.label} {figure.place.label} {figure.scope} {population}").split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def _figure_line(graph: AskedGraph, figure: Figure) -> AnswerLine:
    statement = figure.statement
    period = plain_date(figure.period) if figure.period else "no period given"
    told = "; ".join(filter(None, (period, figure.scope.rstrip("."))))
    said = graph.view.sentences.label(statement, "attributedTo")
    by = f"; according to {said}" if said else ""
    disputed = "; another source gives a value that cannot hold beside it" if statement.conflicts else ""
    return graph.line(f"{graph.view.sentences.sentence(statement)} ({told}{by}){disputed}", statement)


def disagreements(graph: AskedGraph, about: str = "") -> ToolAnswer:
    """Give the figures that cannot hold together, those of one indicator next to each other."""
    words = beginnings(folded(about).split())
    lines = [
        _figure_line(graph, figure)
        for indicator in graph.view.indicators
        for figure in sorted(indicator.conflicting, key=lambda each: (each.place.label, each.subject.label))
        if _has(words, indicator.name.label, figure, indicator.population)
    ]
    on = f" on “{excerpt(about)}”" if about else ""
    if not lines:
        return ToolAnswer(
            "not recorded", f"No sources that disagree{on} are recorded; that is no proof that they agree."
        )
    return ToolAnswer("found", f"figures{on} that cannot hold beside another one; the graph chooses none", lines)


def coverage(graph: AskedGraph, topic: str = "") -> ToolAnswer:
    """Tell what the graph holds and what it does not: counts, sources, and what nobody is recorded for."""
    view = graph.view
    page = view.namespaces.base
    lines = [AnswerLine(f"holds {count.number:,} {count.words}", (page,)) for count in view.counts]
    rows = view.reader.rows(query_beside(__file__, "graph_tools_sources") % page)
    lines += [
        AnswerLine(f"source: {row['title'].value} ({int(row['number'].value):,} statements)", (row["source"].value,))
        for row in rows
    ]
    unmet = [need for need in view.support.needs if not view.support.for_need(need.iri)]
    lines += [AnswerLine(f"not recorded: anybody who helps with {need.label}", (need.iri,)) for need in unmet]
    lines += [
        AnswerLine(f"kind: {kind.number:,} of the kind {kind.label}", (kind.iri,)) for kind in view.catalogue.kinds
    ]
    wanted = beginnings(folded(topic).split())
    if wanted:
        lines = [line for line in lines if all(word in folded(line.text) for word in wanted)]
    notes = (
        "What is not here is not recorded; that is not the same as no. Only what the sources below print is here: "
        "chiefly two documents on health innovation in Leeds, web pages and registers; no personal data, no prose.",
        f"published {view.published.built_at[:10]}",
    )
    if not lines:
        return ToolAnswer(
            "not recorded", f"Nothing on “{excerpt(topic)}” among kinds, sources and needs. {NOT_A_NO}", (), notes
        )
    return ToolAnswer("found", "what the graph holds and does not hold", lines, notes)


def changes(graph: AskedGraph, about: str = "") -> ToolAnswer:
    """Tell what each publication changed, the latest first; `about` is an entity."""
    if graph.settings.store:
        return ToolAnswer(
            "not recorded", "This site publishes to a SPARQL server elsewhere and keeps no log of changes."
        )
    log, number = ChangeLog(graph.settings.state_path), graph.view.published.number
    of = graph.entry(about) if about else None
    events = log.about(of.iri, number, _MOST_EVENTS) if of else log.latest(number, _MOST_EVENTS)
    lines = []
    for event in events:
        address = f"{graph.view.namespaces.base}changes/{event.id}"
        counted = "" if of else f" {' '.join(event.words)}"
        lines.append(AnswerLine(f"{event.at[:10]}: {event.title}.{counted}", (address,), {"added": event.added}))
        records = log.records(event.number, _MOST_RECORDS, about=[of.iri] if of else [])
        whole = event.whole and not of
        lines += [
            AnswerLine(f"{event.at[:10]}, {record.what}: {record.label} ({record.kind})", (record.iri,))
            for record in ([] if whole else records)
        ]
    if not lines:
        which = f" about {of.label}" if of else ""
        return ToolAnswer("not recorded", f"No change{which} is in the log, which begins with its first publication.")
    return ToolAnswer("found", f"what changed{f' about {of.label}' if of else ''}, the latest first", lines)
