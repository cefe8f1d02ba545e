"""Workers that are forked: there at once, sharing what is loaded, each reaped, whatever becomes of the nursery."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from leedskg.errors import LimitReachedError, TooHeavyError
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.forking import Nursery
from tests.sample_graph import RUNAWAY, numbers, published, settings_for
from tests.served import NURSERY, WORKER
from tests.test_sparql_workers import COUNT, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has what a nursery needs (pidfd)")

MANY = 40_000


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    published(folder, numbers(MANY))
    return folder


@pytest.fixture(autouse=True)
def others(monkeypatch):
    """What other tests of this run still have: tests of several files may share a process."""
    monkeypatch.setattr(sys.modules[__name__], "OTHERS", frozenset(psutil.Process().children(recursive=True)))


OTHERS: frozenset[psutil.Process] = frozenset()


def tree() -> list[psutil.Process]:
    """The processes below this one that are there since the test began, zombies too."""
    return [each for each in psutil.Process().children(recursive=True) if each not in OTHERS]


def named(name: str) -> list[psutil.Process]:
    found = []
    for each in tree():
        with suppress(psutil.NoSuchProcess):  # it has ended since
            found += [each] if each.name() == name else []
    return found


def the_nursery() -> psutil.Process:
    """The one that there is, once a worker that it has just forked no longer has its name."""
    until(lambda: len(named(NURSERY)) == 1)
    return named(NURSERY)[0]


def zombies() -> list[psutil.Process]:
    return [each for each in tree() if each.status() == psutil.STATUS_ZOMBIE]


def is_forked(worker) -> bool:
    return psutil.Process(worker.pid).parent().name() == NURSERY


def test_workers_are_forked_and_share_what_is_loaded(state):
    with QueryPool(settings_for(state, workers=5)) as pool:
        until(lambda: len(pool.workforce.idle) == 6)
        nursery = the_nursery()
        assert nursery.num_threads() == 1
        assert len(named(WORKER)) == 6
        assert all(is_forked(worker) for worker in pool.workforce.idle)
        together = sum(each.memory_full_info().pss for each in [nursery, *named(WORKER)])
        assert together < 3 * nursery.memory_info().rss, "seven processes that each held their own would be seven"
        groups = {os.getpgid(worker.pid) for worker in pool.workforce.idle}
        assert groups == {worker.pid for worker in pool.workforce.idle}, "each has a group of its own"
        assert pool.rows(COUNT)[0]["n"].value == str(MANY)
        assert pool.rows("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")[0]["n"].value == str(MANY)
    assert not tree()


def test_a_worker_is_forked_while_a_query_runs_and_none_is_left_unreaped(state):
    with QueryPool(settings_for(state, query_timeout=1.0, heavy_after=0.1)) as pool, ThreadPoolExecutor() as others:
        for _ in range(3):
            runaways = [others.submit(pool.rows, RUNAWAY) for _ in range(2)]
            until(lambda: len(pool.workforce.busy) == 2)
            assert pool.rows(COUNT)[0]["n"].value == str(MANY)
            assert all(isinstance(each.exception(), LimitReachedError) for each in runaways)
        until(lambda: len(pool.workforce.idle) == 2 and not pool.workforce.busy)
        until(lambda: len(named(WORKER)) == 2)
        assert not zombies()


def test_a_query_that_takes_too_much_memory_does_not_take_the_nursery(state):
    with QueryPool(settings_for(state, worker_memory=512, query_timeout=20)) as pool:
        nursery = the_nursery()
        with pytest.raises(TooHeavyError, match="memory"):
            pool.rows("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f LIMIT 1000000")
        assert the_nursery().pid == nursery.pid
        for worker in pool.workforce.idle:
            score = int(Path(f"/proc/{worker.pid}/oom_score_adj").read_text())
            assert score > int(Path(f"/proc/{nursery.pid}/oom_score_adj").read_text())


def test_a_nursery_that_is_killed_costs_no_query_and_is_started_again(state):
    with QueryPool(settings_for(state, workers=2, heavy_after=60)) as pool, ThreadPoolExecutor() as others:
        until(lambda: len(pool.workforce.idle) == 3)
        runaway = others.submit(pool.rows, RUNAWAY)
        until(lambda: pool.workforce.busy)
        first = the_nursery()
        first.kill()
        assert pool.rows(COUNT)[0]["n"].value == str(MANY), "its workers live on"
        [orphan] = pool.workforce.busy
        time.sleep(0.2)  # one killed in its first moment counts as dead before, and its query is asked again
        os.kill(orphan.pid, signal.SIGKILL)
        with pytest.raises(LimitReachedError, match="ended from outside"):
            runaway.result()
        until(lambda: len(pool.workforce.idle) == 3)
        again = the_nursery()
        assert again.pid != first.pid
        assert any(is_forked(worker) for worker in pool.workforce.idle)
        assert pool.rows(COUNT)[0]["n"].value == str(MANY)
    assert not tree()


def test_where_none_can_be_started_workers_are_programs(state, monkeypatch, caplog):
    monkeypatch.setattr("leedskg.sparql.forking._PROGRAM", "leedskg.sparql.no_such_program")
    with QueryPool(settings_for(state)) as pool:
        assert pool.rows(COUNT)[0]["n"].value == str(MANY)
        assert named(WORKER)
        assert not named(NURSERY)
    assert "no query worker can be forked now" in caplog.text


def test_a_nursery_ends_when_nothing_of_its_generation_is_left(tmp_path):
    published(tmp_path)
    with QueryPool(settings_for(tmp_path, heavy_after=60)) as pool, ThreadPoolExecutor() as others:
        old = the_nursery()
        published(tmp_path, numbers(5000))
        until(lambda: pool.generation().number == 2)
        runaway = others.submit(pool.rows, RUNAWAY)
        until(lambda: old.pid not in [each.pid for each in named(NURSERY)])
        until(lambda: pool.workforce.busy)
        young = the_nursery()
        published(tmp_path)
        until(lambda: pool.generation().number == 3)
        assert young.is_running(), "a worker of it is at a query, and has to be reaped"
        [worker] = pool.workforce.busy
        worker.kill("cancelled")
        assert runaway.exception()
        until(lambda: len(named(NURSERY)) == 1)
        assert not zombies()


def test_a_large_graph_is_served_from_disk_until_it_is_loaded_and_then_from_memory(tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr("leedskg.sparql.recruitment.LOADED_FIRST", 1000)
    published(tmp_path, numbers(MANY))
    with QueryPool(settings_for(tmp_path, workers=2)) as pool:
        seen = set()

        def is_loaded() -> bool:
            seen.add(pool.rows(COUNT)[0]["n"].value)
            return "from memory" in caplog.text

        until(is_loaded)
        assert seen == {str(MANY)}
        until(lambda: len(pool.workforce.idle) == 3 and len(named(NURSERY)) == 1)
        assert all(not maps_the_disk(worker.pid) for worker in pool.workforce.idle)
        published(tmp_path, numbers(MANY + 1))
        until(lambda: pool.rows(COUNT)[0]["n"].value == str(MANY + 1))
        until(lambda: caplog.text.count("generation 2 from memory") == 1)
        assert pool.rows(COUNT)[0]["n"].value == str(MANY + 1)
    assert not tree()


def maps_the_disk(pid: int) -> bool:
    return any(Path(each.path).parent.parent.name == "generations" for each in psutil.Process(pid).open_files())


def test_while_a_large_graph_is_loaded_workers_that_are_lost_are_replaced(tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr("leedskg.sparql.recruitment.LOADED_FIRST", 1000)
    is_loaded = threading.Event()
    monkeypatch.setattr(Nursery, "is_open", property(lambda nursery: is_loaded.is_set()))
    published(tmp_path, numbers(MANY))
    with QueryPool(settings_for(tmp_path, workers=2)) as pool:
        for _ in range(3):
            until(lambda: len(pool.workforce.idle) == 3)
            for worker in list(pool.workforce.idle):
                os.kill(worker.pid, signal.SIGKILL)
            assert pool.rows(COUNT)[0]["n"].value == str(MANY)
        assert "from memory" not in caplog.text
        is_loaded.set()
        until(lambda: "from memory" in caplog.text)
        assert pool.rows(COUNT)[0]["n"].value == str(MANY)
    assert not tree()
