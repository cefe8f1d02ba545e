"""Sites with accounts, for tests that make several of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leedskg.sparql.execution import QueryPool
from tests.sample_accounts import AccountSite, Browser, account_site
from tests.sample_graph import settings_for
from tests.sample_site import publish_sample

MakeSite = Callable[..., AccountSite]


@pytest.fixture(scope="module")
def published_for_accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, QueryPool]]:
    state = publish_sample(tmp_path_factory.mktemp("site"))
    with QueryPool(settings_for(state)) as pool:
        yield state, pool


@pytest.fixture
def make_site(published_for_accounts: tuple[Path, QueryPool], tmp_path: Path) -> Iterator[MakeSite]:
    opened = []

    def make(**options: Any) -> AccountSite:
        context = account_site(
            published_for_accounts[0], options.pop("ledger", tmp_path / "ledger"), published_for_accounts[1], **options
        )
        opened.append(context)
        return context.__enter__()

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def make_token(browser: Browser, *deeds: str, days: str = "") -> str:
    answer = browser.send("/account/tokens", 200, token_name="nightly", token_deeds=list(deeds), token_days=days)
    (secret,) = set(re.findall(r"leedskg_[\w-]{43}", answer.text))
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert secret not in browser.page("/account").text, "it is shown once"
    return secret


def by_token(site: AccountSite, secret: str, path: str, method: str = "POST", **headers: str) -> tuple[int, str]:
    answer = site.app.test_client().open(path, method=method, headers={"Authorization": f"Bearer {secret}"} | headers)
    return answer.status_code, answer.text
