"""The commands of a steward: check, build, cite and mint."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from leedskg.cli.group import STORE, CommandSession, steps_told
from leedskg.contributions import Draft, append, draft, read_csv_file, turtle, whole_file
from leedskg.documents import Documents
from leedskg.errors import KnowledgeError, RequestError
from leedskg.files import replace_file
from leedskg.identity import evidence_name, mint
from leedskg.knowledge import Knowledge
from leedskg.ledger import Stewardship
from leedskg.namespaces import RDF_TYPE
from leedskg.sparql.execution import QueryPool
from leedskg.validation import Severity, check, check_published
from leedskg.validation.coverage import PassageLedger, coverage

_DOCUMENTS = click.option(
    "--documents", metavar="DIR", help="Folder with the source documents as text, to re-read every cited passage."
)
_SEVERITIES = {severity.word: severity for severity in Severity}


@click.command("check")
@_DOCUMENTS
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--fail-on", type=click.Choice(list(_SEVERITIES)), default="warning", show_default=True,
    help="The least severity that makes the check fail.",
)  # fmt: skip
@click.option("--published", is_flag=True, help="Run queries/checks/ alone, on the published graph.")
@STORE
@click.pass_obj
def check_command(  # noqa: PLR0913 - click passes each argument and option of the command
    session: CommandSession, documents: str | None, form: str, fail_on: str, store: str | None, *, published: bool
) -> None:
    """Check the knowledge files: Turtle, vocabulary, shapes, evidence, and queries that must find nothing.

    Exits with 0 when all is well, 1 when there are findings, and 2 when the files could not be checked.
    """
    if published:
        with QueryPool(session.settings(workers=1, store_connections=1, store=store)) as pool:
            report = check_published(session.knowledge(), pool)
    else:
        report = check(session.knowledge(), session.documents(documents))
    click.echo(json.dumps(report.as_dict(), indent=2, ensure_ascii=False) if form == "json" else report.as_text())
    if report.reaches(_SEVERITIES[fail_on]):
        raise SystemExit(1)


@click.command("build")
@_DOCUMENTS
@STORE
@click.pass_obj
def build_command(session: CommandSession, documents: str | None, store: str | None) -> None:
    """Check the knowledge files with what was merged, and publish them as a new generation of the store.

    A violation stops it before anything changes: what was published before goes on being served.
    """
    settings = session.settings(store=store)
    publication = Stewardship(settings).publication
    report = check(publication.replay().graph, session.documents(documents))
    if report.reaches(Severity.VIOLATION):
        click.echo(report.as_text())
        click.echo("Nothing was built: fix the violations first. What was published before is unchanged.", err=True)
        raise SystemExit(1)
    with steps_told() as tell:
        generation = publication.publish(whole=True, tell=tell)
    click.echo(report.as_text().splitlines()[-1])
    click.echo(f"Published generation {generation.number} with {generation.statements:,} statements.")


@click.command("coverage")
@_DOCUMENTS
@click.pass_obj
def coverage_command(session: CommandSession, documents: str | None) -> None:
    """Account for every sentence and list item of the source documents: cited, marked as without a claim, or open.

    Exits with 1 when a passage is open, and with 2 when no document is at hand.
    """
    folder = session.documents(documents)
    if folder is None:
        raise RequestError("Give the folder that holds the documents, with --documents or LEEDSKG_DOCUMENTS.")
    ledgers, missing = coverage(session.knowledge(), folder)
    for file_name in missing:
        click.echo(f"Not checked: {file_name} is not in {folder.folder}")
    if not ledgers:
        raise RequestError(f"None of the source documents is in {folder.folder}.")
    for ledger in ledgers:
        _echo_ledger(ledger)
    if any(ledger.open for ledger in ledgers):
        raise SystemExit(1)


def _echo_ledger(ledger: PassageLedger) -> None:
    total = len(ledger.passages)
    accounted = total - len(ledger.open)
    click.echo(f"{ledger.document}: {accounted} of {total} passages accounted for ({100 * accounted / total:.1f} %)")
    click.echo(f"{'cited':>7} {'marked':>7} {'open':>5}  section")
    for section, states in ledger.by_section().items():
        click.echo(
            f"{states['cited']:>7} {states['marked']:>7} {states['open']:>5}  {section or '(before the first heading)'}"
        )
    for passage in ledger.open:
        click.echo(f"{ledger.file_name}:{passage.line}: open: characters {passage.start} to {passage.end}")
    click.echo()


@click.command("cite")
@click.argument("document")
@click.argument("passage")
@_DOCUMENTS
@click.option("--section", help="The heading that the passage stands under, if the one that is found is not right.")
@click.option("--occurrence", type=click.IntRange(min=1), help="Which of several places is meant, 1 the first.")
@click.pass_obj
def cite_command(  # noqa: PLR0913, PLR0917 - click passes each argument and option of the command
    session: CommandSession,
    document: str,
    passage: str,
    documents: str | None,
    section: str | None,
    occurrence: int | None,
) -> None:
    """Find PASSAGE in DOCUMENT and print it as evidence, ready to paste into a Turtle file.

    DOCUMENT is the document's file name or the end of its IRI. White space and the look of quotation marks do not
    matter.
    """
    knowledge = session.knowledge()
    folder = session.documents(documents)
    if folder is None:
        raise RequestError("Give the folder that holds the documents, with --documents or LEEDSKG_DOCUMENTS.")
    source, file_name = _source(knowledge, folder, document)
    text = folder.get(file_name)
    if text is None:
        raise RequestError(
            f"{file_name} is not in {folder.folder}, which has: {', '.join(folder.names()) or 'nothing'}."
        )
    spans = text.find(passage)
    if not spans:
        raise RequestError(f"The passage is not in {file_name}. Copy a shorter piece of it, as it is printed.")
    if occurrence is None and len(spans) > 1:
        places = "\n".join(
            f"  {number}: line {span.line}, under “{span.section}”" for number, span in enumerate(spans, start=1)
        )
        raise RequestError(
            f"The passage stands at {len(spans)} places; say which with --occurrence, or give more of it:\n{places}"
        )
    if occurrence is not None and occurrence > len(spans):
        raise RequestError(f"The passage stands at {len(spans)} places only.")
    span = spans[(occurrence or 1) - 1]
    name = f"evidence:{evidence_name(source, span.start, span.end, span.digest)}"
    click.echo(turtle.evidence(name, knowledge.namespaces.shorten(source), span, section or span.section))


def _source(knowledge: Knowledge, folder: Documents, document: str) -> tuple[str, str]:
    """Find the IRI and file name of the document that is meant."""
    file_names = {}
    statements = knowledge.graph.statements
    for iri in statements.of_type([knowledge.namespaces.term("SourceDocument")], RDF_TYPE):
        file_names[iri] = statements.text(iri, knowledge.namespaces.term("fileName")) or ""
    for iri, file_name in file_names.items():
        if document in (iri, file_name, file_name.removesuffix(".txt"), iri.rpartition("/")[2]):
            return iri, file_name
    known = ", ".join(sorted(file_names.values()))
    if document in folder.names():
        raise RequestError(
            f"{document} is in the folder, but graph/sources.ttl does not describe it: add it there as a "
            f"lhi:SourceDocument with lhi:fileName \"{document}\". Described are: {known}."
        )  # fmt: skip
    raise RequestError(f"No source document is called {document}. Known are: {known}.")


@click.command("mint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def mint_command(session: CommandSession, files: tuple[Path, ...]) -> None:
    """Give the drafts in FILES (assertion:new-…, evidence:new-…) their names, which are hashes of what they say."""
    for path in files:
        if not path.is_file():
            raise KnowledgeError("there is no such file", path=path)
        text = path.read_text(encoding="utf-8")
        minted_text, minted = mint(text, str(path), session.settings().namespaces)
        if minted:
            replace_file(path, minted_text)
        for old, new in minted.items():
            click.echo(f"{path}: {old.rpartition('/')[2]} is now {new.rpartition('/')[2]}")
        if not minted:
            click.echo(f"{path}: no drafts")


@click.command("draft")
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "--documents",
    metavar="DIR",
    help="Folder with the source documents as text; not needed where no row cites a passage.",
)
@click.option(
    "--into", metavar="FILE", type=click.Path(path_type=Path), help="File of graph/ to add the statements to."
)
@click.pass_obj
def draft_command(session: CommandSession, table: Path, documents: str | None, into: Path | None) -> None:
    """Make statements of TABLE, a CSV file with a row for each, and print them as Turtle or add them to a file.

    docs/how-to-add-a-fact.md explains the tables; docs/templates/ holds one of each kind to begin with. Exits with 1,
    and writes nothing, when any row has something wrong.
    """
    folder = session.documents(documents)
    target = _target(session.root, into) if into else None
    made = draft(read_csv_file(table), session.knowledge(), folder, datetime.now(UTC))
    if made.report.findings:
        click.echo(made.report.as_text(), err=True)
    if not made.sound:
        click.echo("Nothing was written: fix the table and draft it again.", err=True)
        raise SystemExit(1)
    if made.amendments:
        raise RequestError(
            f"A table of {made.kind} changes what is there, and is not drafted: send it with "
            f"`leedskg contribute {table}`."
        )
    namespaces = session.settings().namespaces
    body = made.body()
    if body and target:
        append(target, body, namespaces)
        where = folder.folder if folder else "DIR, the folder with the source documents"
        click.echo(f"{into}: {_counted(made)} added. Next: leedskg check --documents {where}")
    elif body:
        click.echo(whole_file(body, namespaces), nl=False)
    else:
        click.echo("There is nothing new to write.", err=True)


def _target(root: Path, into: Path) -> Path:
    """Find the file that is meant, which is a Turtle file of graph/."""
    graph = (root / "graph").resolve()
    for path in (into.absolute(), root / into):
        resolved = path.resolve()
        if resolved.suffix == ".ttl" and resolved.is_relative_to(graph) and resolved.parent.is_dir():
            return resolved
    raise RequestError(
        f"{into} is no place for a knowledge file. Name one in graph/ that ends in .ttl, such as graph/new.ttl."
    )


def _counted(made: Draft) -> str:
    what = "entity" if made.kind == "entities" else "statement"
    whats = "entities" if made.kind == "entities" else "statements"
    places = len(made.evidence)
    return (
        f"{len(made.statements)} {what if len(made.statements) == 1 else whats} and "
        f"{places} new {'place' if places == 1 else 'places'} in documents"
    )
