"""The command that finds routes."""

from __future__ import annotations

import time

import click

from leedskg.cli.group import STORE, CommandSession
from leedskg.generation_view import GenerationView
from leedskg.record import EvidencePlace, ShownAssertion
from leedskg.routes import MOST_ROUTES, MOST_STEPS, Hop, Route, RouteAnswer, RouteQuery
from leedskg.routes.question_parser import End, read_confidence, read_day
from leedskg.wording import MISSING


@click.command("route")
@click.argument("start", metavar="FROM")
@click.argument("goal", metavar="TO")
@click.option(
    "--steps", type=int, default=4, show_default=True, help=f"The most steps a route may have, up to {MOST_STEPS}."
)
@click.option("--count", type=int, default=5, show_default=True, help=f"How many routes to show, up to {MOST_ROUTES}.")
@click.option("--kind", "kinds", multiple=True, help="Only by this kind of relationship, such as funding; repeatable.")
@click.option("--confidence", default="", help="Only by statements of at least this confidence, from 0 to 1.")
@click.option(
    "--as-at", default="", metavar="DATE", help="Weigh as at this day (2021-06-30) or year; today if not given."
)
@click.option("--not-through", "without", multiple=True, metavar="NAME", help="Lead through none of this; repeatable.")
@STORE
@click.pass_obj
def route_command(  # noqa: PLR0913, PLR0917 - an option each
    session: CommandSession,
    start: str,
    goal: str,
    steps: int,
    count: int,
    kinds: tuple[str, ...],
    confidence: str,
    as_at: str,
    without: tuple[str, ...],
    store: str | None,
) -> None:
    """Show how FROM is connected to TO: the strongest routes that differ, hop by hop, with the evidence.

    FROM and TO are names, variants of them, or IRIs; or any of a kind, such as "any investor", or "any body or service
    offering" a need. The exit code is 1 when there is no route.
    """
    with session.view(store) as view:
        parser = view.question_parser
        ends, closed = [parser.end(name) for name in (start, goal)], parser.without(without)
        question = RouteQuery(
            ends[0].members,
            ends[1].members,
            steps,
            count,
            read_day(as_at),
            read_confidence(confidence),
            parser.kinds(kinds),
            tuple(dict.fromkeys(iri for end in closed for iri in end.members)),
        )
        answer = view.routes.answer(question, time.monotonic() + session.settings().route_timeout)
        for note in filter(None, (end.note for end in (*ends, *closed))):
            click.echo(note)
        if not answer.routes:
            _echo_misses(view, ends, question, answer)
            raise SystemExit(1)
        click.echo(_sentence(answer, steps))
        for number, route in enumerate(answer.routes, start=1):
            _echo_route(view, number, route)


def _sentence(answer: RouteAnswer, steps: int) -> str:
    within = f"of up to {_steps(steps)}" if steps > 1 else "of 1 step"
    total = f"{'More than ' if answer.more else ''}{answer.total:,} route{'' if answer.total == 1 else 's'} {within}"
    shown = len(answer.routes)
    if shown == answer.total and not answer.more:
        return f"{total}; all of them."
    return f"Showing {shown} of {total[0].lower()}{total[1:]}: the strongest that differ."


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"


def _echo_route(view: GenerationView, number: int, route: Route) -> None:
    entries = view.catalogue.entries
    band = f", {route.band.words}" if route.band else ""
    click.echo(
        f"{number}. {' – '.join(entries[iri].label for iri in route.entities)}  "
        f"({_steps(len(route.hops))}{band}; {route.cost:.1f} bits)"
    )
    statements = view.records.statements(tie.relationship for hop in route.hops for tie in hop.ties)
    for hop in route.hops:
        told = [statements[tie.relationship] for tie in hop.ties]
        facts = _facts(view, hop, told)
        click.echo(
            f"   {entries[hop.source].label} {hop.stated} {entries[hop.target].label}{f' ({facts})' if facts else ''}: "
            f"{', '.join(hop.told(lambda iri: entries[iri].label))}"
        )
        for statement in told:
            _echo_hop_evidence(statement)
        for other in hop.others:
            click.echo(f"      also: {_also(view, other)}")


def _facts(view: GenerationView, hop: Hop, statements: list[ShownAssertion]) -> str:
    """Say the roles at both ends, when it held and for how much, as far as it is recorded."""
    pattern, term = hop.pattern, view.namespaces.term
    roles = (pattern.from_label, pattern.to_label) if hop.along else (pattern.to_label, pattern.from_label)
    found = [f"both {roles[0]}" if roles[0] == roles[1] else " and ".join(roles)] if all(roles) else []
    for statement in statements:
        begun, ended, amount, currency = (
            value.label if (value := statement.detail(term(name))) else ""
            for name in ("validFrom", "validTo", "amount", "currency")
        )
        if begun or ended:
            found.append(f"{begun} to {ended}" if begun and ended else f"since {begun}" if begun else f"until {ended}")
        if amount and currency:
            givers = len({part.entity.iri for part in statement.parts if part.role.iri == pattern.from_role})
            shared = f" from {givers} {pattern.from_label}s together" if givers > 1 else ""
            told = f"{float(amount):,.0f}" if amount.replace(".", "", 1).isdecimal() else amount
            found.append(f"{currency} {told}{shared}")
    return "; ".join(dict.fromkeys(found))


def _echo_hop_evidence(statement: ShownAssertion) -> None:
    for place in statement.evidence:
        click.echo(f"      {statement.kind.label}: {place_words(place)}")


def _also(view: GenerationView, hop: Hop) -> str:
    return f"{hop.words} {view.catalogue.entries[hop.target].label}"


def place_words(place: EvidencePlace) -> str:
    """Put a place in a source in one line."""
    return f"{place.source.label}, {place.words}"


def _echo_misses(view: GenerationView, ends: list[End], question: RouteQuery, answer: RouteAnswer) -> None:
    click.echo(
        f"We found no route of up to {_steps(question.most_steps)} "
        f"between {ends[0].words} and {ends[1].words}. {MISSING}"
    )
    misses = answer.misses
    if misses is None:
        return
    options = {"kinds": "--kind", "confidence": "--confidence", "without": "--not-through"}
    for name, number in misses.relaxed:
        click.echo(f"Without {options[name]} there {'is 1 route' if number == 1 else f'are {number:,} routes'}.")
    if misses.further:
        click.echo(f"The shortest route has {_steps(misses.further)}.")
    entries = view.catalogue.entries
    for iri in misses.alone:
        name = entries[iri].label if iri in entries else iri
        filtered = " with these filters" if question.kinds or question.min_confidence or question.without else ""
        click.echo(f"No relationship that a route could use{filtered} is recorded of {name}.")
    for bridge in misses.bridges[:3]:
        kinds = " or ".join(f"{pattern.label} ({number} such recorded)" for pattern, number in bridge.links)
        click.echo(
            f"A route of {_steps(bridge.steps)} would need {entries[bridge.near].label} "
            f"and {entries[bridge.far].label} to be joined, for example by {kinds}."
        )
