"""Web pages as evidence, from a table and from a form, without a curator."""

from __future__ import annotations

import pytest

from tests.contributing import NAMESPACES, Town
from tests.sample_knowledge import write_sample

HEADER = "kind,partner,web page,seen on,page title\n"
ROW = "partnership,Loom Charity|Zoë Institute,{page},{day},{title}\n"
PAGE = "https://www.example.org/news/looms"


@pytest.fixture
def town(tmp_path):
    town = Town(write_sample(tmp_path), tmp_path)
    town.build()
    return town


def rows(town, query):
    prefixes = "PREFIX lhi: <https://w3id.org/leeds-health-innovation/def#> PREFIX oa: <http://www.w3.org/ns/oa#> "
    prefixes += "PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX schema: <https://schema.org/> "
    path = town.write("q.rq", prefixes + query)
    return town.run("query", path, "--format", "csv").stdout.split()[1:]


def test_a_page_of_ones_own_is_described_with_its_site_and_cited(town):
    first = ROW.format(page=PAGE, day="2026-11-28", title="Looms for hospitals")
    second = ROW.format(page="https://example.org/about", day="2026-11-27", title="About us")
    second = second.replace("Loom Charity", "Heartbeat Study")
    third = second.replace("Zoë Institute", "Loom Charity").replace("https://", "http://").replace("About us", "")
    town.contribute("ties.csv", HEADER + first + second + third)
    town.run("contributions", "accept", "1", "--reason", "seen by me")
    assert rows(town, "SELECT (COUNT(*) AS ?n) { ?p a lhi:WebPage }") == ["2"]
    assert rows(town, "SELECT DISTINCT ?site { ?p a lhi:WebPage ; dcterms:isPartOf ?site }") == [
        NAMESPACES.entity("website-example-org")
    ]
    cited = "SELECT ?url ?day { ?a a lhi:Partnership ; lhi:hasEvidence ?e . ?e lhi:seenOn ?day ; oa:hasSource ?p . "
    found = rows(town, cited + "?p schema:url ?url } ORDER BY ?url ?day")
    assert sorted(found) == sorted([f"{PAGE},2026-11-28", *["https://example.org/about,2026-11-27"] * 2])
    again = ROW.format(page=PAGE + "/", day="2026-11-29", title="").replace("Zoë Institute", "Millbrook Hospital")
    town.contribute("again.csv", HEADER + again)
    town.run("contributions", "accept", "2", "--reason", "seen again")
    assert rows(town, "SELECT (COUNT(*) AS ?n) { ?p a lhi:WebPage }") == ["2"], "a page is known by its address"


@pytest.mark.parametrize(
    ("page", "day", "title", "words"),
    [
        ("example.org/news", "2026-11-28", "T", "is not the address of a page"),
        ("https://exa mple.org/x", "2026-11-28", "T", "is not the address of a page"),
        (PAGE, "", "T", "Write the day on which you saw the page"),
        (PAGE, "28 November 2026", "T", "is not a day"),
        (PAGE, "2926-11-28", "T", "is still to come"),
        (PAGE, "2026-11-28", "", "The graph has no such page yet"),
        ("", "2026-11-28", "T", "Say where this is stated"),
        ("", "", "", "Say where this is stated"),
    ],
)
def test_what_is_wrong_with_a_cited_page_is_said(town, page, day, title, words):
    said = town.contribute("ties.csv", HEADER + ROW.format(page=page, day=day, title=title), code=1).output
    assert words in said


def test_a_table_without_any_place_is_told_the_three_ways(town):
    said = town.contribute("ties.csv", "kind,partner\npartnership,Loom Charity|Zoë Institute\n", code=1).output
    assert "document and passage, or register and record key, or web page and seen on" in said
