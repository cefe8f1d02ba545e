"""The supervisor: what it shares, what its death costs, how another takes over, and that nothing is left of it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from leedskg.errors import LeedskgError, LimitReachedError, TooHeavyError
from leedskg.sparql.execution import QueryPool, keep_supervisors
from leedskg.sparql.protocol.failure import CancelledError
from leedskg.sparql.protocol.negotiation import negotiate
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.sparql.service import client, watching
from tests.sample_graph import RUNAWAY, numbers, published, settings_for
from tests.waiting import until

MANY = 40_000
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
LARGE = "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 20000"
TABLE = negotiate(None, "table")
ID = "an-id-of-some-length"


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    published(folder, numbers(MANY))
    return folder


def count(pool):
    return int(pool.rows(COUNT)[0]["n"].value)


def is_running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def the_only(pool, kind):
    until(lambda: pool.status()[kind])
    [found] = pool.status()[kind]
    return found


@pytest.fixture(params=["auto", "none"])
def features(request):
    """What only Linux has, and without it."""
    return {"linux_features": request.param}


def test_workers_are_forked_and_share_what_is_loaded(state):
    with QueryPool(settings_for(state, workers=5)) as pool:
        until(lambda: len(pool.status()["idle"]) == 7)
        supervisor = psutil.Process(pool.status()["pid"])
        assert supervisor.num_threads() == 1
        workers = supervisor.children()
        together = sum(each.memory_full_info().pss for each in [supervisor, *workers])
        assert together < 3 * supervisor.memory_info().rss, "eight processes that each held their own would be eight"
        assert count(pool) == MANY
        assert pool.rows("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")[0]["n"].value == str(MANY)


def test_a_query_is_stopped_and_a_large_one_is_whole_either_way(state, features):
    with QueryPool(settings_for(state, **features)) as pool:
        assert count(pool) == MANY
        assert len(pool.rows(LARGE)) == 20_000
        with pytest.raises(TooHeavyError, match="stopped after 1 second"):
            pool.run(QueryRequest(RUNAWAY, timeout=1.0), table=TABLE)
        assert count(pool) == MANY


def test_a_client_that_hangs_up_stops_its_query_either_way(state, features):
    with QueryPool(settings_for(state, **features)) as pool, ThreadPoolExecutor() as others:
        doomed = others.submit(pool.rows, RUNAWAY)
        worker = the_only(pool, "busy")
        for each in list(pool._client._open):
            each.close()
        assert doomed.exception(timeout=60)
        until(lambda: not is_running(worker))
        until(lambda: not pool.status()["taken"])


def test_without_a_sandbox_a_line_says_so(state, features, caplog, monkeypatch):
    monkeypatch.setattr("leedskg.sparql.service.running._said", set())
    with QueryPool(settings_for(state, **features)) as pool:
        assert count(pool) == MANY
    is_confined = features["linux_features"] == "auto" and sys.platform == "linux"
    assert ("not kept from opening connections" in caplog.text) is not is_confined


def test_a_supervisor_that_is_killed_costs_the_queries_it_had_and_is_started_again(state):
    with QueryPool(settings_for(state, workers=2, heavy_after=60)) as pool, ThreadPoolExecutor() as others:
        runaway = others.submit(pool.rows, RUNAWAY)
        worker = the_only(pool, "busy")
        first = pool.status()["pid"]
        os.kill(first, signal.SIGKILL)
        with pytest.raises(LimitReachedError, match="ended from outside") as caught:
            runaway.result(timeout=60)
        assert caught.value.retry_after > 0
        assert count(pool) == MANY, "who comes meanwhile waits for the next"
        assert pool.status()["pid"] != first
        until(lambda: not is_running(worker))


def test_a_worker_that_is_frozen_and_killed_is_replaced(state):
    with QueryPool(settings_for(state)) as pool:
        until(lambda: len(pool.status()["idle"]) == 3)
        for pid in pool.status()["idle"]:
            os.kill(pid, signal.SIGSTOP)
            os.kill(pid, signal.SIGKILL)
        assert count(pool) == MANY


def test_a_connection_is_kept_and_a_worker_that_dies_meanwhile_costs_nothing(state, features):
    with QueryPool(settings_for(state, **features)) as pool:
        assert count(pool) == MANY
        [kept] = pool._client._kept
        for _ in range(5):
            assert count(pool) == MANY
            assert pool._client._kept == [kept]
            # One that has just answered is idle a moment before it waits: killed in between, it costs who asks next.
            until(lambda: len(pool.status()["idle"]) == 3 and all(map(is_waiting, pool.status()["idle"])))
            for pid in pool.status()["idle"]:
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("plain", [False, True])
def test_a_socket_that_is_closed_is_forgotten_without_a_word(plain):
    """A worker's end is told twice, by its socket and as a child's, and both may come in one round."""
    watch = watching.watcher(plain=plain)
    ours, theirs = socket.socketpair()
    watch.on_readable(ours, lambda: watch.forget(ours))
    theirs.close()
    [heard] = watch.wait(1, lambda: None)
    watch.forget(ours)
    ours.close()
    heard()
    assert watch.wait(0, lambda: None) == []


def is_waiting(pid):
    return psutil.Process(pid).status() == psutil.STATUS_SLEEPING


def test_a_connection_that_closes_without_a_word_is_made_anew_once(state, monkeypatch):
    """As when a worker is killed after an answer, before it waits for the next query."""
    with QueryPool(settings_for(state, query_timeout=20)) as pool:
        assert count(pool) == MANY
        has_word = client._has_word

        def closes_now(connection):
            is_over = has_word(connection)
            connection.shutdown(socket.SHUT_RD)
            return is_over

        monkeypatch.setattr(client, "_has_word", closes_now)
        assert count(pool) == MANY
        monkeypatch.undo()
        until(lambda: not pool.status()["taken"])
        assert count(pool) == MANY


def test_a_query_that_is_stopped_costs_nobody_whom_its_worker_answered_before(state, features):
    with QueryPool(settings_for(state, workers=2, **features)) as pool, ThreadPoolExecutor() as others:
        runaways = []
        for _ in range(4):
            assert count(pool) == MANY
            runaways.append(others.submit(pool.run, QueryRequest(RUNAWAY, timeout=0.6), table=TABLE))
            while not runaways[-1].done():
                assert pool.ask("ASK {}")
        assert all(isinstance(each.exception(), TooHeavyError) for each in runaways)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a thread has a priority of its own")
def test_what_has_been_heavy_before_has_a_low_priority_before_it_counts_as_heavy(state):
    ours = os.getpriority(os.PRIO_PROCESS, 0)

    def is_lowered(pid):
        threads = psutil.Process(pid).threads()
        return any(os.getpriority(os.PRIO_PROCESS, each.id) > ours for each in threads)

    with QueryPool(settings_for(state, heavy_after=2)) as pool, ThreadPoolExecutor() as others:
        with pytest.raises(TooHeavyError):
            pool.run(QueryRequest(RUNAWAY, timeout=2.5), table=TABLE)
        again = others.submit(pool.run, QueryRequest(RUNAWAY, timeout=4), table=TABLE)
        worker = the_only(pool, "busy")
        until(lambda: is_lowered(worker))
        assert pool.status()["heavy"] == []
        pool.close()
        assert again.exception()


def test_one_that_is_replaced_answers_what_it_has_and_can_still_be_told_to_cancel(tmp_path):
    published(tmp_path, numbers(5000))
    with QueryPool(settings_for(tmp_path, heavy_after=60, workers=2)) as pool, ThreadPoolExecutor() as others:
        first = pool.status()["pid"]
        runaway = others.submit(pool.run, QueryRequest(RUNAWAY, id=ID), table=TABLE)
        the_only(pool, "busy")
        published(tmp_path)
        until(lambda: pool.generation().number == 2)
        assert count(pool) == 4
        time.sleep(1.5)
        assert is_running(first), "it has a query to answer"
        assert pool.cancel(ID)
        with pytest.raises(CancelledError):
            runaway.result(timeout=60)
        until(lambda: not is_running(first))


def test_a_large_graph_is_served_from_disk_until_it_is_loaded_and_then_from_memory(tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr("leedskg.sparql.service.keeper.LOADED_FIRST", 1000)
    published(tmp_path, numbers(MANY))
    with QueryPool(settings_for(tmp_path, workers=2)) as pool:
        seen = set()

        def is_loaded():
            seen.add(count(pool))
            return "from memory" in caplog.text

        until(is_loaded)
        assert seen == {MANY}
        until(lambda: len(pool.status()["idle"]) == 4)
        assert not any(maps_the_disk(pid) for pid in pool.status()["idle"])
        published(tmp_path, numbers(MANY + 1))
        until(lambda: count(pool) == MANY + 1)
        until(lambda: "generation 2 from memory" in caplog.text)
        assert count(pool) == MANY + 1


def maps_the_disk(pid):
    return any(Path(each.path).parent.parent.name == "generations" for each in psutil.Process(pid).open_files())


def test_many_processes_ask_one_supervisor_and_its_limits_hold_for_all_of_them(state):
    settings = settings_for(state, queries_in_flight=2, query_timeout=20, heavy_after=60)
    keeper = keep_supervisors(settings)
    try:
        with (
            QueryPool(settings, keeper.folder) as one,
            QueryPool(settings, keeper.folder) as other,
            QueryPool(settings, keeper.folder, for_pages=True) as pages,
            ThreadPoolExecutor() as others,
        ):
            doomed = others.submit(one.run, QueryRequest(RUNAWAY, id=ID, client="a"), table=TABLE)
            the_only(other, "busy")
            with pytest.raises(LimitReachedError, match="no more than 1 queries of one client"):
                other.run(QueryRequest(COUNT, client="a"), table=TABLE)
            assert count(pages) == MANY, "pages have no limit, and workers of their own"
            assert other.cancel(ID)
            with pytest.raises(CancelledError):
                doomed.result(timeout=60)
    finally:
        keeper.close()


def test_a_state_folder_with_a_long_name_has_its_sockets_elsewhere(tmp_path, monkeypatch):
    folder = tmp_path / ("x" * 100)
    published(folder)
    with QueryPool(settings_for(folder)) as pool:
        assert count(pool) == 4
        assert folder not in pool._client.folder.parents
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(LeedskgError, match="name a shorter one with --state or TMPDIR"):
        QueryPool(settings_for(folder))


def test_when_no_process_can_be_started_it_is_said(state, monkeypatch):
    def full(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", full)
    with pytest.raises(LeedskgError, match="no process can be started to answer queries: Resource temporarily"):
        QueryPool(settings_for(state))


def test_when_no_worker_can_be_forked_it_is_said(state, monkeypatch):
    """A supervisor that may not fork, as when the table of processes is full."""
    script = (
        "import os, errno, sys\n"
        "def full(): raise BlockingIOError(errno.EAGAIN, 'Resource temporarily unavailable')\n"
        "os.fork = full\n"
        "from leedskg.sparql.service.starting import main\n"
        "main(sys.argv[-1])\n"
    )
    start = subprocess.Popen

    def without_forks(command, **options):
        return start([sys.executable, "-c", script, command[-1]], **options)

    monkeypatch.setattr(subprocess, "Popen", without_forks)
    with pytest.raises(LeedskgError, match="Resource temporarily unavailable"):
        QueryPool(settings_for(state, in_memory_below=0))


def test_what_a_killed_keeper_leaves_is_removed(state):
    left = state / "queries" / "left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    os.utime(left, (1, 1))
    with QueryPool(settings_for(state)) as pool:
        assert not left.exists()
        assert pool._client.folder.exists()
    assert list((state / "queries").iterdir()) == []
