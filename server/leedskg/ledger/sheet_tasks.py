"""A colleague's file as tasks of the steward's process: what it is proposed to be, and sending it as a contribution."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from leedskg.contributions.other_workbooks import OTHERS
from leedskg.contributions.sheets.mapping import FileMapping
from leedskg.contributions.sheets.package import ENDING, SheetPackage
from leedskg.contributions.sheets.proposal import Proposal, is_template, propose
from leedskg.errors import RefusedError
from leedskg.ledger.sheet_forms import SheetForms
from leedskg.ledger.stewardship import Stewardship
from leedskg.validation.findings import Report

#: Forms of files that may be tables of any form.
TABLES = (".csv", ".tsv", ".xlsx", *OTHERS)
#: What is told of a table of no template to a program, which sees no page.
HOW_TO_MAP = (
    "If it is a table of your own, send what its columns mean as its mapping: POST /api/contributions/table and "
    "`leedskg contribute --propose` give the one that is proposed."
)


def is_foreign(ledger: Stewardship, content: bytes, name: str) -> bool:
    """Return whether a file is a table that is none of our templates."""
    return name.lower().endswith(TABLES) and not is_template(content, name, ledger.publication.present().graph)


def sheet_proposal(
    ledger: Stewardship, content: bytes, name: str, said: FileMapping | None = None, title: str = ""
) -> Proposal:
    """Return what the tables of a file are proposed to be, or what a mapping makes of them. Raises RefusedError."""
    forms = SheetForms(ledger.ledger)

    def remembered(key: str) -> FileMapping | None:
        found = forms.like(key)
        return found.mapping if found else None

    return propose(content, name, ledger.publication.present().graph, said, remembered, title)


def submit_sheet(  # noqa: PLR0913 - who, what, why and from where
    ledger: Stewardship, content: bytes, name: str, mapping: FileMapping, *, who: str, title: str = "",
    message: str = "", source: str = "",
) -> int:  # fmt: skip
    """Record a mapped file as a contribution, remember its form, and give the number. Raises RefusedError."""
    proposal = propose(content, name, ledger.publication.present().graph, mapping)
    if proposal.problems:
        raise RefusedError(" ".join(proposal.problems[:5]), Report())
    packed = SheetPackage(name, content, proposal.mapping).packed()
    made = ledger.submit(
        packed, f"{name}{ENDING}", who=who, title=title or name, message=message,
        source=source or mapping.report.get("title", ""),
    )  # fmt: skip
    SheetForms(ledger.ledger).remember(proposal.keys, proposal.mapping, file_name=name, who=who)
    return made.id


def submit_table(  # noqa: PLR0913 - who, what, why and from where
    ledger: Stewardship, content: bytes, name: str, mapping: str, *, who: str, title: str = "", message: str = "",
    source: str = "",
) -> int:  # fmt: skip
    """Record any file as a contribution, a table of no template under its mapping; give the number.

    Raises RefusedError where nothing says what such a table means, RequestError for a mapping that is none.
    """
    about = {"title": title, "message": message, "source": source}
    if mapping:
        return submit_sheet(ledger, content, name, FileMapping.of_json(mapping), who=who, **about)
    try:
        return ledger.submit(content, name, who=who, **about).id
    except RefusedError as error:
        if not is_foreign(ledger, content, name):
            raise
        raise RefusedError(f"{error.message} {HOW_TO_MAP}", error.report) from None


def proposal_as_dict(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal for JSON: the mapping to correct and send, what is open, names to decide on, what is aside."""
    return {
        "mapping": asdict(proposal.mapping),
        "problems": proposal.problems,
        "names": [asdict(each) for each in proposal.questions],
        "new": proposal.new,
        "aside": [each.as_dict() for each in proposal.aside],
        "headings": [[each.heading for each in sheet.columns] for sheet in proposal.sheets],
        "meanings": {what: dict(meanings) for what, meanings in proposal.meanings.items()},
        "kinds": proposal.kind_options,
        "roles": dict(proposal.role_options),
    }


def forget_form(ledger: Stewardship, form: str, *, who: str) -> str:
    """Forget what is remembered of a form of tables."""
    SheetForms(ledger.ledger).forget(form)
    return form
