"""rdflib as it is used here: SPARQL taken apart into its algebra, without noise."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query


@cache
def quieten() -> None:
    """Have rdflib log no traceback for a value that Python cannot hold, such as a day of the year 12026."""
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)


def algebra_of(query: str, *, base: str | None = None, namespaces: Mapping[str, str] | None = None) -> Query:
    """Take a query apart, relative names in it by `base`, prefixes that it does not declare by `namespaces`.

    It is done in a thread of its own. The parser keeps exceptions that it has dealt with, and these keep the frames of
    all that called it, until Python searches for cycles: stores stay open in them, and Oxigraph's cursors, which the
    thread that made them may close and no other, would be closed by whichever has the search. Raises whatever rdflib
    does for what it cannot read.
    """
    quieten()
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(prepareQuery, query, dict(namespaces or {}), base).result()
