"""The checks across records: queries over the whole graph, derived edges and all, that must return no row."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from leedskg.errors import KnowledgeError, QueryRefusedError
from leedskg.knowledge import Knowledge
from leedskg.publishing import load
from leedskg.queries import SavedQuery
from leedskg.statements import key
from leedskg.store import Reader, Term
from leedskg.validation.findings import Finding, Severity


def run_checks(knowledge: Knowledge) -> Iterator[Finding]:
    """Yield a finding for each row of each check. A row's first column is the record; the others show as its value."""
    store = ox.Store()
    load(knowledge, store)
    yield from run_checks_on(knowledge, store)


def run_checks_on(knowledge: Knowledge, store: ox.Store) -> Iterator[Finding]:
    """Do the same over a store that holds the graph with its derived edges; labels and places are `knowledge`'s."""
    for check in knowledge.checks:
        yield from _run(knowledge, store, check)


def _run(knowledge: Knowledge, store: ox.Store, check: SavedQuery) -> Iterator[Finding]:
    path = f"queries/checks/{check.name}.rq"
    try:
        rows = store.query(check.text, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise KnowledgeError(f"this check is not valid SPARQL: {error}", path=path) from None
    if not isinstance(rows, ox.QuerySolutions) or ox.Variable("record") not in rows.variables:
        raise KnowledgeError("a check has to be a SELECT query with a column ?record", path=path)
    others = [variable.value for variable in rows.variables if variable.value != "record"]
    for row in rows:
        record = key(row["record"])
        file, line = knowledge.graph.statements.place(record) or ("", None)
        value = ", ".join(f"{name}: {_shown(knowledge, row[name])}" for name in others if row[name] is not None)
        yield Finding(
            _severity(check), record, knowledge.graph.label(record), check.message, f"check {check.name}",
            check.title, value, file, line,
        )  # fmt: skip


def run_checks_published(reader: Reader, knowledge: Knowledge) -> Iterator[Finding]:
    """Do the same on a graph that is published, whichever engine holds it. The files say what the records are called.

    A check that the engine cannot do is a finding too, for it was not passed. Raises what the reader raises.
    """
    for check in knowledge.checks:
        try:
            rows = reader.rows(check.text)
        except QueryRefusedError as error:
            message = f"This check could not be run: {error.message}."
            yield Finding(Severity.WARNING, check.name, check.title, message, f"check {check.name}")
            continue
        for row in rows:
            others = ", ".join(f"{name}: {_named(knowledge, row[name])}" for name in row if name != "record")
            record = row["record"].value
            yield Finding(
                _severity(check), record, knowledge.graph.label(record), check.message, f"check {check.name}",
                check.title, others,
            )  # fmt: skip


def _severity(check: SavedQuery) -> Severity:
    try:
        return Severity[check.severity.upper()]
    except KeyError:
        words = ", ".join(each.word for each in Severity)
        message = f"the severity of a check is one of {words}, and not {check.severity}"
        raise KnowledgeError(message, path=f"queries/checks/{check.name}.rq") from None


def _named(knowledge: Knowledge, term: Term) -> str:
    return knowledge.graph.label(term.value) if term.is_iri else term.value


def _shown(knowledge: Knowledge, term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return knowledge.graph.label(term.value) if isinstance(term, ox.NamedNode) else key(term)
