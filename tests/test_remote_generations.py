"""Publishing on another store: whole or not at all, for readers, for a publisher that dies, and for two at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyoxigraph as ox
import pytest

from leedskg.errors import KnowledgeError, StoreDownError, StoreError
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol.negotiation import negotiate
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.store import embedded
from leedskg.store.remote import publication as publishing
from leedskg.store.remote.connection import connect
from leedskg.store.remote.publication import publish_to
from leedskg.store.remote.register import note, read_current, read_register
from tests.engines import free_port, needs_oxigraph, needs_virtuoso, oxigraph, virtuoso
from tests.sample_knowledge import PROJECT
from tests.waiting import until

pytestmark = pytest.mark.slow

BASE = "http://example.org/"
ENGINES = [pytest.param(oxigraph, marks=needs_oxigraph), pytest.param(virtuoso, marks=needs_virtuoso)]
#: Grouped, for Virtuoso took eight seconds for DISTINCT over everything it holds.
HELD = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
EVERY = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(scope="module", params=ENGINES, ids=["oxigraph", "virtuoso"])
def engine(request, tmp_path_factory):
    with request.param(tmp_path_factory.mktemp("engine")) as at:
        yield at


@pytest.fixture
def settings(engine, request):
    """A part of the engine that no other test writes to."""
    return Settings(store=engine, base=f"{BASE}{request.node.name.partition('[')[0]}/", query_timeout=20)


@pytest.fixture
def server(settings):
    server = connect(settings)
    yield server
    server.close()


def filled(base, value, size=300):
    """Two graphs in which every statement has one value, and their union."""
    store = ox.Store()
    for name in ("graph/one", "graph/two"):
        graph = ox.NamedNode(base + name)
        store.extend(
            ox.Quad(ox.NamedNode(f"{base}{name}/{number}"), ox.NamedNode(f"{base}p"), ox.Literal(value), graph)
            for number in range(size)
        )
    embedded.unite(store)
    return store


def publish(server, settings, value, *, keep=2, grace=0.0, size=300):
    return publish_to(server, settings.base, filled(settings.base, value, size), {}, keep=keep, grace=grace)


VALUES = "SELECT ?v (COUNT(*) AS ?n) (COUNT(DISTINCT ?g) AS ?gs) WHERE { GRAPH ?g { ?s <p> ?v } } GROUP BY ?v"


def graphs_of(server, settings):
    """Every graph that the server has under the base, as the server names them."""
    answer = server._transport.exchange(
        "POST", server._query, seconds=20, limit=2**24,
        headers={"Accept": "application/sparql-results+json"}, form={"query": HELD},
    )  # fmt: skip
    with answer:
        found = ox.parse_query_results(answer.whole(), ox.QueryResultsFormat.JSON)
        return {row["g"].value for row in found if row["g"].value.startswith(settings.base)}


def test_readers_see_one_generation_or_the_next_and_nothing_between(server, settings):
    publish(server, settings, "0")
    over, wrong, seen = threading.Event(), [], set()

    def read():
        with QueryPool(settings) as pool:
            while not over.is_set():
                rows = [(row["v"].value, row["n"].value, row["gs"].value) for row in pool.rows(VALUES)]
                if len(rows) != 1 or rows[0][1:] != ("600", "2"):
                    wrong.append(rows)
                seen.update(row[0] for row in rows)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for value in range(1, 6):
        time.sleep(0.6)
        publish(server, settings, str(value), grace=5)
    time.sleep(1.5)
    over.set()
    for reader in readers:
        reader.join(20)
    assert wrong == []
    assert "5" in seen
    assert len(seen) > 2


def test_old_generations_go_and_nothing_else_is_left(server, settings):
    for value in range(4):
        generation = publish(server, settings, str(value))
    assert generation.number == 4
    register = read_register(server, settings.base)
    assert sorted(each.number for each in register.published) == [3, 4]
    assert register.underway == ()
    wanted = {each.stored(name) for each in register.published for name in each.graphs}
    wanted |= {each.union for each in register.published} | {f"{settings.base}generation/"}
    assert graphs_of(server, settings) == wanted


def test_a_server_that_nobody_asked_for_long_reads_no_generation_that_is_gone(server, settings):
    publish(server, settings, "0")
    with QueryPool(settings) as pool:
        publish(server, settings, "1", keep=1)
        publish(server, settings, "2", keep=1)
        until(lambda: pool.generation().number == 3)
        barrier, seen = threading.Barrier(6), []

        def read():
            barrier.wait()
            seen.append([row["v"].value for row in pool.rows(VALUES)])

        threads = [threading.Thread(target=read) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert seen == [["2"]] * 6


def test_a_generation_that_was_current_a_moment_ago_stays(server, settings):
    for value in range(4):
        publish(server, settings, str(value), keep=1, grace=60)
    assert len(read_register(server, settings.base).published) == 4
    publish(server, settings, "4", keep=1)
    assert len(read_register(server, settings.base).published) == 1


SCRIPT = """
import sys
from leedskg.settings import Settings
from leedskg.store.remote.connection import connect
from tests.test_remote_generations import publish
settings = Settings(store=sys.argv[1], base=sys.argv[2])
server = connect(settings)
write = server.write_graph
def slow(name, triples, *, replace):
    write(name, triples, replace=replace)
    print("written", flush=True)
    sys.stdin.readline()
server.write_graph = slow
publish(server, settings, "half")
"""


def test_a_publisher_that_is_killed_leaves_readers_on_the_old_and_is_swept_up(server, settings, monkeypatch):
    publish(server, settings, "old")
    command = [sys.executable, "-c", SCRIPT, settings.store, settings.base]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT, env=os.environ | {"PYTHONPATH": "server"}
    ) as dying:
        assert dying.stdout.readline() == b"written\n"
        with pytest.raises(KnowledgeError, match=r"another leedskg is publishing .* process"):
            publish(server, settings, "meanwhile")
        dying.send_signal(signal.SIGKILL)
    with QueryPool(settings) as pool:
        assert [row["v"].value for row in pool.rows(VALUES)] == ["old"]
    with pytest.raises(KnowledgeError, match="should it have died"):
        publish(server, settings, "too soon")
    left = [name for name in graphs_of(server, settings) if "--g2-" in name]
    assert left
    monkeypatch.setattr(publishing, "now", lambda: datetime.now(UTC) + timedelta(hours=1))
    publish(server, settings, "new", grace=3600)
    monkeypatch.undo()
    register = read_register(server, settings.base)
    assert register.underway == ()
    assert not graphs_of(server, settings) & set(left)
    with QueryPool(settings) as pool:
        assert [row["v"].value for row in pool.rows(VALUES)] == ["new"]


def test_what_was_named_current_just_before_its_publisher_died_stays(server, settings):
    generation = publish(server, settings, "good")
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    names = [*(generation.stored(name) for name in generation.graphs), generation.union]
    said = {"number": 1, "until": past, "graphs": [name.removeprefix(settings.base) for name in names], "by": "x"}
    note(server, settings.base, generation.token, "underway", said)
    publish(server, settings, "next")
    register = read_register(server, settings.base)
    assert len(register.published) == 2
    assert register.underway == ()
    assert generation.union in graphs_of(server, settings)


def test_of_two_that_begin_at_once_no_more_than_one_publishes(server, settings):
    publish(server, settings, "first")
    outcomes = []
    barrier = threading.Barrier(3)

    def begin(value):
        barrier.wait()
        try:
            publish(server, settings, value, grace=60)
            outcomes.append(value)
        except KnowledgeError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=begin, args=(str(number),)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 3
    published = [each for each in outcomes if each.isdecimal()]
    numbers = [each.number for each in read_register(server, settings.base).published]
    assert len(numbers) == len(set(numbers)) == 1 + len(published)
    assert read_register(server, settings.base).underway == ()
    assert all("another leedskg is publishing" in each for each in outcomes if not each.isdecimal())


def test_a_publication_that_fails_leaves_nothing(server, settings, monkeypatch):
    publish(server, settings, "old")
    before = graphs_of(server, settings)
    write = server.write_graph
    monkeypatch.setattr(
        server,
        "write_graph",
        lambda name, triples, replace: write(name, triples[:1000].rpartition(b"\n")[0] + b"\n", replace=replace),
    )
    with pytest.raises(KnowledgeError, match=r"holds \d+ of the 300 statements .* nothing was published"):
        publish(server, settings, "cut")
    assert graphs_of(server, settings) == before
    assert read_current(server, settings.base).number == 1


def test_one_server_holds_several(server, settings, engine):
    other = Settings(store=engine, base=settings.base + "other/")
    publish(server, settings, "ours")
    publish(server, other, "theirs")
    for each, value in ((settings, "ours"), (other, "theirs")):
        with QueryPool(each) as pool:
            assert [row["v"].value for row in pool.rows(VALUES)] == [value]
            assert len(pool.rows(EVERY)) == 2


def test_what_is_sent_in_parts_arrives_whole(server, settings, monkeypatch):
    monkeypatch.setattr(publishing, "_PART", 5000)
    store = filled(settings.base, 'é’ " \\ \n _: .', 200)
    graph = ox.NamedNode(settings.base + "graph/one")
    blank = [ox.BlankNode() for _ in range(50)]
    store.extend(ox.Quad(one, ox.NamedNode(settings.base + "next"), two, graph) for one, two in pairwise(blank))
    generation = publish_to(server, settings.base, store, {}, keep=2, grace=0)
    assert generation.graphs[graph.value] == 249
    with QueryPool(settings) as pool:
        rows = pool.rows(
            "SELECT (COUNT(*) AS ?n) WHERE { GRAPH <graph/one> { ?a <next> ?b . ?b <next> ?c . ?c <next> ?d } }"
        )
        assert rows[0]["n"].value == "47", "a chain of blank nodes is one chain"
        assert {row["v"].value for row in pool.rows("SELECT DISTINCT ?v WHERE { ?s <p> ?v }")} == {'é’ " \\ \n _: .'}


def test_values_come_back_as_they_went(server, settings):
    xsd = "http://www.w3.org/2001/XMLSchema#"
    values = [
        ox.Literal(value, datatype=ox.NamedNode(xsd + kind))
        for value, kind in (
            ("true", "boolean"), ("false", "boolean"), ("0.5", "decimal"), ("3", "decimal"), ("42", "integer"),
            ("3000000000", "integer"), ("-9007199254740993", "integer"), ("2026", "gYear"), ("2026-01-02", "date"),
            ("2026-01-02T03:04:05Z", "dateTime"), ("http://example.org/", "anyURI"), ("1", "string"),
        )
    ]  # fmt: skip
    values += [
        ox.Literal("Zoë’s “\n\t\\”", language="en-gb"),
        ox.Literal(""),
        ox.NamedNode("http://example.org/é?a=b&c#d"),
    ]
    store = ox.Store()
    store.extend(
        ox.Quad(ox.NamedNode(f"{settings.base}{number}"), ox.NamedNode(settings.base + "p"), value,
                ox.NamedNode(settings.base + "graph/one"))
        for number, value in enumerate(values)
    )  # fmt: skip
    embedded.unite(store)
    publish_to(server, settings.base, store, {}, keep=2, grace=0)
    formats = negotiate(None, "table", "json"), negotiate(None, "graph", "ntriples")
    wanted = {quad.triple for quad in store if isinstance(quad.graph_name, ox.DefaultGraph)}
    with QueryPool(settings) as pool:
        with pool.run(QueryRequest("SELECT * { ?s ?p ?o }"), table=formats[0]) as result:
            rows = ox.parse_query_results(result.read(), ox.QueryResultsFormat.JSON)
            assert {ox.Triple(row["s"], row["p"], row["o"]) for row in rows} == wanted
        for read in (
            pool.run(QueryRequest("CONSTRUCT WHERE { ?s ?p ?o }"), graph=formats[1]),
            pool.graph(None, formats[1]),
        ):
            with read:
                assert {quad.triple for quad in ox.parse(read.read(), ox.RdfFormat.N_TRIPLES)} == wanted


def test_graphs_of_others_are_not_published(server, settings):
    store = ox.Store()
    store.add(
        ox.Quad(ox.NamedNode("x:a"), ox.NamedNode("x:b"), ox.Literal("c"), ox.NamedNode("http://elsewhere.org/g"))
    )
    with pytest.raises(KnowledgeError, match="not under"):
        publish_to(server, settings.base, store, {}, keep=2, grace=0)


def test_a_wrong_password_is_said(engine, settings, caplog):
    if "dba:dba" not in engine:
        return  # Oxigraph's server knows no passwords
    settings = Settings(store=engine.replace("dba:dba", "dba:wrong"), base=settings.base)
    with closing(connect(settings)) as server, pytest.raises(StoreError, match="LEEDSKG_STORE_PASSWORD"):
        publish(server, settings, "x")
    assert "wrong" not in caplog.text


@needs_oxigraph
def test_a_store_that_is_restarted_is_served_again(tmp_path):
    port = free_port()
    with oxigraph(tmp_path, port) as at:
        settings = Settings(store=at, base=BASE, query_timeout=5)
        server = connect(settings)
        publish(server, settings, "kept")
        pool = QueryPool(settings)
        assert pool.rows(VALUES)
    with pytest.raises((StoreDownError, StoreError)):
        pool.rows(VALUES)
    with oxigraph(tmp_path, port):
        time.sleep(1.1)
        assert [row["v"].value for row in pool.rows(VALUES)] == ["kept"]
        publish(server, settings, "new")
        until = time.monotonic() + 10
        while [row["v"].value for row in pool.rows(VALUES)] != ["new"]:
            assert time.monotonic() < until
            time.sleep(0.1)
    pool.close()
    server.close()
