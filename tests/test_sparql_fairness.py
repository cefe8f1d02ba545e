"""Long queries beside short ones: who waits for whom, what is refused, and that a query can be called off."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from leedskg.errors import LimitReachedError
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol.failure import CancelledError, SameIdError
from leedskg.sparql.protocol.negotiation import negotiate
from leedskg.sparql.protocol.request import QueryRequest
from tests.processes import lowest_priority
from tests.sample_graph import EX, RUNAWAY, numbers, published, settings_for
from tests.waiting import until

pytestmark = pytest.mark.slow

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
#: Some tenths of a second of work that ends.
LONG = f"SELECT (COUNT(*) AS ?n) {{ ?a <{EX}p0> ?c . ?d <{EX}p0> ?f FILTER(STRLEN(?c) > STRLEN(?f) && ?a != ?d) }}"
TABLE = negotiate(None, "table")
ID = "an-id-of-some-length"


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    published(folder, numbers(3000))
    return folder


def asked(pool, query, **options):
    with pool.run(QueryRequest(query, **options), table=TABLE) as result:
        return result.read()


def small(pool):
    """Ask something that was never asked, and so was not found to be long on a machine that was busy then."""
    return asked(pool, f"SELECT (1 AS ?n) {{ }} # {time.monotonic_ns()}")


def is_stopped(worker):
    return ") T " in Path(f"/proc/{worker}/stat").read_text()


def is_running(pid):
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def long_ones(pool):
    return pool.status()["heavy"]


def test_runaways_on_every_core_do_not_keep_a_short_query_waiting(state):
    options = {"workers": 2, "heavy_queries": 2, "query_timeout": 8.0}
    with QueryPool(settings_for(state, **options)) as pool, ThreadPoolExecutor() as others:
        until(lambda: len(pool.status()["idle"]) == 4)
        runaways = [others.submit(asked, pool, RUNAWAY, client="rude") for _ in range(4)]
        time.sleep(0.05)
        began = time.monotonic()
        assert asked(pool, COUNT, client="polite")
        assert not long_ones(pool) or time.monotonic() - began < 1, "the spare worker is there for another client"
        until(lambda: len(long_ones(pool)) == 4)
        assert not any(each.done() for each in runaways)
        answered = 0
        while not any(each.done() for each in runaways):
            assert asked(pool, COUNT, client="polite")
            answered += 1
        assert answered > 10
        for each in runaways:
            assert isinstance(each.exception(timeout=60), LimitReachedError)


def test_a_burst_of_long_queries_is_answered_whole(state):
    options = {"workers": 2, "heavy_queries": 2, "heavy_after": 0.05, "query_timeout": 120.0, "queue_timeout": 60}
    with QueryPool(settings_for(state, **options)) as pool, ThreadPoolExecutor(10) as others:
        answers = [others.submit(asked, pool, LONG, client="one") for _ in range(10)]
        assert len({each.result() for each in answers}) == 1
        until(lambda: not pool.status()["busy"] and len(pool.status()["idle"]) == 4)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_a_worker_is_as_quick_as_before_after_a_long_query(state):
    """And is kept, for it has what its queries touch to itself by then; the one that took its place goes."""
    with QueryPool(settings_for(state, heavy_after=0.05)) as pool, ThreadPoolExecutor() as others:
        until(lambda: len(pool.status()["idle"]) == 3)
        for _ in range(3):
            long = others.submit(asked, pool, LONG)
            until(lambda: long_ones(pool))
            [worker] = long_ones(pool)
            lowered = lowest_priority(worker)
            assert long.result()
            assert lowered > os.getpriority(os.PRIO_PROCESS, 0)
            until(lambda: not pool.status()["busy"] and len(pool.status()["idle"]) == 3)
            assert pool.status()["idle"][-1] == worker
            assert asked(pool, COUNT)
            assert pool.status()["idle"][-1] == worker, "the latest is asked first"
            until(lambda worker=worker: small(pool) and lowest_priority(worker) == os.getpriority(os.PRIO_PROCESS, 0))


def test_a_worker_that_keeps_much_memory_is_replaced(state, monkeypatch):
    monkeypatch.setattr("leedskg.sparql.execution._KEPT", 10**9)
    with QueryPool(settings_for(state, heavy_after=0.05)) as pool, ThreadPoolExecutor() as others:
        until(lambda: len(pool.status()["idle"]) == 3)
        long = others.submit(asked, pool, LONG)
        until(lambda: long_ones(pool))
        [worker] = long_ones(pool)
        assert long.result()
        until(lambda: not pool.status()["busy"] and len(pool.status()["idle"]) == 3)
        assert worker not in pool.status()["idle"]
        until(lambda: not is_running(worker))


@pytest.mark.skipif(sys.platform != "linux", reason="the state of a process is read from /proc")
def test_long_queries_have_turns_and_no_client_holds_every_one(state):
    options = {"workers": 3, "heavy_queries": 1, "heavy_waiting": 1, "heavy_after": 0.1, "query_timeout": 2.0}
    with QueryPool(settings_for(state, **options)) as pool, ThreadPoolExecutor() as others:
        until(lambda: len(pool.status()["idle"]) == 5)
        first = others.submit(asked, pool, RUNAWAY, client="a")
        until(lambda: len(long_ones(pool)) == 1)
        second = others.submit(asked, pool, RUNAWAY, client="a")
        until(lambda: len(long_ones(pool)) == 2)
        one, two = long_ones(pool)
        until(lambda: not is_stopped(one) and is_stopped(two))
        assert lowest_priority(one) > os.getpriority(os.PRIO_PROCESS, 0)
        third = others.submit(asked, pool, RUNAWAY, client="b")
        with pytest.raises(LimitReachedError, match="as many long queries as fit") as crowded:
            second.result()  # the second of a client makes way for the first of another
        assert crowded.value.retry_after > 5
        with pytest.raises(LimitReachedError, match="stopped after 2 seconds"):
            first.result()
        with pytest.raises(LimitReachedError, match="had to wait for other long queries"):
            third.result()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the timer of the query has to do")
def test_a_suspended_worker_ends_with_its_parent(state):
    script = f"""
import threading, time
from pathlib import Path
from leedskg.sparql.execution import QueryPool
from tests.sample_graph import EX, RUNAWAY, settings_for
pool = QueryPool(settings_for(Path({str(state)!r}), workers=2, heavy_queries=1, heavy_after=0.05))
for _ in range(2):
    threading.Thread(target=pool.rows, args=(RUNAWAY,), daemon=True).start()
while len(pool.status()["heavy"]) < 2: time.sleep(0.01)
print(*pool.status()["busy"], flush=True)
time.sleep(60)
"""
    root = Path(__file__).parents[1]
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert parent.stdout is not None
        workers = [int(each) for each in parent.stdout.readline().split()]
        assert len(workers) == 2
        parent.kill()
    for worker in workers:
        until(
            lambda each=worker: not Path(f"/proc/{each}").exists() or ") Z " in Path(f"/proc/{each}/stat").read_text()
        )


def test_a_worker_with_a_long_query_that_is_killed_costs_that_query_alone(state):
    with QueryPool(settings_for(state, heavy_after=0.05)) as pool, ThreadPoolExecutor() as others:
        doomed = others.submit(asked, pool, RUNAWAY)
        until(lambda: long_ones(pool))
        os.kill(long_ones(pool)[0], signal.SIGKILL)
        with pytest.raises(LimitReachedError, match="ended from outside"):
            doomed.result(timeout=60)
        assert asked(pool, COUNT)


def test_more_than_can_be_taken_on_is_refused_at_once(state):
    options = {"queries_in_flight": 3, "query_timeout": 1.0, "heavy_after": 60}
    with QueryPool(settings_for(state, **options)) as pool, ThreadPoolExecutor() as others:
        one = others.submit(asked, pool, RUNAWAY, client="a")
        until(lambda: pool.status()["busy"])
        with pytest.raises(LimitReachedError, match="no more than 1 queries of one client"):
            asked(pool, COUNT, client="a")
        assert asked(pool, COUNT, client="b")
        assert one.exception(timeout=60)
        assert asked(pool, COUNT, client="a")


def test_the_long_queries_of_an_address_do_not_use_up_the_room_of_its_short_ones(state):
    options = {"workers": 2, "queries_in_flight": 8, "heavy_after": 0.05, "query_timeout": 3.0}
    with QueryPool(settings_for(state, **options)) as pool, ThreadPoolExecutor(8) as others:
        for number in range(4):
            others.submit(asked, pool, RUNAWAY, client="a")
            until(lambda number=number: len(long_ones(pool)) == number + 1)
        assert asked(pool, COUNT, client="a")


def test_a_client_with_every_place_for_long_queries_is_told_at_once_of_those_and_has_its_short_ones_answered(state):
    options = {"workers": 2, "heavy_queries": 1, "heavy_waiting": 0, "heavy_after": 0.05, "query_timeout": 2.0}
    with QueryPool(settings_for(state, **options)) as pool, ThreadPoolExecutor() as others:
        one = others.submit(asked, pool, RUNAWAY, client="a")
        until(lambda: long_ones(pool))
        with pytest.raises(LimitReachedError, match="as many long queries as fit"):
            asked(pool, RUNAWAY, client="a")
        assert not one.done(), "it was not tried, and so did not wait for a worker"
        with pytest.raises(LimitReachedError, match="as many long queries as fit"):
            asked(pool, RUNAWAY + " LIMIT 1", client="a")  # this one was, for nobody knew it
        assert asked(pool, COUNT, client="a"), "a client is an address, and may be a colleague behind it"
        assert asked(pool, COUNT, client="b")
        assert one.exception(timeout=60)
        assert asked(pool, COUNT, client="a")


def test_a_query_is_called_off_by_its_id_while_it_runs_and_while_it_waits(state):
    options = {"workers": 1, "spare_workers": 0, "heavy_after": 60, "queue_timeout": 5}
    with QueryPool(settings_for(state, **options)) as pool, ThreadPoolExecutor() as others:
        assert not pool.cancel(ID)
        runs = others.submit(asked, pool, RUNAWAY, id=ID)
        until(lambda: pool.status()["busy"])
        with pytest.raises(SameIdError):
            asked(pool, COUNT, id=ID)
        waits = others.submit(asked, pool, RUNAWAY, id=ID + "2")
        until(lambda: pool.status()["taken"] == 2)
        assert pool.cancel(ID + "2")
        with pytest.raises(CancelledError):
            waits.result(timeout=60)
        assert pool.cancel(ID)
        with pytest.raises(CancelledError):
            runs.result(timeout=60)
        assert not pool.cancel(ID)
        assert not pool.cancel("")
        assert asked(pool, COUNT, id=ID)


def test_a_query_that_has_just_ended_is_not_called_off_in_the_place_of_the_next(state):
    with QueryPool(settings_for(state)) as pool:
        wrong = []

        def ask():
            for _ in range(100):
                try:
                    assert asked(pool, COUNT)
                except LimitReachedError as error:
                    wrong.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        for place in range(100):
            try:
                asked(pool, COUNT, id=f"{ID}{place}")
            except CancelledError:
                pytest.fail("nobody called it off")
            assert not pool.cancel(f"{ID}{place}")
        asking.join()
        assert not wrong
