"""What the site takes from whom: forms, limits, proxies, cookies and caches."""

from __future__ import annotations

import re
import time

import pytest

from leedskg.accounts.model import COMMAND_LINE, Role
from tests.account_sites import MakeSite, by_token, make_token
from tests.sample_accounts import FIELD, HTML, PASSWORD, AccountSite

SESSION = "leedskg-session-8000"
# Letters that look like others.
FULL_WIDTH_ADA = "\uff21\uff24\uff21"
CYRILLIC_A, CYRILLIC_O = "\u0430", "\u043e"


@pytest.fixture
def site(make_site: MakeSite) -> AccountSite:
    return make_site()


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


def guess(site: AccountSite, address: str, tries: int, password: str = "wrong") -> list[int]:
    client = site.app.test_client()
    where = {"environ_base": {"REMOTE_ADDR": address}}
    token = FIELD.search(client.get("/sign-in", headers=HTML, **where).text)[1]
    data = {"sign_in_name": "zoe", "password": password, "form_token": token}
    return [client.post("/sign-in", data=data, **where).status_code for _ in range(tries)]


def test_a_guesser_at_many_addresses_is_slowed_and_the_owner_is_not(site: AccountSite) -> None:
    site.add("zoe")
    for number in range(6):
        assert guess(site, f"192.0.2.{number}", 11) == [400] * 10 + [429]
    assert guess(site, "192.0.2.77", 5) == [400, 400, 400, 429, 429], "from now on each address has three tries"
    assert guess(site, "198.51.100.1", 1, PASSWORD) == [303], "the owner at an address of her own gets in"


def test_a_browser_that_is_known_is_not_held_to_what_others_try_at_its_address(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    browser.send("/sign-in/out")
    guess(site, "127.0.0.1", 11)
    assert guess(site, "127.0.0.1", 1, PASSWORD) == [429], "a stranger at the same address"
    browser.sign_in("zoe", "mistyped", 400)
    browser.sign_in("zoe", PASSWORD)
    browser.send("/sign-in/out")
    for _ in range(10):
        browser.sign_in("zoe", "wrong", 400)
    browser.sign_in("zoe", PASSWORD, 429)


def test_what_makes_a_browser_known_counts_for_its_own_account_alone(site: AccountSite) -> None:
    browser = site.signed_in("zoe")
    kept = browser.get_cookie("leedskg-known-8000").value
    accounts = site.accounts
    assert accounts.browser_of(kept, "zoe")
    assert [accounts.browser_of(text, "zoe") for text in (kept + "x", "x", "x" * 9000, "")] == [""] * 4
    assert accounts.browser_of(kept, "ada") == ""


def test_wrong_links_are_counted_and_a_good_one_works(site: AccountSite) -> None:
    account = site.add("zoe", password="")
    good = site.accounts.links.make(COMMAND_LINE, account)
    browser = site.browser()
    page = f"/sign-in/once?token={good}"
    for number in range(20):
        browser.send("/sign-in/once", 403, page=page, token=f"wrong{number}")
    browser.send("/sign-in/once", 429, page=page, token="wrong")
    browser.send("/sign-in/once", 303, page=page, token=good)


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
    assert by_token(site, secret, "/part/contribute")[0] == 200, "a good token pays for no bad one"


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
        assert not {"private", "no-store"} & set(first.headers.get("Cache-Control", "").replace(",", " ").split())
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
