"""Imports on the site and through the API: sent, looked at, accepted, attributed, undone."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from leedskg.accounts.model import Role
from tests.contribution_pages import decide, main, signed_in, token
from tests.sample_accounts import HTML
from tests.sample_contributions import TownSite, town_site
from tests.sample_imports import CHARITIES_CSV, body, gtr_project


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), contributions_per_hour=1000) as found:
        found.add("stella", Role.STEWARD)
        found.add("carl")
        yield found


BODIES = (body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-2", "Lomm Charity", "PROJECT_PARTNER"),
          body("ORG-3", "Pat Example, Clinician", "COLLABORATOR"))  # fmt: skip

FAR = gtr_project("EP/9", body("ORG-9", "Far Away University", "LEAD_RO"))


def test_an_import_is_sent_looked_at_accepted_attributed_renewed_and_undone(site: TownSite) -> None:
    nobody, carl, stella = site.browser(), signed_in(site, "carl"), signed_in(site, "stella")
    assert nobody.get("/imports", headers=HTML).status_code == 303
    assert "No register was imported" in main(nobody.page("/attribution"))

    def send(content: str, name: str, **more: str):
        sent = {"file": (io.BytesIO(content.encode()), name), "form_token": carl.token("/imports")} | more
        return carl.post("/imports", data=sent, headers=HTML | {"Origin": "http://localhost"})

    for content, more, said in (
        ("who,what\nx,y\n", {}, "a.csv: this is a file of no source that is known"),
        (CHARITIES_CSV, {"source": "gtr"}, "a.csv: this is a file of"),
        (CHARITIES_CSV, {"had_on": "yesterday"}, "“yesterday” is no day"),
        (CHARITIES_CSV, {"least": "many"}, "is a number from 1 to 20"),
        (CHARITIES_CSV, {"source": "atlantis"}, "There is no source atlantis"),
        (
            gtr_project("EP/9", body("ORG-9", "Far Away University", "LEAD_RO")),
            {},
            "None of the 1 records is within the scope",
        ),
    ):
        page = send(content, "a.csv", **more)
        assert 400 <= page.status_code < 500
        assert said in main(page)
    assert "Choose a file." in main(carl.send("/imports", 400, page="/imports"))
    assert not site.ledger.contributions()

    assert send(gtr_project("EP/1", *BODIES), "g.xml", had_on="2026-11-01").headers["Location"].endswith("/imports/1")
    text = main(carl.page("/imports/1"))
    for said in ("1 new, 0 changed", "Hearts of looms", "Zoë Institute (lead)", "bodies that are a person 1",
                 "Lomm Charity", "Loom Charity", "g.xml, had on 2026-11-01"):  # fmt: skip
        assert said in text
    assert "Pat Example" not in text
    assert nobody.get("/imports/1", headers=HTML).status_code == 303
    carl.page("/imports/2", 404)
    assert '"/imports/1"' in stella.page("/contributions/1").text
    decide(stella, 1, "accept")
    text = main(nobody.page("/attribution"))
    assert "1 record, had on 2026-11-01" in text
    assert "Gateway to Research" in text
    assert "A sample of its 1 record" in main(carl.page("/imports/1"))

    client = site.app.test_client()
    carls = token(site, "carl", "contribute")
    newer = {"file": (io.BytesIO(gtr_project("EP/2", *BODIES).encode()), "h.xml"), "had_on": "2026-11-20"}
    made = client.post("/api/imports", headers=carls, data=newer)
    assert made.status_code == 201, made.text
    told = client.get(made.headers["Location"], headers=carls).json["import"]
    assert {name: part["number"] for name, part in told["changes"].items()} == {
        "new": 1, "changed": 0, "gone": 1, "same": 0
    }  # fmt: skip
    assert told["asked"][0]["record"] == "gtr:ORG-2"
    assert [each["number"] for each in client.get("/api/imports", headers=carls).json["imports"]] == [2, 1]
    dearer = gtr_project("EP/1", *BODIES[:1], amount="150000")
    made = client.post("/api/imports", headers=carls, data={"file": (io.BytesIO(dearer.encode()), "i.xml")})
    text = main(carl.page(made.json["page"]))
    assert "amount: 150000, before 120000" in text
    assert "without Lomm Charity (project-partner)" in text
    again = {"file": (io.BytesIO(gtr_project("EP/1", *BODIES).encode()), "g.xml"), "had_on": "2026-11-01"}
    refused = client.post("/api/imports", headers=carls, data=again)
    assert refused.status_code == 400, refused.text
    assert "Nothing new" in refused.json["detail"]
    assert client.post("/api/imports", headers=carls, data={}).status_code == 400
    decide(stella, 1, "undo", why_undo="Sent too soon")
    assert "No register was imported" in main(nobody.page("/attribution"))
