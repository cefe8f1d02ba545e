"""Getting in and out of the site: one-time links, passwords, sessions."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from leedskg.accounts import WRONG, passwords
from leedskg.accounts.model import COMMAND_LINE, Role
from tests.account_sites import MakeSite
from tests.page import Page
from tests.sample_accounts import FIELD, HTML, OTHER_PASSWORD, PASSWORD, AccountSite, Browser

SESSION = "leedskg-session-8000"
# Letters that look like others.
FULL_WIDTH_ADA = "\uff21\uff24\uff21"
CYRILLIC_A, CYRILLIC_O = "\u0430", "\u043e"


@pytest.fixture
def site(make_site: MakeSite) -> AccountSite:
    return make_site()


# The first link


def test_a_first_link_makes_an_administrator_who_can_do_all(site: AccountSite) -> None:
    secret = site.accounts.links.first()
    browser = site.browser()
    address = f"/sign-in/once?token={secret}"
    for _ in range(3):
        page = browser.page(address)
        assert "makes the first account" in page.text, "looking does not spend it"
    assert browser.head(address).status_code == 200
    assert site.accounts.people.everyone() == []
    browser.send("/sign-in/once", page=address, token=secret)
    page = browser.page("/account")
    assert "You have no password yet" in page.text
    assert "you may accept your own contributions too" in page.text
    for path in ("/part/contribute", "/part/review"):
        assert browser.send(path, 200).text == "done by steward"
    assert "Add an account" in browser.page("/accounts").text
    browser.page(address, 403)
    again = site.browser()
    assert "has been used" in again.send("/sign-in/once", 403, page="/sign-in", token=secret).text
    assert not again.is_signed_in


def test_a_link_works_once_even_for_two_at_once(site: AccountSite) -> None:
    secret = site.accounts.links.first()
    browsers = [site.browser() for _ in range(4)]
    tokens = [browser.token(f"/sign-in/once?token={secret}") for browser in browsers]
    start, statuses = threading.Barrier(4), []

    def use(browser: Browser, token: str) -> None:
        start.wait()
        statuses.append(browser.post("/sign-in/once", data={"token": secret, "form_token": token}).status_code)

    threads = [threading.Thread(target=use, args=pair) for pair in zip(browsers, tokens, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 403, 403, 403]
    assert len(site.accounts.people.everyone()) == 1


def test_a_link_expires_is_replaced_and_ends_with_the_account(site: AccountSite) -> None:
    admin = site.add("ada", Role.ADMINISTRATOR)
    account = site.add("zoe", password="")
    links, browser = site.accounts.links, site.browser()
    first = links.make(COMMAND_LINE, account)
    second = links.make(COMMAND_LINE, account)
    assert "replaced by a later one" in browser.page(f"/sign-in/once?token={first}", 403).text
    browser.page(f"/sign-in/once?token={second}")
    site.clock.forward(hours=24.1)
    browser.page(f"/sign-in/once?token={second}", 403)
    third = links.make(COMMAND_LINE, account)
    site.accounts.people.disable(COMMAND_LINE, account)
    browser.page(f"/sign-in/once?token={third}", 403)
    assert links.first() is None, f"{admin.name} has a password"
    for wrong in ("", "x", "%00", "é" * 300, "x" * 5000):
        browser.page(f"/sign-in/once?token={wrong}", 403)


def test_the_first_link_ends_when_somebody_has_made_an_account(site: AccountSite) -> None:
    secret = site.accounts.links.first()
    browser = site.browser()
    token = browser.token(f"/sign-in/once?token={secret}")
    site.add("ada", Role.ADMINISTRATOR)
    browser.send("/sign-in/once", 403, form_token=token, token=secret)
    assert [each.sign_in_name for each in site.accounts.people.everyone()] == ["ada"]


def test_a_link_lets_one_set_a_password_without_the_old_one(site: AccountSite) -> None:
    zoe = site.add("zoe")
    elsewhere = site.browser()
    elsewhere.sign_in("zoe")
    browser = site.browser()
    secret = site.accounts.links.make(COMMAND_LINE, zoe)
    browser.send("/sign-in/once", page=f"/sign-in/once?token={secret}", token=secret)
    assert "Current password" not in browser.page("/account").text
    browser.send("/account/password", new_password=OTHER_PASSWORD, new_password_again=OTHER_PASSWORD)
    assert browser.is_signed_in
    assert not elsewhere.is_signed_in
    assert "Current password" in browser.page("/account").text
    elsewhere.sign_in("zoe", status=400)
    elsewhere.sign_in("zoe", OTHER_PASSWORD)


def test_without_any_password_each_start_prints_a_link_to_the_same_account(site: AccountSite) -> None:
    browser = site.browser()
    for _ in range(2):
        secret = site.accounts.links.first()
        browser.send("/sign-in/once", page=f"/sign-in/once?token={secret}", token=secret)
    assert [each.sign_in_name for each in site.accounts.people.everyone()] == ["steward"]
    browser.send("/account/password", new_password=PASSWORD, new_password_again=PASSWORD)
    assert site.accounts.links.first() is None


# Signing in and out


def test_signing_in_brings_one_to_the_page_one_wanted(site: AccountSite) -> None:
    site.add("zoe")
    browser = site.browser()
    answer = browser.page("/part/contribute?of=caf%C3%A9%20x&a=1", 303)
    assert answer.location == "/sign-in?next=/part/contribute?of%3Dcaf%25C3%25A9%2520x%26a%3D1"
    form = Page(browser.page(answer.location).text)
    (onward,) = [each.attributes["value"] for each in form.all("input") if each.attributes["name"] == "next"]
    assert onward == "/part/contribute?of=caf%C3%A9%20x&a=1"
    assert browser.sign_in("zoe", onward=onward).location == onward
    assert browser.page("/sign-in", 303, Referer="http://localhost/search?q=x").location == "/search?q=x"
    assert browser.page("/sign-in", 303, Referer="http://evil.example/search").location == "/"


@pytest.mark.parametrize("name", ["zoe", "ZOE", "  Zoe ", "\uff5a\uff4f\uff45"])
def test_a_sign_in_name_has_one_form(site: AccountSite, name: str) -> None:
    site.add("zoe")
    browser = site.browser()
    browser.sign_in(name)
    assert browser.is_signed_in


@pytest.mark.parametrize(
    "next_", ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
              "/\r\n/evil.example", "javascript:alert(1)", "evil.example", "", "/sign-in/out", "///evil.example",
              "/%09/x\n", " //evil.example", "http:evil", "/x" * 2000, "/[", "\x00/", "/a\x00b"],
)  # fmt: skip
def test_next_never_leads_to_another_site(site: AccountSite, next_: str) -> None:
    site.add("zoe")
    browser = site.browser()
    assert browser.sign_in("zoe", onward=next_).location in {"/", "/%5B"}
    assert browser.get("/sign-in", query_string={"next": next_}, headers=HTML).location in {"/", "/%5B"}


def test_what_is_wrong_is_not_told_apart(site: AccountSite) -> None:
    site.add("zoe")
    site.add("ada", password="")
    site.accounts.people.disable(COMMAND_LINE, site.add("ben"))
    pages = {}
    names = ["nobody", "ada", "ben", f"z{CYRILLIC_O}e", "z\x00oe", "x" * 9000]
    for name, password in [("zoe", "wrong"), ("zoe", ""), ("", ""), *((name, PASSWORD) for name in names)]:
        browser = site.browser()
        answer = browser.sign_in(name, password, 400)
        assert WRONG in answer.text
        assert not browser.is_signed_in
        shown = name[:200].replace("\x00", "\N{REPLACEMENT CHARACTER}")
        said = FIELD.sub("", answer.text).replace(f'value="{shown}"', "")
        pages[re.sub(r'nonce="[^"]+"', "", said)] = name
    assert len(pages) <= 2, "but for what was typed as a name"
    assert "nobody" not in "".join(site.audit()), "what was typed may be a password"


def test_a_name_that_nobody_has_costs_as_much_as_a_wrong_password(site: AccountSite, monkeypatch: Any) -> None:
    """Counted, not timed: exactly one verification of a hash with the same figures each."""
    seen = []
    verify = passwords.PasswordHasher.verify

    def noted(hasher: passwords.PasswordHasher, kept: str, word: bytes) -> bool:
        seen.append(kept)
        return verify(hasher, kept, word)

    monkeypatch.setattr(passwords.PasswordHasher, "verify", noted)
    site.add("zoe")
    site.accounts.people.disable(COMMAND_LINE, site.add("ben"))
    for name in ("zoe", "nobody", "ben"):
        site.browser().sign_in(name, "wrong", 400)
    assert len(seen) == 3
    assert {kept.rsplit("$", 2)[0] for kept in seen} == {"$argon2id$v=19$m=19456,t=2,p=1"}


def test_a_hash_of_other_figures_is_made_anew(site: AccountSite) -> None:
    zoe = site.add("zoe")
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with site.accounts.database.writing() as connection:
        connection.execute("UPDATE account SET password = ? WHERE id = ?", (old, zoe.id))
    site.browser().sign_in("zoe")
    assert site.accounts.people.kept_password("zoe")[1].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    site.browser().sign_in("zoe")


def test_a_session_id_is_new_at_each_sign_in_and_the_old_one_ends(site: AccountSite) -> None:
    site.add("zoe")
    browser = site.browser()
    browser.set_cookie(SESSION, "planted-by-somebody-else-0123456789", domain="localhost")
    browser.sign_in("zoe")
    first = browser.get_cookie(SESSION).value
    assert "planted" not in first
    browser.send("/sign-in", page="/account", sign_in_name="zoe", password=PASSWORD)
    second = browser.get_cookie(SESSION).value
    assert second != first
    other = site.browser()
    other.set_cookie(SESSION, first, domain="localhost")
    assert not other.is_signed_in
    kept = site.accounts.database.path.read_bytes() + Path(f"{site.accounts.database.path}-wal").read_bytes()
    assert second.encode() not in kept, "its hash alone is kept"


@pytest.mark.parametrize("forged", ["", "x", "a" * 43, "é" * 30, "\x01" * 30, "a" * 5000, "' OR 1=1 --" * 3])
def test_a_forged_cookie_is_nobody(site: AccountSite, forged: str) -> None:
    site.add("zoe")
    answer = site.browser().get("/account", headers=HTML | {"Cookie": f"{SESSION}={forged}"})
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/account")


def test_a_session_ends_after_idleness_and_in_any_case(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    for _ in range(6):
        site.clock.forward(minutes=110)
        assert browser.is_signed_in, "each request keeps it"
    site.clock.forward(minutes=121)
    assert not browser.is_signed_in
    browser.sign_in("zoe")
    for _ in range(11):
        site.clock.forward(hours=1)
        assert browser.is_signed_in
    site.clock.forward(hours=1.01)
    assert not browser.is_signed_in


def test_signing_out_is_a_form_and_ends_the_session(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    secret = browser.get_cookie(SESSION).value
    assert browser.get("/sign-in/out").status_code == 405
    assert browser.is_signed_in
    browser.send("/sign-in/out")
    assert browser.get_cookie(SESSION) is None
    browser.set_cookie(SESSION, secret, domain="localhost")
    assert not browser.is_signed_in


def test_signing_out_everywhere_and_elsewhere(site: AccountSite) -> None:
    browsers = [site.signed_in("zoe"), site.browser(), site.browser()]
    for each in browsers[1:]:
        each.sign_in("zoe")
    listed = Page(browsers[0].page("/account").text)
    keys = [each.attributes["value"] for each in listed.all("input") if each.attributes["name"] == "session"]
    assert len(keys) == 2
    stranger = site.signed_in("ada")
    stranger.send("/account/sessions/end", session=keys[0])
    assert all(each.is_signed_in for each in browsers), "only one's own"
    browsers[0].send("/account/sessions/end", session=keys[0])
    assert [each.is_signed_in for each in browsers].count(True) == 2
    browsers[0].send("/sign-in/out", everywhere="yes")
    assert not any(each.is_signed_in for each in browsers)
    assert stranger.is_signed_in
