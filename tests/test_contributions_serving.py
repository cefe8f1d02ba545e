"""Contributions as the program serves them: large bodies, two at once, and readers who are not kept waiting."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from leedskg.accounts import Accounts
from leedskg.accounts.model import COMMAND_LINE, Actor, Role
from leedskg.ledger import Ledger, Publication
from tests.contributing import Town
from tests.sample_knowledge import write_sample

ENTITY = "name,kind,description,note\n{},charity,Made up by the testers.,Printed nowhere.\n"


@dataclass(frozen=True)
class Served:
    address: str
    tokens: dict[str, dict[str, str]]
    town: Town

    def send(self, name: str) -> str:
        """Send an entity; give the address of the contribution."""
        answer = requests.post(
            f"{self.address}/api/contributions", headers=self.tokens["carl"],
            json={"name": f"{name}.csv", "content": ENTITY.format(name)}, timeout=60,
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        return f"{self.address}{answer.headers['Location']}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("town")
    town = Town(write_sample(folder), folder)
    Publication(town.settings, Ledger(town.ledger)).publish()
    accounts = Accounts(town.settings)
    tokens = {}
    for name, role in (("carl", Role.CONTRIBUTOR), ("stella", Role.STEWARD), ("sam", Role.STEWARD)):
        account = accounts.people.add(COMMAND_LINE, name, name.title(), role)
        secret = accounts.tokens.make(
            Actor(account, "test"), "test", ["contribute", "review"][: 1 + (role != "contributor")]
        )
        tokens[name] = {"Authorization": f"Bearer {secret}"}
    accounts.close()
    command = [str(Path(sys.executable).with_name("leedskg")), "serve", "--port", "0"]
    environment = os.environ | town.environment | {"LEEDSKG_WORKERS": "1", "LEEDSKG_CONTRIBUTION_LIMIT": "2"}
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment) as server,
    ):
        try:
            assert server.stdout
            line = server.stdout.readline()
            errors.seek(0)
            assert line.startswith("leedskg answers at "), errors.read()
            yield Served(line.split()[-1].rstrip("/"), tokens, town)
        finally:
            server.terminate()
            server.wait(timeout=20)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(served: Served) -> None:
    connection = HTTPConnection(urlsplit(served.address).netloc, timeout=30)
    connection.putrequest("POST", "/api/contributions")
    for name, value in (
        served.tokens["carl"] | {"Content-Type": "text/turtle", "Content-Length": str(200 * 2**20)}
    ).items():
        connection.putheader(name, value)
    connection.endheaders(b"# the rest never comes")
    answer = connection.getresponse()
    assert answer.status == 413
    assert b"More was sent than the 2 MiB that a contribution may have" in answer.read()
    connection.close()


def test_a_large_file_is_refused_in_every_way_of_sending(served: Served) -> None:
    large, address, token = b"#" * (5 * 2**20), f"{served.address}/api/contributions", served.tokens["carl"]
    answer = requests.post(address, headers=token, files={"file": ("large.ttl", large)}, timeout=60)
    assert answer.status_code == 413
    pieces = (large[start : start + 2**16] for start in range(0, len(large), 2**16))  # chunked, of no known length
    answer = requests.post(address, headers=token | {"Content-Type": "text/turtle"}, data=pieces, timeout=60)
    assert answer.status_code in {413, 422}
    assert "MiB" in answer.json()["detail"] or answer.status_code == 413
    just = b"#" * (2 * 2**20 + 1)
    answer = requests.post(address, headers=token, files={"file": ("just.ttl", just)}, timeout=60)
    assert answer.status_code == 422
    assert "just.ttl has more than 2 MiB" in answer.json()["detail"]
    assert requests.get(f"{served.address}/api/contributions", headers=token, timeout=60).json()["total"] == 0


def test_of_two_stewards_at_once_one_accepts_and_the_other_is_told(served: Served) -> None:
    path = served.send("Contested Charity")
    answers: list[requests.Response] = []

    def accept(name: str) -> None:
        answers.append(
            requests.post(f"{path}/accept", headers=served.tokens[name], json={"reason": "Yes."}, timeout=60)
        )

    threads = [threading.Thread(target=accept, args=(name,)) for name in ("stella", "sam")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    known = requests.get(path, headers=served.tokens["stella"], timeout=60).json()
    assert [event["kind"] for event in known["events"]].count("accepted") == 1


def test_readers_are_answered_while_a_contribution_is_merged(served: Served) -> None:
    path = served.send("Quiet Charity")
    done = threading.Event()

    def accept() -> None:
        answer = requests.post(f"{path}/accept", headers=served.tokens["stella"], json={"reason": "Yes."}, timeout=60)
        assert answer.status_code == 200, answer.text
        assert answer.json()["published"]
        done.set()

    thread = threading.Thread(target=accept)
    thread.start()
    before = 0
    html = {"Accept": "text/html"}
    while not done.is_set():
        answer = requests.get(f"{served.address}/id/loom-charity", headers=html, timeout=60)
        assert answer.status_code == 200
        before += not done.is_set()
    thread.join()
    assert before >= 3, "pages were answered while the merge went on"
    assert requests.get(f"{served.address}/id/quiet-charity", headers=html, timeout=60).status_code == 200


def test_the_processes_of_the_desk_end_with_the_server(served: Served) -> None:
    """Last, for it stops a server of its own."""
    command = [str(Path(sys.executable).with_name("leedskg")), "serve", "--port", "0"]
    environment = os.environ | served.town.environment | {"LEEDSKG_WORKERS": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as server:
        assert server.stdout
        address = server.stdout.readline().split()[-1].rstrip("/")
        answer = requests.post(
            f"{address}/api/contributions", headers=served.tokens["carl"], timeout=60,
            json={"name": "end.csv", "content": ENTITY.format("Ending Charity")},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        family = descendants(server.pid)
        assert len(family) >= 3
        server.kill()  # without a word to anybody
        until = time.monotonic() + 20
        while (left := [pid for pid in family if is_running(pid)]) and time.monotonic() < until:
            time.sleep(0.1)
        assert not left


def descendants(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in found.splitlines())}
    family, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        children = [child for child, parent in parents.items() if parent == current]
        family += children
        waiting += children
    return family


def is_running(pid: int) -> bool:
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(found.strip()) and not found.strip().startswith("Z")
