"""Accounts without the web: who may review what, names and passwords, the command line, and several processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from leedskg.accounts import Accounts
from leedskg.accounts.audit import coarse_place
from leedskg.accounts.model import COMMAND_LINE, Account, Role, may_review
from leedskg.accounts.passwords import checked_password
from leedskg.accounts.people import canonical_sign_in_name, checked_line
from leedskg.accounts.sessions import browser_in_words
from leedskg.cli import main
from leedskg.errors import EntryError
from leedskg.settings import SettingError, Settings, read_settings
from tests.sample_accounts import OTHER_PASSWORD, PASSWORD

LEEDSKG = str(Path(sys.executable).with_name("leedskg"))


def account(name: str, role: Role, *, disabled: bool = False) -> Account:
    return Account(f"id-{name}", name, name.title(), role, "2026-11-21T12:00:00Z", disabled)


ADA, BEN = account("ada", Role.ADMINISTRATOR), account("ben", Role.STEWARD)
ZOE, GONE = account("zoe", Role.CONTRIBUTOR), account("gone", Role.STEWARD, disabled=True)


@pytest.mark.parametrize(
    ("pair", "setting", "others", "allowed", "words"),
    [
        ((BEN, ZOE), "no", [ADA], True, ""),
        ((ZOE, BEN), "yes", [], False, "that of a contributor"),
        ((GONE, ZOE), "yes", [], False, "disabled"),
        ((BEN, BEN), "yes", [ADA], True, "settings of this site"),
        ((BEN, BEN), "no", [], False, "another steward"),
        ((BEN, BEN), "auto", [ZOE, GONE], True, "only steward"),
        ((BEN, BEN), "auto", [ZOE, ADA], False, "somebody else has to review it: Ada (ada)"),
        ((ADA, ADA), "auto", [ZOE], True, "only steward"),
        ((ADA, ADA), "auto", [BEN], False, "Ben (ben)"),
    ],
)
def test_who_may_review_what(
    pair: tuple[Account, Account], setting: str, others: list[Account], allowed: bool, words: str
) -> None:
    reviewer, contributor = pair
    found = may_review(reviewer, contributor.id, setting, [reviewer, *others])
    assert bool(found) is allowed
    assert words in found.why
    assert found.why or (allowed and reviewer is not contributor), "a refusal, and an exception, says why"


def test_a_second_steward_ends_the_exception(tmp_path: Path) -> None:
    accounts = Accounts(Settings(ledger=str(tmp_path)))
    ada = accounts.people.add(COMMAND_LINE, "ada", "Ada", Role.ADMINISTRATOR)
    assert accounts.may_review(ada, ada.id)
    ben = accounts.people.add(COMMAND_LINE, "ben", "Ben", Role.STEWARD)
    assert not accounts.may_review(ada, ada.id)
    accounts.people.disable(COMMAND_LINE, ben)
    assert accounts.may_review(ada, ada.id)
    accounts.close()


@given(st.text(max_size=80))
def test_a_sign_in_name_is_plain_and_stays_as_it_is(text: str) -> None:
    found = canonical_sign_in_name(text)
    assert re.fullmatch(r"[a-z0-9._@+-]{0,64}", found)
    assert canonical_sign_in_name(found) == found
    assert canonical_sign_in_name(text.upper()) in {found, ""} or not text.isascii()


@given(st.text(max_size=120))
def test_a_line_has_nothing_that_cannot_be_seen(text: str) -> None:
    try:
        found = checked_line("name", "The name", text)
    except EntryError:
        return
    assert 0 < len(found) <= 80
    assert all(character.isprintable() or character.isspace() for character in found)
    assert not set(found) & set("\r\n\t\x00\u2028\u202e")


@given(st.text(max_size=300))
def test_any_text_is_a_password_or_a_sentence(text: str) -> None:
    try:
        assert 12 <= len(checked_password(text, "Zoe")) <= 256
    except EntryError:
        return


@pytest.mark.parametrize("good", [PASSWORD, "日本語のとても長い合言葉です", "x7!kQ9$zP2#m", "ZwölfBoxkämpfer"])
def test_good_passwords_of_any_kind_are_taken(good: str) -> None:
    assert checked_password(good, "Zoe")


@pytest.mark.parametrize(
    ("address", "place"),
    [("127.0.0.1", "this machine"), ("::1", "this machine"), ("192.0.2.77", "192.0.2.0/24"), (None, "unknown"),
     ("::ffff:192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1::/48"), ("x", "unknown")],
)  # fmt: skip
def test_a_place_is_coarse(address: str | None, place: str) -> None:
    assert coarse_place(address) == place


def test_a_browser_in_words() -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"
    assert browser_in_words(agent) == "Firefox on Windows"
    assert browser_in_words("<script>") == "A browser"


@pytest.mark.parametrize(
    ("name", "value"),
    [("single_steward", "perhaps"), ("public_address", "graph.example.org"), ("public_address", "https://a.example"),
     ("public_address", "https://a.example/x/"), ("public_address", "javascript://x/"), ("proxy_hops", "-1"),
     ("session_idle", "0"), ("session_life", "0"), ("contributions_per_hour", "0")],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"LEEDSKG_{name.upper()}"):
        read_settings({f"LEEDSKG_{name.upper()}": value})


# The command line


def run(ledger: Path, *arguments: str, told: str = "") -> Result:
    environment = {"LEEDSKG_LEDGER": str(ledger), "LEEDSKG_PUBLIC_ADDRESS": "https://graph.example.org/"}
    return CliRunner().invoke(main, ["accounts", *arguments], input=told, env=environment)


def test_accounts_from_the_command_line(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    none = run(ledger, "list")
    assert (none.exit_code, none.stdout) == (0, "")
    assert not ledger.exists()
    made = run(ledger, "add", "Ada", "--name", "Ada Lovelace", "--role", "administrator")
    assert "Made the account Ada Lovelace (ada), administrator." in made.output
    (link,) = re.findall(r"^https://graph\.example\.org/sign-in/once\?token=([\w-]{43})$", made.output, re.MULTILINE)
    assert run(ledger, "add", "zoe").exit_code == 0
    assert run(ledger, "password", "ada", told=f"{PASSWORD}\n{PASSWORD}\n").exit_code == 0
    assert run(ledger, "role", "zoe", "steward").exit_code == 0
    assert run(ledger, "disable", "zoe").exit_code == 0
    rows = [line.split("\t")[:4] for line in run(ledger, "list").stdout.splitlines()]
    assert rows == [["ada", "administrator", "in use", "Ada Lovelace"], ["zoe", "steward", "disabled", "zoe"]]
    refused = run(ledger, "link", "zoe")
    assert (refused.exit_code, "enable it first" in refused.output) == (2, True)
    assert run(ledger, "enable", "zoe").exit_code == 0
    assert "token=" in run(ledger, "link", "zoe").output
    renamed = run(ledger, "rename", "zoe", "--name", "A former steward", "--sign-in-name", "former1")
    assert "It is the account of A former steward (former1) now." in renamed.output
    log = run(ledger, "audit").stdout
    assert "\t-\tset a password\tada\tcommand line" in log
    for secret in (PASSWORD, link):
        assert secret not in log
        assert all(secret.encode() not in path.read_bytes() for path in ledger.iterdir())


@pytest.mark.parametrize(
    ("arguments", "told", "words"),
    [
        (["add", "ada"], "", "There is an account with the sign-in name ada already"),
        (["add", "a b"], "", "letters from a to z"),
        (["add", "zoe", "--name", "a\tb"], "", "control characters"),
        (["disable", "ada"], "", "only administrator"),
        (["role", "ada", "steward"], "", "only administrator"),
        (["link", "nobody"], "", "no account with the sign-in name 'nobody'"),
        (["password", "ada"], "short\nshort\n", "at least 12 characters"),
        (["password", "nobody"], "", "no account"),
    ],
)
def test_what_cannot_be_done_gets_a_sentence(tmp_path: Path, arguments: list[str], told: str, words: str) -> None:
    run(tmp_path, "add", "ada", "--role", "administrator")
    done = run(tmp_path, *arguments, told=told)
    assert done.exit_code == 2
    assert words in done.output
    assert "Traceback" not in done.output


def test_a_ledger_that_cannot_be_written_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(tmp_path / "file" / "ledger", "add", "ada")
    assert done.exit_code == 2
    assert "Accounts cannot be kept in the ledger folder" in done.output


def test_processes_that_begin_at_once_make_one_database(tmp_path: Path) -> None:
    def add(number: int) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"LEEDSKG_LEDGER": str(tmp_path / "ledger")}
        command = [LEEDSKG, "accounts", "add", f"name{number}"]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(add, range(4)))
    assert [each.returncode for each in done] == [0] * 4, [each.stderr for each in done]
    accounts = Accounts(Settings(ledger=str(tmp_path / "ledger")))
    assert len(accounts.people.everyone()) == 4
    assert len({Accounts(Settings(ledger=str(tmp_path / "ledger"))).database.key() for _ in range(3)}) == 1
    accounts.close()


def test_threads_share_what_is_kept(tmp_path: Path) -> None:
    accounts = Accounts(Settings(ledger=str(tmp_path)))
    ada = accounts.people.add(COMMAND_LINE, "ada", "Ada", Role.ADMINISTRATOR)

    def work(number: int) -> bool:
        secret = accounts.sessions.start(COMMAND_LINE, ada, browser=f"browser {number}")
        return accounts.sessions.find(secret) is not None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(40)))
    assert len(accounts.sessions.of(ada)) == 40
    accounts.people.set_password(COMMAND_LINE, ada, OTHER_PASSWORD)
    assert accounts.sessions.of(ada) == []
    accounts.close()
