"""The site and the command line over the project's own knowledge, for the tests of what people and programs send."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from leedskg.accounts.model import Actor, Role
from leedskg.ledger import Publication
from leedskg.ledger.ledger import Ledger
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from tests.contributing import Town
from tests.sample_contributions import TownSite

ROOT = Path(__file__).parents[1]
CASES = ROOT.parent / "shared" / "cases"
DOCUMENTS = ROOT.parent / "shared" / "sources"
PREFIXES = "".join(
    f"@prefix {name}: <{iri}> .\n"
    for name, iri in {
        "id": "https://w3id.org/leeds-health-innovation/id/",
        "assertion": "https://w3id.org/leeds-health-innovation/assertion/",
        "evidence": "https://w3id.org/leeds-health-innovation/evidence/",
        "agent": "https://w3id.org/leeds-health-innovation/agent/",
        "lhi": "https://w3id.org/leeds-health-innovation/def#",
        "rank": "https://w3id.org/leeds-health-innovation/scheme/rank/",
        "role": "https://w3id.org/leeds-health-innovation/scheme/role/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "dcterms": "http://purl.org/dc/terms/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "org": "http://www.w3.org/ns/org#",
        "prov": "http://www.w3.org/ns/prov#",
        "adms": "http://www.w3.org/ns/adms#",
        "oa": "http://www.w3.org/ns/oa#",
        "schema": "https://schema.org/",
    }.items()
)


def case(path: str) -> bytes:
    """The content of a case; a machine without the cases skips the test."""
    file = CASES / path
    if not file.exists():
        pytest.skip(f"the cases are not here: {CASES}")
    return file.read_bytes()


@dataclass
class Answer:
    """What came of a file: whether it was recorded, the findings, and the statements."""

    number: int
    findings: list[dict[str, Any]]
    statements: list[str]

    @property
    def words(self) -> str:
        """All findings, their fields and values."""
        return " / ".join(f"{each['field']}: {each['message']} [{each['value']}]" for each in self.findings)

    def worst(self) -> str:
        """The gravest severity of a finding."""
        found = {each["severity"] for each in self.findings}
        return next((each for each in ("violation", "warning", "info") if each in found), "none")


class RealSite:
    """A site of the real knowledge with an account that sends and reviews."""

    def __init__(self, site: TownSite) -> None:
        self.site, self.town, self.client = site, site.town, site.app.test_client()
        account = site.accounts.people.named("stella")
        token = site.accounts.tokens.make(Actor(account, "test"), "test", ["contribute", "review"])
        self.headers = {"Authorization": f"Bearer {token}"}

    def count(self) -> int:
        """How many contributions are recorded."""
        return sum(self.site.ledger.counts().values())

    def send(self, name: str, content: str | bytes) -> Answer:
        """Send a file over HTTP. No status but 201 and 422 passes, and what was refused is not recorded."""
        before = self.count()
        data = content.encode() if isinstance(content, str) else content
        made = self.client.post(
            "/api/contributions", headers=self.headers, data={"file": (io.BytesIO(data), name)},
            content_type="multipart/form-data",
        )  # fmt: skip
        assert made.status_code in {201, 422}, f"{made.status_code}: {made.text[:2000]}"
        assert self.count() == before + (made.status_code == 201)
        if made.status_code == 422:
            return Answer(0, made.json["report"]["findings"], [])
        path = made.headers["Location"]
        number = int(path.rpartition("/")[2])
        said = self.client.get(f"{path}/statements", headers=self.headers).json["statements"]
        return Answer(number, made.json["report"]["findings"], [each["statement"] for each in said])

    def accept(self, answer: Answer, reason: str = "Seen.") -> Any:
        """Accept what was sent."""
        return self.client.post(
            f"/api/contributions/{answer.number}/accept", headers=self.headers, json={"reason": reason}
        )

    def tell(self, name: str, content: bytes) -> tuple[int, str]:
        """Send a file by the command line, which records nothing here; give its exit code and what it said."""
        result = self.town.run("contribute", self.town.write(name, content), "--as", "mary", "--dry-run", code=None)
        assert result.exit_code in {0, 1, 2}, result.output
        return result.exit_code, result.output


@contextmanager
def real_site(folder: Path, **options: Any) -> Iterator[RealSite]:
    """The site over a copy of the knowledge, published."""
    root = folder / "knowledge"
    for name in ("ontology", "graph", "shapes", "queries"):
        shutil.copytree(ROOT / name, root / name)
    documents = DOCUMENTS if DOCUMENTS.exists() else folder / "documents"
    town = Town(SimpleNamespace(root=root, documents_folder=documents), folder)  # type: ignore[arg-type]
    known = {name: getattr(town.settings, name) for name in ("knowledge", "state", "ledger", "documents")}
    settings = Settings(**({"workers": 1, "contributions_per_hour": 100_000} | known | options))
    Publication(settings, Ledger(settings.ledger_path)).publish()
    with QueryPool(settings) as pool:
        site = TownSite(town, settings, pool)
        try:
            site.add("stella", Role.STEWARD)
            yield RealSite(site)
        finally:
            site.accounts.close()
            site.app.extensions["leedskg.steward"].steward.close()


def as_json_ld(context: dict[str, Any], **said: Any) -> str:
    """A document of JSON-LD about a new charity."""
    known = {
        "id": "https://w3id.org/leeds-health-innovation/id/",
        "lhi": "https://w3id.org/leeds-health-innovation/def#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
    }
    return json.dumps({"@context": known | context, "@id": "id:case-jl", "@type": "lhi:Charity", **said})
