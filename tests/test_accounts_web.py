"""Who may do what on the site: by form, by cookie and by token, with good and with bad intentions."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from leedskg.accounts import WRONG, passwords
from leedskg.accounts.model import COMMAND_LINE, Role
from leedskg.errors import AccountsClosedError
from leedskg.sparql.execution import QueryPool
from tests.page import Page
from tests.sample_accounts import FIELD, HTML, OTHER_PASSWORD, PASSWORD, AccountSite, Browser, account_site
from tests.sample_graph import settings_for
from tests.sample_site import publish_sample

MakeSite = Callable[..., AccountSite]
SESSION = "leedskg-session-8000"
# Letters that look like others.
FULL_WIDTH_ADA = "\uff21\uff24\uff21"
CYRILLIC_A, CYRILLIC_O = "\u0430", "\u043e"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, QueryPool]]:
    state = publish_sample(tmp_path_factory.mktemp("site"))
    with QueryPool(settings_for(state)) as pool:
        yield state, pool


@pytest.fixture
def make_site(published: tuple[Path, QueryPool], tmp_path: Path) -> Iterator[MakeSite]:
    opened = []

    def make(**options: Any) -> AccountSite:
        context = account_site(published[0], options.pop("ledger", tmp_path / "ledger"), published[1], **options)
        opened.append(context)
        return context.__enter__()

    yield make
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture
def site(make_site: MakeSite) -> AccountSite:
    return make_site()


def by_token(site: AccountSite, secret: str, path: str, method: str = "POST", **headers: str) -> tuple[int, str]:
    answer = site.app.test_client().open(path, method=method, headers={"Authorization": f"Bearer {secret}"} | headers)
    return answer.status_code, answer.text


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
    assert "Present password" not in browser.page("/account").text
    browser.send("/account/password", new_password=OTHER_PASSWORD, new_password_again=OTHER_PASSWORD)
    assert browser.is_signed_in
    assert not elsewhere.is_signed_in
    assert "Present password" in browser.page("/account").text
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
        said = FIELD.sub("", answer.text).replace(f'value="{name[:200]}"', "")
        pages[re.sub(r"nonce-\S+", "", said)] = name
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


# Forms


def test_a_form_is_taken_only_from_its_own_session(site: AccountSite) -> None:
    zoe, ada = site.signed_in("zoe"), site.signed_in("ada")
    foreign, stale = ada.token("/account"), zoe.token("/account")
    signed_out = site.browser().token("/sign-in")
    for token in ("", "x", foreign, signed_out, stale[:-1], stale.replace(".", "", 1), "x" * 9000, "\x00", "é"):
        answer = zoe.send("/part/contribute", 403, form_token=token)
        assert "nothing was changed" in answer.text
    assert zoe.post("/part/contribute", data={}, headers=HTML).status_code == 403
    assert zoe.post("/part/contribute", json={"form_token": stale}).status_code == 403, "JSON needs the header"
    assert zoe.post("/part/contribute", json={}, headers={"X-Form-Token": stale}).status_code == 200
    zoe.send("/sign-in/out")
    zoe.sign_in("zoe")
    zoe.send("/part/contribute", 403, form_token=stale)
    assert zoe.send("/part/contribute", 200).text == "done by zoe"


def test_a_form_grows_old(site: AccountSite, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = site.signed_in("zoe")
    token = browser.token("/account")
    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 12 * 3600 + 60)
    browser.send("/part/contribute", 403, form_token=token)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:99"}, {"Origin": "x["},
     {"Origin": "https://localhost"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
     {"Origin": "http://localhost.evil.example"}],
)  # fmt: skip
def test_a_form_is_not_taken_from_another_site(site: AccountSite, headers: dict[str, str]) -> None:
    browser = site.signed_in("zoe")
    token = browser.token("/account")
    answer = browser.post("/part/contribute", data={"form_token": token}, headers=HTML | headers)
    assert answer.status_code == 403
    assert "nothing was changed" in answer.text


def test_the_form_to_sign_in_is_guarded_too(site: AccountSite) -> None:
    site.add("zoe")
    browser = site.browser()
    data = {"sign_in_name": "zoe", "password": PASSWORD}
    assert browser.post("/sign-in", data=data, headers=HTML).status_code == 403
    other = site.browser()
    assert browser.post("/sign-in", data=data | {"form_token": other.token("/sign-in")}).status_code == 403
    assert not browser.is_signed_in


def test_methods_are_not_confused(site: AccountSite) -> None:
    browser = site.signed_in("ada", Role.ADMINISTRATOR)
    account = site.add("zoe")
    own = [f"/account/{what}" for what in ("password", "tokens", "names", "tokens/revoke", "sessions/end")]
    for path in [*own, f"/accounts/{account.id}/disable", f"/accounts/{account.id}/link"]:
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
            answer = browser.open(path, method=method, headers=HTML | {"X-HTTP-Method-Override": "POST"})
            assert answer.status_code == 405, (method, path)
    assert browser.delete("/account").status_code == 405
    assert not site.accounts.people.find(account.id).disabled


def test_a_form_that_is_too_large_is_refused(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    token = browser.token("/account")
    browser.send("/account/names", 413, form_token=token, name="x" * 70_000, sign_in_name="zoe")
    assert browser.send("/part/contribute", 200, text="x" * 70_000), "a contribution may be larger"
    answer = site.browser().send("/part/contribute", 401, form_token=token, text="x" * 70_000)
    assert "You are not signed in" in answer.text


def test_what_only_asks_needs_no_form(site: AccountSite) -> None:
    client = site.app.test_client()
    answer = client.post("/sparql", data={"query": "ASK {}"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 200
    assert client.put("/graph-store?default", data="", headers={"Content-Type": "text/turtle"}).status_code in {
        403,
        405,
    }
    assert client.post("/nothing").status_code == 404


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


def make_token(browser: Browser, *deeds: str, days: str = "") -> str:
    answer = browser.send("/account/tokens", 200, token_name="nightly", token_deeds=list(deeds), token_days=days)
    (secret,) = set(re.findall(r"leedskg_[\w-]{43}", answer.text))
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert secret not in browser.page("/account").text, "it is shown once"
    return secret


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


# Limits


def test_too_many_tries_to_sign_in_have_to_wait(site: AccountSite) -> None:
    site.add("zoe")
    browser = site.browser()
    for _ in range(10):
        browser.sign_in("zoe", "wrong", 400)
    answer = browser.sign_in("ZOE", PASSWORD, 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 300
    assert "Try again in " in answer.text
    other = site.app.test_client()
    token = FIELD.search(other.get("/sign-in", headers=HTML, environ_base={"REMOTE_ADDR": "192.0.2.9"}).text)[1]
    data = {"sign_in_name": "zoe", "password": PASSWORD, "form_token": token}
    answer = other.post("/sign-in", data=data, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert answer.status_code == 303, "somebody else's tries do not lock one out"


def test_getting_in_forgets_the_tries_before(site: AccountSite) -> None:
    site.add("zoe")
    browser = site.browser()
    for _ in range(3):
        for _ in range(6):
            browser.sign_in("zoe", "wrong", 400)
        browser.sign_in("zoe")
        browser.send("/sign-in/out")


def test_an_address_that_tries_many_names_has_to_wait(site: AccountSite) -> None:
    rates = site.accounts.rates
    for number in range(60):
        rates.sign_in(f"name{number}", "192.0.2.1")
    site.add("zoe")
    client = site.app.test_client()
    where = {"environ_base": {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "203.0.113.5"}}
    token = FIELD.search(client.get("/sign-in", headers=HTML, **where).text)[1]
    data = {"sign_in_name": "zoe", "password": PASSWORD, "form_token": token}
    assert client.post("/sign-in", data=data, **where).status_code == 429, "no proxy is believed by default"


def test_contributions_are_counted_by_account(make_site: MakeSite) -> None:
    site = make_site(contributions_per_hour=3)
    browser = site.signed_in("zoe")
    secret = make_token(browser, "contribute")
    for _ in range(2):
        browser.send("/part/contribute", 200)
    assert by_token(site, secret, "/part/contribute")[0] == 200
    answer = browser.send("/part/contribute", 429)
    assert "Too many contributions from this account" in answer.text
    assert int(answer.headers["Retry-After"]) > 3000
    browser.page("/part/contribute")
    assert site.signed_in("ada").send("/part/contribute", 200)


def test_wrong_tokens_are_counted(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    secret = make_token(browser, "contribute")
    for _ in range(30):
        assert by_token(site, "leedskg_wrong", "/part/contribute")[0] == 401
    assert by_token(site, "leedskg_wrong", "/part/contribute")[0] == 429
    assert by_token(site, secret, "/part/contribute")[0] == 429


# Proxies, cookies, caches


def test_a_proxy_that_is_believed_tells_https_and_the_address(make_site: MakeSite) -> None:
    site = make_site(proxy_hops=1)
    site.add("zoe")
    client = site.app.test_client()
    headers = HTML | {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7, 203.0.113.77"}
    page = client.get("/sign-in", headers=headers)
    assert "__Host-leedskg-form=" in page.headers["Set-Cookie"]
    cookie = page.headers["Set-Cookie"].split(";")[0]
    data = {"sign_in_name": "zoe", "password": PASSWORD, "form_token": FIELD.search(page.text)[1]}
    answer = client.post("/sign-in", data=data, headers=headers | {"Cookie": cookie, "Origin": "https://localhost"})
    assert answer.status_code == 303
    flags = answer.headers["Set-Cookie"]
    assert flags.startswith("__Host-leedskg-session=")
    for flag in ("Secure", "HttpOnly", "Path=/", "SameSite=Strict"):
        assert flag in flags
    assert "Domain" not in flags
    assert site.accounts.audit.entries()[0].place == "203.0.113.0/24", "what the proxy added, not what the client said"


def test_a_proxy_that_is_not_believed_changes_nothing(site: AccountSite) -> None:
    site.add("zoe")
    headers = HTML | {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.77"}
    page = site.app.test_client().get("/sign-in", headers=headers)
    assert page.headers["Set-Cookie"].startswith("leedskg-form-8000=")
    assert "Secure" not in page.headers["Set-Cookie"]


def test_a_public_address_of_https_makes_cookies_secure(make_site: MakeSite) -> None:
    site = make_site(public_address="https://graph.example.org/")
    site.add("zoe")
    client = site.app.test_client()
    page = client.get("/sign-in", headers=HTML)
    assert page.headers["Set-Cookie"].startswith("__Host-leedskg-form=")
    cookie = page.headers["Set-Cookie"].split(";")[0]
    data = {"sign_in_name": "zoe", "password": PASSWORD, "form_token": FIELD.search(page.text)[1]}
    headers = {"Cookie": cookie, "Origin": "https://graph.example.org"}
    assert client.post("/sign-in", data=data, headers=headers).status_code == 303


def test_pages_stay_cacheable_for_those_who_are_not_signed_in(site: AccountSite) -> None:
    nobody, somebody = site.browser(), site.signed_in("zoe")
    nonces = re.compile(r'nonce="[^"]+"')
    for path in ("/", "/id/loom-charity", "/search?q=loom", "/help"):
        first, second = nobody.page(path), site.browser().page(path)
        assert nonces.sub("", first.text) == nonces.sub("", second.text)
        assert "Set-Cookie" not in first.headers
        assert "Cache-Control" not in first.headers
        assert "Cookie" in first.headers["Vary"]
        assert "Sign in" in first.text
        signed_in = somebody.page(path)
        assert "Zoe" in signed_in.text
        assert signed_in.headers["Cache-Control"] == "private, no-store"
    for path in ("/sign-in", "/account"):
        assert somebody.get(path).headers["Cache-Control"] == "private, no-store"
    answer = somebody.get("/sparql?query=ASK%7B%7D")
    assert "Cookie" not in answer.headers["Vary"], "data are the same for everybody"


def test_a_link_on_another_site_costs_a_step_not_a_password(site: AccountSite) -> None:
    """SameSite=Strict: the first request comes without the cookie, the next one, from our own page, with it."""
    browser = site.signed_in("zoe")
    answer = site.browser().page("/part/contribute?x=1", Sec_Fetch_Site="cross-site")
    (refresh,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert refresh == "/sign-in?next=/part/contribute?x%3D1"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert browser.page(refresh, 303).location == "/part/contribute?x=1"


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
