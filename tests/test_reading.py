"""Evidence that can be read: web pages that open at once, and documents with their passages marked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from leedskg.identity import evidence_name, mint
from tests.contributing import Town
from tests.page import Page
from tests.sample_contributions import TownSite, town_site
from tests.sample_knowledge import MADE, NAMESPACES, PREFIXES

PAGE = "https://www.example.org/news/looms"
#: Its letters outside the basic plane are two units each to a browser, and one to the graph.
LETTER = """Letter 🏥

𝛽-blockers 💊 are made by the Loom Charity, “most of them” since 2020.
The Loom Charity is proud of it.

Thank you for reading.

The Loom Charity is proud of it.
"""
MADE_BY = "𝛽-blockers 💊 are made by the Loom Charity"
PART = "the Loom Charity, “most of them” since 2020"
THANKS = "Thank you for reading."


def passage(text: str, kind: str, more: str) -> tuple[str, str]:
    """The evidence IRI of a passage of the letter, and its Turtle."""
    start, end = LETTER.index(text), LETTER.index(text) + len(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    iri = f"evidence:{evidence_name(NAMESPACES.entity('letter'), start, end, digest)}"
    return iri, (
        f"{iri} a lhi:{kind} ;\n    oa:hasSource id:letter ;\n    oa:hasSelector {iri}\\#span ;\n"
        f'    lhi:passageDigest "{digest}" ;\n    {more} .\n\n'
        f"{iri}\\#span a oa:TextPositionSelector ;\n    oa:start {start} ;\n    oa:end {end} .\n"
    )


def prepare(town: Town) -> None:
    """Add the letter, a statement of each kind of passage of it, and one that rests on a web page."""
    section = 'lhi:inSection "Letter 🏥"'
    one, first = passage(MADE_BY, "TextEvidence", section)
    two, second = passage(PART, "TextEvidence", section)
    _, silent = passage(THANKS, "PassageWithoutClaim", "lhi:withoutClaimBecause reason:rhetoric")
    reason = f"@prefix reason: <{NAMESPACES.base}scheme/reason/> .\n"
    facts = "".join(
        f"assertion:new-{name} a lhi:AttributeStatement ;\n    lhi:subject id:loom-charity ;\n"
        f"    lhi:property {prop} ;\n"
        f"    lhi:literalValue {value} ;\n    lhi:hasEvidence {iri} ;\n{MADE}\n\n"
        for name, prop, value, iri in (
            ("purpose", "lhi:purpose", '"Makes medicine for hearts."@en', one),
            ("begun", "lhi:begun", '"2020"', two),
        )
    )
    document = (
        'id:letter a lhi:SourceDocument ;\n    skos:prefLabel "Letter"@en ;\n    dcterms:title "Letter"@en ;\n'
        '    dcterms:description "A letter made up for tests."@en ;\n    lhi:fileName "letter.txt" ;\n'
        "    spdx:checksum id:letter\\#checksum .\n\nid:letter\\#checksum a spdx:Checksum ;\n"
        "    spdx:algorithm spdx:checksumAlgorithm_sha256 ;\n"
        f'    spdx:checksumValue "{hashlib.sha256(LETTER.encode()).hexdigest()}" .\n'
    )
    text = "\n".join((PREFIXES + reason, document, first, second, silent, facts))
    town.sample.path("graph/letter.ttl").write_text(mint(text, "graph/letter.ttl", NAMESPACES)[0], encoding="utf-8")
    (town.sample.documents_folder / "letter.txt").write_bytes(LETTER.encode())
    row = f"partnership,Loom Charity|Zoë Institute,{PAGE},2026-11-28,Looms for hospitals\n"
    town.run("build")
    town.contribute("ties.csv", "kind,partner,web page,seen on,page title\n" + row)
    town.run("contributions", "accept", "1", "--reason", "seen by me")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), prepare) as site:
        yield site


def shown(site: TownSite, path: str, status: int = 200) -> Page:
    return Page(site.browser().page(path, status).text)


def test_a_web_page_opens_at_once_at_the_names_with_the_day_it_was_seen(town: TownSite) -> None:
    page = shown(town, "/id/loom-charity")
    (link,) = [each for each in page.all("a") if each.attributes["href"].startswith(PAGE)]
    assert link.words.startswith("Looms for hospitals")
    assert link.attributes["href"] == f"{PAGE}#:~:text=Loom%20Charity&text=Zo%C3%AB%20Institute"
    assert "Looms for hospitals (www.example.org), seen on 28 November 2026" in page.text


def test_the_section_stands_in_the_line_and_the_offsets_behind_it(town: TownSite) -> None:
    page = shown(town, "/id/loom-charity")
    assert "Letter, section “Letter 🏥”" in page.text
    assert "characters " not in page.text
    places = {each.attributes["href"] for each in page.all("a") if "Evidence details: Letter" in each.words}
    drawers = [each.words for place in places for each in shown(town, place).all("details")]
    assert sorted(each.partition(" of letter.txt")[0] for each in drawers if "of letter.txt" in each) == [
        f"Offsets and digest Characters {LETTER.index(text)} to {LETTER.index(text) + len(text)}"
        for text in (MADE_BY, PART)
    ]
