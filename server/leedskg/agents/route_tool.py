"""The tool that finds routes between two ends."""

from __future__ import annotations

from leedskg.agents.answer import AnswerLine, ToolAnswer
from leedskg.agents.graph import NOT_A_NO, AskedGraph
from leedskg.record import ShownAssertion
from leedskg.routes import Hop, Route, RouteAnswer, RouteQuery
from leedskg.wording import clause


def routes(graph: AskedGraph, from_: str, to_: str, steps: int = 4, count: int = 3) -> ToolAnswer:
    """Show how two ends are connected: the strongest routes that differ, a line for each hop."""
    view = graph.view
    ends = [view.question_parser.end(name) for name in (from_, to_)]
    question = RouteQuery(ends[0].members, ends[1].members, steps, count, graph.today)
    with graph.let_in():
        answer = view.routes.answer(question, graph.deadline())
    notes = tuple(end.note for end in ends if end.note)
    title = f"{ends[0].words} to {ends[1].words}"
    facts = {"page": graph.page("routes", **{"from": ends[0].words, "to": ends[1].words})}
    if not answer.routes:
        head = f"No route of up to {_steps(steps)} is recorded: {title}. {NOT_A_NO}"
        return ToolAnswer("not recorded", head, (), (*notes, *_misses(graph, answer)), facts)
    statements = view.records.statements(
        dict.fromkeys(tie.relationship for route in answer.routes for hop in route.hops for tie in hop.ties)
    )
    lines = [line for number, route in enumerate(answer.routes, 1) for line in _route(graph, number, route, statements)]
    total = f"{'more than ' if answer.more else ''}{answer.total:,} routes of up to {_steps(steps)}"
    head = f"{title}: showing {len(answer.routes)} of {total}, the strongest that differ"
    return ToolAnswer("found", head, lines, notes, facts | {"routes": len(answer.routes)})


def _route(graph: AskedGraph, number: int, route: Route, statements: dict[str, ShownAssertion]) -> list[AnswerLine]:
    """Return the lines of a route: each hop is a statement of its own."""
    entries = graph.view.catalogue.entries
    band = f", {route.band.words}" if route.band else ""
    lines = []
    for at, hop in enumerate(route.hops, start=1):
        told = f"route {number} ({_steps(len(route.hops))}{band})" if at == 1 else f"route {number}"
        line = _hop(graph, hop, statements, entries[hop.source].label, entries[hop.target].label, f"{told}, hop {at}")
        lines.append(line)
    return lines


def _hop(  # noqa: PLR0913, PLR0917 - both ends and where in the route
    graph: AskedGraph, hop: Hop, statements: dict[str, ShownAssertion], one: str, other: str, where: str
) -> AnswerLine:
    statement = statements[hop.ties[0].relationship]
    text = f"{where}: {one} {clause(hop.words)} {other}{graph.told(statement)}"
    return graph.line(text, statement, kind=hop.pattern.label)


def _misses(graph: AskedGraph, answer: RouteAnswer) -> list[str]:
    misses = answer.misses
    if misses is None:
        return []
    entries = graph.view.catalogue.entries
    told = [f"The shortest route has {_steps(misses.further)}."] if misses.further else []
    for iri in misses.alone:
        name = entries[iri].label if iri in entries else iri
        told.append(f"No relationship that a route could use is recorded of {name}.")
    return told


def _steps(number: int) -> str:
    return f"{number} step{'' if number == 1 else 's'}"
