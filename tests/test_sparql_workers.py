"""The workers: deadlines hold, deaths cost one query, generations switch, and nothing gets out or is left."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from leedskg.errors import KnowledgeError, LimitReachedError, NotAcceptableError, QueryRefusedError, RequestError
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.federation.endpoints import Plan
from leedskg.sparql.protocol.negotiation import negotiate
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.sparql.protocol.tokens import QueryOutline
from tests.sample_graph import EX, LABEL, RUNAWAY, numbers, people, published, settings_for
from tests.waiting import until

pytestmark = pytest.mark.slow

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
TABLE = negotiate(None, "table")


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the links point nowhere by the time they are read


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    published(folder)
    return folder


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    published(folder, numbers(5000))
    return folder


@pytest.mark.parametrize("in_memory_below", [0, 500_000], ids=["disk", "memory"])
def test_rows_and_answers(state, in_memory_below):
    with QueryPool(settings_for(state, in_memory_below=in_memory_below)) as pool:
        [row] = pool.rows(f"SELECT ?s ?l ?age ?none {{ ?s <{LABEL}> ?l ; <{EX}age> ?age }}")
        assert row["s"].value == EX + "ada"
        assert row["s"].is_iri
        assert (row["l"].language, row["l"].datatype) == ("en", "")
        assert row["age"].datatype.endswith("#integer")
        assert "none" not in row
        assert pool.ask("ASK { ?s ?p 36 }")
        assert not pool.ask("ASK { ?s ?p 37 }")
        assert len(pool.rows("SELECT * { GRAPH ?g { ?s ?p ?o } }")) == 5
        with pytest.raises(RequestError, match="not a SELECT"):
            pool.rows("ASK {}")
        with pytest.raises(NotAcceptableError):
            pool.rows("CONSTRUCT WHERE { ?s ?p ?o }")
        with pytest.raises(QueryRefusedError):
            pool.rows("SELECT * { SERVICE ?x { ?s ?p ?o } }")


def test_a_runaway_is_stopped_while_others_are_answered(many):
    with QueryPool(settings_for(many, workers=2, query_timeout=1.0)) as pool:
        ended: list[float] = []  # when it was stopped, and not when the last of the others was answered
        with ThreadPoolExecutor() as others:
            started = time.monotonic()
            runaway = others.submit(pool.rows, RUNAWAY)
            runaway.add_done_callback(lambda _: ended.append(time.monotonic()))
            answered = 0
            while not runaway.done():
                assert pool.rows(COUNT)[0]["n"].value == "5000"
                answered += 1
        with pytest.raises(LimitReachedError, match="stopped after 1 second"):
            runaway.result()
        assert 1.0 <= ended[0] - started < 1.5
        assert answered > 50
        until(lambda: len(pool.status()["idle"]) == 4)


def test_a_client_may_ask_for_less_time_but_not_for_more(many):
    with QueryPool(settings_for(many, query_timeout=0.6)) as pool:
        for asked, given in ((0.2, "0.2"), (60, "0.6")):
            with pytest.raises(LimitReachedError, match=f"after {given} seconds"):
                pool.run(QueryRequest(RUNAWAY, timeout=asked), table=TABLE)


def test_the_worker_ends_itself_should_its_supervisor_not_do_it(many):
    with QueryPool(settings_for(many, query_timeout=0.3)) as pool, ThreadPoolExecutor() as others:
        supervisor = psutil.Process(pool.status()["pid"])
        others.submit(pool.rows, RUNAWAY)
        until(lambda: pool.status()["busy"])
        [busy] = pool.status()["busy"]
        supervisor.suspend()
        until(lambda: psutil.Process(busy).status() == psutil.STATUS_ZOMBIE)
        supervisor.resume()


def test_a_worker_killed_in_its_query_costs_that_query_alone(many):
    with QueryPool(settings_for(many, workers=2)) as pool, ThreadPoolExecutor() as others:
        until(lambda: len(pool.status()["idle"]) == 4)
        doomed = others.submit(pool.rows, RUNAWAY)
        until(lambda: pool.status()["busy"])
        time.sleep(0.2)  # one killed in its first moment counts as dead before, and its query is asked again
        [victim] = pool.status()["busy"]
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(LimitReachedError, match="ended from outside; it has been replaced"):
            doomed.result(timeout=60)
        assert pool.rows(COUNT)[0]["n"].value == "5000"
        until(lambda: len(pool.status()["idle"]) == 4)


def test_a_worker_killed_while_idle_costs_nothing(state):
    with QueryPool(settings_for(state)) as pool:
        for _ in range(3):
            until(lambda: pool.status()["idle"])
            os.kill(pool.status()["idle"][0], signal.SIGKILL)
            assert pool.rows(COUNT)[0]["n"].value == "4"


def test_when_all_are_busy_the_wait_is_bounded(many):
    with QueryPool(settings_for(many, query_timeout=1.0, queue_timeout=0.2)) as pool, ThreadPoolExecutor() as others:
        runaway = others.submit(pool.rows, RUNAWAY)
        until(lambda: pool.status()["busy"])
        with pytest.raises(LimitReachedError, match="busy") as caught:
            pool.rows(COUNT)
        assert caught.value.retry_after > 0
        assert runaway.exception(timeout=60)


def test_a_new_generation_is_served_without_a_gap(tmp_path):
    published(tmp_path)
    with QueryPool(settings_for(tmp_path, workers=2)) as pool:
        seen, wrong = [], []
        stop = threading.Event()

        def ask():
            while not stop.is_set():
                count = pool.rows(COUNT)[0]["n"].value
                (seen if count in {"4", "10"} else wrong).append(count)

        with ThreadPoolExecutor() as others:
            asking = [others.submit(ask) for _ in range(3)]
            published(tmp_path, numbers(10))
            until(lambda: pool.generation().number == 2)
            until(lambda: seen[-1:] == ["10"])
            stop.set()
            for each in asking:
                each.result()
        assert not wrong
        number = 10

        def is_gone():
            """What nobody reads any more goes with the next that is published; its workers end in their own time."""
            nonlocal number
            number += 1
            published(tmp_path, numbers(number))
            until(lambda: pool.rows(COUNT)[0]["n"].value == str(number))
            return not (tmp_path / "generations" / "1").exists()

        until(is_gone)


def test_a_generation_that_cannot_be_opened_is_not_served(tmp_path, caplog):
    published(tmp_path)
    with QueryPool(settings_for(tmp_path)) as pool:
        (tmp_path / "generations" / "2").mkdir()
        (tmp_path / "generations" / "2.lease").touch()
        known = json.loads((tmp_path / "generations" / "1.json").read_text())
        (tmp_path / "generations" / "2.json").write_text(json.dumps(known | {"number": 2}))
        (tmp_path / "current").write_text("2\n")
        until(lambda: "generation 1 stays in service" in caplog.text)
        assert pool.rows(COUNT)[0]["n"].value == "4"


def test_nothing_to_serve_is_said_at_once(tmp_path):
    with pytest.raises(KnowledgeError, match="nothing is published yet"):
        QueryPool(settings_for(tmp_path))
    broken = published(tmp_path)
    for file in broken.path.glob("MANIFEST*"):
        file.write_bytes(b"nonsense")
    before = children()
    with pytest.raises(KnowledgeError, match="cannot open generation 1"):
        QueryPool(settings_for(tmp_path))
    assert children() == before


def test_a_result_that_is_too_large_is_an_error_and_not_a_part(many):
    with QueryPool(settings_for(many, result_limit=1)) as pool:
        with pytest.raises(LimitReachedError, match="larger than 1 MiB"):
            pool.rows("SELECT * { ?a ?b ?c . ?d ?e ?f }")
        assert pool.rows(COUNT)


def test_a_large_result_is_whole_and_kept_out_of_memory(many):
    with QueryPool(settings_for(many)) as pool:
        with pool.run(QueryRequest("SELECT * { ?s ?p ?o . ?s ?q ?r }"), table=TABLE) as result:
            assert not result.is_small
            assert result.length > 2**20
            assert len(json.loads(result.read())["results"]["bindings"]) == 20_000
        assert pool.rows(COUNT)


def test_a_query_that_needs_too_much_memory_ends_alone(many):
    with QueryPool(settings_for(many, workers=2, worker_memory=512, query_timeout=20)) as pool:
        until(lambda: len(pool.status()["idle"]) == 4)
        with pytest.raises(LimitReachedError, match="memory"):
            pool.rows("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f LIMIT 1000000")
        assert pool.rows(COUNT)[0]["n"].value == "5000"


def test_when_there_is_no_room_for_a_result_it_is_said(many, monkeypatch):
    def no_room(**_options):
        raise OSError(28, "No space left on device")

    with QueryPool(settings_for(many)) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(tempfile, "TemporaryFile", no_room)
            with pytest.raises(LimitReachedError, match="no room"):
                pool.rows("SELECT * { ?s ?p ?o . ?s ?q ?r }")
        assert pool.rows(COUNT)


def test_nothing_is_left_when_the_pool_is_closed(many):
    with QueryPool(settings_for(many)):
        pass
    before = children(), descriptors(), threading.active_count()
    with QueryPool(settings_for(many, workers=2, query_timeout=0.3)) as pool, ThreadPoolExecutor() as others:
        asked = [others.submit(pool.rows, RUNAWAY) for _ in range(4)]
        time.sleep(0.5)
        pool.close()
        assert all(isinstance(each.exception(timeout=60), LimitReachedError) for each in asked)
    pool.close()
    assert (children(), descriptors(), threading.active_count()) == before


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the signal and seccomp are the Linux kernel's")


@LINUX
def test_a_worker_in_its_query_ends_with_its_parent(many):
    script = f"""
import threading, time
from pathlib import Path
from leedskg.sparql.execution import QueryPool
from tests.sample_graph import RUNAWAY, settings_for
pool = QueryPool(settings_for(Path({str(many)!r})))
threading.Thread(target=pool.rows, args=(RUNAWAY,), daemon=True).start()
while not pool.status()["busy"]: time.sleep(0.01)
time.sleep(0.2)
print(pool.status()["busy"][0], flush=True)
time.sleep(60)
"""
    root = Path(__file__).parents[1]
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    until(lambda: not Path(f"/proc/{worker}").exists() or "Z" in Path(f"/proc/{worker}/stat").read_text())


@LINUX
def test_a_worker_can_open_no_connection():
    script = """
import ctypes, os, socket, sys, threading
from leedskg.sparql.service.sandbox import deny_sockets
port, begin, lines = int(sys.argv[1]), threading.Event(), []
def attempt(where):
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
        try:
            socket.socket(family)
            lines.append(f"{where} OPENED {family}")
        except PermissionError:
            lines.append(f"{where} denied")
thread = threading.Thread(target=lambda: (begin.wait(), attempt("thread")))
thread.start()
socket.create_connection(("127.0.0.1", port)).close()
print(deny_sockets())
begin.set(); thread.join(); attempt("main")
ctypes.CDLL(None, use_errno=True).syscall(425, 8, ctypes.create_string_buffer(120))
lines.append(f"ring {ctypes.get_errno()}")
libc = ctypes.CDLL(None, use_errno=True)
print(*lines, f"io_uring {libc.syscall(425, 8, ctypes.create_string_buffer(120))} {ctypes.get_errno()}", sep="\\n")
try:
    os.execv("/bin/true", ["true"])
except PermissionError:
    print("exec denied")
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = subprocess.run(
            [sys.executable, "-c", script, str(server.getsockname()[1])], capture_output=True, text=True, check=True
        )
    said = ended.stdout
    assert "sockets_denied=True" in said
    assert "OPENED" not in said
    assert said.count("thread denied") == said.count("main denied") == 3
    assert "io_uring -1 1" in said
    assert "exec denied" in said


@LINUX
def test_a_call_that_gets_past_the_first_layer_is_stopped_by_the_second(state, monkeypatch):
    monkeypatch.setattr(
        "leedskg.sparql.execution.plan",
        lambda query, allowed: Plan(QueryOutline(None, volatile=False, names_graphs=False)),
    )
    with socket.create_server(("127.0.0.1", 0)) as server, QueryPool(settings_for(state)) as pool:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(QueryRefusedError, match="calls another server"):
            pool.rows(f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")
        with pytest.raises(TimeoutError):
            server.accept()


def test_filling_with_nothing_is_allowed(tmp_path):
    published(tmp_path, lambda store: None)
    with QueryPool(settings_for(tmp_path)) as pool:
        assert pool.rows(COUNT)[0]["n"].value == "0"
        published(tmp_path, people)
        until(lambda: pool.rows(COUNT)[0]["n"].value == "4")
