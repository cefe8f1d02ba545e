"""A knowledge folder so small that a merge takes milliseconds, for tests that do thousands of steps.

It has one rule that adds and one that holds back (NOT EXISTS), so that what is derived can both come and go.
"""

from __future__ import annotations

from pathlib import Path

from leedskg.ledger import Stewardship
from leedskg.namespaces import Namespaces
from leedskg.settings import Settings
from leedskg.validation import ContributionReport

BASE = Namespaces().base
ALT = "http://www.w3.org/2004/02/skos/core#altLabel"
PREFIXES = f"@prefix lhi: <{BASE}def#> .\n@prefix id: <{BASE}id/> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
FILES = {
    "ontology/core.ttl": "lhi:Entity a owl:Class .\nlhi:near a owl:ObjectProperty .\n"
    "lhi:alone a owl:DatatypeProperty .\n",
    "ontology/rules/1.rq": f"PREFIX lhi: <{BASE}def#> CONSTRUCT {{ ?b lhi:nearby ?a }} WHERE {{ ?a lhi:near ?b }}",
    "ontology/rules/2.rq": f"PREFIX lhi: <{BASE}def#> CONSTRUCT {{ ?a lhi:alone true }} "
    "WHERE { ?a a lhi:Entity FILTER NOT EXISTS { ?a lhi:near ?b } }",
    "graph/one.ttl": "id:a a lhi:Entity ;\n    lhi:near id:b .\n\nid:b a lhi:Entity .\n",
    "graph/two.ttl": "id:c a lhi:Entity ;\n    lhi:near id:a .\n",
    "shapes/none.ttl": "",
    "queries/checks/none.txt": "",
}


class Nodding:
    """A checker that finds nothing: for tests of what is kept, not of what is right."""

    def check(self, *_: object, **__: object) -> ContributionReport:
        return ContributionReport()


def write_tiny(folder: Path) -> Path:
    root = folder / "knowledge"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text((PREFIXES if name.endswith(".ttl") else "") + text, encoding="utf-8")
    return root


def tiny_stewardship(folder: Path, state: str = "var") -> Stewardship:
    root = folder / "knowledge"
    if not root.exists():
        write_tiny(folder)
    settings = Settings(knowledge=str(root), state=str(folder / state), ledger=str(folder / "ledger"))
    return Stewardship(settings, checker=Nodding())
