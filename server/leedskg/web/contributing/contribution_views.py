"""How contributions read on a page: who, in which state, what was done with them, what they change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from flask import g, url_for
from markupsafe import Markup, escape

from leedskg.errors import AccountsClosedError, NotAllowedError
from leedskg.ledger import Contribution, Event, RecordedStatement
from leedskg.validation.findings import Report, Severity, counted
from leedskg.web.account import security
from leedskg.web.contributing.steward import ledger

#: The states in the order in which they are dealt with, in words.
STATES = {
    "checked": "waiting for a steward",
    "submitted": "not checked yet",
    "merged": "in the graph",
    "rejected": "not accepted, or withdrawn",
    "undone": "taken back",
}
#: What everybody may see: what changed the graph, and what was taken back from it.
PUBLIC = ("merged", "undone")
WAITING = ("checked", "submitted")
_NUMBERED = re.compile(r"\b([Cc]ontribution) (\d{1,9})\b")


@dataclass(frozen=True)
class ContributionCard:
    """A contribution in one line of a list."""

    contribution: Contribution
    href: str
    who: str
    state: str
    counts: str
    found: str


@dataclass(frozen=True)
class EventView:
    """Something that was done with a contribution."""

    who: str
    what: str
    at: str
    text: str
    is_note: bool


@dataclass(frozen=True)
class Problems:
    """What is wrong with what was sent: sentences, each with the field that it is about."""

    title: str = "There is a problem"
    found: Sequence[tuple[str, str]] = field(default_factory=tuple)

    def of(self, name: str) -> list[str]:
        """Return the sentences about one field."""
        return [message for about, message in self.found if about == name]


def may_see(contribution: Contribution) -> bool:
    """Return whether the visitor may see it: all see what is or was in the graph, senders their own, stewards all."""
    return contribution.state in PUBLIC or may_see_all(contribution)


def may_see_all(contribution: Contribution) -> bool:
    """Return whether the visitor may see what was sent and not taken too: its sender and the stewards may.

    A steward's API token that was not given the right to review sees no more than its owner's own.
    """
    account = security.visitor().account
    return account is not None and (security.can("review") or contribution.who == account.id)


def may_amend(contribution: Contribution) -> Contribution:
    """Return a contribution that the visitor may answer questions of: its sender, or who may decide on it.

    Raises NotAllowedError for others.
    """
    account = security.account()
    if contribution.who != account.id:
        if not security.can("review"):
            raise NotAllowedError("Its sender and the stewards answer what the check asks.")
        permission = security.accounts().may_review(account, contribution.who)
        if not permission:
            raise NotAllowedError(permission.why)
    return contribution


def shown_statements(contribution: Contribution) -> tuple[RecordedStatement, ...]:
    """Return the statements that the visitor may see; only sender and stewards get those that did not change the graph.

    What was left out of a contribution may be wrong, or not for the public (decision 0039).
    """
    found = ledger().statements(contribution.id)
    if may_see_all(contribution):
        return found
    return tuple(each for each in found if each.effective and each.decision != "rejected")


def person(who: str) -> str:
    """Return who did something, for those who may know: an account by its names, a name of the command line as it is.

    Readers who are not signed in learn that somebody did it, and not who.
    """
    if security.visitor().account is None:
        return "somebody with an account"
    found = _names().get(who)
    return found or f"{who} (command line)"


def senders_named(text: str) -> list[str]:
    """Return the accounts whose name has a text in it, for those who may know who sent what."""
    if not text or security.visitor().account is None:
        return []
    return [account for account, name in _names().items() if text.casefold() in name.casefold()]


def named(text: str) -> str:
    """Give a sentence of the ledger with the names of people in place of the ids of their accounts."""
    for account_id, name in _names().items():
        text = text.replace(account_id, name)
    return text


def named_report(report: Report) -> Report:
    """Give a report with the names of people in place of the ids of their accounts in its findings."""
    return replace(report, findings=[replace(each, message=named(each.message)) for each in report.findings])


def linked(text: str) -> Markup:
    """Give a sentence with the contributions that it names as links, and its lines as lines."""
    lines = []
    for line in text.splitlines():
        end, shown = 0, Markup("")
        for found in _NUMBERED.finditer(line):
            href = url_for("contributions.one", number=int(found[2]))
            shown += escape(line[end : found.start()]) + Markup('<a href="{}">{}</a>').format(href, found[0])
            end = found.end()
        lines.append(shown + escape(line[end:]))
    return Markup("<br>").join(lines)


def card(contribution: Contribution) -> ContributionCard:
    """Give a contribution as a line of a list."""
    report = Report.from_dict(contribution.report)
    found = [
        counted(report.count(severity), severity.word)
        for severity in (Severity.VIOLATION, Severity.WARNING)
        if report.count(severity)
    ]
    return ContributionCard(
        contribution,
        url_for("contributions.one", number=contribution.id),
        person(contribution.who),
        STATES[contribution.state],
        counts(contribution),
        ", ".join(found) or ("nothing wrong found" if contribution.report else "not checked"),
    )


def counts(contribution: Contribution) -> str:
    """Say how many statements a contribution adds and takes out; of a merged one those that were taken."""
    decided = contribution.state in PUBLIC
    words = [f"{contribution.added:,} {'added' if decided else 'to add'}"] if contribution.added else []
    words += [f"{contribution.removed:,} {'taken out' if decided else 'to take out'}"] if contribution.removed else []
    return ", ".join(words) or "none"


def events(found: Iterable[Event]) -> list[EventView]:
    """Tell what was done with a contribution, the earliest first; one deed of several events is told once."""
    told = []
    for each in found:
        if each.kind == "published":
            what = f"Readers see it since generation {each.data.get('generation')}"
            told.append(EventView("", what, each.at, "", is_note=False))
        elif each.kind == "refused":
            what = f"asked to {each.data.get('task', 'decide')} it, which was refused"
            told.append(EventView(person(each.who), what, each.at, each.reason, is_note=False))
        elif each.kind not in {"merged"}:
            what = each.deed
            if each.kind == "amended" and "edit" in each.data:
                what = f"corrected a value before it was decided on: “{each.data['edit'].get('value', '')}”"
            told.append(EventView(person(each.who), what, each.at, each.reason, each.kind == "note"))
    return told


def _names() -> dict[str, str]:
    if "names_of_accounts" not in g:
        try:
            g.names_of_accounts = {each.id: each.shown for each in security.accounts().people.everyone()}
        except AccountsClosedError:
            g.names_of_accounts = {}
    found: dict[str, str] = g.names_of_accounts
    return found


def waiting() -> int:
    """Return how many contributions wait for a decision."""
    known = ledger().counts()
    return sum(known.get(state, 0) for state in WAITING)
