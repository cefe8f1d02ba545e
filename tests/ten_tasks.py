"""Ten tasks of a partnership lead, walked from the start page as a new user would, with every click counted.

Each is a way through the site and the most clicks that it may take; a press on a field to type into it counts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.walking import Walk, evidence, expect_evidence, expect_heading, link, steps_of_a_route

#: What people type into the box at the top, and what they should find at once.
TYPED = {
    "LTHT": "Leeds Teaching Hospitals NHS Trust",
    "pinpoint": "PinPoint Data Science",
    "lab space": "Clinical expertise, lab space, access to equipment",
    "investors": "Investors",
    "univeristy of leeds": "University of Leeds",
    "lawyers": "Professional advice (regulatory, legal, financial)",
    "diabetes": "diabetes",
    "digital pathology": "digital pathology",
    "who funds propel": "who funds Propel@YH",
    "spin-outs": "Spin-out companies",
}


def look_up(walk: Walk, typed: str) -> None:
    """Type into the box at the top, and press Enter."""
    box = walk.page.get_by_role("banner").get_by_role("searchbox")
    box.clear()
    walk.write(box, typed)
    walk.enter()


def open_page(walk: Walk, name: str) -> None:
    """Find a thing by its name, and open its page."""
    look_up(walk, name.casefold())
    walk.press(link(walk.page, name))
    expect_heading(walk.page, name)


def who_connects_to_an_investor(walk: Walk) -> None:
    """Who connects PinPoint Data Science to an investor."""
    open_page(walk, "PinPoint Data Science")
    walk.press(walk.page.get_by_role("button", name="Show routes"))  # “any investor” is chosen beforehand
    expect_heading(walk.page, "From PinPoint Data Science to any investor")
    walk.press(steps_of_a_route(walk.page))
    expect_evidence(walk.page.locator(".kg-route__hop").first)


def what_two_share(walk: Walk) -> None:
    """Which partners two big bodies share."""
    one, other = "University of Leeds", "Leeds Teaching Hospitals NHS Trust"
    open_page(walk, one)
    walk.press(link(walk.page, "Compare it with others"))
    walk.write(walk.page.get_by_role("combobox", name="Second"), other[:14], pick=other)
    walk.enter()
    expect_heading(walk.page, f"{one} and {other} compared")
    partners = walk.page.locator("h3", has_text="Partners").first
    expect(partners).to_be_visible()
    expect(walk.page.locator("h3 + ul").first.get_by_role("link", name="Avacta", exact=True)).to_be_visible()


def two_networks(walk: Walk) -> None:
    """Two networks compared: what they share, the way between, and what only one of them has."""
    what_two_share(walk)
    expect(walk.page.get_by_role("heading", name="The strongest route between them")).to_be_visible()
    walk.press(walk.page.locator("#alone ~ details > summary").filter(has_text="Partners").first)
    expect(walk.page.locator("#alone ~ details[open] li").first).to_be_visible()


def brief_of_nexus(walk: Walk) -> None:
    """A brief on Nexus to print."""
    open_page(walk, "Nexus")
    walk.press(link(walk.page, "A brief to print or send"))
    expect_heading(walk.page, "Nexus")
    expect(walk.page.get_by_role("heading", name="Sources")).to_be_visible()
    assert walk.page.get_by_role("button").count() == 0


def spin_outs_in_excel(walk: Walk) -> None:
    """The spin-outs with their parents, and the evidence of that, in Excel."""
    walk.press(link(walk.page, "Spin-out companies"))
    with walk.page.expect_download() as download:
        walk.press(walk.page.get_by_role("link", name=re.compile("^XLSX")))
    head, *rows = (
        load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets[0].iter_rows(values_only=True)
    )
    told = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert told["Mimetrik"]["parent"] == "University of Leeds"
    assert str(told["Mimetrik"]["evidence"]).startswith("parent: ")


def two_needs(walk: Walk) -> None:
    """Regulatory advice and clinical trials, at once."""
    look_up(walk, "regulatory advice and clinical trials")
    walk.press(walk.page.get_by_role("link", name=re.compile("^Who can help with")))
    for body in ("KPMG", "Leeds Institute of Clinical Trials Research"):
        expect(link(walk.page, body)).to_be_visible()
    offer = walk.page.locator(".kg-offer").first
    walk.press(evidence(offer))
    expect_evidence(offer)


def what_changed(walk: Walk) -> None:
    """What changed since last month."""
    walk.press(walk.page.get_by_role("contentinfo").get_by_role("link", name="What changed"))
    walk.press(link(walk.page, "The last month"))
    expect(walk.page.get_by_text(re.compile(r"^Since \d+ \w+ \d{4}: \d+ publications?\.$"))).to_be_visible()


def the_sentence(walk: Walk) -> None:
    """The sentence behind a partnership: on the web page that it is on, or marked in its document."""
    open_page(walk, "Leeds Teaching Hospitals NHS Trust")
    of_a_page = walk.page.locator(".kg-row").filter(has_text="Arcturis").first
    walk.press(evidence(of_a_page))
    sentence = of_a_page.locator('.kg-evidence a[href*="#:~:text="]').first
    expect(sentence).to_be_visible()
    expect(of_a_page.locator(".kg-evidence").first).to_contain_text(re.compile(r"seen (on|by) \d"))


def who_works_on(walk: Walk) -> None:
    """Who works on diabetes, on part of it too."""
    look_up(walk, "who works on diabetes")
    answer = walk.page.get_by_role("region", name="Answer")
    expect(answer.get_by_role("link", name="Glucosense Diagnostics", exact=True)).to_be_visible()
    walk.press(evidence(answer).first)
    expect_evidence(answer)


def as_people_type(walk: Walk) -> None:
    """Ten searches as people type; each finds what was meant without a further page."""
    for typed, wanted in TYPED.items():
        look_up(walk, typed)
        expect(link(walk.page, wanted).first, f"“{typed}” finds {wanted}").to_be_visible()


#: The ten: what they are called, the way, and the most clicks.
TEN: dict[str, tuple[Callable[[Walk], None], int]] = {
    "who connects PinPoint Data Science to an investor": (who_connects_to_an_investor, 4),
    "which partners two big bodies share": (what_two_share, 5),
    "a brief on Nexus": (brief_of_nexus, 3),
    "spin-outs with parent and evidence to Excel": (spin_outs_in_excel, 2),
    "regulatory advice and clinical trials": (two_needs, 3),
    "what changed since last month": (what_changed, 2),
    "the sentence behind a partnership": (the_sentence, 3),
    "two networks compared": (two_networks, 6),
    "who works on diabetes": (who_works_on, 2),
    "ten searches as people type": (as_people_type, 10),
}
