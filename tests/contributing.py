"""The command line over a sample of its own, for the tests of contributions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from click.testing import CliRunner, Result

from leedskg.cli import main
from leedskg.settings import Settings
from leedskg.store.generations import current_generation
from tests.published import publish_once
from tests.sample_knowledge import NAMESPACES, PREFIXES, Sample, entity, evidence, relationship

Quads = set[ox.Quad]


@dataclass
class Town:
    """A sample with a store and a ledger, and the command line to work on them."""

    sample: Sample
    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "var"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LEEDSKG_KNOWLEDGE": str(self.sample.root),
            "LEEDSKG_STATE": str(self.state),
            "LEEDSKG_LEDGER": str(self.ledger),
            "LEEDSKG_DOCUMENTS": str(self.sample.documents_folder),
        }

    @property
    def settings(self) -> Settings:
        return Settings(
            knowledge=str(self.sample.root), state=str(self.state), ledger=str(self.ledger),
            documents=str(self.sample.documents_folder),
        )  # fmt: skip

    def build(self) -> None:
        """Publish the sample for the first time, as `leedskg build` does."""
        assert not self.ledger.exists()
        files = (self.sample.root, self.sample.documents_folder)
        publish_once("build", self.state, lambda: self.run("build"), *files)

    def run(self, *words: str, code: int | None = 0, **environment: str) -> Result:
        result = CliRunner().invoke(main, list(words), env=self.environment | environment, catch_exceptions=False)
        assert code is None or result.exit_code == code, result.output
        return result

    def json(self, *words: str, code: int = 0):
        return json.loads(self.run(*words, "--format", "json", code=code).stdout)

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return str(path)

    def contribute(self, name: str, content: str | bytes, *words: str, code: int = 0) -> Result:
        return self.run("contribute", self.write(name, content), "--as", "mary", *words, code=code)

    def quads(self) -> Quads:
        """Everything that is published, but for blank nodes: those of shapes change names at every reading."""
        store = ox.Store.read_only(str(current_generation(self.state).path))
        blank = ox.BlankNode
        return {quad for quad in store if not isinstance(quad.subject, blank) and not isinstance(quad.object, blank)}

    def generation(self) -> int:
        return current_generation(self.state).number


def bobbin() -> str:
    """A new entity and a statement about it, in Turtle."""
    text = [
        entity("bobbin-fund", "Investor", "Bobbin Fund", "funding"),
        relationship("bobbin", "Partnership", "partners", ("strategic-partner", "loom-charity"),
                     ("partner", "bobbin-fund"), more='    lhi:readingNote "Made up."@en ;\n'),
    ]  # fmt: skip
    return PREFIXES + "\n" + "\n".join(text)


def award(amount: int = 3000000) -> str:
    """A funding award that needs the Bobbin Fund."""
    money = f'    lhi:amount {amount} ;\n    lhi:currency "GBP" ;\n    lhi:readingNote "Made up."@en ;\n'
    made = relationship(
        "more", "FundingAward", "funding", ("funder", "bobbin-fund"), ("funded", "heartbeat-study"), more=money
    )
    return PREFIXES + "\n" + made


def turtle(body: str) -> str:
    return PREFIXES + "\n" + body


PARTNERS = (
    "kind,partner,document,passage,confidence,reading note\n"
    "partnership,Loom Charity|Heartbeat Study,sample.txt,"
    "The Loom Charity gave £2 million to the Heartbeat Study,0.5,Made up\n"
)

__all__ = ["NAMESPACES", "PARTNERS", "Quads", "Town", "award", "bobbin", "evidence", "turtle"]
