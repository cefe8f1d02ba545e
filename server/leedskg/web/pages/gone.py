"""An address that the graph does not have, or not any more: what may have been meant, and where to read of it."""

from __future__ import annotations

import re
from typing import NoReturn

from flask import url_for
from rapidfuzz import fuzz, process

from leedskg.errors import Candidate, GoneError, LeedskgError, UnknownNameError
from leedskg.query_files import query_beside
from leedskg.web import current
from leedskg.web.contributing.steward import ledger
from leedskg.wording import plain_date

#: Statements of a graph whose names are all looked through for one that is alike.
_MOST_LOOKED_THROUGH = 300_000
#: How alike, of 100, what was asked for and what may have been meant are.
_ALIKE = 70
_KIND = re.compile("[a-z]+")
_GRAPHS = 'SELECT DISTINCT ?thing WHERE { GRAPH ?thing { ?s ?p ?o } FILTER(STRSTARTS(STR(?thing), "%s")) }'


def near_to(iri: str) -> tuple[Candidate, ...]:
    """Return what may have been meant by an IRI of ours that the graph does not have."""
    view = current.view()
    local = view.namespaces.local(iri) or ""
    kind, _, name = local.replace("/", "#", 1).partition("#")
    if not name or view.published.statements > _MOST_LOOKED_THROUGH or not _KIND.fullmatch(kind):
        return ()
    space = f"{view.namespaces.base}{kind}{'#' if kind == 'def' else '/'}"
    rows = view.reader.rows((_GRAPHS if kind == "graph" else query_beside(__file__, "gone_named")) % space)
    names = {row["thing"].value: row["thing"].value.removeprefix(space) for row in rows}
    labels = {row["thing"].value: row["name"].value for row in rows if "name" in row}
    found = process.extract(name[:200], names, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=5)
    return tuple(Candidate(each, labels.get(each, short), "") for short, _, each in found)


def refuse(iri: str, message: str, near: tuple[Candidate, ...] = ()) -> NoReturn:
    """Raise GoneError for what a contribution brought and its undo took away, else UnknownNameError with candidates.

    `near` are those that are known already; without, they are looked for among the IRIs of the same kind.
    """
    try:
        changes = ledger().changes_of([iri])
    except LeedskgError:  # a page that is not found must not fail over the ledger
        changes = []
    if not changes:
        error = UnknownNameError(message, candidates=near or near_to(iri))
        error.title = "Nothing has this address"
        raise error
    step = changes[-1].step
    local = current.settings().namespaces.local(iri) or ""
    entity = local.startswith("id/")
    raise GoneError(
        f"What had this address was taken out of the graph on {plain_date(step.at[:10])}, "
        f"with contribution {step.contribution}.",
        elsewhere=url_for("histories.page", slug=local[3:]) if entity else f"/contributions/{step.contribution}",
    )
