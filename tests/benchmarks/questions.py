"""The keys and the seconds of 500 questions on the bodies of an import: `python -m tests.benchmarks.questions FILE`.

It publishes the knowledge of this checkout, imports a publisher's file on the site, opens the queue in a browser, and
presses one key a question as a steward does: 1 for a first proposal that is nearly the name, s for one question in
twenty, u after one in fifty, n for the rest. `--keys` presses these instead, such as those of a person who has read the
questions. It takes the seconds from a key until the next question is there, which are not those of reading.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page

from leedskg.accounts.model import COMMAND_LINE, Role
from leedskg.ledger.ledger import Ledger
from leedskg.ledger.publication import Publication
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from tests.browser import served, started_chromium
from tests.sample_accounts import AccountSite
from tests.walking import ROOT

_NEAR = re.compile(r"slip of the pen|the same|may stand for")
_PATIENCE = 120_000
_TRIES = 10


def main() -> None:
    """Take the time of the questions and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", type=Path)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--keys", default="")
    parser.add_argument("--pictures", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            knowledge=str(ROOT), state=f"{folder}/state", ledger=f"{folder}/ledger", workers=1, private_site=True,
            single_steward="yes",
        )  # fmt: skip
        Publication(settings, Ledger(settings.ledger_path)).publish()
        with QueryPool(settings) as pool:
            site = AccountSite(settings, pool)
            with closing(site.accounts), served(site.app) as address, started_chromium() as chromium:
                account = site.accounts.people.add(COMMAND_LINE, "stella", "Stella", Role.STEWARD)
                page = chromium.new_page()
                page.set_default_timeout(_PATIENCE)
                page.goto(f"{address}/sign-in/once?token={site.accounts.links.make(COMMAND_LINE, account)}")
                page.get_by_role("button").filter(has_text="Sign in").click()
                _send(page, address, asked.file)
                _answer(page, asked.questions, asked.keys, asked.pictures)
                decisions = Ledger(settings.ledger_path).judged.decisions()
                print(f"{sum(each.holds for each in decisions)} decisions hold in the ledger")
            site.app.extensions["leedskg.steward"].steward.close()


def _send(page: Page, address: str, file: Path) -> None:
    begun = time.monotonic()
    page.goto(f"{address}/imports")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Read it").click()
    page.wait_for_url(re.compile(r"/(imports|contributions)/\d+"))
    if "/contributions/" in page.url:  # it took longer than a page waits
        page.goto(page.url.partition("?")[0].replace("/contributions/", "/imports/"))
    print(f"read and recorded in {time.monotonic() - begun:.1f} s")
    begun = time.monotonic()
    link = page.get_by_role("link", name=re.compile("one key each"))
    for _ in range(_TRIES):  # until what it holds is worked out
        if link.count():
            break
        page.reload()
    print(f"its page, with the questions, in {time.monotonic() - begun:.1f} s")
    link.click()


def _answer(page: Page, most: int, keys: str, pictures: Path | None) -> None:
    heading = page.locator("#question")
    waits: list[float] = []
    pressed = 0
    begun = time.monotonic()
    for number in range(most):
        heading.wait_for()
        if pictures and number in {0, 7}:
            _picture(page, pictures / f"question-{number}")
        page.wait_for_function("document.activeElement && document.activeElement !== document.body")
        key = keys[number : number + 1] or _key(page, number)
        print_line = heading.inner_text() if keys else ""
        at = time.monotonic()
        with page.expect_navigation():
            page.keyboard.press(key)
        page.wait_for_function("document.activeElement && document.activeElement !== document.body")
        waits.append(time.monotonic() - at)
        pressed += 1
        if print_line:
            print(f"  {key}  {print_line}")
        if not heading.count():
            break
    seconds = time.monotonic() - begun
    waits.sort()
    print(
        f"{pressed} keys in {seconds:.0f} s; from a key to the next question: median {statistics.median(waits):.3f} s, "
        f"95th percentile {waits[int(len(waits) * 0.95)]:.3f} s, most {waits[-1]:.3f} s"
    )


def _key(page: Page, number: int) -> str:
    if number % 50 == 49:
        return "u"
    if number % 20 == 19:
        return "s"
    return "1" if _NEAR.search(page.locator("[data-questions] li").first.inner_text()) else "n"


def _picture(page: Page, name: Path) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


if __name__ == "__main__":
    main()
