"""A small knowledge folder with a document of our own, for tests that change it.

The ontology and the shapes are the project's; the graph is invented, and so is the document that it cites.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from leedskg.documents import Documents
from leedskg.identity import evidence_name, mint
from leedskg.knowledge import Knowledge, read_knowledge
from leedskg.namespaces import Namespaces

PROJECT = Path(__file__).parents[1]
NAMESPACES = Namespaces()

TEXT = """A made-up town

Millbrook Hospital and the Zoë Institute work together on heart disease.

Money

The Loom Charity gave £2 million to the Heartbeat Study. The Heartbeat Study is run by the Zoë Institute.
More than 250 firms in Millbrook make medical devices.
"""

PASSAGES = {
    "partners": "Millbrook Hospital and the Zoë Institute work together",
    "funding": "The Loom Charity gave £2 million to the Heartbeat Study",
    "running": "The Heartbeat Study is run by the Zoë Institute",
    "firms": "More than 250 firms in Millbrook",
}

PREFIXES = "".join(
    f"@prefix {prefix}: <{NAMESPACES.prefixes[prefix]}> .\n"
    for prefix in ("lhi", "id", "assertion", "evidence", "agent", "role", "rank", "unit", "qualifier", "dcterms", "oa",
                   "org", "prov", "skos", "spdx", "xsd")
)  # fmt: skip

MADE = """    lhi:confidence 1.0 ;
    lhi:rank rank:normal ;
    prov:wasAttributedTo agent:curation-team ;
    prov:generatedAtTime "2026-11-21T00:00:00Z"^^xsd:dateTime ."""


def entity(slug: str, kind: str, label: str, passage: str, *variants: str) -> str:
    also = "".join(f'    skos:altLabel "{variant}"@en ;\n' for variant in variants)
    return (
        f'id:{slug} a lhi:{kind} ;\n    skos:prefLabel "{label}"@en ;\n{also}'
        f'    dcterms:description "Made up for tests as {label}."@en ;\n    lhi:namedAt {evidence(passage)} .\n'
    )


def evidence(passage: str, text: str = TEXT) -> str:
    """The evidence IRI of one of the passages."""
    start = text.index(PASSAGES[passage])
    end = start + len(PASSAGES[passage])
    digest = hashlib.sha256(PASSAGES[passage].encode()).hexdigest()
    return f"evidence:{evidence_name(NAMESPACES.entity('sample-text'), start, end, digest)}"


def relationship(draft: str, kind: str, passage: str, *parts: tuple[str, str], more: str = "") -> str:
    name = f"assertion:new-{draft}"
    members = " , ".join(f"{name}\\#p{number}" for number, _ in enumerate(parts, start=1))
    head = f"{name} a lhi:{kind} ;\n    lhi:hasParticipation {members} ;\n{more}"
    head += f"    lhi:hasEvidence {evidence(passage)} ;\n"
    tails = [
        f"{name}\\#p{number} a lhi:Participation ;\n    lhi:participant id:{who} ;\n    lhi:role role:{role} .\n"
        for number, (role, who) in enumerate(parts, start=1)
    ]
    return head + MADE + "\n\n" + "\n".join(tails)


def sources() -> str:
    text = [
        'agent:curation-team a prov:Agent ;\n    skos:prefLabel "leedskg curators"@en .\n',
        'agent:contributor a prov:Agent ;\n    skos:prefLabel "A contributor"@en .\n',
        'id:sample-text a lhi:SourceDocument ;\n    skos:prefLabel "Sample text"@en ;\n'
        '    dcterms:title "A made-up town"@en ;\n    dcterms:description "A text made up for tests."@en ;\n'
        '    lhi:fileName "sample.txt" ;\n    spdx:checksum id:sample-text\\#checksum .\n',
        "id:sample-text\\#checksum a spdx:Checksum ;\n    spdx:algorithm spdx:checksumAlgorithm_sha256 ;\n"
        f'    spdx:checksumValue "{hashlib.sha256(TEXT.encode()).hexdigest()}" .\n',
    ]
    for name, passage in PASSAGES.items():
        iri, start = evidence(name), TEXT.index(passage)
        digest = hashlib.sha256(passage.encode()).hexdigest()
        text.append(
            f"{iri} a lhi:TextEvidence ;\n    oa:hasSource id:sample-text ;\n    oa:hasSelector {iri}\\#span ;\n"
            f'    lhi:passageDigest "{digest}" ;\n    lhi:inSection "A made-up town" .\n\n'
            f"{iri}\\#span a oa:TextPositionSelector ;\n    oa:start {start} ;\n    oa:end {start + len(passage)} .\n"
        )
    return PREFIXES + "\n" + "\n".join(text)


def town() -> str:
    text = [
        entity("millbrook-hospital", "NHSOrganisation", "Millbrook Hospital", "partners"),
        entity("zoe-institute", "ResearchCentre", "Zoë Institute", "partners"),
        entity("loom-charity", "Charity", "Loom Charity", "funding", "The Loom"),
        entity("heartbeat-study", "Initiative", "Heartbeat Study", "funding"),
        entity("millbrook", "City", "Millbrook", "firms"),
        'id:indicator-firms a lhi:Indicator ;\n    skos:prefLabel "Number of device firms"@en ;\n'
        '    dcterms:description "A count made up for tests."@en ;\n'
        '    lhi:population "Firms that make medical devices."@en .\n',
        relationship("partners", "Partnership", "partners", ("partner", "millbrook-hospital"),
                     ("partner", "zoe-institute")),
        relationship("award", "FundingAward", "funding", ("funder", "loom-charity"), ("funded", "heartbeat-study"),
                     more='    lhi:amount 2000000 ;\n    lhi:currency "GBP" ;\n'),
        relationship("running", "Operation", "running", ("operator", "zoe-institute"),
                     ("operated", "heartbeat-study")),
        "assertion:new-firms a lhi:IndicatorObservation ;\n    lhi:indicator id:indicator-firms ;\n"
        "    lhi:value 250 ;\n"
        "    lhi:unit unit:company ;\n    lhi:qualifier qualifier:more-than ;\n    lhi:geography id:millbrook ;\n"
        f"    lhi:reportedIn id:sample-text ;\n    lhi:hasEvidence {evidence('firms')} ;\n" + MADE + "\n",
    ]  # fmt: skip
    return mint(PREFIXES + "\n" + "\n".join(text), "graph/town.ttl", NAMESPACES)[0]


@dataclass
class Sample:
    """A knowledge folder that a test may change, with the folder of its document."""

    root: Path
    documents_folder: Path

    def path(self, name: str) -> Path:
        return self.root / name

    def change(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        self.path(name).write_text(text.replace(old, new), encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        with self.path(name).open("a", encoding="utf-8") as file:
            file.write("\n" + text)

    def read(self) -> Knowledge:
        return read_knowledge(self.root, NAMESPACES)

    def documents(self) -> Documents:
        return Documents(self.documents_folder)


def write_sample(folder: Path) -> Sample:
    root = folder / "knowledge"
    for name in ("ontology", "shapes"):
        shutil.copytree(PROJECT / name, root / name)
    shutil.copytree(PROJECT / "queries" / "checks", root / "queries" / "checks")
    (root / "graph").mkdir()
    (root / "graph" / "sources.ttl").write_text(sources(), encoding="utf-8")
    (root / "graph" / "town.ttl").write_text(town(), encoding="utf-8")
    documents = folder / "documents"
    documents.mkdir()
    (documents / "sample.txt").write_text(TEXT, encoding="utf-8")
    return Sample(root, documents)
