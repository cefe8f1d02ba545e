"""Five questions of a partnership lead, walked through the site from its start page: by mouse or finger, with every
click counted, and by keyboard alone.

The tests walk them (tests/test_tasks_browser.py), and `python -m tests.benchmarks.five_tasks` takes their seconds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

#: The keystroke-level model (Card, Moran and Newell 1980), in seconds of a practised person: to point and press, to
#: type a letter of ordinary text, and to make up one's mind before each act.
POINT, KEY, THINK = 1.3, 0.28, 1.35
#: Tabs from one thing to the next, before it counts as out of reach.
_MOST_TABS = 400

_FOCUSED = r"""() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  window.stops = window.stops || new Map();
  if (!window.stops.has(element)) window.stops.set(element, window.stops.size);
  return {
    stop: window.stops.get(element),
    words: element.outerHTML.slice(0, 150),
    marked: style.boxShadow !== "none"
      || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !/, 0\)$/.test(style.outlineColor),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@dataclass
class Walk:
    """A person at the site. With a mouse or a finger each press on something counts, into a field too; keys do not."""

    page: Page
    address: str
    by_keyboard: bool = False
    clicks: int = 0
    letters: int = 0
    acts: int = 0

    def begin(self) -> None:
        """Cold, at the start page."""
        self.page.goto(f"{self.address}/")
        self.clicks = self.letters = self.acts = 0

    def press(self, wanted: Locator) -> None:
        """Follow a link, press a button, open a drawer."""
        self.acts += 1
        if self.by_keyboard:
            self._tab_to(wanted)
            self.page.keyboard.press("Enter")
        else:
            self.clicks += 1
            wanted.click()
        self.page.wait_for_load_state("load")

    def write(self, field: Locator, text: str, pick: str = "") -> None:
        """Type into a field; with `pick`, only the beginning of that name, which the field's list then offers.

        The list is the browser's own, which no driver reaches: the click on it is counted, and done by hand.
        """
        self.acts += 1
        if self.by_keyboard:
            self._tab_to(field)
            text = pick or text
        else:
            self.clicks += 1
            field.click()
        self.letters += len(text)
        self.page.keyboard.type(text)
        if pick and not self.by_keyboard:
            offered = field.evaluate("input => [...input.list.options].map((option) => option.value)")
            assert [name for name in offered if text.casefold() in name.casefold()].count(pick) == 1
            self.clicks += 1
            self.acts += 1
            field.fill(pick)

    def enter(self) -> None:
        """The Enter key, which sends the form that one has typed into."""
        self.letters += 1
        self.page.keyboard.press("Enter")
        self.page.wait_for_load_state("load")

    def _tab_to(self, wanted: Locator) -> None:
        """Tab until the focus is there. Every stop on the way shows that it has the focus, and lets it go again."""
        goal = wanted.element_handle()
        in_content = goal.evaluate("element => Boolean(element.closest('main'))")
        last = None
        for _ in range(_MOST_TABS):
            self.page.keyboard.press("Tab")
            found = self.page.evaluate(_FOCUSED)
            if found is None:  # past the end of the page, where the browser's own parts are
                continue
            assert found["stop"] != last, f"the focus is held by {found['words']}"
            assert found["marked"], f"nothing shows the focus on {found['words']}"
            assert found["seen"], f"the focus is out of sight on {found['words']}"
            last = found["stop"]
            if goal.evaluate("element => element === document.activeElement"):
                return
            if in_content and "nhsuk-skip-link" in found["words"]:
                self.page.keyboard.press("Enter")
        raise AssertionError(f"{wanted} cannot be reached by Tab")

    @property
    def seconds_of_a_person(self) -> float:
        """What the keystroke-level model reckons for the acts so far, without the site's own time."""
        return self.clicks * POINT + self.letters * KEY + self.acts * THINK


def evidence(within: Locator) -> Locator:
    """What opens the evidence of something."""
    return within.locator("summary").filter(has_text="Evidence")


def steps_of_a_route(page: Page) -> Locator:
    """What opens the steps of the strongest route, with the evidence of each."""
    return page.locator(".kg-routes__steps > summary").first


def link(page: Page, words: str) -> Locator:
    """A link of the page itself, not of its frame."""
    return page.get_by_role("main").get_by_role("link", name=words, exact=True)


def expect_heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def expect_evidence(within: Locator) -> None:
    """A place in a source and how sure it is, in sight."""
    shown = within.locator(".kg-evidence").first
    expect(shown).to_be_visible()
    expect(shown).to_contain_text(re.compile(r"section “|record|page |seen (on|by) "))
    expect(shown).to_contain_text(re.compile("Stated|Implied|One reading"))


def who_connects(walk: Walk, kind: str, company: str) -> None:
    """Who connects a spin-out to an investor: by its kind, for one who types nothing."""
    page = walk.page
    walk.press(link(page, kind))
    walk.press(link(page, company))
    walk.press(page.get_by_role("button", name="Show routes"))  # “any investor” is chosen beforehand
    expect_heading(page, f"From {company} to any investor")
    walk.press(steps_of_a_route(page))
    for hop in page.locator(".kg-routes__steps").first.locator(".kg-route__hop").all():
        expect_evidence(hop)


def who_connects_by_name(walk: Walk, start: str, goal: str, source: str) -> None:
    """The same for two that one can name in part. What its steps are stated in stands beside a route that is closed."""
    page = walk.page
    walk.write(page.get_by_role("combobox", name="From"), start[:6], pick=start)
    walk.write(page.get_by_role("combobox", name="To"), goal[:6], pick=goal)
    walk.enter()
    expect_heading(page, f"From {start} to {goal}")
    stated = page.locator(".kg-routes__sources").first
    expect(stated).to_be_visible()
    expect(stated).to_contain_text(f"Stated in: {source}")
    if walk.by_keyboard:
        hop = page.locator(".kg-route__hop").first
        walk.press(steps_of_a_route(page))
        expect_evidence(hop)
        expect(hop.locator(".kg-evidence").first).to_contain_text(source)


def what_backs_a_partnership(walk: Walk, one: str, other: str) -> None:
    """What backs the claim that two bodies are partners."""
    page = walk.page
    walk.write(page.get_by_role("searchbox"), one.casefold()[:14])
    walk.enter()
    walk.press(link(page, one))
    expect_heading(page, one)
    row = page.locator(".kg-row").filter(has_text=f"partner of {other}").first  # sources may tell of several
    if not row.is_visible():  # of a long group the first eight are shown at once
        walk.press(page.locator("details.kg-more").filter(has=row).locator("> summary").first)
    walk.press(evidence(row))
    expect_evidence(row)


def who_offers(walk: Walk, need: str) -> None:
    """Who offers what one needs."""
    page = walk.page
    walk.press(link(page, need))
    expect_heading(page, f"Who can help: {need}")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("recorded as helping")
    offer = page.locator(".kg-offer").first
    walk.press(evidence(offer))
    expect_evidence(offer)


def what_funds(walk: Walk, kind: str, programme: str, funder: str) -> None:
    """What funds a programme."""
    page = walk.page
    walk.press(link(page, kind))
    walk.press(link(page, programme))
    expect_heading(page, programme)
    row = page.locator(".kg-row").filter(has_text=f"funded by {funder}")
    walk.press(evidence(row))
    expect_evidence(row)


def send_this(walk: Walk, need: str) -> str:
    """A link to exactly this: to an answer with its evidence open. Gives the link."""
    who_offers(walk, need)
    walk.press(walk.page.get_by_role("button", name="Copy link to this view"))
    field = walk.page.get_by_label("Link to this view", exact=True)
    expect(field).to_be_visible()
    return field.input_value()


#: The five, as the real graph can be asked them: a letter and words, and the way.
TASKS: dict[str, tuple[str, Callable[[Walk], object]]] = {
    "a": (
        "who connects a spin-out to an investor",
        lambda walk: who_connects(walk, "Spin-out companies", "Mimetrik"),
    ),
    "a by name": (
        "the same, by two names",
        lambda walk: who_connects_by_name(walk, "Mimetrik", "Northern Gritstone", "Health Innovation Leeds brochure"),
    ),
    "b": (
        "what backs a claim that two are partners",
        lambda walk: what_backs_a_partnership(walk, "Leeds Teaching Hospitals NHS Trust", "University of Leeds"),
    ),
    "c": ("who offers lab space", lambda walk: who_offers(walk, "Clinical expertise, lab space, access to equipment")),
    "d": (
        "what funds a programme",
        lambda walk: what_funds(
            walk,
            "Programmes",
            "UKRI Centre for Doctoral Training in Artificial Intelligence for Medical Diagnosis and Care",
            "UK Research and Innovation",
        ),
    ),
    "e": ("a link to exactly this", lambda walk: send_this(walk, "Work space")),
}


@dataclass(frozen=True)
class Taken:
    """What a walk took: clicks, letters typed, the site's own seconds, and those the model reckons for a person."""

    clicks: int
    letters: int
    of_the_site: float
    of_a_person: float


def timed(walk: Walk, task: Callable[[Walk], object]) -> Taken:
    """Walk a task from the start page, with nothing in the browser's cache but what the walk itself loads."""
    start = time.perf_counter()
    walk.begin()
    task(walk)
    taken = time.perf_counter() - start
    return Taken(walk.clicks, walk.letters, taken, walk.seconds_of_a_person)


#: The knowledge of this checkout, which the walks ask.
ROOT = Path(__file__).parents[1]
