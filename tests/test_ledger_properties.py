"""What holds whatever people do: undo takes back exactly one, and what is published is what a rebuild gives."""

import itertools
import shutil
import tempfile
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leedskg.errors import ConflictError, RefusedError
from leedskg.ledger import Stewardship
from tests.tiny_knowledge import ALT, BASE, tiny_stewardship

pytestmark = pytest.mark.slow

#: Where there is a file system in memory, its fsyncs take no time.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
NODES = ("a", "b", "c", "d")
#: What a contribution may say: some of it is in the files, some is not.
SAID = [f"<{BASE}id/{one}> <{BASE}def#near> <{BASE}id/{other}> ." for one, other in itertools.product(NODES, NODES)]
SAID += [f"<{BASE}id/{one}> a <{BASE}def#Entity> ." for one in NODES] + [
    f'<{BASE}id/{one}> <{ALT}> "{one}"@en .' for one in NODES
]

STATEMENTS = st.lists(
    st.tuples(st.booleans(), st.sampled_from(SAID)), min_size=1, max_size=5, unique_by=lambda each: each[1]
)
STEPS = st.lists(st.one_of(STATEMENTS, st.integers(min_value=0, max_value=5)), min_size=2, max_size=7)


def graph_of(stewardship: Stewardship) -> set[ox.Quad]:
    return set(ox.Store.read_only(str(stewardship.publication.publish().path)))


def without_provenance(quads: set[ox.Quad]) -> set[ox.Quad]:
    """The graph but for the record of what was done, which an undo adds to, and the counts, which count it too."""
    apart = {f"<{BASE}graph/{name}>" for name in ("provenance", "void")}
    recorded = {quad.triple for quad in quads if str(quad.graph_name) in apart}
    return {quad for quad in quads if quad.triple not in recorded}


def content(statements, number) -> bytes:
    """A TriG file; the comment makes each a file of its own."""
    adds = "\n".join(text for is_added, text in statements if is_added)
    gone = "\n".join(text for is_added, text in statements if not is_added)
    return f"# {number}\n{adds}\n<{BASE}graph/removed> {{ {gone} }}\n".encode()


@settings(max_examples=8, deadline=None)
@given(STEPS)
def test_any_steps_publish_what_a_rebuild_publishes(steps):
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    try:
        stewardship, again = tiny_stewardship(folder), tiny_stewardship(folder, "again")
        graph_of(stewardship)
        merged: list[int] = []
        for number, step in enumerate(steps):
            if isinstance(step, int):
                if step < len(merged):
                    undo(stewardship, merged.pop(step), merged)
            else:
                try:
                    made = stewardship.submit(content(step, number), "a.trig", who="mary")
                    stewardship.accept(made.id, who="john", reason="yes")
                except RefusedError:
                    continue
                merged.append(made.id)
            rebuilt = again.publication.publish(whole=True)
            assert graph_of(stewardship) == set(ox.Store.read_only(str(rebuilt.path)))
            assert stewardship.publication.publish().statements == rebuilt.statements
    finally:
        shutil.rmtree(folder)


def undo(stewardship: Stewardship, number: int, merged: list[int]) -> None:
    """Undo, and compare with a ledger in which only the others were ever merged."""
    try:
        stewardship.undo(number, who="john", reason="no")
    except ConflictError:
        merged.append(number)
        return
    others = tempfile.mkdtemp(dir=MEMORY)
    try:
        other = tiny_stewardship(Path(others))
        for each in sorted(merged):
            recorded = [line for line in stewardship.ledger.statements(each) if line.effective]
            said = [(line.action == "add", f"{line.triple} .") for line in recorded]
            try:
                made = other.submit(content(said, each), "a.trig", who="mary")
                other.accept(made.id, who="john", reason="yes")
            except RefusedError:
                continue  # it put back what the undone one had taken out, which is all there now
        expected = {strip(quad) for quad in without_provenance(graph_of(other))}
        assert {strip(quad) for quad in without_provenance(graph_of(stewardship))} == expected
    finally:
        shutil.rmtree(others)


def strip(quad: ox.Quad) -> tuple[str, ...]:
    """A quad without the number of its contribution, which differs between ledgers."""
    graph = str(quad.graph_name)
    return (str(quad.triple), "contribution" if "/contribution/" in graph else graph)


def test_an_undo_gives_back_the_graph_before(tmp_path):
    stewardship = tiny_stewardship(tmp_path)
    before = without_provenance(graph_of(stewardship))
    statements = [(False, SAID[1]), (True, SAID[3]), (True, SAID[-1]), (False, SAID[4 * len(NODES)])]
    made = stewardship.submit(content(statements, 1), "a.trig", who="mary")
    stewardship.accept(made.id, who="john", reason="yes")
    assert without_provenance(graph_of(stewardship)) != before
    stewardship.undo(made.id, who="john", reason="no")
    assert without_provenance(graph_of(stewardship)) == before
