"""What was merged, written back into the knowledge files; and the history of an entity on the command line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contributing import Town, award, bobbin
from tests.sample_knowledge import write_sample

PROJECT = Path(__file__).parents[1]
TURTLEFMT = Path(sys.executable).with_name("turtlefmt")


@pytest.fixture
def town(tmp_path):
    return Town(write_sample(tmp_path), tmp_path)


@pytest.fixture
def exported(town):
    """A town whose files hold what was merged."""
    if shutil.which(str(TURTLEFMT)):
        subprocess.run([TURTLEFMT, town.sample.root / "graph"], check=True, capture_output=True)
    town.sample.change(
        "graph/town.ttl", "id:loom-charity a", "# A charity that is older than its name.\nid:loom-charity a"
    )
    town.build()
    town.contribute("bobbin.ttl", bobbin())
    town.run("contributions", "accept", "1")
    town.contribute("award.ttl", award())
    town.run("contributions", "accept", "2")
    header = "record,field,old value,new value,reason\n"
    town.contribute("better.csv", f"{header}Loom Charity,description,,Gives money.,Clearer\n")
    town.run("contributions", "accept", "3")
    return town


def test_an_export_writes_what_was_merged_into_the_files(exported):
    town = exported
    before = {quad.triple for quad in town.quads() if not str(quad.graph_name).endswith("provenance>")}
    said = town.run("export").output
    assert "Includes contribution 1: bobbin.ttl, from mary" in said
    text = town.sample.path("graph/town.ttl").read_text(encoding="utf-8")
    assert "# A charity that is older than its name.\nid:loom-charity a" in text, "comments stay"
    assert "Bobbin Fund" in text
    assert text.count("Gives money.") == 1
    if TURTLEFMT.exists():
        subprocess.run([TURTLEFMT, "--check", town.sample.root / "graph"], check=True)
    assert "hold contributions 1, 2, 3 whole" in town.run("rebuild").output
    after = {quad.triple for quad in town.quads() if not str(quad.graph_name).endswith("provenance>")}
    assert after == before, "what is in the files as well does no harm"

    assert "Contribution 2 (award.ttl) is in the knowledge files" in town.run("contributions", "settle").output
    assert {quad.triple for quad in town.quads() if not str(quad.graph_name).endswith("provenance>")} == before
    assert "Nothing was merged that the knowledge files do not hold" in town.run("export").output
    assert "There is no merged contribution" in town.run("contributions", "settle").output
    town.run("contributions", "undo", "2", "--reason", "never paid")
    amended = town.quads()
    town.run("rebuild")
    assert town.quads() == amended
    labels = {str(quad.object) for quad in amended}
    assert '"3000000"^^<http://www.w3.org/2001/XMLSchema#integer>' not in labels, "undone from the files as well"


def test_an_export_elsewhere_leaves_the_files_alone(exported):
    before = exported.sample.path("graph/town.ttl").read_bytes()
    target = exported.folder / "out"
    exported.run("export", "--to", str(target))
    assert exported.sample.path("graph/town.ttl").read_bytes() == before
    assert "Bobbin Fund" in (target / "graph" / "town.ttl").read_text(encoding="utf-8")


def test_the_history_of_an_entity(exported):
    said = exported.run("history", "Bobbin Fund").output
    assert "mary" not in said
    assert "merged (contribution 1)" in said
    assert "Loom Charity becomes strategic partner of Bobbin Fund" in said
    assert "Bobbin Fund funds Heartbeat Study" in said
    said = exported.run("history", "Loom Charity").output
    assert "the description changes from “Made up for tests as Loom Charity.” to “Gives money.”" in said
    assert "recorded (knowledge files)" in said
    assert "Nothing was said of Bobbin Fund at 2025" in exported.run("history", "Bobbin Fund", "--at", "2025").output
    assert "Bobbin Fund funds Heartbeat Study" in exported.run("history", "Bobbin Fund", "--at", "2999-01-01").output
    assert "Write the date as" in exported.run("history", "Bobbin Fund", "--at", "yesterday", code=2).output
    exported.run("contributions", "undo", "2", "--reason", "never paid", "--as", "jane")
    assert "jane undone (contribution 2): never paid" in exported.run("history", "Bobbin Fund").output
    assert "funds" not in exported.run("history", "Bobbin Fund", "--at", "2999-01-01").output
