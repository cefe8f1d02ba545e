"""What a person does on the pages about contributions, for tests: sign in, send, decide."""

from __future__ import annotations

import io
import re
from itertools import count
from typing import Any

from werkzeug.test import TestResponse

from leedskg.accounts.model import Actor
from tests.sample_accounts import Browser
from tests.sample_contributions import TownSite

_numbers = count(1)


def signed_in(site: TownSite, name: str) -> Browser:
    browser = site.browser()
    browser.sign_in(name)
    return browser


def token(site: TownSite, name: str, *deeds: str) -> dict[str, str]:
    """The header of an API token for these deeds."""
    account = site.accounts.people.named(name)
    return {"Authorization": f"Bearer {site.accounts.tokens.make(Actor(account, 'test'), 'test', list(deeds))}"}


def main(answer: TestResponse) -> str:
    """The text of a page's content, its markup gone."""
    content = answer.text.partition("<main")[2].partition("</main")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def upload(browser: Browser, name: str, content: bytes | str, status: int = 303, **more: str) -> TestResponse:
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    return browser.send(
        "/contribute/file", status, page="/contribute/file", file=(io.BytesIO(data), name), **more
    )  # fmt: skip


def entity(name: str, note: str = "Made up for a test and printed nowhere.") -> str:
    return f"name,kind,description,note\n{name},charity,Made up by the testers.,{note}\n"


def sent(browser: Browser, name: str = "", content: str = "") -> int:
    """Send something new; give the number of the contribution."""
    answer = upload(browser, name or "facts.csv", content or entity(f"Charity number {next(_numbers)}"))
    return int(re.search(r"/contributions/(\d+)", answer.headers["Location"])[1])


def decide(browser: Browser, number: int, deed: str, status: int = 303, **fields: Any) -> TestResponse:
    """Send one of the forms of a contribution's page, as the page has it now."""
    page = browser.page(f"/contributions/{number}").text
    version = re.search(r'name="version" value="(\d+)"', page)
    given = {"version": version[1] if version else "1"} | fields
    return browser.send(f"/contributions/{number}/{deed}", status, page=f"/contributions/{number}", **given)
