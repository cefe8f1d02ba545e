"""The commands of a reader: query, route and show."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import click

from leedskg.catalogue import Entry
from leedskg.cli.group import STORE, Session
from leedskg.edition import Edition
from leedskg.errors import RequestError
from leedskg.namespaces import Namespaces
from leedskg.record import EvidencePlace, Record, Statement
from leedskg.routes import MOST_STEPS, POOL, Hop, Route
from leedskg.sparql.negotiation import Chosen, Shape, negotiate
from leedskg.sparql.opening import open_pool
from leedskg.sparql.pool import Pool
from leedskg.sparql.request import QueryRequest


@click.command("query")
@click.argument("file", metavar="FILE|-")
@click.option(
    "--format", "form", default="text", show_default=True,
    help="text, or a format of the endpoint: json, xml, csv, tsv, turtle, ntriples, jsonld.",
)  # fmt: skip
@STORE
@click.pass_obj
def query_command(session: Session, file: str, form: str, store: str | None) -> None:
    """Run the SPARQL query in FILE, or from standard input for -, on the published graph."""
    text = _query_text(file)
    settings = session.settings(workers=1, store=store)
    with open_pool(settings) as pool:
        if form != "text":
            _echo_result(pool, text, form)
            return
        with pool.run(
            QueryRequest(text), table=negotiate(None, "table", "json"), graph=negotiate(None, "graph", "turtle")
        ) as result:
            if result.kind == "select":
                _echo_table(json.loads(result.read()), settings.namespaces)
            elif result.kind == "ask":
                click.echo("yes" if json.loads(result.read())["boolean"] else "no")
            else:
                click.echo(result.read().decode("utf-8"), nl=False)


def _query_text(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError(f"{file} is not UTF-8; save the query with that encoding.") from None
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {(error.strerror or 'it failed').lower()}.") from None


def _echo_result(pool: Pool, text: str, form: str) -> None:
    """The result as the endpoint would give it. A format is for tables or for graphs; the query decides which."""
    offered: dict[str, Chosen] = {}
    shapes: tuple[Shape, ...] = ("table", "graph")
    problems = []
    for shape in shapes:
        try:
            offered[shape] = negotiate(None, shape, form)
        except RequestError as error:
            problems.append(error)
    if not offered:
        raise problems[0]
    with pool.run(QueryRequest(text), table=offered.get("table"), graph=offered.get("graph")) as result:
        for chunk in result:
            click.echo(chunk, nl=False)


def _echo_table(results: dict[str, Any], namespaces: Namespaces) -> None:
    columns = results["head"]["vars"]
    rows = [
        [_cell(binding.get(column), namespaces) for column in columns] for binding in results["results"]["bindings"]
    ]
    widths = [max(len(row[place]) for row in [columns, *rows]) for place in range(len(columns))]
    for row in [columns, ["-" * width for width in widths], *rows]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    click.echo(f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'}", err=True)


def _cell(value: dict[str, str] | None, namespaces: Namespaces) -> str:
    if value is None:
        return ""
    text = namespaces.shorten(value["value"]) if value["type"] == "uri" else str(value["value"])
    return " ".join(text.split())


@click.command("show")
@click.argument("entity")
@click.option("--evidence/--no-evidence", default=True, show_default=True, help="Where each statement stands.")
@STORE
@click.pass_obj
def show_command(session: Session, entity: str, evidence: bool, store: str | None) -> None:
    """Show what the graph says of ENTITY: a name, a variant of it, or an IRI."""
    with session.edition(store) as edition:
        entry = edition.catalogue.find(entity)
        record = edition.records.record(entry.iri)
    _echo_head(entry, record)
    _echo_section(
        "Relationships", [(f"{each.words} {each.other.label}", each.statement) for each in record.relations], evidence
    )
    for title, statements in (("Attributes", record.attributes), ("Figures", record.figures)):
        _echo_section(title, [(_details(each, entry.iri), each) for each in statements], evidence)
    if evidence and record.named_at:
        click.echo("\nNamed at")
        for place in record.named_at:
            click.echo(f"  {_place(place)}")


def _echo_head(entry: Entry, record: Record) -> None:
    click.echo(f"{entry.label} ({entry.kind})\n<{entry.iri}>")
    if entry.variants:
        click.echo(f"Also printed as: {'; '.join(entry.variants)}")
    if entry.description:
        click.echo(textwrap.fill(entry.description, 100))
    for identifier in record.identifiers:
        click.echo(f"{identifier.scheme.label}: {identifier.value}")


def _echo_section(title: str, lines: list[tuple[str, Statement]], evidence: bool) -> None:
    if lines:
        click.echo(f"\n{title}")
    for line, statement in lines:
        click.echo(f"  {line}")
        if not evidence:
            continue
        for place in statement.evidence:
            click.echo(f"      {_place(place)}; confidence {statement.confidence:g}")
        if statement.note:
            click.echo(textwrap.fill(f"Note: {statement.note}", 100, initial_indent=" " * 6, subsequent_indent=" " * 6))


def _details(statement: Statement, shown: str) -> str:
    """The values of a statement, without the entity that is being shown."""
    return "; ".join(
        f"{detail.field.label}: {detail.value.label}" for detail in statement.details if detail.value.iri != shown
    )


def _place(place: EvidencePlace) -> str:
    section = f", “{place.section}”" if place.section else ""
    return f"{place.source.label}{section}, {place.words}"


@click.command("route")
@click.argument("start", metavar="FROM")
@click.argument("goal", metavar="TO")
@click.option(
    "--steps", type=int, default=4, show_default=True, help=f"The most steps a route may have, up to {MOST_STEPS}."
)
@click.option("--count", type=int, default=5, show_default=True, help=f"How many routes to show, up to {POOL}.")
@STORE
@click.pass_obj
def route_command(  # noqa: PLR0913, PLR0917 - click passes each argument and option of the command
    session: Session, start: str, goal: str, steps: int, count: int, store: str | None
) -> None:
    """Show how FROM is connected to TO: the strongest routes that differ, hop by hop, with the evidence.

    FROM and TO are names, variants of them, or IRIs.
    """
    with session.edition(store) as edition:
        ends = [edition.catalogue.find(name) for name in (start, goal)]
        routes = edition.routes.find(ends[0].iri, ends[1].iri, most_steps=steps, count=count)
        if not routes:
            click.echo(
                f"The graph records no route of up to {steps} steps between {ends[0].label} and {ends[1].label}. "
                "That no source tells of one does not mean that there is none."
            )
            raise SystemExit(1)
        for number, route in enumerate(routes, start=1):
            _echo_route(edition, number, route)


def _echo_route(edition: Edition, number: int, route: Route) -> None:
    entries = edition.catalogue.entries
    steps = "1 step" if len(route.hops) == 1 else f"{len(route.hops)} steps"
    click.echo(
        f"{number}. {' – '.join(entries[iri].label for iri in route.entities)}  ({steps}, {route.cost:.1f} bits)"
    )
    statements = edition.records.statements(tie.relationship for hop in route.hops for tie in hop.ties)
    for hop in route.hops:
        click.echo(f"   {entries[hop.source].label} {hop.words} {entries[hop.target].label}: {', '.join(hop.reasons)}")
        for tie in hop.ties:
            _echo_hop_evidence(statements[tie.relationship])
        for other in hop.others:
            click.echo(f"      also: {_also(edition, other)}")


def _echo_hop_evidence(statement: Statement) -> None:
    for place in statement.evidence:
        click.echo(f"      {statement.kind.label}: {_place(place)}")


def _also(edition: Edition, hop: Hop) -> str:
    return f"{hop.words} {edition.catalogue.entries[hop.target].label}"
