"""Contributions as the program serves them: large bodies, two at once, and readers who are not kept waiting."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from leedskg.accounts import Accounts
from leedskg.accounts.model import COMMAND_LINE, Actor, Role
from leedskg.ledger import Ledger, Publication
from tests.contributing import Town
from tests.sample_knowledge import write_sample
from tests.served import ended
from tests.waiting import until

pytestmark = pytest.mark.slow

ENTITY = "name,kind,description,note\n{},charity,Made up by the testers.,Printed nowhere.\n"


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


def ask(address: str, headers: dict[str, str], data: bytes | Iterable[bytes] | None = None) -> Answer:
    """GET an address, or POST what is to be sent there; of something iterable in pieces of no known length."""
    try:
        with urlopen(Request(address, data, headers), timeout=60) as answer:
            return Answer(answer.status, answer.headers.get("Location", ""), answer.read().decode())
    except HTTPError as error:
        with error:
            return Answer(error.code, "", error.read().decode())


def post_json(address: str, token: dict[str, str], **fields: Any) -> Answer:
    return ask(address, token | {"Content-Type": "application/json"}, json.dumps(fields).encode())


def post_file(address: str, token: dict[str, str], name: str, content: bytes) -> Answer:
    head = f'--limit\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    headers = token | {"Content-Type": "multipart/form-data; boundary=limit"}
    return ask(address, headers, head.encode() + content + b"\r\n--limit--\r\n")


@dataclass(frozen=True)
class Served:
    address: str
    tokens: dict[str, dict[str, str]]
    town: Town

    def send(self, name: str) -> str:
        """Send an entity; give the address of the contribution."""
        address = f"{self.address}/api/contributions"
        answer = post_json(address, self.tokens["carl"], name=f"{name}.csv", content=ENTITY.format(name))
        assert answer.status == 201, answer.text
        return f"{self.address}{answer.location}"


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
            ended(server)


@pytest.mark.parametrize("size", [40, 200])
def test_who_sends_far_too_much_is_told(served: Served, size: int) -> None:
    closing, host = contextlib.closing, urlsplit(served.address).netloc
    with closing(HTTPConnection(host, timeout=30)) as connection, closing(too_much(connection, served, size)) as answer:
        assert answer.status == 413
        assert "More was sent than 2 MiB" in answer.read().decode()


def too_much(connection: HTTPConnection, served: Served, size: int) -> HTTPResponse:
    connection.putrequest("POST", "/api/contributions")
    headers = {"Content-Type": "text/turtle", "Content-Length": str(size * 2**20)}
    for name, value in (served.tokens["carl"] | headers).items():
        connection.putheader(name, value)
    connection.endheaders()
    with contextlib.suppress(ConnectionError):  # the server need not take what it has refused
        for _ in range(size):
            connection.send(b"#" * 2**20)
    return connection.getresponse()


def test_a_large_file_is_refused_in_every_way_of_sending(served: Served) -> None:
    large, address, token = b"#" * (5 * 2**20), f"{served.address}/api/contributions", served.tokens["carl"]
    answer = post_file(address, token, "large.ttl", large)
    assert answer.status == 413
    pieces = (large[start : start + 2**16] for start in range(0, len(large), 2**16))  # chunked, of no known length
    answer = ask(address, token | {"Content-Type": "text/turtle"}, pieces)
    assert answer.status in {413, 422}
    assert "MiB" in answer.json()["detail"] or answer.status == 413
    just = b"#" * (2 * 2**20 + 1)
    answer = post_file(address, token, "just.ttl", just)
    assert answer.status == 422
    assert "just.ttl has more than 2 MiB" in answer.json()["detail"]
    assert ask(address, token).json()["total"] == 0


def test_of_two_stewards_at_once_one_accepts_and_the_other_is_told(served: Served) -> None:
    path = served.send("Contested Charity")
    answers: list[Answer] = []

    def accept(name: str) -> None:
        answers.append(post_json(f"{path}/accept", served.tokens[name], reason="Yes."))

    threads = [threading.Thread(target=accept, args=(name,)) for name in ("stella", "sam")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200, 409]
    known = ask(path, served.tokens["stella"]).json()
    assert [event["kind"] for event in known["events"]].count("accepted") == 1


def test_readers_are_answered_while_a_contribution_is_merged(served: Served) -> None:
    path = served.send("Quiet Charity")
    done = threading.Event()

    def accept() -> None:
        answer = post_json(f"{path}/accept", served.tokens["stella"], reason="Yes.")
        assert answer.status == 200, answer.text
        assert answer.json()["published"]
        done.set()

    thread = threading.Thread(target=accept)
    thread.start()
    before = 0
    html = {"Accept": "text/html"}
    while not done.is_set():
        answer = ask(f"{served.address}/id/loom-charity", html)
        assert answer.status == 200
        before += not done.is_set()
    thread.join()
    assert before >= 3, "pages were answered while the merge went on"
    assert ask(f"{served.address}/id/quiet-charity", html).status == 200


def test_the_processes_of_the_steward_end_with_the_server(served: Served, tmp_path: Path) -> None:
    """With a copy of the ledger, for a second server on the same one is refused."""
    ledger = shutil.copytree(served.town.environment["LEEDSKG_LEDGER"], tmp_path / "ledger")
    command = [str(Path(sys.executable).with_name("leedskg")), "serve", "--port", "0"]
    environment = os.environ | served.town.environment | {"LEEDSKG_WORKERS": "1", "LEEDSKG_LEDGER": str(ledger)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as server:
        assert server.stdout
        address = server.stdout.readline().split()[-1].rstrip("/")
        answer = post_json(
            f"{address}/api/contributions", served.tokens["carl"], name="end.csv",
            content=ENTITY.format("Ending Charity"),
        )  # fmt: skip
        assert answer.status == 201, answer.text
        family = descendants(server.pid)
        assert len(family) >= 3
        server.kill()  # without a word to anybody
        until(lambda: not any(is_running(pid) for pid in family))


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
