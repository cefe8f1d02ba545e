"""What people with an account follow, through the front door: the buttons, the page, and what is told when."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from leedskg.accounts import database
from leedskg.accounts.follows import MOST, FollowKind
from leedskg.accounts.model import COMMAND_LINE, Role
from tests.contributing import award, bobbin, turtle
from tests.sample_accounts import Browser
from tests.sample_contributions import TownSite, town_site
from tests.sample_knowledge import entity
from tests.waiting import until

QUERY = "SELECT ?name WHERE { VALUES ?of { id:millbrook-hospital } ?of skos:altLabel ?name }"
HEAD = "# title: Names\n# description: All.\n# answers: a test\n"
PREFIXES = (
    "PREFIX id: <https://w3id.org/leeds-health-innovation/id/>\nPREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
)
QUERIES = {
    "names": f"{HEAD}# param of: Whose names\n{PREFIXES}{QUERY}\n",
    "broken": f"{HEAD}SELECT ?x WHERE {{ ?x }}\n",
    "graph": f"{HEAD}CONSTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }} LIMIT 1\n",
    "runaway": f"{HEAD}SELECT (COUNT(*) AS ?n) WHERE {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }}\n",
}
ATOM = "{http://www.w3.org/2005/Atom}"
HOSPITAL = "/id/millbrook-hospital"


def named(name: str, of: str = "millbrook-hospital") -> str:
    return turtle(f'id:{of} skos:altLabel "{name}"@en .\n')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    folder = tmp_path_factory.mktemp("following")

    def prepare(town) -> None:
        for name, text in QUERIES.items():
            (town.sample.root / "queries" / f"{name}.rq").write_text(text, encoding="utf-8")

    with town_site(folder, prepare, query_timeout=3.0) as made:
        yield made


@pytest.fixture
def browser(site: TownSite, request: pytest.FixtureRequest) -> Browser:
    return site.signed_in(f"reader{abs(hash(request.node.name)) % 10**9}")


def merge(site: TownSite, content: str, title: str) -> None:
    """Have a contribution merged, and with it a publication."""
    done = site.town.contribute(f"{title}.ttl", content, "--title", title)
    number = re.search(r"Contribution (\d+) is", done.output)
    assert number, done.output
    site.town.run("contributions", "accept", number[1], "--reason", "seen")
    until(lambda: site.pool.generation().number == site.town.generation())


def shown(browser: Browser, path: str = "/account/following") -> str:
    return html.unescape(browser.page(path).text)


def follow(browser: Browser, kind: str, of: str, status: int = 303, **more: str) -> str:
    answer = browser.send("/account/following", status, kind=kind, of=of, **more)
    return html.unescape(answer.text)


def see_all(browser: Browser) -> None:
    page = shown(browser)
    moment = re.search(r'name="moment" value="([^"]+)"', page)
    assert moment
    browser.send("/account/following/seen", moment=moment[1], follow=re.findall(r'name="follow" value="(\d+)"', page))


def test_the_button_on_a_page_follows_it_and_the_site_tells_what_is_new(site: TownSite, browser: Browser) -> None:
    assert "You follow nothing yet" in shown(browser)
    page = shown(browser, HOSPITAL)
    assert "Follow Millbrook Hospital" in page
    onward = browser.send("/account/following", page=HOSPITAL, kind="entity", of="millbrook-hospital", next=HOSPITAL)
    assert onward.location == HOSPITAL
    assert "You follow Millbrook Hospital" in shown(browser, HOSPITAL)
    assert "Nothing is new." in shown(browser)
    merge(site, named("The Mill Infirmary"), "Another name")
    assert "</span>1 new</a>" in shown(browser, "/"), "every page tells"
    told = shown(browser)
    assert "1 of the 1 thing that you follow has changed" in told
    assert "Another name</a></h3>" in told
    assert "Changed: Millbrook Hospital (" in told
    see_all(browser)
    assert "Nothing is new." in shown(browser)
    assert "new</a>" not in shown(browser, "/")
    number = re.search(r'name="follow" value="(\d+)"', shown(browser, HOSPITAL))
    assert number
    assert browser.send("/account/following/stop", follow=number[1], next=HOSPITAL).location == HOSPITAL
    assert "Follow Millbrook Hospital" in shown(browser, HOSPITAL)
    assert "You follow nothing yet" in shown(browser)


def test_a_new_statement_about_what_one_follows_is_told_and_one_about_others_is_not(
    site: TownSite, browser: Browser
) -> None:
    follow(browser, "entity", "loom-charity")
    follow(browser, "entity", "zoe-institute")
    merge(site, bobbin(), "A new fund")
    told = shown(browser)
    assert "1 of the 2 things that you follow has changed" in told
    assert "Added: Loom Charity, Bobbin Fund (partnership)" in told
    assert told.index("Loom Charity</a></h2>") < told.index("Zoë Institute</a></h2>"), "what is new stands first"
    follow(browser, "list", "zoe-institute,bobbin-fund")
    assert "Your list of 2: Zoë Institute, Bobbin Fund" in shown(browser)
    merge(site, award(), "More money")
    told = shown(browser)
    assert "2 of the 3 things that you follow have changed" in told, (
        "the award is of a member of the list, and not of the institute"
    )
    assert "Added: Bobbin Fund, Heartbeat Study (funding award)" in told


def test_the_answer_of_a_saved_query_is_told_with_the_rows_that_came(site: TownSite, browser: Browser) -> None:
    page = shown(browser, "/query/names?of=Loom+Charity")
    wanted = re.search(r'type="hidden" name="of" value="([^"]+)"', page)
    assert wanted
    assert "loom-charity" in wanted[1], "with the values that are asked for"
    follow(browser, "query", wanted[1])
    assert "Names (Whose names: Loom Charity)" in shown(browser)
    assert "You follow this answer" in shown(browser, "/query/names?of=The+Loom"), "by whatever name"
    assert "Follow this answer" in shown(browser, "/query/names"), "other values, another answer"
    merge(site, named("Loom and Shuttle", "loom-charity"), "A loom")
    told = shown(browser)
    assert "The answer changed: 1 row added, 0 removed" in told
    assert "Added: name: Loom and Shuttle" in told
    assert "</span>1 new</a>" in shown(browser, "/"), "once it was looked at"
    see_all(browser)
    assert "Nothing is new." in shown(browser)


@pytest.mark.parametrize(
    ("kind", "of", "status", "said"),
    [
        ("entity", "nobody", 404, "Nothing here has the id “nobody”"),
        ("entity", "milbrook-hospital", 404, "Millbrook Hospital"),
        ("entity", "", 404, "Nothing here has the id"),
        ("entity", "../../etc/passwd", 404, "Nothing here has the id"),
        ("entity", "x\r\nBcc: all@example.org", 404, "“x Bcc: all@example.org”"),
        ("list", "", 400, "The list is empty"),
        ("list", "loom-charity,nobody", 404, "“nobody”"),
        ("list", ",".join(f"n{number}" for number in range(501)), 400, "A list has up to 500 members; 501 are named"),
        ("query", "nothing", 404, "No saved query has the name"),
        ("query", "broken", 400, ""),
        ("query", "graph", 400, "only rows can be followed"),
        ("query", "runaway", 503, ""),
        ("query", "names?of=not+an+IRI", 400, "has to be an IRI"),
        ("query", "names?" + "&".join(["of=x:y"] * 60), 400, "not the values of a saved query"),
        ("page", "/", 400, "this is none of them"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_told_and_nothing_is_kept(
    browser: Browser, kind: str, of: str, status: int, said: str
) -> None:
    assert said in follow(browser, kind, of, status)
    assert "You follow nothing yet" in shown(browser)


def test_a_list_of_500_and_more_than_can_be_followed(site: TownSite, browser: Browser) -> None:
    entities = [each.removeprefix("https://w3id.org/leeds-health-innovation/id/") for each in known(site)]
    (account,) = [each for each in site.accounts.people.everyone() if each.shown in shown(browser, "/account")]
    for number in range(MOST[FollowKind.ENTITY] - 1):
        site.accounts.follows.add(account, FollowKind.ENTITY, f"made-up-{number}", "2026-01-01T00:00:00.000Z")
    follow(browser, "entity", entities[0])
    follow(browser, "entity", entities[0])
    assert "You follow 200 entities already" in follow(browser, "entity", entities[1], 409)
    follow(browser, "list", ",".join(entities[:500]))
    told = shown(browser)
    assert told.count('class="kg-followed"') == 201
    assert "It was taken out of the graph." in told, "what is gone is told, and hides nothing else"


def known(site: TownSite) -> list[str]:
    answer = site.app.test_client().get(
        "/sparql",
        query_string={
            "query": "SELECT DISTINCT ?e { ?e <http://www.w3.org/2004/02/skos/core#prefLabel> ?n "
            'FILTER(CONTAINS(STR(?e), "/id/")) } ORDER BY ?e',
            "format": "csv",
        },
    )
    return answer.text.split()[1:]


def test_what_was_replaced_or_retired_is_told_with_where_it_went(site: TownSite, browser: Browser) -> None:
    merge(site, turtle(entity("old-mill", "Charity", "Old Mill", "funding")), "An old mill")
    follow(browser, "entity", "old-mill")
    moved = "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    moved += turtle("id:old-mill owl:deprecated true ; dcterms:isReplacedBy id:loom-charity .\n")
    merge(site, moved, "Merged")
    told = shown(browser)
    assert "It was replaced by Loom Charity." in told
    assert "Retired: Old Mill" in told
    assert "Follow Loom Charity too" in told
    other = site.signed_in("late")
    said = follow(other, "entity", "old-mill", 410)
    assert "Old Mill was replaced by Loom Charity. Follow that instead." in said
    assert 'href="/id/loom-charity"' in said


def test_what_somebody_follows_is_theirs_alone_and_goes_with_the_account(site: TownSite, browser: Browser) -> None:
    follow(browser, "entity", "heartbeat-study")
    (account,) = [each for each in site.accounts.people.everyone() if each.shown in shown(browser, "/account")]
    administrator = site.signed_in("boss", Role.ADMINISTRATOR)
    for path in ("/account/following", "/accounts", f"/accounts/{account.id}", "/accounts/audit"):
        assert "eartbeat" not in shown(administrator, path).casefold(), path
    (number,) = [each.id for each in site.accounts.follows.of(account)]
    administrator.send("/account/following/stop", follow=str(number))
    administrator.send("/account/following/seen", moment="2999-01-01T00:00:00.000Z", follow=str(number))
    assert [each.id for each in site.accounts.follows.of(account)] == [number], "nobody ends what is another's"
    assert "eartbeat" not in site.town.run("accounts", "audit").output.casefold()
    site.accounts.people.disable(COMMAND_LINE, account)
    site.accounts.people.enable(COMMAND_LINE, account)
    assert site.accounts.follows.of(account) == ()


def test_nobody_follows_without_an_account_or_from_another_site(site: TownSite, browser: Browser) -> None:
    stranger = site.browser()
    assert "Follow Millbrook" not in shown(stranger, HOSPITAL)
    assert stranger.page("/account/following", 303).location.startswith("/sign-in")
    stranger.send("/account/following", 401, page="/sign-in", kind="entity", of="millbrook-hospital")
    for given in ({"form_token": "made-up"}, {"form_token": ""}):
        browser.send("/account/following", 403, kind="entity", of="millbrook-hospital", **given)
    browser.send("/account/following/seen", 400, moment="yesterday", follow="1")
    browser.send("/account/following/seen", moment="2999-01-01T00:00:00.000Z", follow=["x", "-1", "9" * 400])
    assert browser.send("/account/following/stop", follow="1", next="https://evil.example/").location == "/"


def test_a_log_that_began_anew_is_told_rather_than_nothing(site: TownSite, browser: Browser) -> None:
    follow(browser, "entity", "millbrook")
    (site.settings.state_path / "changes.sqlite").unlink()
    site.town.run("rebuild")
    until(lambda: site.pool.generation().number == site.town.generation())
    assert "The log of changes began anew on" in shown(browser)
    merge(site, named("Millbrook upon Mill", "millbrook"), "A longer name")
    assert "Changed: Millbrook (" in shown(browser)


def test_a_file_of_accounts_of_the_first_form_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / database.FILE
    with sqlite3.connect(path) as old:
        old.executescript(database._SCHEMA[0])
        old.execute("INSERT INTO account VALUES ('a1', 'ada', 'Ada', 'steward', NULL, 0, '2026-01-01T00:00:00Z')")
        old.execute("PRAGMA user_version = 1")
    old.close()
    kept = database.AccountDatabase(tmp_path)
    with kept.writing() as connection:
        connection.execute("INSERT INTO follow VALUES (1, 'a1', 'entity', 'x', '', '', '')")
    assert [row["sign_in_name"] for row in kept.rows("SELECT * FROM account")] == ["ada"]
    kept.close()


def feed_address(browser: Browser) -> str:
    answer = browser.send("/account/following/feed", 200)
    (secret,) = set(re.findall(r"/alerts/feed\.atom\?token=([\w-]{43})", answer.text))
    assert secret not in browser.page("/account/following").text, "it is shown once"
    return f"/alerts/feed.atom?token={secret}"


def test_a_feed_with_a_private_address_tells_it_without_signing_in(site: TownSite, browser: Browser) -> None:
    follow(browser, "entity", "zoe-institute")
    address = feed_address(browser)
    reader = site.browser()
    assert feed_entries(reader, address) == []
    merge(site, named("Zoë's House", "zoe-institute"), "A house")
    (entry,) = feed_entries(reader, address)
    assert re.fullmatch(r"Zoë Institute: Merged contribution \d+: A house", entry.findtext(f"{ATOM}title", ""))
    assert "Changed: Zoë Institute" in entry.findtext(f"{ATOM}content", "")
    see_all(browser)
    assert len(feed_entries(reader, address)) == 1, "what was seen on the site stays in the feed"
    answer = reader.get(address)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    renewed = feed_address(browser)
    unknown = reader.get("/alerts/feed.atom?token=made-up")
    assert unknown.status_code == 404
    for wrong in (address, "/alerts/feed.atom", "/alerts/feed.atom?token=" + "x" * 5000, f"{renewed}x"):
        answer = reader.get(wrong)
        assert (answer.status_code, answer.data) == (404, unknown.data), "a wrong one is as an unknown one"
    assert len(feed_entries(reader, renewed)) == 1
    browser.send("/account/following/feed/end")
    assert reader.get(renewed).data == unknown.data
    with_account = feed_address(browser)
    (account,) = [each for each in site.accounts.people.everyone() if each.shown in shown(browser, "/account")]
    site.accounts.people.disable(COMMAND_LINE, account)
    assert reader.get(with_account).data == unknown.data
    assert not any("token" in line or "zoe-institute" in line for line in site.audit()), "no secret, and no subject"


def feed_entries(reader: Browser, address: str) -> list[ET.Element]:
    answer = reader.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    found = ET.fromstring(answer.data)
    ids = [each.findtext(f"{ATOM}id") for each in found.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)
    assert not any("token" in (each or "") for each in ids)
    return found.findall(f"{ATOM}entry")
