"""The small town of sample_knowledge with what its pages have to show beside: a need, a theme, registers, figures that
disagree, a retired entity, names that mean two things, and lists that are long. Published, for the tests of the site.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from leedskg.identity import mint
from leedskg.publishing import build
from tests.published import publish_once
from tests.sample_knowledge import MADE, NAMESPACES, PREFIXES, entity, evidence, relationship, write_sample

MORE_PREFIXES = PREFIXES + "".join(
    f"@prefix {prefix}: <{NAMESPACES.prefixes[prefix]}> .\n"
    for prefix in ("adms", "identifier", "need", "owl", "scheme", "schema", "stage", "theme")
)
#: More members than a page lists at once, and more companies than a page of results has.
MEMBERS = 12
COMPANIES = 60
REGISTER_EVIDENCE = "evidence:aaaaaaaaaaaa"

#: Names that would do harm if a page took them for markup, an attribute, an address or a template.
HOSTILE = {
    "Millbrook Hospital": "<script>alert(1)</script>",
    "Zoë Institute": '"onmouseover="alert(2)" x="',
    "Heartbeat Study": "</title></script><!--{{7*7}}{% raw %}",
    "Loom Charity": "javascript:alert(3)' onclick='alert(4)",
    "The Loom": "<img src=x onerror=alert(5)>",
    "Made up for tests as Loom Charity.": "</p><script>alert(6)</script>",
    "Number of device firms": "<svg onload=alert(7)>",
    "A made-up town": "</a><iframe src=javascript:alert(8)>",
    "Read with care.": "<!--<script>alert(9)",
    "heart disease": "<b>{{7*7}}",
}


def attribute(draft: str, subject: str, field: str, value: str, passage: str = "partners") -> str:
    return (
        f"assertion:new-{draft} a lhi:AttributeStatement ;\n    lhi:subject id:{subject} ;\n"
        f"    lhi:property lhi:{field} ;\n    {value} ;\n    lhi:hasEvidence {evidence(passage)} ;\n"
        f'    lhi:readingNote "Read with care."@en ;\n{MADE}\n'
    )


def figure(draft: str, number: int, qualifier: str, more: str) -> str:
    return (
        f"assertion:new-{draft} a lhi:IndicatorObservation ;\n    lhi:indicator id:indicator-firms ;\n"
        f"    lhi:value {number} ;\n    lhi:unit unit:company ;\n    lhi:qualifier qualifier:{qualifier} ;\n"
        f"    lhi:geography id:millbrook ;\n    lhi:reportedIn id:sample-text ;\n"
        f"    lhi:hasEvidence {evidence('firms')} ;\n{more}{MADE}\n"
    )


def concept(scheme: str, name: str, label: str) -> str:
    return (
        f'{scheme}:{name} a skos:Concept ;\n    skos:inScheme scheme:{scheme} ;\n    skos:prefLabel "{label}"@en ;\n'
        f'    skos:definition "Made up for tests."@en .\n'
    )


def surroundings() -> str:
    text = [
        concept("need", "work-space", "Work space"),
        concept("need", "legal-advice", "Legal advice"),
        "need:legal-advice skos:hiddenLabel \"notary\"@en .\n",
        concept("stage", "first-idea", "First idea"),
        concept("theme", "heart-disease", "heart disease"),
        concept("theme", "idle", "a theme of nothing"),
        "id:register-of-firms a lhi:RegisterSource ;\n    skos:prefLabel \"Register of firms\"@en ;\n"
        '    dcterms:description "Made up for tests."@en .\n',
        f"{REGISTER_EVIDENCE} a lhi:RegisterEvidence ;\n    oa:hasSource id:register-of-firms ;\n"
        '    lhi:recordKey "https://register.example/a/rather/long/way/to/the/record/of/the/loom" .\n',
        "id:loom-charity adms:identifier id:loom-charity\\#grid ;\n    schema:sameAs <https://register.example/loom> ,"
        " <javascript:alert(10)> ;\n    skos:editorialNote \"Read with care.\"@en .\n",
        "id:loom-charity\\#grid a adms:Identifier ;\n    lhi:identifierScheme identifier:grid ;\n"
        f'    skos:notation "grid.1234.5" ;\n    lhi:seenIn {REGISTER_EVIDENCE} .\n',
        attribute("theme", "zoe-institute", "hasTheme", "lhi:object theme:heart-disease"),
        attribute("theme-too", "millbrook-hospital", "hasTheme", "lhi:object theme:heart-disease"),
        attribute("website", "zoe-institute", "website", 'lhi:literalValue "https://zoe.example/"'),
        attribute("script", "loom-charity", "website", 'lhi:literalValue "javascript:alert(11)"'),
        attribute("begun", "zoe-institute", "begun", 'lhi:literalValue "1998-04-01"'),
        figure("fewer", 200, "exact", '    lhi:scope "Of the town alone."@en ;\n'),
        figure("earlier", 190, "about",
               '    lhi:referencePeriod "2018/2023" ;\n    lhi:attributedTo id:loom-charity ;\n'),
        relationship("space", "Support", "partners", ("provider", "zoe-institute"),
                     more="    lhi:need need:work-space ;\n"),
        entity("desks", "SupportService", "Desks at the Loom", "partners"),
        relationship("desks", "Support", "partners", ("provider", "loom-charity"), ("service", "desks"),
                     more="    lhi:need need:work-space ;\n    lhi:stage stage:first-idea ;\n"),
        entity("guild", "OrganisationalCollaboration", "Millbrook Guild", "partners", "The Guild"),
        entity("twin", "Product", "Twin", "firms"),
        entity("twin-limited", "Company", "Twin", "firms"),
        relationship("twins", "Development", "firms", ("developer", "twin-limited"), ("output", "twin"),
                     more='    lhi:validFrom "2019" ;\n    lhi:validTo "2021-09" ;\n'),
        "id:lonely-mill a lhi:Facility ;\n    skos:prefLabel \"Lonely Mill\"@en .\n",
        "id:old-institute a lhi:ResearchCentre ;\n    skos:prefLabel \"Old Institute\"@en ;\n"
        "    owl:deprecated true ;\n    dcterms:isReplacedBy id:zoe-institute .\n",
        *(entity(f"firm-{number}", "Company", f"Firm {number:02}", "firms") for number in range(COMPANIES)),
        *(
            relationship(f"member-{number}", "Membership", "firms", ("member", f"firm-{number}"), ("group", "guild"))
            for number in range(MEMBERS)
        ),
        relationship("place", "Location", "partners", ("located", "loom-charity"), ("place", "millbrook")),
        relationship("guild", "Membership", "partners", ("member", "zoe-institute"), ("group", "guild")),
    ]  # fmt: skip
    return mint(MORE_PREFIXES + "\n" + "\n".join(text), "graph/surroundings.ttl", NAMESPACES)[0]


def publish_sample(folder: Path, renamed: Mapping[str, str] = {}) -> Path:
    """Publish the town with its surroundings, some texts replaced by others; gives the state folder."""
    sample = write_sample(folder)
    (sample.root / "graph" / "surroundings.ttl").write_text(surroundings(), encoding="utf-8")
    for path in (sample.root / "graph").glob("*.ttl"):
        text = path.read_text(encoding="utf-8")
        for old, new in renamed.items():
            text = text.replace(json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False))
        path.write_text(text, encoding="utf-8")
    state = folder / "state"
    publish_once("sample", state, lambda: build(sample.read(), state, keep=2), sample.root)
    return state
