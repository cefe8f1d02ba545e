"""Who may do what on the site: roles, tokens, accounts, and a ledger that cannot be kept."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from leedskg.accounts.model import COMMAND_LINE, Role
from leedskg.errors import AccountsClosedError
from tests.account_sites import MakeSite, by_token, make_token
from tests.page import Page
from tests.sample_accounts import HTML, OTHER_PASSWORD, PASSWORD, AccountSite

SESSION = "leedskg-session-8000"
# Letters that look like others.
FULL_WIDTH_ADA = "\uff21\uff24\uff21"
CYRILLIC_A, CYRILLIC_O = "\u0430", "\u043e"


@pytest.fixture
def site(make_site: MakeSite) -> AccountSite:
    return make_site()


# What a role may do


@pytest.mark.parametrize(
    ("role", "allowed"),
    [(Role.CONTRIBUTOR, {"/part/contribute"}), (Role.STEWARD, {"/part/contribute", "/part/review"}),
     (Role.ADMINISTRATOR, {"/part/contribute", "/part/review", "/accounts", "/accounts/audit"})],
)  # fmt: skip
def test_a_role_may_do_its_part_and_no_more(site: AccountSite, role: Role, allowed: set[str]) -> None:
    browser = site.signed_in("zoe", role)
    for path in ("/part/contribute", "/part/review", "/accounts", "/accounts/audit"):
        answer = browser.get(path, headers=HTML)
        assert answer.status_code == (200 if path in allowed else 403), path
        if path not in allowed:
            assert f"yours is that of a {role}" in answer.text


def test_nobody_may_do_anything_but_read(site: AccountSite) -> None:
    client = site.app.test_client()
    for path in ("/part/contribute", "/part/review", "/accounts", "/account", "/accounts/audit"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="leedskg"')
        assert client.get(path, headers=HTML).status_code == 303
    assert client.get("/", headers=HTML).status_code == 200


def test_a_role_that_is_taken_away_or_an_account_that_is_disabled_ends_at_once(site: AccountSite) -> None:
    zoe = site.signed_in("zoe", Role.STEWARD)
    account = site.accounts.people.named("zoe")
    site.accounts.people.change_role(COMMAND_LINE, account, Role.CONTRIBUTOR)
    zoe.page("/part/review", 403)
    site.accounts.people.disable(COMMAND_LINE, account)
    assert zoe.page("/part/contribute", 303).location.startswith("/sign-in")
    zoe.sign_in("zoe", status=400)


# Tokens


def test_a_token_does_what_it_was_given(site: AccountSite) -> None:
    browser = site.signed_in("zoe", Role.STEWARD)
    contributes, reviews = make_token(browser, "contribute"), make_token(browser, "review")
    assert by_token(site, contributes, "/part/contribute") == (200, "done by zoe")
    assert by_token(site, reviews, "/part/review") == (200, "done by zoe")
    status, text = by_token(site, contributes, "/part/review")
    assert (status, "not given the right to review" in text) == (403, True)
    for path in ("/account", "/account/tokens", "/accounts"):
        method = "GET" if path != "/account/tokens" else "POST"
        assert by_token(site, contributes, path, method)[0] == 403, "an account is for a person"
    site.accounts.people.change_role(COMMAND_LINE, site.accounts.people.named("zoe"), Role.CONTRIBUTOR)
    assert by_token(site, reviews, "/part/review")[0] == 403, "no more than its owner may"


def test_a_token_expires_is_revoked_and_ends_with_the_account(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    short, kept = make_token(browser, "contribute", days="1"), make_token(browser, "contribute")
    page = Page(browser.page("/account").text)
    ids = [each.attributes["value"] for each in page.all("input") if each.attributes["name"] == "token"]
    site.signed_in("ada").send("/account/tokens/revoke", token=ids[0])
    assert by_token(site, kept, "/part/contribute")[0] == 200, "only one's own"
    site.clock.forward(days=1.1)
    assert by_token(site, short, "/part/contribute")[0] == 401
    browser.sign_in("zoe")
    browser.send("/account/tokens/revoke", token=ids[0])
    assert by_token(site, kept, "/part/contribute")[0] == 401
    third = make_token(browser, "contribute")
    site.accounts.people.disable(COMMAND_LINE, site.accounts.people.named("zoe"))
    site.accounts.people.enable(COMMAND_LINE, site.accounts.people.named("zoe"))
    assert by_token(site, third, "/part/contribute")[0] == 401


def test_a_wrong_token_is_never_helped_out_by_a_cookie(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    for secret in ("", "x", "leedskg_" + "a" * 43, "leedskg_é", "x" * 5000):
        answer = browser.get("/part/contribute", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 401
    assert browser.get("/", headers=HTML | {"Authorization": "Bearer x"}).status_code == 200, "reading is open"


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"token_name": ""}, "Enter the token’s name"), ({"token_name": "a\x00b"}, "control characters"),
     ({"token_name": "x" * 81}, "at most 80"), ({"token_deeds": []}, "Choose what"),
     ({"token_deeds": ["administer"]}, "Choose what"), ({"token_deeds": ["review"]}, "cannot do what its owner"),
     ({"token_deeds": ["contribute", "x"]}, "Choose what"), ({"token_days": "0"}, "whole number"),
     ({"token_days": "9" * 50}, "whole"), ({"token_days": "\u0663"}, "whole"), ({"token_days": "-1"}, "3660")],
)  # fmt: skip
def test_a_token_that_cannot_be_made_says_why_beside_the_field(
    site: AccountSite, fields: dict[str, Any], words: str
) -> None:
    browser = site.signed_in("zoe")
    sent = {"token_name": "nightly", "token_deeds": ["contribute"], "token_days": "", **fields}
    answer = browser.send("/account/tokens", 400, **sent)
    page = Page(answer.text)
    assert page.all("title")[0].words.startswith("Error: ")
    (target,) = [each for each in page.all("a") if words in each.words]
    field = target.attributes["href"][1:]
    assert field in {each.attributes.get("id") for each in page.all("input", "fieldset")}
    (beside,) = [each for each in page.elements if each.attributes.get("id") == f"{field}-problem"]
    assert words in beside.words


# One's own account, and those of others


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"sign_in_name": "ada"}, "There is an account with the sign-in name ada"),
     ({"sign_in_name": FULL_WIDTH_ADA}, "There is an account"),
     ({"sign_in_name": CYRILLIC_A + "da"}, "letters from a to z"),
     ({"sign_in_name": "a b"}, "letters from a to z"), ({"sign_in_name": "zoe\x00"}, "letters from a to z"),
     ({"sign_in_name": "x" * 65}, "letters from a to z"), ({"sign_in_name": "ﷺ" * 64}, "letters from a to z"),
     ({"sign_in_name": ""}, "Enter a sign-in name"), ({"name": "Ada"}, "Another account has this name"),
     ({"name": FULL_WIDTH_ADA}, "Another account has this name"), ({"name": "a\u202eb"}, "invisible"),
     ({"name": "a\x00"}, "control characters"), ({"name": "x\ny"}, "control"), ({"name": "  "}, "Enter the name"),
     ({"name": "x" * 81}, "at most 80 characters"), ({"name": "x" * 60_000}, "at most 80 characters")],
)  # fmt: skip
def test_names_that_cannot_be_taken(site: AccountSite, fields: dict[str, str], words: str) -> None:
    site.add("ada")
    browser = site.signed_in("zoe")
    answer = browser.send("/account/names", 400, **({"name": "Zoe", "sign_in_name": "zoe"} | fields))
    assert words in Page(answer.text).text
    assert site.accounts.people.named("zoe").name == "Zoe"


def test_names_are_shown_as_they_are(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    browser.send("/account/names", name="<script>alert(1)</script> 李", sign_in_name="zoe@example.org")
    page = browser.page("/account")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 李" in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("new", "words"),
    [("short", "at least 12"), ("x" * 257, "at most 256"), ("aaaaaaaaaaaaaaa", "guesser"), ("Password1234!", "guesser"),
     ("qwertyuiop123", "guesser"), ("zoe zoe zoe zoe 1", "guesser"), ("tab\tin\tpassword x", "control"),
     ("correct horse battery staple", "guesser")],
)  # fmt: skip
def test_passwords_that_are_not_good_enough(site: AccountSite, new: str, words: str) -> None:
    browser = site.signed_in("zoe")
    answer = browser.send("/account/password", 400, current_password=PASSWORD, new_password=new, new_password_again=new)
    assert words in answer.text
    assert new not in answer.text or new == "short"
    assert browser.is_signed_in


def test_a_password_is_changed_with_the_old_one_alone(site: AccountSite) -> None:
    browser, other = site.signed_in("zoe"), site.browser()
    other.sign_in("zoe")
    before = browser.get_cookie(SESSION).value
    fields = {"new_password": OTHER_PASSWORD, "new_password_again": OTHER_PASSWORD}
    assert "This is not your password" in browser.send("/account/password", 400, current_password="x", **fields).text
    again = fields | {"new_password_again": "something else entirely"}
    assert "not the same" in browser.send("/account/password", 400, current_password=PASSWORD, **again).text
    browser.send("/account/password", current_password=PASSWORD, **fields)
    assert browser.is_signed_in
    assert browser.get_cookie(SESSION).value != before
    assert not other.is_signed_in


def test_an_administrator_adds_lets_in_and_disables(site: AccountSite) -> None:
    ada = site.signed_in("ada", Role.ADMINISTRATOR)
    answer = ada.send("/accounts", 200, page="/accounts", name="Zoë", sign_in_name="zoe", role="steward")
    (link,) = re.findall(r"http://localhost/(sign-in/once\?token=[\w-]+)", answer.text)
    zoe, secret = site.browser(), link.partition("=")[2]
    zoe.send("/sign-in/once", page=f"/{link}", token=secret)
    zoe.send("/account/password", new_password=PASSWORD, new_password_again=PASSWORD)
    account = site.accounts.people.named("zoe")
    assert (account.role, account.has_password) == (Role.STEWARD, True)
    ada.send(f"/accounts/{account.id}/role", page=f"/accounts/{account.id}", role="contributor")
    zoe.page("/part/review", 403)
    ada.send(f"/accounts/{account.id}/disable")
    assert not zoe.is_signed_in
    ada.send(f"/accounts/{account.id}/enable")
    answer = ada.send(f"/accounts/{account.id}/link", 200)
    assert "sign-in/once?token=" in answer.text
    ada.page("/accounts/nobody", 404)
    log = site.audit()
    assert "zoe: signed in by a one-time link: " in log
    assert "zoe: set a password: zoe" in log
    for done in ("made the account, steward", "made a one-time link", "changed the role to contributor",
                 "disabled the account", "enabled the account"):  # fmt: skip
        assert f"ada: {done}: zoe" in log
    assert "made a one-time link" in ada.page("/accounts/audit").text


def test_the_last_administrator_stays_one(site: AccountSite) -> None:
    browser = site.signed_in("ada", Role.ADMINISTRATOR)
    account = site.accounts.people.named("ada")
    for path, fields in (("role", {"role": "steward"}), ("disable", {}), ("role", {"role": "x"})):
        answer = browser.send(f"/accounts/{account.id}/{path}", 400, **fields)
        assert ("only administrator" in answer.text) == (fields.get("role") != "x")
    assert browser.page("/accounts").status_code == 200


# Where nothing can be kept


def test_reading_is_open_where_no_ledger_can_be(make_site: MakeSite, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    site = make_site(ledger=tmp_path / "file" / "ledger")
    browser = site.browser()
    browser.set_cookie(SESSION, "a" * 43, domain="localhost")
    for path in ("/", "/help", "/id/loom-charity"):
        browser.page(path)
    assert "There is no account here yet" in browser.page("/sign-in").text
    assert browser.page("/account", 303)
    assert browser.post("/sign-in", data={"form_token": "x"}).status_code == 403


def test_looking_makes_no_ledger(site: AccountSite) -> None:
    browser = site.browser()
    for path in ("/", "/sign-in", "/nothing"):
        browser.get(path, headers=HTML)
    browser.post("/sign-in", data={"form_token": "x"}, headers={"Cookie": "leedskg-form-8000=" + "a" * 30})
    assert not site.settings.ledger_path.exists()


@pytest.mark.parametrize(
    ("public", "host", "wanted"),
    [
        ("", "false.example", "http://127.0.0.1:8000/"),
        ("", "localhost.false.example:8000", "http://127.0.0.1:8000/"),
        ("", "localhost:9000", "http://localhost:9000/"),
        ("http://graph.example/", "false.example", "http://graph.example/"),
        ("http://graph.example/", "localhost", "http://graph.example/"),
    ],
)
def test_a_false_host_makes_no_false_link(make_site: MakeSite, public: str, host: str, wanted: str) -> None:
    site = make_site(public_address=public)
    ada = site.signed_in("ada", Role.ADMINISTRATOR)
    account = site.add("zoe")
    cookie = ada.get_cookie("leedskg-session-8000")
    assert cookie
    token = ada.token("/account")
    answer = site.app.test_client(use_cookies=False).post(
        f"/accounts/{account.id}/link",
        data={"form_token": token},
        headers=HTML | {"Host": host, "Origin": f"http://{host}", "Cookie": f"{cookie.key}={cookie.value}"},
    )
    assert answer.status_code == 200, answer.text[:2000]
    (link,) = re.findall(r"(https?://[^\s\"<]*)sign-in/once\?token=", answer.text)
    assert link == wanted


def test_a_ledger_that_breaks_leaves_reading_open(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    site.accounts.close()
    path = site.accounts.database.path
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(b"this is not a database, but something else entirely" * 100)
    assert "Sign in" in browser.page("/help").text
    answer = browser.page("/account", 503)
    assert "file is not a database" in answer.text
    assert str(path.parent) not in answer.text, "where it is kept is not for everybody"
    assert "Reading the graph needs no account" in answer.text


def test_a_ledger_of_a_later_version_is_left_alone(site: AccountSite) -> None:
    site.add("zoe")
    site.accounts.close()
    with sqlite3.connect(site.accounts.database.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert "made by a later version of leedskg" in site.browser().page("/sign-in", 503).text


def test_the_files_can_be_read_by_their_owner_alone(site: AccountSite) -> None:
    site.signed_in("zoe")
    for path in site.settings.ledger_path.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_audit_log_is_only_added_to(site: AccountSite) -> None:
    site.signed_in("zoe")
    for statement in ("DELETE FROM audit", "UPDATE audit SET what = ''"):
        refused = pytest.raises(AccountsClosedError, match="the audit log is only added to")
        with refused, site.accounts.database.writing() as connection:
            connection.execute(statement)
    assert "zoe: signed in: " in site.audit()
