"""The parameters of a question about routes, which the page and `/api/routes` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from leedskg.errors import Candidate, RequestError, UnknownNameError
from leedskg.generation_view import GenerationView
from leedskg.routes import MOST_ROUTES, MOST_STEPS, RouteQuery
from leedskg.routes.question_parser import LONGEST_NAME, End, read_confidence, read_day, read_number
from leedskg.web import current
from leedskg.web.api.parameters import number, query, several

#: Every parameter of a question about routes.
PARAMETERS = (
    query("from", "The name or IRI of one end, or any of a kind, such as “any investor”."),
    query("to", "The other end, likewise."),
    number("steps", "The most steps of a route.", least=1, most=MOST_STEPS),
    number("count", "How many routes.", least=1, most=MOST_ROUTES),
    several("kind", "A kind of relationship that a route may lead by."),
    query("confidence", "The least confidence of a statement.", {"type": "number", "minimum": 0, "maximum": 1}),
    query("as_at", "A day or a year, as at which routes are weighed."),
    several("not", "What a route may not lead through."),
)
#: Those that the form has beside them: its lists of kinds and needs.
FORM_PARAMETERS = (
    query("from_any", "In the place of `from`: any of a kind, or whoever helps with a need."),
    query("to_any", "In the place of `to`, likewise."),
)
NAMES = tuple(each["name"] for each in PARAMETERS)
FORM_NAMES = tuple(each["name"] for each in FORM_PARAMETERS)

T = TypeVar("T")


@dataclass(frozen=True)
class Slip:
    """What is wrong with one parameter, and what may have been meant."""

    words: str
    candidates: tuple[Candidate, ...] = ()


@dataclass
class RouteQuestion:
    """The question as it was asked, and what is wrong with it, by parameter.

    `texts` are the parameters as the form shows them again.
    """

    start: End | None = None
    goal: End | None = None
    steps: int = 4
    count: int = 5
    kinds: frozenset[str] = frozenset()
    confidence: float = 0.0
    as_at: date = field(default_factory=current.today)
    without: tuple[End, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    slips: dict[str, Slip] = field(default_factory=dict)
    #: Whether any filter is set, so that the form shows the filters opened.
    filtered: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether both ends are there and nothing is wrong."""
        return bool(self.start and self.goal and not self.slips)

    @property
    def notes(self) -> list[str]:
        """What the reader should know of the names: those that have moved."""
        return [end.note for end in (self.start, self.goal, *self.without) if end and end.note]

    def question(self) -> RouteQuery:
        """Return the question, only when it is whole."""
        assert self.start
        assert self.goal
        return RouteQuery(
            self.start.members,
            self.goal.members,
            self.steps,
            self.count,
            self.as_at,
            self.confidence,
            self.kinds,
            tuple(dict.fromkeys(iri for end in self.without for iri in end.members)),
        )


def read_asked(
    view: GenerationView, parameters: MultiDict[str, str], *, strict: bool, form: bool = True
) -> RouteQuestion:
    """Read the parameters, without those of the form's own lists where there is no `form`.

    A slip is kept with its parameter; a `strict` reader raises it, and for a missing end too.
    Steps and counts out of bounds always raise, for no form offers them.
    """
    parser = view.question_parser
    names = (*NAMES, *FORM_NAMES) if form else NAMES
    asked = RouteQuestion(
        texts=dict.fromkeys(FORM_NAMES, "") | {name: parameters.get(name, "").strip() for name in names}
    )
    asked.texts["not"] = "; ".join(text.strip() for text in parameters.getlist("not") if text.strip())
    asked.filtered = any(asked.texts[name] for name in (*NAMES[4:], *FORM_NAMES))

    def take(name: str, read: Callable[[], T], default: T) -> T:
        try:
            return read()
        except RequestError as error:
            if strict:
                raise
            candidates = error.candidates if isinstance(error, UnknownNameError) else ()
            asked.slips[name] = Slip(error.message, candidates)
            return default

    asked.steps = read_number("steps", asked.texts["steps"], 4, MOST_STEPS)
    asked.count = read_number("count", asked.texts["count"], 5, MOST_ROUTES)
    asked.start, asked.goal = (take(name, lambda name=name: _end(parser.end, asked, name, strict), None)  # type: ignore[misc]
                               for name in ("from", "to"))  # fmt: skip
    asked.kinds = take("kind", lambda: parser.kinds(parameters.getlist("kind")), frozenset())
    asked.confidence = take("confidence", lambda: read_confidence(asked.texts["confidence"]), 0.0)
    asked.as_at = take("as_at", lambda: read_day(asked.texts["as_at"], current.today()), current.today())
    asked.without = take("not", lambda: parser.without(parameters.getlist("not")), ())
    if not strict and {"from", "to"} <= set(parameters):  # the form was sent, for a link names one end alone
        for name, end, words in (("from", asked.start, "begins"), ("to", asked.goal, "ends")):
            if end is None and name not in asked.slips:
                asked.slips[name] = Slip(f"Say where the route {words}: a name, or any of a kind.", ())
    for name, end in (("from", asked.start), ("to", asked.goal)):
        if end and end.entry:
            asked.texts[name] = end.text
        asked.texts[name] = asked.texts[name][:LONGEST_NAME]
    return asked


def _end(find: Callable[[str], End], asked: RouteQuestion, name: str, strict: bool) -> End | None:
    text, group = asked.texts[name], asked.texts[f"{name}_any"]
    if text and group and text != group:
        raise RequestError(f"A name and “{group[:LONGEST_NAME]}” are both given; keep one of the two.")
    if text or group:
        return find(text or group)
    if strict:
        raise RequestError(f"Say where a route leads {name}: give “{name}” the name of an entity, or “any” and a kind.")
    return None
