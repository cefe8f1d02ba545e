"""A server that is killed between the record of a merge and its publication: `python -m tests.benchmarks.crashes`.

Each time a server is started over the same small graph and ledger, a contribution is accepted by HTTP, every process of
the server is killed as soon as the ledger has the merge, and the server is started again. The next start has to publish
what is left, answer, show it, and end well when it is told to. Prints each that did not, and how many there were.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from leedskg.accounts import Accounts
from leedskg.accounts.model import COMMAND_LINE, Actor, Role
from leedskg.ledger.ledger import Ledger
from tests.contributing import PREFIXES, Town, entity
from tests.sample_knowledge import write_sample
from tests.served import below, served


def _token(town: Town) -> str:
    accounts = Accounts(town.settings)
    try:
        stella = accounts.people.add(COMMAND_LINE, "stella", "Stella", Role.STEWARD)
        return str(accounts.tokens.make(Actor(stella, "test"), "test", ["contribute", "review"]))
    finally:
        accounts.close()


def _accept_and_kill(town: Town, number: int, headers: dict[str, str], wait: float) -> bool:
    """Accept a contribution over HTTP and kill the server; return whether the merge was left unpublished."""
    generation = town.generation()
    ledger = Ledger(town.ledger)
    with suppress(AssertionError), served(town.state, town.folder / "killed.log", **_settings(town)) as server:
        thread = threading.Thread(target=_ask, args=(server.port, number, headers), daemon=True)
        thread.start()
        until = time.monotonic() + 60
        while ledger.contribution(number).state != "merged" and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(wait)
        for each in [*below(server.process.pid), server.process]:
            with suppress(ProcessLookupError):
                os.kill(each.pid, signal.SIGKILL)
    return ledger.contribution(number).state == "merged" and town.generation() == generation


def _ask(port: int, number: int, headers: dict[str, str]) -> None:
    from http.client import HTTPConnection, HTTPException  # noqa: PLC0415 - only here

    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    with suppress(OSError, HTTPException):
        connection.request("POST", f"/api/contributions/{number}/accept", '{"reason": "x"}', headers)
        connection.getresponse().read()


def _settings(town: Town) -> dict[str, object]:
    return {"ledger": town.ledger, "knowledge": town.sample.root, "documents": town.sample.documents_folder}


def _starts_again(town: Town, number: int) -> str:
    """Start the server once more; return what is wrong with it, or nothing."""
    log = town.folder / "again.log"
    try:
        with served(town.state, log, **_settings(town)) as server:
            if server.get("/").status != 200:
                return "the start page does not answer"
            found = json.loads(server.get(f"/api/contributions/{number}").text)
            if found["state"] != "merged" or not found["generation"]:
                return f"contribution {number} is {found['state']}, in generation {found['generation']}"
            if server.get(f"/id/crash-{number}").status != 200:
                return f"what contribution {number} added is not seen"
    except AssertionError as error:
        return f"it died: {error or log.read_text()[-500:]}"
    said = log.read_text()
    return f"the log has {said[-500:]}" if "terminate called" in said or "Traceback" in said else ""


def main(times: int, seed: int) -> int:
    """Kill so many times; return how many starts were not well."""
    chance, wrong, left = random.Random(seed), 0, 0
    with tempfile.TemporaryDirectory(prefix="leedskg-crashes-") as folder:
        town = Town(write_sample(Path(folder)), Path(folder))
        town.run("build")
        headers = {"Authorization": f"Bearer {_token(town)}", "Content-Type": "application/json"}
        for number in range(1, times + 1):
            text = f"{PREFIXES}\n{entity(f'crash-{number}', 'Charity', f'Crash {number}', 'funding')}"
            town.contribute(f"crash-{number}.ttl", text)
            left += _accept_and_kill(town, number, headers, chance.random() * 0.3)
            if problem := _starts_again(town, number):
                wrong += 1
                print(f"start {number}: {problem}", flush=True)
    print(f"{times} kills, {left} of them between record and publication; {wrong} starts were not well", flush=True)
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20261128)
    given = parser.parse_args()
    sys.exit(1 if main(given.times, given.seed) else 0)
