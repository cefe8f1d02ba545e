"""The command that matches a column of names with the graph: match."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from leedskg.cli.contributing import WHO, name_of
from leedskg.cli.group import STORE, CommandSession
from leedskg.contributions import InputTable, read_csv_file, read_limited
from leedskg.contributions.name_columns import Columns
from leedskg.contributions.workbook import read_workbook
from leedskg.errors import RequestError
from leedskg.kinds import FIGURES_AND_SOURCES
from leedskg.matching import FILE, Judgements, Matcher, MatchIndex, Outcome, keep, read_judgements, read_kept
from leedskg.matching.matcher import MOST_PROPOSALS
from leedskg.matching.queue import STOP, Queue
from leedskg.validation.findings import Severity

_HEADINGS = (
    "row", "name", "state", "entity", "label", "why",
    *(f"{what} {number}" for number in range(1, MOST_PROPOSALS + 1) for what in ("proposal", "reason")),
)  # fmt: skip


@click.command("match")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--column", default="", metavar="HEADING", help="The column with the names; else it is told by its heading."
)
@click.option(
    "--matches", type=click.Path(path_type=Path), metavar="FILE",
    help="Judgements to hold to, as SSSOM; graph/imports/matches.sssom.tsv of the knowledge folder if left out.",
)  # fmt: skip
@click.option("--ask", is_flag=True, help="Ask each question here, one key a decision, and keep what you say.")
@WHO
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
@STORE
@click.pass_obj
def match_command(  # noqa: PLR0913, PLR0917 - click passes each argument and option of the command
    session: CommandSession, file: Path, column: str, matches: Path | None, who: str | None, form: str,
    store: str | None, *,
    ask: bool,
) -> None:  # fmt: skip
    """Match the names in a column of FILE (.csv or .xlsx) with the entities of the published graph.

    Identifiers decide first (ROR, ODS, company and charity numbers, GRID, Crossref Funder, Wikidata), in columns that
    are headed so; then exact names, without what people leave out; then what people have decided. All else is a
    question with up to five proposals. With --ask you answer them here; what you say holds for later runs.
    """
    tables = _tables(file, session)
    judgements = _judgements(session, matches)
    with session.view(store) as view:
        matcher = Matcher(MatchIndex.read(view.reader, view.catalogue, without=FIGURES_AND_SOURCES), judgements)
        shorten = view.namespaces.shorten
        if ask:
            named = [mention for table in tables for _, mention in Columns.of(table.columns, column).mentions(table)]
            queue = Queue.of(matcher, named, who=name_of(who), when=date.today().isoformat())
            _ask(queue, matches or session.root / FILE, session)
        found = [
            _row(table.name, row.number, matcher.match(mention), shorten)
            for table in tables
            for row, mention in Columns.of(table.columns, column).mentions(table)
        ]
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif form == "csv":
        _echo_csv(found)
    else:
        _echo_text(found)


def _tables(file: Path, session: CommandSession) -> list[InputTable]:
    """Read a table, or the sheets of a workbook. Raises RequestError, with the place, for what cannot be read."""
    if file.suffix.lower() == ".xlsx":
        limit = session.settings().contribution_limit * 1024 * 1024
        try:
            with file.open("rb") as stream:
                tables = read_workbook(read_limited(stream, limit, file.name), file.name)
        except OSError as error:
            raise RequestError(f"{file} cannot be read: {(error.strerror or 'it failed').lower()}.") from None
    else:
        tables = [read_csv_file(file)]
    for table in tables:
        for each in table.findings:
            if each.severity is Severity.VIOLATION:
                line = f", line {each.line}" if each.line else ""
                raise RequestError(f"{each.file or table.name}{line}: {each.message}")
    return tables


def _judgements(session: CommandSession, matches: Path | None) -> Judgements:
    namespaces = session.settings().namespaces
    if matches is None:
        return read_kept(session.root, namespaces)
    try:
        return read_judgements(matches.read_text(encoding="utf-8"), namespaces, str(matches))
    except FileNotFoundError:
        raise RequestError(f"{matches} cannot be read: there is no such file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{matches} cannot be read as text in UTF-8: {error}.") from None


def _ask(queue: Queue, path: Path, session: CommandSession) -> None:
    """Ask each question at the terminal; every decision is written as it is made, so that stopping loses none."""
    total = len(queue.questions)
    if not total:
        click.echo("There is no question.", err=True)
    while asked := queue.current:
        times = f", in {asked.times} rows" if asked.times > 1 else ""
        click.echo(f"\n{queue.position + 1} of {total}: {asked.outcome.mention.name}{times}", err=True)
        if asked.outcome.why:
            click.echo(f"   {asked.outcome.why}", err=True)
        for number, each in enumerate(asked.outcome.proposals, start=1):
            kind = f" ({', '.join(each.candidate.kinds)})" if each.candidate.kinds else ""
            click.echo(f"   {number}  {each.candidate.label}{kind}: {each.why}", err=True)
        click.echo("   n  none of these   s  later   u  undo the last   q  stop", err=True)
        key = click.getchar()
        if key == STOP:
            break
        if queue.press(key):
            keep(path, queue.matcher.judgements, session.settings().namespaces)
        else:
            click.echo("   That key does nothing here.", err=True)


def _row(table: str, number: int, outcome: Outcome, shorten: Any) -> dict[str, Any]:
    state = "matched" if outcome.entity else "question" if outcome.is_question else "not found"
    found: dict[str, Any] = {"table": table, "row": number, "name": outcome.mention.name, "state": state}
    if outcome.entity:
        found |= {"entity": shorten(outcome.entity.iri), "label": outcome.entity.label}
    return found | {
        "why": outcome.why,
        "proposals": [
            {"entity": shorten(each.candidate.iri), "label": each.candidate.label, "score": round(each.score, 3),
             "why": each.why}
            for each in outcome.proposals
        ],
    }  # fmt: skip


def _echo_csv(found: list[dict[str, Any]]) -> None:
    table = csv.DictWriter(sys.stdout, _HEADINGS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for each in found:
        for number, proposal in enumerate(each["proposals"], start=1):
            each[f"proposal {number}"], each[f"reason {number}"] = proposal["entity"], proposal["why"]
        table.writerow(each)


def _echo_text(found: list[dict[str, Any]]) -> None:
    for each in found:
        if each["state"] == "matched":
            click.echo(f"row {each['row']:<5} {each['name']}  =  {each['label']} <{each['entity']}> ({each['why']})")
    for state, title in (("question", "Which one is meant?"), ("not found", "Not in the graph, it seems")):
        some = [each for each in found if each["state"] == state]
        if some:
            click.echo(f"\n{title}")
        for each in some:
            click.echo(f"row {each['row']:<5} {each['name']}" + (f"  ({each['why']})" if each["why"] else ""))
            for proposal in each["proposals"] if state == "question" else ():
                click.echo(f"            {proposal['label']} <{proposal['entity']}>: {proposal['why']}")
    count = {state: sum(each["state"] == state for each in found) for state in ("matched", "question", "not found")}
    click.echo(
        f"\n{len(found):,} names: {count['matched']:,} matched, {count['question']:,} questions, "
        f"{count['not found']:,} not found."
    )
