"""A value that a steward corrects while a contribution waits: what that makes of its statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyoxigraph as ox

from leedskg.contributions.amendments import Amendments
from leedskg.contributions.directory import Directory
from leedskg.contributions.values import CellError, check_cell
from leedskg.errors import RequestError
from leedskg.identity import DRAFT
from leedskg.knowledge import Knowledge
from leedskg.ledger.duplicate_answers import Amended, difference, renamed, whole
from leedskg.ledger.model import RecordedStatement
from leedskg.validation.change import ProposedStatement


def edited(statements: Sequence[RecordedStatement], number: int, text: str, graph: Knowledge) -> Amended:
    """Return what it changes of a contribution that one of its statements has another value.

    An assertion whose claim is another now gets the name that it has by it. Raises RequestError for a statement that
    the contribution does not add, and for a value of another sort.
    """
    open_ = [each for each in statements if each.decision != "rejected"]
    old = next((each for each in open_ if each.number == number and each.action == "add"), None)
    if old is None:
        raise RequestError(f"The contribution adds no statement {number}. Load the page again and choose another.")
    directory = Directory(graph, None, [each.triple for each in open_ if each.action == "add"])
    try:
        check_cell(text)
        value = Amendments(directory, "").like(old.triple.object, text)
    except CellError as error:
        raise RequestError(str(error)) from None
    if value == old.triple.object:
        raise RequestError("This is what it says already. Write what it should say.")
    record, base = whole(old.triple.subject), graph.namespaces.base
    draft = {record: f"{base}assertion/{DRAFT}edited"} if record.startswith(f"{base}assertion/") else {}

    def said(each: RecordedStatement) -> ProposedStatement:
        triple, proposal = each.triple, each.proposal
        now = value if each.number == number else triple.object
        return replace(
            proposal, triple=ox.Triple(renamed(triple.subject, draft), triple.predicate, renamed(now, draft))
        )

    return difference(open_, [said(each) if each.action == "add" else each.proposal for each in open_], graph)
