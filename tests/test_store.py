"""Publishing: atomic, one writer at a time, and nothing taken from under a reader."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from leedskg.errors import KnowledgeError
from leedskg.store.embedded import StoreReader, only_writer, replace_in_union
from leedskg.store.generations import current_generation, lease_current, publish, publish_upon_held
from tests.sample_graph import EX, LABEL, name, numbers, people, published


def test_a_published_generation_is_read_back(tmp_path):
    generation = published(tmp_path, knowledge="abc")
    assert current_generation(tmp_path) == generation
    assert (generation.number, generation.statements) == (1, 4)
    assert generation.metadata == {"knowledge": "abc"}
    assert generation.built_at.endswith("Z")


def test_the_default_graph_is_the_union_as_a_set(tmp_path):
    store = ox.Store.read_only(str(published(tmp_path).path))
    [row] = store.query(f"SELECT (COUNT(*) AS ?n) {{ <{EX}ada> <{EX}knows> ?x }}")
    assert row["n"].value == "1", "stated in two graphs, it is one statement"
    [row] = store.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    assert row["n"].value == "5"


def test_nothing_published_says_what_to_do(tmp_path):
    with pytest.raises(KnowledgeError, match="nothing is published yet: run `leedskg build`"):
        current_generation(tmp_path)


@pytest.mark.parametrize("damage", ["pointer", "no-metadata", "bad-metadata", "no-store", "empty-pointer", "no-lease"])
def test_a_damaged_state_gets_a_sentence_and_is_mended_by_publishing(tmp_path, damage):
    generation = published(tmp_path)
    if damage == "pointer":
        (tmp_path / "current").write_bytes(b"\xff nonsense")
    elif damage == "empty-pointer":
        (tmp_path / "current").write_text("")
    elif damage == "no-metadata":
        generation.path.with_suffix(".json").unlink()
    elif damage == "bad-metadata":
        generation.path.with_suffix(".json").write_text("{")
    elif damage == "no-lease":
        generation.path.with_suffix(".lease").unlink()
    else:
        generation.path.rename(tmp_path / "elsewhere")
    with pytest.raises(KnowledgeError, match="run `leedskg build`"):
        lease_current(tmp_path)
    again = published(tmp_path)
    assert current_generation(tmp_path) == again
    assert again.number > generation.number


def test_a_fill_that_fails_leaves_the_last_good_generation(tmp_path):
    good = published(tmp_path)

    def fails(store: ox.Store) -> None:
        people(store)
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        publish(tmp_path, fails, {}, keep=2)
    assert current_generation(tmp_path) == good
    assert published(tmp_path).number == 2


@pytest.mark.parametrize("moment", ["fill", "snapshot", "metadata", "rename", "pointer", "drop"])
def test_a_writer_killed_at_any_moment_leaves_a_good_generation(tmp_path, moment):
    good = published(tmp_path)
    patch = {
        "fill": "fill = die",
        "snapshot": "embedded.snapshot = die",
        "metadata": "generations._write = die_at(2)",
        "rename": "embedded.fsync = die_after_rename",
        "pointer": "generations._write = die_at(3)",
        "drop": "generations._drop = die",
    }[moment]
    script = f"""
import os, signal, sys
from pathlib import Path
from leedskg.store import embedded, generations
from tests.sample_graph import numbers
state, fill = Path({str(tmp_path)!r}), numbers(50)
write, fsync, calls = generations._write, embedded.fsync, []
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def die_at(count):
    def dying(*arguments):
        calls.append(1)
        die() if len(calls) == count else write(*arguments)
    return dying
def die_after_rename(path):
    die() if path.name == "generations" and (path / "2").exists() else fsync(path)
{patch}
generations.publish(state, fill, {{}}, keep=2)
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).parents[1])
    assert ended.returncode == -signal.SIGKILL
    after = current_generation(tmp_path)
    assert after == good if moment != "drop" else after.number == 2
    ox.Store.read_only(str(after.path))
    again = published(tmp_path)
    assert current_generation(tmp_path) == again
    assert again.statements == 4
    assert not (tmp_path / "building").exists() or not list((tmp_path / "building").iterdir()), "leftovers are swept"
    left = {path.name for path in (tmp_path / "generations").iterdir()}
    assert left == {f"{number}{end}" for number in {after.number, again.number} for end in ("", ".json", ".lease")}


def test_a_second_writer_is_told_so(tmp_path):
    with only_writer(tmp_path), pytest.raises(KnowledgeError, match="another leedskg is writing"):
        published(tmp_path)
    published(tmp_path)


def test_a_state_folder_that_cannot_be_made_gets_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KnowledgeError, match="cannot be written"):
        published(tmp_path / "file" / "state")


def test_old_generations_go_unless_someone_reads_them(tmp_path):
    first = published(tmp_path)
    lease = lease_current(tmp_path)
    for count in (10, 20, 30):
        published(tmp_path, numbers(count))
    kept = sorted(path.name for path in (tmp_path / "generations").glob("*") if path.is_dir())
    assert kept == ["1", "3", "4"]
    assert len(ox.Store.read_only(str(first.path))) == 9
    lease.close()
    lease.close()
    published(tmp_path)
    kept = sorted(path.name for path in (tmp_path / "generations").glob("*") if path.is_dir())
    assert kept == ["4", "5"]


def test_a_lease_ends_with_the_process_that_held_it(tmp_path):
    first = published(tmp_path)
    script = (
        "import sys, time; from pathlib import Path; from leedskg.store.generations import lease_current\n"
        "lease = lease_current(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "held\n"
        published(tmp_path)
        published(tmp_path)
        assert first.path.is_dir()
        os.kill(reader.pid, signal.SIGKILL)
    published(tmp_path)
    assert not first.path.exists()


def test_a_change_upon_a_generation_leaves_that_one_as_it_was(tmp_path):
    first = published(tmp_path)
    new = ox.Quad(name("cy"), name("knows"), name("ada"), name("graph/two"))
    old = ox.Quad(name("ada"), name("knows"), name("bea"), name("graph/one"))
    with only_writer(tmp_path):
        second = publish_upon_held(tmp_path, first, lambda store: replace_in_union(store, [old], [new]), {}, keep=2)
    before, after = ox.Store.read_only(str(first.path)), ox.Store.read_only(str(second.path))
    assert (len(before), first.statements) == (9, 4)
    assert second.statements == 5
    assert ox.Quad(new.subject, new.predicate, new.object) in after, "the union has what is new"
    assert ox.Quad(old.subject, old.predicate, old.object) in after, "and what another graph still says"
    assert old not in after
    assert not list((tmp_path / "building").iterdir())


def test_the_id_tells_apart_what_the_number_does_not(tmp_path):
    one, other = published(tmp_path / "a", knowledge="x"), published(tmp_path / "b", knowledge="y")
    assert one.number == other.number
    assert one.id != other.id


@dataclass
class Anything:
    id: str = "1"
    built_at: str = ""
    statements: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)


def test_a_reader_over_an_open_store():
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode(EX + "a"), ox.NamedNode(LABEL), ox.Literal("A", language="en")))
    reader = StoreReader(store, Anything())
    [row] = reader.rows("SELECT ?s ?l ?none { ?s ?p ?l }")
    assert (str(row["s"]), row["s"].is_iri, row["l"].language, row["l"].datatype) == (EX + "a", True, "en", "")
    assert "none" not in row
    assert reader.ask("ASK { ?s ?p ?o }")
