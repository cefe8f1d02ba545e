"""What is worked out of a generation: made once, when it is published, kept for all processes, and not waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from leedskg import groundwork as laying
from leedskg.graph import named_graph
from leedskg.groundwork import Groundwork, lay
from leedskg.identity import mint
from leedskg.network import Network, network_of
from leedskg.outline import Outline, outline_file
from leedskg.publishing import Mark, amend_held, build
from leedskg.sparql.execution import QueryPool
from leedskg.store import Row
from leedskg.store.embedded import StoreReader, only_writer
from leedskg.store.generations import Generation, current_generation
from leedskg.web import create_app
from leedskg.web import groundwork as watching
from leedskg.web.groundwork import Groundlayer
from tests.sample_graph import settings_for
from tests.sample_knowledge import NAMESPACES, relationship, write_sample
from tests.sample_site import MORE_PREFIXES, attribute, publish_sample


class Asked(StoreReader):
    """A reader that counts what it is asked."""

    questions = 0

    def rows(self, query: str) -> list[Row]:
        self.questions += 1
        return super().rows(query)


def reader_of(generation: Generation) -> Asked:
    return Asked(ox.Store.read_only(str(generation.path)), generation)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_sample(tmp_path_factory.mktemp("groundwork"))


def test_what_was_laid_is_read_without_asking_the_store(state: Path) -> None:
    lay(settings_for(state))
    reader = reader_of(current_generation(state))
    found = Groundwork(reader, NAMESPACES, state)
    assert found.is_laid
    assert found.routes.index.ties == found.network.graph.number_of_edges() > 10
    assert found.outline.positions.keys() == set(found.network.graph)
    assert reader.questions == 0


def test_the_network_from_the_index_is_the_one_in_the_store(state: Path) -> None:
    found = Groundwork(reader_of(current_generation(state)), NAMESPACES, state)
    read = Network.read(reader_of(current_generation(state)), NAMESPACES)

    def ties(network: Network) -> set[tuple[object, ...]]:
        return {
            (frozenset((one, other)) if tie.pattern.mutual else (one, other), tie.relationship, tie.pattern.iri,
             tie.confidence, tie.valid_from, tie.valid_to, tie.sources or frozenset({tie.relationship}))
            for one, other, tie in network.ties()
        }  # fmt: skip

    assert ties(found.network) == ties(read)
    assert {frozenset(pair) for pair in found.ends} == {frozenset(pair) for pair in read.graph.edges()}


def test_an_outline_that_is_not_whole_is_made_again(state: Path) -> None:
    lay(settings_for(state))
    file = outline_file(state, network_of(current_generation(state)))
    kept = Outline.open(file)
    assert kept
    file.write_text(file.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    assert Outline.open(file) is None
    lay(settings_for(state))
    made = Groundwork(reader_of(current_generation(state)), NAMESPACES, state).outline
    assert made == kept


def test_a_folder_that_cannot_be_written_costs_time_and_nothing_else(state: Path, tmp_path: Path) -> None:
    (tmp_path / "routes").write_text("in the way", encoding="utf-8")
    (tmp_path / "outlines").write_text("in the way", encoding="utf-8")
    found = Groundwork(reader_of(current_generation(state)), NAMESPACES, tmp_path)
    assert not found.is_laid
    assert found.outline.positions


# A change that nobody can see in the network


MEMBER = relationship("tie", "Membership", "firms", ("member", "firm-40"), ("group", "guild"))
THEME = attribute("aim", "zoe-institute", "aim", 'lhi:literalValue "To mend hearts."@en')
IRI = "https://w3id.org/leeds-health-innovation/id/"


@pytest.mark.parametrize(
    ("added", "same"),
    [
        (THEME, True),
        ('id:zoe-institute skos:altLabel "Zoe’s"@en .', True),
        ('id:new-body a lhi:Charity ; skos:prefLabel "New Body"@en .', True),
        (MEMBER, False),
        ("id:zoe-institute a lhi:Charity .", False),
        ("id:zoe-institute dcterms:isReplacedBy id:guild .", False),
        ("id:lonely-mill dcterms:isReplacedBy id:guild .", True),
    ],
    ids=["attribute", "name", "entity without ties", "relationship", "kind", "merged", "merged, without ties"],
)  # fmt: skip
def test_only_a_change_of_the_network_has_it_worked_out_again(tmp_path: Path, added: str, same: bool) -> None:
    state = publish_sample(tmp_path)
    before = current_generation(state)
    text = mint(f"{MORE_PREFIXES}\n{added}", "graph/more.ttl", NAMESPACES)[0]
    graph = named_graph(NAMESPACES, "graph/more.ttl")
    quads = [ox.Quad(*found.triple, graph) for found in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    knowledge = write_sample(tmp_path / "again").read()
    with only_writer(state):
        after = amend_held(knowledge, state, before, [], quads, keep=3, mark=Mark())
    assert (network_of(after) == network_of(before)) is same
    old, new = (Network.read(reader_of(each), NAMESPACES) for each in (before, after))
    if same:
        assert set(old.graph.edges(keys=True)) == set(new.graph.edges(keys=True))
    # And back again: what is taken out counts as what is added.
    with only_writer(state):
        undone = amend_held(knowledge, state, after, quads, [], keep=3, mark=Mark())
    assert (network_of(undone) == network_of(after)) is same


def test_a_generation_built_anew_has_a_network_of_its_own(tmp_path: Path) -> None:
    sample = write_sample(tmp_path)
    one, other = (build(sample.read(), tmp_path / "state", keep=2) for _ in range(2))
    assert network_of(one) != network_of(other)


# The server


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Graphs of any size are large, and their groundwork takes until the event is set."""
    free = threading.Event()

    def lay_when_free(self: Groundlayer) -> str:
        free.wait(20)
        lay(self._settings)
        return ""

    monkeypatch.setattr(laying, "SMALL", 0)
    monkeypatch.setattr(watching, "SMALL", 0)
    monkeypatch.setattr(watching, "_PATIENCE", 0.2)
    monkeypatch.setattr(Groundlayer, "_lay_aside", lay_when_free)
    yield free
    free.set()


def test_a_page_says_that_its_picture_is_being_made(tmp_path: Path, slow: threading.Event) -> None:
    settings = settings_for(publish_sample(tmp_path))
    pool = QueryPool(settings)
    layer = Groundlayer(settings, pool)
    try:
        client: FlaskClient = create_app(settings, pool, layer=layer).test_client()
        for path in ("/network/whole", "/network/communities", "/routes?from=The+Loom&to=Millbrook+Guild"):
            answer = client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "5"
            assert "being worked out" in answer.text
        for path in ("/", "/id/zoe-institute", "/timeline", "/places"):
            assert client.get(path).status_code == 200
        slow.set()
        until = time.monotonic() + 20
        while client.get("/network/whole").status_code == 503 and time.monotonic() < until:
            time.sleep(0.1)
        assert "The table" in client.get("/network/whole").text
        assert "/network/around" in client.get("/id/zoe-institute").text
    finally:
        slow.set()
        layer.close()
        pool.close()


def test_a_process_of_its_own_lays_it_for_a_large_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SMALL", 0)
    settings = settings_for(publish_sample(tmp_path))
    pool = QueryPool(settings)
    layer = Groundlayer(settings, pool)
    try:
        found = Groundwork(pool, NAMESPACES, settings.state_path)
        until = time.monotonic() + 60
        while not found.is_laid and time.monotonic() < until:
            time.sleep(0.05)
        assert found.is_laid
        layer.wait(found, lambda: found.is_laid)
    finally:
        layer.close()
        pool.close()
