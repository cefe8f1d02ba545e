"""The server as a person starts it: through a real socket, from the first line to a clean end."""

import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from tests.sample_graph import RUNAWAY, numbers, published
from tests.served import SUPERVISOR, WORKER, below, ended
from tests.waiting import until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
START = """
import sys
from leedskg.errors import LeedskgError
from leedskg.settings import read_settings
from leedskg.web.serving.processes import serve
try:
    state, ledger, port, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    serve(read_settings({}, state=state, ledger=ledger, port=port, workers=1, query_timeout=seconds))
except LeedskgError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""
QUERY = "/sparql?query=" + quote("SELECT * { ?s ?p ?o }")


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    published(folder, numbers(5000))
    return folder


@contextmanager
def served(state, *, log, seconds=1.0):
    with log.open("w") as errors:
        command = [sys.executable, "-c", START, str(state), str(log.with_name("ledger")), "0", str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT) as server:
            try:
                assert server.stdout is not None
                line = server.stdout.readline()
                assert line.startswith("leedskg answers at http://127.0.0.1:"), log.read_text()
                yield server, int(line.strip().rstrip("/").rpartition(":")[2])
            finally:
                server.terminate()
                ended(server)


@pytest.fixture(scope="module")
def brief(state, tmp_path_factory):
    """A server that gives a query a second."""
    with served(state, log=tmp_path_factory.mktemp("brief") / "log") as (server, port):
        yield server, port


@pytest.fixture(scope="module")
def patient(state, tmp_path_factory):
    """A server that gives a query all the time that a test may need."""
    with served(state, log=tmp_path_factory.mktemp("patient") / "log", seconds=600) as (server, port):
        yield server, port


def get(port, path, **headers):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path, headers=headers)
        with closing(connection.getresponse()) as response:
            return response.status, response.read()


def descendants(pid):
    return [each.pid for each in below(pid)]


def web_process(pid):
    """The one that has the connections of clients: it listens."""
    [found] = [each for each in below(pid) if any(c.status == "LISTEN" for c in each.net_connections("tcp"))]
    return found.pid


def is_running(pid):
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def all_end(pids):
    until(lambda: not any(is_running(pid) for pid in pids), 60)


def test_it_ends_when_the_signal_wakes_nobody(state, tmp_path):
    """A signal that is taken by a thread that does not wait leaves the one that does asleep."""
    with served(state, log=tmp_path / "log") as (server, _):
        threads = [int(each.name) for each in Path(f"/proc/{server.pid}/task").iterdir()]
        other = max(thread for thread in threads if thread != server.pid)
        assert ctypes.CDLL(None).tgkill(server.pid, other, signal.SIGTERM) == 0
        assert server.wait(timeout=30) == 0


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_when_it_says_so_and_ends_cleanly(state, tmp_path, stop):
    log = tmp_path / "log"
    with served(state, log=log) as (server, port):
        status, body = get(port, QUERY)
        assert status == 200
        assert len(json.loads(body)["results"]["bindings"]) == 5000
        processes = descendants(server.pid)
        names = [each.name() for each in below(server.pid)]
        assert names.count(WORKER) == 3, "one for queries, a spare one, one for pages"
        assert names.count(SUPERVISOR) == 1
        server.send_signal(stop)
        assert server.wait(timeout=60) == 0
        all_end(processes)
    said = log.read_text()
    assert '"GET /sparql" 200' in said
    assert "SELECT" not in said
    assert "Traceback" not in said


def test_a_port_in_use_gets_a_sentence(brief, state, tmp_path):
    _, port = brief
    second = subprocess.run(
        [sys.executable, "-c", START, str(state), str(tmp_path), str(port), "1"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "something else listens there; choose another port" in second.stderr
    assert get(port, QUERY)[0] == 200


def test_nothing_published_gets_a_sentence(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path), str(tmp_path), "0", "1"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (ended.returncode, ended.stderr) == (2, "nothing is published yet: run `leedskg build`\n")


def test_a_runaway_is_told_that_it_was_stopped(brief):
    _, port = brief
    status, body = get(port, "/sparql?query=" + quote(RUNAWAY))
    assert status == 503
    assert b"stopped after 1 second" in body
    assert get(port, QUERY)[0] == 200


def test_a_query_that_fails_late_is_never_a_part_of_a_result(brief):
    """It gives megabytes of rows and then runs out of time: an error, or a connection that breaks off."""
    try:
        status, body = get(brief[1], "/sparql?query=" + quote("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"))
    except http.client.IncompleteRead:
        return  # it had begun to be sent by the deadline, and the client knows that it is a part
    assert status == 503
    assert body.startswith(b"the query was stopped after 1 second")
    assert len(body) < 400


def test_a_client_that_goes_away_leaves_the_server_whole(patient):
    server, port = patient
    before = len(descendants(server.pid))
    with asked(port, RUNAWAY, server.pid):
        pass
    with socket.create_connection(("127.0.0.1", port), timeout=60) as rude:
        rude.sendall(request("SELECT * { ?s ?p ?o . ?s ?q ?r . ?s ?t ?u }"))
        assert rude.recv(1) == b"H"
    assert get(port, QUERY)[0] == 200
    until(lambda: len(descendants(server.pid)) == before, 60)


def request(query):
    return f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


@contextmanager
def asked(port, query, pid):
    """A connection on which a query was asked, and the worker that is at it."""
    before, busy = used(pid), []

    def found():
        busy[:] = [worker for worker, taken in used(pid).items() if taken > before.get(worker, 0) + 0.02]
        return busy

    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request(query))
        until(found, 60)
        yield connection, busy[0]


def used(pid):
    found = {}
    for each in below(pid):
        with suppress(psutil.NoSuchProcess):
            if each.name() == WORKER:
                found[each.pid] = sum(each.cpu_times()[:2])
    return found


def test_the_web_process_ends_with_the_one_that_started_it(state, tmp_path):
    with served(state, log=tmp_path / "log") as (server, _):
        processes = descendants(server.pid)
        server.kill()
        all_end(processes)


def test_what_is_killed_from_outside_costs_its_own_answers_alone_and_is_started_again(patient):
    server, port = patient
    page = ("/search?q=nobody", {"Accept": "text/html"})
    assert get(port, page[0], **page[1])[0] == 200  # read the names once
    with asked(port, RUNAWAY, server.pid) as (waiting, worker):
        assert get(port, page[0], **page[1])[0] == 200, "pages do not wait for the queries of others"
        assert get(port, QUERY)[0] == 200
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):  # it is at it still
            waiting.recv(1)
        waiting.settimeout(60)
        os.kill(worker, signal.SIGKILL)
        said = waiting.recv(65536)
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"ended from outside" in said
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", "/sparql?query=" + quote("SELECT * { ?s ?p ?o . ?s ?q ?r . ?s ?t ?u }"))
        with closing(connection.getresponse()) as response:  # an answer that is its last owns the socket
            assert response.status == 200, "megabytes, more than the sockets hold"
            first = web_process(server.pid)
            os.kill(first, signal.SIGKILL)
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                response.read()
    until(lambda: answers(port), 60)
    assert web_process(server.pid) != first


def answers(port):
    try:
        return get(port, QUERY)[0] == 200
    except (OSError, http.client.HTTPException):
        return False
