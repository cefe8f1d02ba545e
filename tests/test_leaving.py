"""Clients that leave before they are answered: what is done for them ends, and costs nobody else anything."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
import pytest

from leedskg import asker
from leedskg.settings import Settings
from leedskg.sparql.service.client import Client
from leedskg.web.serving.shared import SOCKET, Sharing, reach
from tests.sample_graph import RUNAWAY, numbers, published
from tests.served import served
from tests.waiting import until

pytestmark = pytest.mark.slow

#: Longer than the test waits for anything.
LONG = 120


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaving")
    published(folder, numbers(1500))
    limits = {"query_timeout": LONG, "queue_timeout": LONG, "heavy_after": LONG, "web_processes": 1}
    with served(folder, folder / "log", workers=1, spare_workers=0, page_workers=1, **limits) as running:
        yield running
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def status(server):
    [at] = (Path(server.log).parent / "queries").iterdir()
    client = Client(at, 1)
    until(lambda: not client.status()["taken"])
    yield client.status
    client.close()


@contextmanager
def asked(server, request: str, body: str = ""):
    connection = socket.create_connection(("127.0.0.1", server.port))
    with connection:
        head = f"{request} HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        yield connection


ASKED = {
    "in the event loop": ("GET /sparql?" + urlencode({"query": RUNAWAY}), ""),
    "in a thread": ("POST /sparql", RUNAWAY),
}


@pytest.mark.parametrize("way", ASKED)
def test_a_query_that_runs_ends_when_its_client_leaves(server, status, way):
    with asked(server, *ASKED[way]):
        until(lambda: status()["busy"])
        [worker] = status()["busy"]
        running = psutil.Process(worker)
    until(lambda: not running.is_running() or running.status() == psutil.STATUS_ZOMBIE)
    until(lambda: not status()["taken"])
    assert server.get("/sparql?query=" + quote("ASK {}")).status == 200


@pytest.mark.parametrize("way", ASKED)
def test_a_query_that_waits_is_forgotten_when_its_client_leaves(server, status, way):
    with asked(server, *ASKED["in a thread"]):
        until(lambda: status()["busy"])
        with asked(server, *ASKED[way]):
            until(lambda: status()["waiting"])
        until(lambda: not status()["waiting"])
        assert status()["taken"] == 1, "the other one runs on"


def test_who_says_nothing_more_and_waits_has_not_left(server, status):
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(?a != ?e) }"
    answer = server.get("/sparql?" + urlencode({"query": slow, "format": "csv"}), timeout=LONG)
    assert answer.text.split() == ["n", str(1500 * 1500)]


def endless(_stewardship):
    while True:
        asker.check()
        time.sleep(0.01)


def quick(_stewardship):
    return "done"


def test_a_look_at_contributions_that_has_begun_ends_when_its_asker_leaves(tmp_path):
    settings = Settings(state=str(tmp_path), ledger=str(tmp_path / "ledger"))
    with closing(Sharing(settings, tmp_path)), ThreadPoolExecutor() as others:
        steward, who = reach(tmp_path / SOCKET).steward, asker.Asker()

        def look():
            with asker.asking(who):
                return steward.look(endless)

        left = others.submit(look)
        assert steward.do(quick) == "done", "the other process is not in its way"
        with pytest.raises(TimeoutError):
            left.result(0.5)
        who.leave()
        assert isinstance(left.exception(10), asker.AskerLeftError)
        assert steward.look(quick) == "done", "it waited behind what nobody waits for"
