"""The best route to each of several bodies from one that a person knows, in a sentence with its steps behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for

from leedskg.catalogue import CatalogueEntry
from leedskg.errors import LimitReachedError, RequestError
from leedskg.generation_view import GenerationView
from leedskg.routes import RouteAnswer, RouteQuery
from leedskg.web import current
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.views import HopView, RouteView
from leedskg.wording import capital, clause

#: Steps of a route that is still told in a sentence, and bodies that routes are searched to for one page.
STEPS = 4
_MOST = 25


@dataclass(frozen=True)
class Way:
    """The way to one body: `route` is the strongest, `total` how many there are; `href` leads to all of them.

    Without a route, `steps` is how many the shortest has beyond those that were followed, and `alone` those of the two
    that no relationship is recorded of. `searched` is False where there was no time to look.
    """

    href: str
    route: RouteView | None = None
    sentence: str = ""
    total: int = 0
    more: bool = False
    steps: int = 0
    alone: tuple[str, ...] = ()
    searched: bool = False

    @property
    def cost(self) -> float:
        """Bits of the route; more than any for none."""
        return self.route.cost if self.route else float("inf")

    @property
    def is_by_projects(self) -> bool:
        """Whether a step of it is by projects of registers that two bodies have together."""
        return self.route is not None and any("/together/" in hop.href for _, hop, _ in self.route.rows)


def ways(presenter: Presenter, start: CatalogueEntry, goals: Iterable[str]) -> dict[str, Way]:
    """Find the way from `start` to each of the goals, which are IRIs. What there is no time for is not searched."""
    view = presenter.view
    asked = [iri for iri in dict.fromkeys(goals) if iri != start.iri]
    answers: dict[str, RouteAnswer] = {}
    deadline = current.deadline()
    try:
        with current.route_gate().pass_through():
            for iri in asked[:_MOST]:
                answers[iri] = view.routes.answer(RouteQuery((start.iri,), (iri,), STEPS, 1), deadline)
    except LimitReachedError:  # the page works without them; its links search again
        pass
    except RequestError:  # an end that no question can have
        pass
    relationships = [
        tie.relationship
        for answer in answers.values()
        for route in answer.routes[:1]
        for hop in route.hops
        for tie in hop.ties
    ]
    statements = view.records.statements(dict.fromkeys(relationships))
    found = {}
    for iri in asked:
        answer, href = answers.get(iri), _all_routes(view, start, iri)
        if answer is None:
            found[iri] = Way(href)
        elif not answer.routes:
            misses = answer.misses
            alone = tuple(presenter.entity(each).label for each in misses.alone) if misses else ()
            found[iri] = Way(href, steps=misses.further if misses else 0, alone=alone, searched=True)
        else:
            route = presenter.route(answer.routes[0], statements)
            found[iri] = Way(href, route, in_a_sentence(route), answer.total, answer.more, searched=True)
    return found


def _all_routes(view: GenerationView, start: CatalogueEntry, goal: str) -> str:
    catalogue = view.catalogue
    entry = catalogue.entries.get(goal)
    ends = {"from": catalogue.unique_name(start), "to": catalogue.unique_name(entry) if entry else goal}
    return f"{url_for('routes.page')}?{urlencode(ends)}"


def in_a_sentence(route: RouteView) -> str:
    """Put a route in one sentence, such as `A is a member of B, which funds C (2018 to 2023)`, with its full stop."""
    said = [_step(hop, other.label) for _, hop, other in route.rows]
    first = f"{route.stations[0].label} {said[0]}"
    return capital(", which ".join([first, *said[1:]])) + "."


def _step(hop: HopView, other: str) -> str:
    dates = f" ({hop.dates})" if hop.dates else ""
    return f"{clause(hop.words)} {other}{dates}"
