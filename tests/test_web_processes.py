"""Two web processes: what holds for the site holds whichever of them a request comes to."""

import json
import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Listener
from urllib.parse import quote, urlencode

import psutil
import pytest

from leedskg.accounts import Accounts
from leedskg.accounts.model import COMMAND_LINE, Actor, Role
from leedskg.errors import LimitReachedError
from leedskg.ledger.task_log import TaskLog
from leedskg.settings import Settings
from leedskg.web.serving.shared import reach
from tests.sample_graph import RUNAWAY, numbers, published
from tests.served import below, served
from tests.waiting import until

ASK = "/sparql?query=" + quote("ASK {}")
ID = "an-id-of-sixteen-letters"


def web_processes(server):
    """Return those that listen: a client's connection comes to one of them, by its port."""
    found = []
    for each in below(server.process.pid):
        with suppress(psutil.NoSuchProcess):  # a worker may end while it is looked at
            if any(known.status == psutil.CONN_LISTEN for known in each.net_connections("tcp")):
                found.append(each.pid)
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    published(folder, numbers(5000))
    limits = {"web_processes": 2, "workers": 1, "queries_in_flight": 2, "query_timeout": 20, "heavy_after": 60}
    with served(folder, folder / "log", ledger=str(folder / "ledger"), **limits) as running:
        until(lambda: len(web_processes(running)) == 2, 30)
        yield running
    assert "Traceback" not in (folder / "log").read_text()


def test_a_query_is_cancelled_by_its_id_and_counted_against_its_client_by_either(server):
    answers = []
    asked = f"/sparql?{urlencode({'query': RUNAWAY, 'queryId': ID})}"

    def ask() -> None:  # again, where one of the questions below was there first
        while (answer := server.get(asked)).status == 503:
            pass
        answers.append(answer)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: server.get(ASK).status == 503)
    others = [server.get(ASK) for _ in range(20)]  # each by a connection of its own, so some come to the other process
    assert {each.status for each in others} == {503}
    assert all("no more than 1 queries of one client" in each.text for each in others)
    until(lambda: server.send("DELETE", f"/sparql/queries/{ID}").status == 204)
    asking.join(10)
    assert [each.status for each in answers] == [409]
    until(lambda: server.get(ASK).status == 200)


def test_wrong_tokens_are_counted_together(server):
    """Thirty in five minutes, and not thirty a process."""
    answers = [server.get("/api/contributions", Authorization=f"Bearer lhi_{n}") for n in range(40)]
    refused = [each.status for each in answers].count(429)
    assert refused == 10, [each.status for each in answers]


def test_what_takes_long_is_found_by_either(server):
    """Whoever was sent to the page of a task looks there at any of them; before, it was a fault of the program."""
    accounts = Accounts(Settings(ledger=str(server.log.parent / "ledger")))
    stella = accounts.people.add(COMMAND_LINE, "stella", "Stella", Role.STEWARD)
    token = accounts.tokens.make(Actor(stella, "a test"), "nightly", ["contribute"])
    accounts.close()
    task = TaskLog(server.log.parent).begin("accept", 1, stella.id)
    path, bearer = f"/api/contributions/tasks/{task}", {"Authorization": f"Bearer {token}"}
    answers = [server.get(path, **bearer) for _ in range(10)]
    assert {each.status for each in answers} == {200}, answers[0].text
    assert json.loads(answers[0].text)["what"] == "accept"


def test_one_that_is_killed_is_started_again_and_the_other_goes_on(server):
    first, second = web_processes(server)
    os.kill(first, signal.SIGKILL)
    until(lambda: len(web_processes(server)) == 2, 30)
    assert second in web_processes(server)
    assert first not in web_processes(server)
    until(lambda: all(server.get(ASK).status == 200 for _ in range(10)))


@pytest.mark.parametrize(("method", "may_be_recorded"), [("do", True), ("look", False)])
def test_who_sent_something_to_a_main_process_that_ended_is_told_to_look_for_it(tmp_path, method, may_be_recorded):
    with Listener(str(tmp_path / "shared"), "AF_UNIX", authkey=multiprocessing.current_process().authkey) as listener:

        def end():
            with listener.accept() as called:
                called.recv()

        threading.Thread(target=end, daemon=True).start()
        with pytest.raises(LimitReachedError) as told:
            getattr(reach(tmp_path / "shared").steward, method)(print)
    assert ("look for it before you send it again" in str(told.value)) is may_be_recorded
