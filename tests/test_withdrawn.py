"""What was withdrawn is marked or left out wherever it could be taken for what the graph says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.contribution_pages import decide, sent, signed_in
from tests.sample_accounts import HTML
from tests.sample_contributions import TownSite, town_site
from tests.sample_knowledge import NAMESPACES

RETIREMENTS = "record,replaced by,reason\n{award},,It was another study.\nMillbrook Hospital,,It was never built.\n"
RETIREMENTS += "{figure},,It was counted twice.\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    """The town after its award was taken back and its hospital retired."""
    with town_site(tmp_path_factory.mktemp("town"), single_steward="yes") as found:
        found.add("stella", "steward")
        stella = signed_in(found, "stella")
        award, figure = (
            found.app.test_client().get("/sparql", query_string={
                "query": f"SELECT ?a {{ ?a a <{NAMESPACES.term(kind)}> }}", "format": "csv",
            }).text.split()[1]
            for kind in ("FundingAward", "IndicatorObservation")
        )  # fmt: skip
        found.award = award
        retired = RETIREMENTS.format(award=NAMESPACES.shorten(award), figure=NAMESPACES.shorten(figure))
        number = sent(stella, "retirements.csv", retired)
        decide(stella, number, "accept", reason="They are right.")
        yield found


@pytest.fixture
def client(site: TownSite) -> FlaskClient:
    return site.app.test_client()


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.text


@pytest.mark.parametrize("slug", ["heartbeat-study", "loom-charity"])
def test_a_withdrawn_award_is_no_relationship_of_either_end(client: FlaskClient, slug: str) -> None:
    text = page(client, f"/id/{slug}")
    relationships = text.partition('id="relationships"')[2].partition("<h2")[0]
    assert "fund" not in relationships.partition("Recorded of others")[0].casefold()
    withdrawn = text.partition('<h2 id="withdrawn">')[2].partition("</section>")[0]
    assert "<s><a " in withdrawn
    assert "It was another study." in withdrawn


def test_the_statement_and_its_passage_say_that_it_was_withdrawn(site: TownSite, client: FlaskClient) -> None:
    address = site.award.removeprefix(NAMESPACES.base)
    text = page(client, f"/{address}")
    assert "<h1><s>" in text
    assert "It was another study." in text
    passage = text.partition('href="/evidence/')[2].partition('"')[0]
    assert "<s><a " in page(client, f"/evidence/{passage}")
    assert "<s><a " in page(client, "/id/sample-text")


def test_a_retired_body_is_in_no_list_and_no_count(client: FlaskClient) -> None:
    organisations = quote(NAMESPACES.term("NHSOrganisation"), safe="")
    assert "Millbrook Hospital" not in page(client, f"/search?kind={organisations}")
    assert "Millbrook Hospital" not in page(client, "/")
    assert "NHS organisations" not in page(client, "/"), "it was the only one"
    assert "retired" in page(client, "/search?q=Millbrook+Hospital")
    text = page(client, "/id/millbrook-hospital")
    assert "This record was retired" in text
    assert "It was never built." in text


def test_a_retired_body_is_marked_where_others_name_it_and_no_route_goes_there(client: FlaskClient) -> None:
    text = page(client, "/id/zoe-institute")
    beside = text.partition("Millbrook Hospital</a>")[2].partition("</p>")[0]
    assert "retired" in beside
    routes = client.get("/api/routes", query_string={"from": "Zoë Institute", "to": "Millbrook Hospital"})
    assert not (routes.json.get("routes") if routes.status_code == 200 else ())


def test_the_counts_of_the_start_page_leave_out_what_was_withdrawn(client: FlaskClient) -> None:
    counts = dict(re.findall(r"<dt>([a-z ]+)</dt><dd>(\d+)</dd>", page(client, "/")))
    assert (counts["organisations"], counts["relationships"]) == ("2", "2")
    assert counts.get("figures", "0") == "0"


def test_the_page_of_figures_counts_a_withdrawn_value_apart(client: FlaskClient) -> None:
    assert "1 of 1 indicators, 0 values, 1 withdrawn</span>" in page(client, "/figures")
