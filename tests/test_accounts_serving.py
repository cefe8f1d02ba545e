"""The way in as the program prints it: `leedskg run` and `serve`, through a real socket, and what stands in its log."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from leedskg.accounts import Accounts
from leedskg.accounts.model import COMMAND_LINE
from leedskg.settings import Settings
from tests.sample_accounts import FIELD, PASSWORD
from tests.sample_graph import numbers, published
from tests.served import ended

pytestmark = pytest.mark.slow

LEEDSKG = str(Path(sys.executable).with_name("leedskg"))
LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/sign-in/once\?token=([\w-]{43})\n")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    published(folder, numbers(50))
    return folder


class Serving:
    """A server, and what it has said."""

    def __init__(self, address: str, server: subprocess.Popen[str], log: Path) -> None:
        self.address = address
        self._server = server
        self.log = log

    def line(self) -> str:
        assert self._server.stdout
        return self._server.stdout.readline()

    def rest(self) -> str:
        """What it has printed that was not read yet, to its end."""
        assert self._server.stdout
        self._server.terminate()
        return self._server.stdout.read()


@contextmanager
def serving(state: Path, ledger: Path, log: Path, *options: str) -> Iterator[Serving]:
    command = [LEEDSKG, "--state", str(state), "serve", "--port", "0", *options]
    environment = os.environ | {"LEEDSKG_WORKERS": "1", "LEEDSKG_LEDGER": str(ledger)}
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment) as server,
    ):
        try:
            assert server.stdout
            address = next(line for line in server.stdout if line.startswith("leedskg answers at ")).split()[-1]
            yield Serving(address.rstrip("/"), server, log)
        finally:
            server.terminate()
            ended(server)


def opener() -> OpenerDirector:
    return build_opener(HTTPCookieProcessor(CookieJar()))


def ask(browser: OpenerDirector, address: str, **fields: str) -> str:
    data = urlencode(fields).encode() if fields else None
    with browser.open(Request(address, data, {"Accept": "text/html"})) as answer:
        return str(answer.read().decode())


def test_the_printed_link_lets_one_in_and_stays_out_of_the_log(state: Path, tmp_path: Path) -> None:
    ledger, log = tmp_path / "ledger", tmp_path / "log"
    with serving(state, ledger, log) as site:
        assert "open this link; it works once" in site.line()
        found = LINK.fullmatch(site.line())
        assert found
        assert found[1] == site.address
        browser, link = opener(), found[0].strip()
        for _ in range(2):
            token = FIELD.search(ask(browser, link))
        page = ask(browser, f"{site.address}/sign-in/once", token=found[2], form_token=token[1])
        assert "You have no password yet" in page
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(opener(), link)
        assert refused.value.code == 403
        refused.value.close()
    said = log.read_text()
    assert '"POST /sign-in/once" 303' in said
    assert found[2] not in said
    assert "token" not in said
    with serving(state, ledger, log) as site:
        site.line()
        again = LINK.fullmatch(site.line())
        assert again, "as long as no administrator has a password"
        assert "signs this browser in as Steward (steward)" in ask(opener(), again[0].strip())
    accounts = Accounts(Settings(ledger=str(ledger)))
    accounts.people.set_password(COMMAND_LINE, accounts.people.named("steward"), PASSWORD)
    accounts.close()
    with serving(state, ledger, log) as site:
        assert "Sign-in name" in ask(opener(), f"{site.address}/sign-in")
        assert site.rest() == ""


def test_where_nothing_can_be_kept_it_says_so_and_serves(state: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with serving(state, tmp_path / "file" / "ledger", tmp_path / "log") as site:
        assert site.line().startswith(
            f"Nobody can sign in here. Accounts cannot be kept in the ledger folder {tmp_path}"
        )
        assert "There is no account here yet" in ask(opener(), f"{site.address}/sign-in")
        assert "token" not in site.rest()
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_read_only_ledger_is_left_as_it_is(state: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is read-only to root: run the tests as another user")
    ledger = tmp_path / "ledger"
    ledger.mkdir(mode=0o500)
    with serving(state, ledger, tmp_path / "log") as site:
        assert site.line().startswith("Nobody can sign in here.")
        ask(opener(), f"{site.address}/sparql?query=ASK%7B%7D")
    assert list(ledger.iterdir()) == []


def test_a_scratch_store_has_no_accounts(state: Path, tmp_path: Path) -> None:
    with serving(state, tmp_path / "ledger", tmp_path / "log", "--scratch") as site:
        with pytest.raises(urllib.error.HTTPError) as missing:
            ask(opener(), f"{site.address}/sign-in")
        assert missing.value.code == 404
        missing.value.close()
        assert site.rest() == ""
    assert not (tmp_path / "ledger").exists()
