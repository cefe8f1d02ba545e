"""What is worked out of a generation is there, whole, before readers are told of the generation."""

from __future__ import annotations

import gc
import json
import shutil
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leedskg import artefacts, dumps
from leedskg.artefacts import Artefacts, folder_in
from leedskg.cli.group import steps_told
from leedskg.derivation.patterns import plan_of
from leedskg.dumps import Dumps
from leedskg.errors import KnowledgeError
from leedskg.graph import named_graph
from leedskg.identity import mint
from leedskg.ledger import Stewardship
from leedskg.network import Network
from leedskg.publishing import LedgerMark, amend_held, build
from leedskg.selfdescription import reifiers
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.store import Row
from leedskg.store.embedded import StoreReader, only_writer
from leedskg.store.generations import Generation, current_generation
from leedskg.store.progress import Progress, step_under_way
from leedskg.web import create_app
from tests.sample_graph import settings_for
from tests.sample_knowledge import NAMESPACES, relationship, write_sample
from tests.sample_site import MORE_PREFIXES, attribute, publish_sample

FILES = {"routes", "outline.json", "analysis.json", "dumps"}


class Asked(StoreReader):
    """A reader that counts what it is asked."""

    questions = 0

    def rows(self, query: str) -> list[Row]:
        self.questions += 1
        return super().rows(query)


def reader_of(generation: Generation) -> Asked:
    return Asked(ox.Store.read_only(str(generation.path)), generation)


def artefacts_of(generation: Generation, reader: Asked | None = None) -> Artefacts:
    return Artefacts.of(reader or reader_of(generation), generation, NAMESPACES, None)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_sample(tmp_path_factory.mktemp("artefacts"))


def test_a_publication_holds_nothing_once_it_is_over(tmp_path: Path) -> None:
    """Frames that are kept hold open stores, and cursors that another thread may not close."""
    plan_of.cache_clear()
    gc.collect()
    gc.disable()
    before = {id(each) for each in gc.get_objects()}
    try:
        publish_sample(tmp_path)
        frames = [each for each in gc.get_objects() if isinstance(each, FrameType) and id(each) not in before]
        assert not [each for each in frames if "leedskg" in Path(each.f_code.co_filename).parts]
    finally:
        gc.enable()


def test_a_generation_has_them_when_it_is_published(state: Path) -> None:
    generation = current_generation(state)
    reader = reader_of(generation)
    found = artefacts_of(generation, reader)
    assert found.is_complete
    assert found.routes.index.ties == found.network.graph.number_of_edges() > 10
    assert found.outline.positions.keys() == set(found.network.graph)
    assert found.analysis.entities == len(found.network.graph)
    named = set(ox.parse(path=str(found.dumps.file("nq").path), format=ox.RdfFormat.N_QUADS))
    assert named == set(ox.parse(path=str(found.dumps.file("trig").path), format=ox.RdfFormat.TRIG))
    store = ox.Store.read_only(str(generation.path))
    graphs = set(store.named_graphs()) - {ox.NamedNode(NAMESPACES.graph("reified"))}
    assert named == {quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)}
    assert not reader.questions


def test_they_are_there_before_the_generation_is_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = write_sample(tmp_path)
    first = build(sample.read(), tmp_path / "state", keep=2)

    def fail(*_: object, **__: object) -> None:
        assert current_generation(tmp_path / "state") == first
        raise KnowledgeError("the disk is full")

    monkeypatch.setattr(artefacts, "build", fail)
    with pytest.raises(KnowledgeError, match="the disk is full"):
        build(sample.read(), tmp_path / "state", keep=2)
    assert current_generation(tmp_path / "state") == first


def test_a_folder_that_cannot_be_written_stops_the_publication(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = write_sample(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(artefacts.RouteIndex, "write", full)
    with pytest.raises(KnowledgeError, match=r"cannot be written to .*: is the disk full\?"):
        build(sample.read(), tmp_path / "state", keep=2)
    with pytest.raises(KnowledgeError, match="nothing is published yet"):
        current_generation(tmp_path / "state")


def test_the_network_from_the_index_is_the_one_in_the_store(state: Path) -> None:
    found = artefacts_of(current_generation(state))
    read = Network.read(reader_of(current_generation(state)), NAMESPACES)

    def ties(network: Network) -> set[tuple[object, ...]]:
        return {
            (frozenset((one, other)) if tie.pattern.mutual else (one, other), tie.relationship, tie.pattern.iri,
             tie.confidence, tie.valid_from, tie.valid_to, tie.sources or frozenset({tie.relationship}))
            for one, other, tie in network.ties()
        }  # fmt: skip

    assert ties(found.network) == ties(read)
    assert {frozenset(pair) for pair in found.ends} == {frozenset(pair) for pair in read.graph.edges()}


@pytest.mark.parametrize("damage", ["cut short", "another form", "gone"])
def test_what_is_not_whole_costs_time_and_nothing_else(tmp_path: Path, damage: str) -> None:
    generation = current_generation(publish_sample(tmp_path))
    before = artefacts_of(generation)
    folder = folder_in(generation.path)
    for name in ("outline.json", "analysis.json", "routes/told.json"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text({"cut short": text[:-20], "another form": "[3]"}.get(damage, ""), encoding="utf-8")
    if damage == "gone":
        shutil.rmtree(folder)
    found = artefacts_of(generation)
    assert found.outline == before.outline
    assert found.analysis == before.analysis
    assert found.routes.index.ties == before.routes.index.ties


def test_on_a_server_elsewhere_they_are_kept_in_the_state_folder(state: Path, tmp_path: Path) -> None:
    generation = current_generation(state)
    reader = reader_of(generation)
    for questions in (True, False):
        reader.questions = 0
        folder = artefacts.folder_for(tmp_path, generation)
        found = Artefacts(reader, NAMESPACES, folder, written=True)
        assert found.is_complete is not questions
        assert found.outline == artefacts_of(generation).outline
        assert found.analysis == artefacts_of(generation).analysis
        assert found.dumps.file("nq").sha256 == artefacts_of(generation).dumps.file("nq").sha256
        assert bool(reader.questions) is questions
        assert {path.name for path in folder.iterdir()} == FILES


# A change that nobody can see in the network


MEMBER = relationship("tie", "Membership", "firms", ("member", "firm-40"), ("group", "guild"))
THEME = attribute("aim", "zoe-institute", "aim", 'lhi:literalValue "To mend hearts."@en')
FUNDED = relationship(
    "again", "FundingAward", "funding", ("funder", "loom-charity"), ("funded", "heartbeat-study"),
    more='    lhi:validTo "2001-01-01" ;\n',
)  # fmt: skip
IRI = "https://w3id.org/leeds-health-innovation/id/"


def is_shared(name: str, one: Generation, other: Generation) -> bool:
    return (folder_in(one.path) / name).samefile(folder_in(other.path) / name)


@pytest.mark.parametrize(
    ("added", "same"),
    [
        (THEME, True),
        ('id:zoe-institute skos:altLabel "Zoe’s"@en .', True),
        ('id:new-body a lhi:Charity ; skos:prefLabel "New Body"@en .', True),
        (MEMBER, False),
        (FUNDED, False),
        ("id:zoe-institute a lhi:Charity .", False),
        ("id:zoe-institute dcterms:isReplacedBy id:guild .", False),
        ("id:lonely-mill dcterms:isReplacedBy id:guild .", True),
    ],
    ids=["attribute", "name", "entity without ties", "relationship", "same edge, ended", "kind", "merged",
         "merged, without ties"],
)  # fmt: skip
def test_only_a_change_of_the_network_has_it_worked_out_again(tmp_path: Path, added: str, same: bool) -> None:
    state = publish_sample(tmp_path)
    before = current_generation(state)
    text = mint(f"{MORE_PREFIXES}\n{added}", "graph/more.ttl", NAMESPACES)[0]
    graph = named_graph(NAMESPACES, "graph/more.ttl")
    quads = [ox.Quad(*found.triple, graph) for found in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    knowledge = write_sample(tmp_path / "again").read()
    with only_writer(state):
        after = amend_held(knowledge, state, before, [], quads, keep=3, mark=LedgerMark())
    assert is_shared("routes/told.json", before, after) is is_shared("outline.json", before, after) is same
    old, new = (Network.read(reader_of(each), NAMESPACES) for each in (before, after))
    if same:
        assert set(old.graph.edges(keys=True)) == set(new.graph.edges(keys=True))
    # And back again: what is taken out counts as what is added.
    with only_writer(state):
        undone = amend_held(knowledge, state, after, quads, [], keep=3, mark=LedgerMark())
    assert is_shared("routes/told.json", after, undone) is same
    # What is shared or made anew is what a whole build makes.
    assert reified(after) == reified_anew(after)
    assert reified(undone) == reified_anew(undone)
    found, anew = artefacts_of(after), Artefacts(reader_of(after), NAMESPACES)
    assert (found.outline, found.analysis) == (anew.outline, anew.analysis)
    assert set(found.network.graph.edges(keys=True)) == set(anew.network.graph.edges(keys=True))
    for suffix in ("nq", "trig"):
        assert found.dumps.file(suffix).path.read_bytes() == anew.dumps.file(suffix).path.read_bytes()
        assert artefacts_of(undone).dumps.file(suffix).sha256 == artefacts_of(before).dumps.file(suffix).sha256


_SUBJECTS = [
    *(ox.NamedNode(NAMESPACES.entity(name)) for name in ("a", "a-b", "a.", "a/b", "b", "łódź")),
    *(ox.BlankNode(name) for name in ("a", "a1")),
    ox.NamedNode("http://example.org/a"),
]
_QUADS = st.frozensets(
    st.builds(
        ox.Quad,
        st.sampled_from(_SUBJECTS),
        st.sampled_from([ox.NamedNode(NAMESPACES.term(name)) for name in ("purpose", "kind")]),
        st.sampled_from([*_SUBJECTS, ox.Literal("two\nlines . }\n"), ox.Literal("\\\t"), ox.Literal(1)]),
        st.sampled_from([ox.NamedNode(NAMESPACES.graph(name)) for name in ("one", "two")]),
    ),
    max_size=12,
)


def reified(generation: Generation) -> set[ox.Triple]:
    graph = ox.NamedNode(NAMESPACES.graph("reified"))
    return {each.triple for each in reader_of(generation)._store.quads_for_pattern(None, None, None, graph)}


def reified_anew(generation: Generation) -> set[ox.Triple]:
    return reifiers.statements(reader_of(generation)._store, NAMESPACES.base)


def test_a_second_statement_of_an_edge_is_one_only_while_the_edge_is_there(tmp_path: Path) -> None:
    state = publish_sample(tmp_path)
    knowledge = write_sample(tmp_path / "again").read()
    first = current_generation(state)
    text = mint(f"{MORE_PREFIXES}\n{FUNDED}", "graph/more.ttl", NAMESPACES)[0]
    graph = named_graph(NAMESPACES, "graph/more.ttl")
    ended = [ox.Quad(*found.triple, graph) for found in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    edge = [ox.NamedNode(NAMESPACES.entity("loom-charity")), ox.NamedNode(NAMESPACES.term("funds"))]
    stated = {each.subject for each in reified(first) if [each.object.subject, each.object.predicate] == edge}
    rank, deprecated = ox.NamedNode(NAMESPACES.term("rank")), ox.NamedNode(f"{NAMESPACES.base}scheme/rank/deprecated")
    ranked = [quad for each in stated for quad in reader_of(first)._store.quads_for_pattern(each, rank, None, None)]
    kept = [quad for quad in ranked if isinstance(quad.graph_name, ox.NamedNode)]
    retired = [ox.Quad(each.subject, rank, deprecated, each.graph_name) for each in kept]
    numbers = []
    base = first
    for gone, come in (([], ended), (kept, retired), (retired, kept)):
        with only_writer(state):
            base = amend_held(knowledge, state, base, gone, come, keep=5, mark=LedgerMark())
        assert reified(base) == reified_anew(base)
        numbers.append(len(reified(base)))
    assert numbers[0] == numbers[2] > len(reified(first)) > numbers[1]


@given(_QUADS, _QUADS)
def test_the_files_follow_any_change_as_they_would_be_written_anew(
    before: frozenset[ox.Quad], after: frozenset[ox.Quad]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        first, followed, written = (Path(name, each) for each in ("first", "followed", "written"))
        old, new = ox.Store(), ox.Store()
        old.extend(before)
        new.extend(after)
        dumps.write(StoreReader(old, Generation(1, first, "", 0)), NAMESPACES, first)
        earlier = Dumps.open(first)
        assert earlier is not None
        dumps.follow(earlier, new, before ^ after, NAMESPACES, followed)
        dumps.write(StoreReader(new, Generation(2, written, "", 0)), NAMESPACES, written)
        for file in ("dataset.nq", "dataset.trig", "dataset.json"):
            assert (followed / file).read_bytes() == (written / file).read_bytes()


def test_an_analysis_that_a_change_does_not_touch_is_shared(tmp_path: Path) -> None:
    state = publish_sample(tmp_path)
    before = current_generation(state)
    quad = ox.Quad(
        ox.NamedNode(f"{IRI}x"), ox.NamedNode(f"{IRI}y"), ox.Literal("z"), named_graph(NAMESPACES, "graph/more.ttl")
    )
    with only_writer(state):
        after = amend_held(
            write_sample(tmp_path / "again").read(), state, before, [], [quad], keep=3, mark=LedgerMark()
        )
    assert is_shared("analysis.json", before, after)


# Readers


def test_a_page_shows_a_new_generation_whole_at_once(tmp_path: Path) -> None:
    sample = write_sample(tmp_path)
    settings = settings_for(tmp_path / "state")
    build(sample.read(), settings.state_path, keep=2)
    with QueryPool(settings) as pool:
        client = create_app(settings, pool).test_client()
        seen = set()
        for _ in range(2):
            number = build(sample.read(), settings.state_path, keep=2).number
            until = time.monotonic() + 20
            while pool.generation().number < number and time.monotonic() < until:
                assert client.get("/network/whole").status_code == 200
            seen.add(pool.generation().number)
            for path in (
                "/network/whole",
                "/network/communities",
                "/network/communities?format=svg",
                "/network",
                "/routes?from=The+Loom&to=Millbrook+Guild",
            ):
                assert client.get(path, headers={"Accept": "text/html"}).status_code == 200
        assert len(seen) == 2


# Progress


def test_each_step_is_told_and_can_be_read_by_others(tmp_path: Path) -> None:
    sample = write_sample(tmp_path)
    settings = Settings(knowledge=str(sample.root), state=str(tmp_path / "state"), ledger=str(tmp_path / "ledger"))
    steps: list[str] = []

    def tell(words: str) -> None:
        steps.append(words)
        under_way = step_under_way(settings.state_path)
        assert under_way is not None
        assert under_way.words == words
        assert str(under_way).startswith(f"{words}, ")

    Stewardship(settings).publication.publish(tell=tell)
    assert [step for step in steps if "routes" in step or "matters" in step]
    assert step_under_way(settings.state_path) is None


def test_a_publication_that_was_killed_is_not_under_way(tmp_path: Path) -> None:
    with only_writer(tmp_path):
        progress = Progress(tmp_path)
        progress("working out who matters")
        assert step_under_way(tmp_path) is not None
    assert json.loads((tmp_path / "progress.json").read_text(encoding="utf-8"))["words"]
    assert step_under_way(tmp_path) is None


def test_steps_are_said_on_the_terminal_once_it_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    with steps_told() as tell:
        tell("loading")
    assert capsys.readouterr().err == ""
    with steps_told(0.01) as tell:
        tell("loading")
        said = threading.Event()
        until = time.monotonic() + 20
        text = ""
        while "loading" not in text and time.monotonic() < until:
            said.wait(0.01)
            text += capsys.readouterr().err
        tell("working out who matters")
    assert text + capsys.readouterr().err == "loading …\nworking out who matters …\n"
