"""A driver that lets people submit, merge, undo and rebuild, kills them at every point, and looks at what is left.

It runs as a process of its own, and forks: each child does a few steps and is killed, at its n-th fsync, rename or
commit or after a random time; the next child starts where it left. A child says each step that was acknowledged
through a pipe. Prints what was lost, if anything, and how often it killed.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

from leedskg.errors import ConflictError, LeedskgError
from tests.tiny_knowledge import ALT, BASE, tiny_stewardship


class Killer:
    """Kills this process at its n-th point, where a point lies before and after each write that should last."""

    def __init__(self, at: int) -> None:
        self._left = at

    def point(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        for name in ("fsync", "rename", "replace", "link", "unlink", "mkdir"):
            setattr(os, name, self._around(getattr(os, name)))
        killer, connect = self, sqlite3.connect

        class Connection(sqlite3.Connection):
            def execute(self, sql, *values):
                lasting = sql.startswith(("COMMIT", "INSERT", "UPDATE"))
                if lasting:
                    killer.point()
                done = super().execute(sql, *values)
                if lasting:
                    killer.point()
                return done

        sqlite3.connect = lambda *words, **options: connect(*words, factory=Connection, **options)

    def _around(self, function):
        def around(*words, **options):
            self.point()
            done = function(*words, **options)
            self.point()
            return done

        return around


def work(folder: Path, number: int, pipe: int, chance: random.Random) -> None:
    """Submit, accept, undo and rebuild, telling each step when it is acknowledged."""

    def tell(word: str, which: int) -> None:
        os.write(pipe, f"{word} {which}\n".encode())

    stewardship = tiny_stewardship(folder)
    for turn in range(3):
        name = f"{number}-{turn}"
        content = f'<{BASE}id/n{name}> a <{BASE}def#Entity> ; <{ALT}> "{name}"@en .\n'
        content += f"<{BASE}id/n{name}> <{BASE}def#near> <{BASE}id/a> .\n"
        made = stewardship.submit(content.encode(), f"{name}.ttl", who="mary")
        tell("submitted", made.id)
        if not stewardship.accept(made.id, who="john").problem:
            tell("merged", made.id)
        if chance.random() < 0.5:
            merged = [each.id for each in stewardship.ledger.contributions("merged")]
            which = chance.choice(merged)
            try:
                stewardship.undo(which, who="john", reason="no")
                tell("undone", which)
            except ConflictError:
                pass
        if chance.random() < 0.3:
            stewardship.publication.publish(whole=True)


def look(folder: Path, told: dict[int, str], thorough: bool) -> list[str]:
    """What is lost or half done."""
    import pyoxigraph as ox  # noqa: PLC0415

    stewardship = tiny_stewardship(folder)
    ledger = stewardship.ledger
    problems = []
    found = {each.id: each for each in ledger.contributions()}
    order = ["submitted", "checked", "merged", "undone"]
    for number, word in told.items():
        state = found[number].state if number in found else "lost"
        if state == "lost" or order.index(state) < order.index(word):
            problems.append(f"contribution {number} was told to be {word} and is {state}")
    for each in found.values():
        if len(ledger.files.read(each.sha256)) != each.size:
            problems.append(f"the file of contribution {each.id} is not whole")
        if len(ledger.statements(each.id)) != each.added + each.removed:
            problems.append(f"contribution {each.id} has lost statements")
        kinds = [event.kind for event in ledger.events(each.id)]
        steps = [step.kind for step in ledger.steps() if step.contribution == each.id]
        expected = {"merged": ["merge"], "undone": ["merge", "undo"]}.get(each.state, [])
        if kinds[0] != "submitted" or ("merged" in kinds) != ("accepted" in kinds) or steps != expected:
            problems.append(f"contribution {each.id} is {each.state} with the events {kinds} and the steps {steps}")
    generation = stewardship.publication.publish()  # as a start does
    quads = set(ox.Store.read_only(str(generation.path)))
    inside = {each.id for each in found.values() if each.state == "merged"}
    graphs = {
        str(quad.graph_name).rpartition("/")[2].rstrip(">")
        for quad in quads
        if "/contribution/" in str(quad.graph_name)
    }
    if graphs != {str(number) for number in inside}:
        problems.append(f"published are {sorted(graphs)}, merged {sorted(inside)}")
    if thorough:
        again = set(ox.Store.read_only(str(tiny_stewardship(folder, "again").publication.publish(whole=True).path)))
        if again != quads:
            problems.append(f"a rebuild differs by {len(again ^ quads)} statements")
    return problems


def forked(task) -> int:
    """Run a task in a child; give the signal that ended it, 0 for none."""
    child = os.fork()
    if child == 0:
        try:
            task()
        except LeedskgError as error:
            print(f"problem: {error}", flush=True)
        except BaseException as error:
            print(f"problem: {type(error).__name__}: {error}", flush=True)
        os._exit(0)
    return child


def main(folder: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    told: dict[int, str] = {}
    killed = number = 0
    while killed < kills:
        number += 1
        inlet, outlet = os.pipe()
        by_time = number % 4 == 0
        own = random.Random(chance.random())
        at = 0 if by_time else chance.randrange(1, 160)

        def task(at=at, number=number, inlet=inlet, outlet=outlet, own=own):
            os.close(inlet)
            if at:
                Killer(at).install()
            work(folder, number, outlet, own)

        child = forked(task)
        os.close(outlet)
        if by_time:
            time.sleep(chance.random() * 0.4)
            os.kill(child, signal.SIGKILL)
        with os.fdopen(inlet) as pipe:
            for line in pipe:
                word, which = line.split()
                told[int(which)] = word
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        thorough = number % 10 == 0

        def watch(thorough=thorough, killed=killed):
            for problem in look(folder, told, thorough):
                print(f"problem: after kill {killed}: {problem}", flush=True)

        if number % 4 == 0 or killed >= kills:
            os.waitpid(forked(watch), 0)
    print(f"killed {killed} times; {len(told)} contributions were acknowledged", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
