"""What a steward does with several contributions, with one value of one, and with a file that comes again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from leedskg.accounts.model import Role
from tests.contributing import PARTNERS, bobbin
from tests.sample_accounts import Browser
from tests.sample_contributions import TownSite, town_site

ENTITIES = "name,kind,note\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("several")) as found:
        yield found


@pytest.fixture(scope="module")
def steward(site: TownSite) -> Browser:
    return site.signed_in("stella", Role.STEWARD)


def sent(site: TownSite, name: str, content: str) -> int:
    site.town.run("contribute", site.town.write(name, content), "--as", "mary", code=None)
    return max(each.id for each in site.ledger.contributions())


def versions(site: TownSite, *numbers: int) -> list[str]:
    return [f"{number}:{site.ledger.contribution(number).version}" for number in numbers]


def states(site: TownSite, *numbers: int) -> list[str]:
    return [site.ledger.contribution(number).state for number in numbers]


def test_several_are_decided_on_at_once_and_each_is_told(site: TownSite, steward: Browser) -> None:
    good = [sent(site, f"{name}.csv", f"{ENTITIES}{name} Shop,company,x\n") for name in ("Weaver", "Spinner")]
    bad = sent(site, "bad.ttl", bobbin().replace("lhi:hasEvidence", "lhi:namedAt"))
    queue = steward.page("/contributions").text
    assert all(f'value="{each}"' in queue for each in versions(site, *good, bad))
    chosen = versions(site, *good, bad)
    page = steward.send("/contributions/decide", 200, page="/contributions", do="accept", chosen=chosen, reason="Seen.")
    assert states(site, *good, bad) == ["merged", "merged", "checked"]
    assert f"Contribution {bad}</a> was not accepted: " in page.text
    assert f"Contribution {good[0]}</a> is accepted." in page.text
    assert "Weaver Shop" in steward.page("/id/weaver-shop").text
    none = steward.send("/contributions/decide", 422, page="/contributions", do="accept", chosen=[], reason="")
    assert "Tick at least one contribution." in none.text
    why = steward.send("/contributions/decide", 422, page="/contributions", do="reject", chosen=chosen[2:], reason="")
    assert "Say why they are not taken" in why.text
    stale = steward.send(
        "/contributions/decide", 200, page="/contributions", do="reject", chosen=[f"{bad}:1"], reason="Wrong."
    )
    assert "has changed since you looked" in stale.text or "Nothing was changed" in stale.text
    steward.send(
        "/contributions/decide", 200, page="/contributions", do="reject", chosen=versions(site, bad), reason="Wrong."
    )
    assert states(site, bad) == ["rejected"]
    assert any(f"accepted contribution: {good[1]}" in each for each in site.audit())


def test_a_value_is_corrected_before_it_is_accepted_and_recorded_as_the_stewards(
    site: TownSite, steward: Browser
) -> None:
    number = sent(site, "partners.csv", PARTNERS)
    page = steward.page(f"/contributions/{number}").text
    found = dict(re.findall(r'<option value="(\d+)">[^<]*– ([a-z ]+) – [^<]*</option>', page))
    by_field = {field: each for each, field in found.items()}
    path, edit = f"/contributions/{number}", {"why_edit": "The report says so."}

    def send(field: str, value: str, status: int = 303) -> str:
        version = str(site.ledger.contribution(number).version)
        answer = steward.send(
            f"{path}/edit", status, page=path, statement=by_field[field], value=value, version=version, **edit
        )
        return answer.text

    before = {str(each.triple) for each in site.ledger.statements(number)}
    assert "is not a plain number" in send("confidence", "much", 400)
    send("confidence", "0.7")
    statements = [each for each in site.ledger.statements(number) if each.decision != "rejected"]
    confidence = [each.triple.object.value for each in statements if "confidence" in each.triple.predicate.value]
    assert confidence == ["0.7"]
    page = steward.page(path).text
    assert "corrected a value before it was decided on: “0.7”" in page
    assert "The report says so." in page
    # What is claimed is part of the name: another participant makes another assertion, and nothing of the old is left.
    found = dict(re.findall(r'<option value="(\d+)">([^<]*)</option>', page))
    by_field["participant"] = next(each for each, words in found.items() if "participant – Heartbeat Study" in words)
    send("participant", "Millbrook Hospital")
    left = {str(each.triple) for each in site.ledger.statements(number) if each.decision != "rejected"}
    names = {each.partition("#")[0].partition(">")[0] for each in left if "/assertion/" in each.partition(" ")[0]}
    assert len(names) == 1
    assert not any(next(iter(names)) in each for each in before)
    assert site.ledger.contribution(number).report["findings"] == [] or steward.page(path)
    contributor = site.signed_in("carl")
    assert contributor.post(f"{path}/edit", headers={"Origin": "http://localhost"}).status_code in {401, 403, 404}


def test_a_file_that_comes_again_says_what_has_changed(site: TownSite, steward: Browser) -> None:
    first = sent(site, "shops.csv", f"{ENTITIES}Loom Shop,company,x\nYarn Shop,company,y\n")
    again = sent(site, "shops.csv", f"{ENTITIES}Loom Shop,company,x\nYarn Store,company,y\n")
    page = steward.page(f"/contributions/{again}").text
    assert "Since it was last sent" in page
    assert f'of the findings of <a href="/contributions/{first}">contribution {first}</a>' in page
    new, gone = page.partition("New in it:")[2].partition("No longer in it:")[::2]
    assert "Yarn Store" in new
    assert "Yarn Shop" in gone.partition("</ul>")[0]
    assert "Loom Shop" not in new
    assert "Since it was last sent" not in steward.page(f"/contributions/{first}").text


def test_findings_that_say_the_same_are_counted(site: TownSite, steward: Browser) -> None:
    number = sent(site, "many.csv", ENTITIES + "".join(f"Stall number {each},company,x\n" for each in range(4)))
    page = steward.page(f"/contributions/{number}").text
    assert re.search("<strong>4 \u00d7 mentions:</strong>", page)
