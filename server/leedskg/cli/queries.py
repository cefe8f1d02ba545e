"""The commands of a reader: query and show."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import click

from leedskg.catalogue import CatalogueEntry
from leedskg.cli.group import STORE, CommandSession
from leedskg.cli.routing import place_words
from leedskg.errors import RequestError
from leedskg.namespaces import Namespaces
from leedskg.record import EntityRecord, ShownAssertion, certainty
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol.negotiation import Chosen, Shape, negotiate
from leedskg.sparql.protocol.request import QueryRequest


@click.command("query")
@click.argument("file", metavar="FILE|-")
@click.option(
    "--format", "form", default="text", show_default=True,
    help="text, or a format of the endpoint: json, xml, csv, tsv, turtle, ntriples, jsonld.",
)  # fmt: skip
@STORE
@click.pass_obj
def query_command(session: CommandSession, file: str, form: str, store: str | None) -> None:
    """Run the SPARQL query in FILE, or from standard input for -, on the published graph."""
    text = _query_text(file)
    settings = session.settings(workers=1, store_connections=1, store=store)
    with QueryPool(settings) as pool:
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


def _echo_result(pool: QueryPool, text: str, form: str) -> None:
    """Print the result as the endpoint would give it. A format is for tables or for graphs; the query decides which."""
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
def show_command(session: CommandSession, entity: str, evidence: bool, store: str | None) -> None:
    """Show what the graph says of ENTITY: a name, a variant of it, or an IRI."""
    with session.view(store) as view:
        entry = view.catalogue.find(entity)
        record = view.records.record(entry.iri)
    _echo_head(entry, record)
    _echo_section(
        "Relationships", [(f"{each.words} {each.other.label}", each.statement) for each in record.relations], evidence
    )
    for title, statements in (("Attributes", record.attributes), ("Figures", record.figures)):
        _echo_section(title, [(_details(each, entry.iri), each) for each in statements], evidence)
    if evidence and record.named_at:
        click.echo("\nNamed at")
        for place in record.named_at:
            click.echo(f"  {place_words(place)}")


def _echo_head(entry: CatalogueEntry, record: EntityRecord) -> None:
    click.echo(f"{entry.label} ({entry.kind})\n<{entry.iri}>")
    if entry.variants:
        click.echo(f"Also printed as: {'; '.join(entry.variants)}")
    if entry.description:
        click.echo(textwrap.fill(entry.description, 100))
    for identifier in record.identifiers:
        click.echo(f"{identifier.scheme.label}: {identifier.value}")


def _echo_section(title: str, lines: list[tuple[str, ShownAssertion]], evidence: bool) -> None:
    if lines:
        click.echo(f"\n{title}")
    for line, statement in lines:
        click.echo(f"  {line}")
        if not evidence:
            continue
        sure = f"{certainty(statement.confidence).words} (confidence {statement.confidence:g})"
        for place in statement.evidence:
            click.echo(f"      {place_words(place)}; {sure}")
        if statement.note:
            click.echo(textwrap.fill(f"Note: {statement.note}", 100, initial_indent=" " * 6, subsequent_indent=" " * 6))


def _details(statement: ShownAssertion, shown: str) -> str:
    """Return the values of a statement, without the entity that is being shown."""
    return "; ".join(
        f"{detail.field.label}: {detail.value.label}" for detail in statement.details if detail.value.iri != shown
    )
