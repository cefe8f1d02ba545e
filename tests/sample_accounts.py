"""The site of the small town with accounts: clients that hold cookies like a browser, and a clock that can be moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from leedskg.accounts import Accounts
from leedskg.accounts.model import COMMAND_LINE, Account, Role
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from leedskg.web.account import security

HTML = {"Accept": "text/html"}
PASSWORD = "kettle moss umbrella"
OTHER_PASSWORD = "granite pillow seven"
FIELD = re.compile(r'name="form_token" value="([^"]+)"')


class MovableClock:
    """A clock that goes as usual, and can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, **time: float) -> None:
        self.ahead += timedelta(**time)


class Browser(FlaskClient):
    """A client that sends forms as a browser does: from a page that it has loaded, with that page's token."""

    def page(self, path: str, status: int = 200, **headers: str) -> TestResponse:
        answer = self.get(path, headers=HTML | {name.replace("_", "-"): value for name, value in headers.items()})
        assert answer.status_code == status, answer.text[:2000]
        return answer

    def token(self, path: str) -> str:
        return FIELD.search(self.page(path).text)[1]

    def send(self, path: str, status: int = 303, *, page: str = "", **fields: Any) -> TestResponse:
        """Send a form; `page` is the one that it stands on, by default that of the account."""
        if "form_token" not in fields:
            fields["form_token"] = self.token(page or "/account")
        answer = self.post(path, data=fields, headers=HTML | {"Origin": "http://localhost"})
        assert answer.status_code == status, answer.text[:3000]
        return answer

    def sign_in(self, name: str, password: str = PASSWORD, status: int = 303, onward: str = "") -> TestResponse:
        return self.send("/sign-in", status, page="/sign-in", sign_in_name=name, password=password, next=onward)

    @property
    def is_signed_in(self) -> bool:
        return self.get("/account", headers=HTML).status_code == 200


class AccountSite:
    """The site, its accounts and its clock."""

    def __init__(self, settings: Settings, pool: QueryPool) -> None:
        self.settings = settings
        self.clock = MovableClock()
        self.accounts = Accounts(settings, self.clock)
        self.app = create_app(settings, pool, accounts=self.accounts)
        self.app.test_client_class = Browser
        add_parts_that_need(self.app)

    def browser(self) -> Browser:
        client = self.app.test_client()
        assert isinstance(client, Browser)
        return client

    def add(self, name: str, role: Role = Role.CONTRIBUTOR, password: str = PASSWORD) -> Account:
        people = self.accounts.people
        account = people.add(COMMAND_LINE, name, name.title(), role)
        if password:
            people.set_password(COMMAND_LINE, account, password)
        return people.named(name)

    def signed_in(self, name: str, role: Role = Role.CONTRIBUTOR) -> Browser:
        self.add(name, role)
        browser = self.browser()
        browser.sign_in(name)
        return browser

    def audit(self) -> list[str]:
        return [f"{each.who or '-'}: {each.what}: {each.about}" for each in self.accounts.audit.entries(count=1000)]


@contextmanager
def account_site(state: Path, ledger: Path, pool: QueryPool, **options: Any) -> Iterator[AccountSite]:
    site = AccountSite(replace(Settings(state=str(state), ledger=str(ledger), workers=1), **options), pool)
    try:
        yield site
    finally:
        site.accounts.close()


def add_parts_that_need(app: Flask) -> None:
    """Views as other blueprints have them: one that contributes, one that reviews, one that takes a signed-out form."""
    part = Blueprint("part", __name__, url_prefix="/part")
    part.add_url_rule("/contribute", "contribute", security.needs("contribute", counted=True)(_say),
                      methods=["GET", "POST"])  # fmt: skip
    part.add_url_rule("/review", "review", security.needs("review")(_say), methods=["GET", "POST"])
    app.register_blueprint(part)


def _say() -> str:
    return f"done by {security.account().sign_in_name}"
