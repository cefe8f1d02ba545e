"""The scratch store's one worker: what a deadline costs, what a death costs, and that nothing is left."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from leedskg.errors import LimitReachedError
from leedskg.settings import Settings
from leedskg.sparql.protocol.request import QueryRequest, UpdateRequest
from leedskg.sparql.scratch import ScratchPool
from leedskg.sparql.worker_protocol import SentRdf
from tests.sample_graph import RUNAWAY
from tests.served import WORKER, below
from tests.test_serving import all_end
from tests.test_sparql_workers import TABLE
from tests.waiting import until

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
FILL = b"".join(f"<a:s{i}> <a:p> {i} .\n".encode() for i in range(3000))


def number(pool):
    return int(pool.rows(COUNT)[0]["n"].value)


@pytest.fixture
def pool(tmp_path):
    with ScratchPool(Settings(), tmp_path / "store") as pool:
        assert pool.write_graph(None, [SentRdf("TURTLE", FILL)], replace=False) is False
        yield pool


def test_a_query_that_runs_away_costs_itself_alone(pool):
    with pytest.raises(LimitReachedError, match="stopped after 1 second"):
        pool.run(QueryRequest(RUNAWAY, timeout=1.0), table=TABLE)
    assert number(pool) == 3000


def test_an_update_that_runs_away_is_not_made(pool):
    where = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
    with pytest.raises(LimitReachedError, match=r"stopped after 0\.5 seconds.* whole or not at all"):
        pool.update(
            UpdateRequest(
                f"DELETE WHERE {{ <a:s1> ?p ?o }} ; INSERT {{ ?a <a:q> ?f }} WHERE {{ {where} }}", timeout=0.5
            )
        )
    assert number(pool) == 3000


def test_what_was_confirmed_outlives_the_worker(pool):
    for count in range(3):
        pool.update(UpdateRequest(f"INSERT DATA {{ <a:new> <a:q> {count} }}"))
        until(lambda: pool.status()["idle"])
        os.kill(pool.status()["idle"][0], signal.SIGKILL)
        assert number(pool) == 3001 + count


def test_a_change_whose_worker_is_killed_is_not_made_twice(pool):
    with ThreadPoolExecutor() as others:
        doomed = others.submit(pool.update, UpdateRequest("INSERT { ?a <a:q> ?f } WHERE { ?a ?b ?c . ?d ?e ?f }"))
        until(lambda: pool.status()["busy"])
        os.kill(pool.status()["busy"][0], signal.SIGKILL)
        assert "look whether this one was" in str(doomed.exception(timeout=60))
    assert number(pool) == 3000


def test_changes_and_queries_from_many_threads_take_turns(pool):
    with ThreadPoolExecutor(8) as others:
        updates = [
            others.submit(pool.update, UpdateRequest(f"INSERT DATA {{ <a:t{each}> <a:q> {each} }}"))
            for each in range(50)
        ]
        queries = [others.submit(number, pool) for _ in range(50)]
        for each in updates:
            each.result()
        assert all(3000 <= each.result() <= 3050 for each in queries)
    assert number(pool) == 3050


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_the_server_throws_it_away_however_it_ends(tmp_path, stop):
    """And it needs nothing published: the state folder is not there."""
    command = [sys.executable, "-c", "from leedskg.cli import main; main()", "--state", str(tmp_path / "none")]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [*command, "serve", "--scratch", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        cwd=Path(__file__).parents[1],
    ) as server:
        said = [server.stdout.readline(), server.stdout.readline()]
        assert "thrown away at the end" in said[0]
        assert said[1].startswith("leedskg answers at http://127.0.0.1:")
        [folder] = tmp_path.glob("leedskg-scratch-*")
        processes = [each.pid for each in below(server.pid)]
        assert [each.name() for each in below(server.pid)].count(WORKER) == 1
        server.send_signal(stop)
        assert server.wait(timeout=60) == (0 if stop == signal.SIGTERM else -signal.SIGKILL)
        all_end(processes)
    until(lambda: not folder.exists())
    assert not (tmp_path / "none").exists()
