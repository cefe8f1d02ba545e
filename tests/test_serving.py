"""The server as a person starts it: through a real socket, from the first line to a clean end."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.sample_graph import RUNAWAY, numbers, published

ROOT = Path(__file__).parents[1]
START = """
import sys
from leedskg.errors import LeedskgError
from leedskg.settings import read_settings
from leedskg.web.serving import serve
try:
    ledger = sys.argv[1] + '/ledger'
    serve(read_settings({}, state=sys.argv[1], ledger=ledger, port=int(sys.argv[2]), workers=1, query_timeout=1.0))
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
def served(state, *, log):
    with log.open("w") as errors:
        command = [sys.executable, "-c", START, str(state), "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT) as server:
            try:
                assert server.stdout is not None
                line = server.stdout.readline()
                assert line.startswith("leedskg answers at http://127.0.0.1:"), log.read_text()
                yield server, int(line.strip().rstrip("/").rpartition(":")[2])
            finally:
                server.terminate()
                server.wait(timeout=10)


def get(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    try:
        return response.status, response.read()
    finally:
        connection.close()


def descendants(pid):
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *descendants(child)]
    # children started by a thread hang below that thread
    for task in Path(f"/proc/{pid}/task").iterdir():
        if task.name != str(pid):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def is_running(pid):
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def all_end(pids):
    end = time.monotonic() + 5
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < end, "a process is left"
        time.sleep(0.02)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_when_it_says_so_and_ends_cleanly(state, tmp_path, stop):
    log = tmp_path / "log"
    with served(state, log=log) as (server, port):
        status, body = get(port, QUERY)
        assert status == 200
        assert len(json.loads(body)["results"]["bindings"]) == 5000
        processes = descendants(server.pid)
        assert len(processes) == 6, "the web process, its query worker, the spare one, the one for pages, two nurseries"
        server.send_signal(stop)
        assert server.wait(timeout=10) == 0
        all_end(processes)
    said = log.read_text()
    assert '"GET /sparql" 200' in said
    assert "SELECT" not in said
    assert "Traceback" not in said


def test_a_port_in_use_gets_a_sentence(state, tmp_path):
    with served(state, log=tmp_path / "log") as (_, port):
        second = subprocess.run(
            [sys.executable, "-c", START, str(state), str(port)], capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert second.returncode == 2
        assert second.stderr.count("\n") == 1
        assert "something else listens there; choose another port" in second.stderr
        assert get(port, QUERY)[0] == 200


def test_nothing_published_gets_a_sentence(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path), "0"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (ended.returncode, ended.stderr) == (2, "nothing is published yet: run `leedskg build`\n")


def test_a_runaway_gets_its_status_in_time(state, tmp_path):
    with served(state, log=tmp_path / "log") as (_, port):
        started = time.monotonic()
        status, body = get(port, "/sparql?query=" + quote(RUNAWAY))
        assert (status, time.monotonic() - started < 1.5) == (503, True)
        assert b"stopped after 1 second" in body
        assert get(port, QUERY)[0] == 200


def test_a_query_that_fails_late_is_never_a_part_of_a_result(state, tmp_path):
    """It gives megabytes of rows and then runs out of time: an error, or a connection that breaks off."""
    with served(state, log=tmp_path / "log") as (_, port):
        try:
            status, body = get(port, "/sparql?query=" + quote("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"))
        except http.client.IncompleteRead:
            return  # it had begun to be sent by the deadline, and the client knows that it is a part
        assert status == 503
        assert body.startswith(b"the query was stopped after 1 second")
        assert len(body) < 400


def test_a_response_that_breaks_off_is_seen_to(state, tmp_path):
    with served(state, log=tmp_path / "log") as (server, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/sparql?query=" + quote("SELECT * { ?s ?p ?o . ?s ?q ?r . ?s ?t ?u }"))
        response = connection.getresponse()
        assert response.status == 200
        assert int(response.headers["Content-Length"]) > 10 * 2**20, "more than the sockets hold"
        processes = descendants(server.pid)
        os.kill(processes[0], signal.SIGKILL)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
        connection.close()
        assert server.wait(timeout=10) == 2
        all_end(processes)


def test_a_client_that_goes_away_leaves_the_server_whole(state, tmp_path):
    with served(state, log=tmp_path / "log") as (server, port):
        before = set(descendants(server.pid))
        for query in (RUNAWAY, "SELECT * { ?s ?p ?o . ?s ?q ?r . ?s ?t ?u }"):
            with socket.create_connection(("127.0.0.1", port)) as rude:
                rude.sendall(f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                time.sleep(0.1)
        status, _ = get(port, QUERY)
        assert status == 200
        end = time.monotonic() + 10  # the long one has its second first
        while len(descendants(server.pid)) != len(before):
            assert time.monotonic() < end, "there are more processes than before, or fewer"
            time.sleep(0.05)


def test_the_web_process_ends_with_the_one_that_started_it(state, tmp_path):
    with served(state, log=tmp_path / "log") as (server, _):
        processes = descendants(server.pid)
        server.kill()
        all_end(processes)


def test_a_page_does_not_wait_for_the_queries_of_others(state, tmp_path):
    with served(state, log=tmp_path / "log") as (_, port):
        page = ("/search?q=nobody", {"Accept": "text/html"})
        assert get(port, page[0], **page[1])[0] == 200  # read the names once
        answers = []
        runaway = threading.Thread(target=lambda: answers.append(get(port, "/sparql?query=" + quote(RUNAWAY))))
        runaway.start()
        time.sleep(0.2)  # until the only worker for queries is at it
        assert get(port, page[0], **page[1])[0] == 200
        assert not answers, "the page came only after the query had been stopped"
        runaway.join()
        assert answers[0][0] == 503
