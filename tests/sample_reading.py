"""A letter with its passages, and a web page, in the small town: for the tests of evidence that can be read."""

from __future__ import annotations

import hashlib

from leedskg.identity import evidence_name, mint
from tests.contributing import Town
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
    town.build()
    town.contribute("ties.csv", "kind,partner,web page,seen on,page title\n" + row)
    town.run("contributions", "accept", "1", "--reason", "seen by me")
