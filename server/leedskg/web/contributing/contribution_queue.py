"""The queue of contributions: what waits for a steward, and what there is in each state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import render_template, request, url_for

from leedskg.web.account import security
from leedskg.web.api.parameters import check_known, whole_number
from leedskg.web.contributing.contribution_views import (
    PUBLIC,
    STATES,
    WAITING,
    Problems,
    card,
    linked,
    named,
    senders_named,
)
from leedskg.web.contributing.steward import ledger

PAGE_SIZE = 25
_LONGEST_SEARCH = 200


def rendered(
    outcomes: Sequence[tuple[int, str]] = (), problems: Problems | None = None, *, what: str = "", reason: str = "",
    ticked: Collection[int] = (),
) -> str:  # fmt: skip
    """Render the queue as the request asks for it, with what was just decided and what was wrong with it."""
    account = security.visitor().account
    reviews = security.can("review")
    of = request.args.get("of", "everybody" if reviews or account is None else "me")
    mine = of == "me" and account is not None
    who = account.id if account is not None and mine else ""
    allowed = [state for state in STATES if mine or reviews or state in PUBLIC]
    every = ("all", "waiting", *STATES)
    check_known([request.args.get("state") or "all"], every, "state of contributions", every)
    check_known([of or "me"], ("me", "everybody"), "choice of senders")
    text = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    senders = senders_named(text)
    everyone = ledger().counts(who, text, senders)
    states = _states(allowed, waits=reviews and not mine)
    total = sum(everyone.get(state, 0) for state in states)
    last_page = max(1, -(-total // PAGE_SIZE))
    number = whole_number("page", 1, least=1, most=last_page)
    found = ledger().page(states, who, most=PAGE_SIZE, skip=(number - 1) * PAGE_SIZE, text=text, senders=senders)

    def address(**more: str | int | None) -> str:
        known: dict[str, Any] = {"state": request.args.get("state"), "of": request.args.get("of"), "q": text or None}
        return url_for("contributions.page", **(known | more))

    return render_template(
        "contributions/queue.html",
        cards=[card(each) for each in found],
        filters=[
            ("Waiting", address(state="waiting", page=None), sum(everyone.get(each, 0) for each in WAITING),
             tuple(states) == WAITING),
            *((STATES[state].capitalize(), address(state=state, page=None), everyone.get(state, 0), states == (state,))
              for state in allowed if state not in WAITING),
            ("All", address(state="all", page=None), sum(everyone.get(each, 0) for each in allowed),
             len(states) == len(allowed)),
        ][0 if "checked" in allowed else 1 :],
        total=total, first=(number - 1) * PAGE_SIZE + 1,
        previous=address(page=number - 1) if number > 1 else "",
        next=address(page=number + 1) if number < last_page else "",
        text=text, state=request.args.get("state", ""), of=request.args.get("of", ""),
        reviews=reviews, mine=mine, signed_in=account is not None,
        mine_href=address(of="everybody" if mine else "me", page=None, state=None),
        decides=reviews and any(each.is_open for each in found),
        decide_href=url_for("contributions.decide", **dict[str, Any](request.args)),
        outcomes=[(number, linked(named(problem))) for number, problem in outcomes],
        what=what, reason=reason, ticked=ticked, problems=problems or Problems(),
    )  # fmt: skip


def _states(allowed: list[str], *, waits: bool) -> tuple[str, ...]:
    asked = request.args.get("state", "waiting" if waits else "all")
    if asked == "waiting" and "checked" in allowed:
        return WAITING
    return (asked,) if asked in allowed else tuple(allowed)
