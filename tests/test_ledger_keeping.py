"""Nothing is lost: kills at every point, full disks, damaged and restored ledgers, rebuilds, exports."""

import io
import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from leedskg.changes.log import ChangeLog
from leedskg.cli import main
from leedskg.errors import KnowledgeError
from leedskg.ledger import Ledger
from tests.contributing import PARTNERS, Town, bobbin
from tests.sample_knowledge import write_sample
from tests.served import served
from tests.tiny_knowledge import ALT, BASE, tiny_stewardship

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]
TURTLEFMT = Path(sys.executable).with_name("turtlefmt")


@pytest.fixture
def town(tmp_path):
    return Town(write_sample(tmp_path), tmp_path)


def test_two_hundred_kills_lose_no_acknowledged_step(tmp_path):
    memory = Path("/dev/shm")
    folder = (memory if memory.is_dir() else tmp_path) / f"leedskg-kills-{os.getpid()}"
    folder.mkdir()
    try:
        command = [sys.executable, "-m", "tests.killing", str(folder), "200", "20261121"]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(folder)
    assert done.returncode == 0, done.stderr
    assert "problem" not in done.stdout, done.stdout
    assert re.search(r"killed (2\d\d) times; (\d{2,}) contributions were acknowledged", done.stdout), done.stdout


def said(number):
    names = " , ".join(f'"{str(part) * 400}"@en' for part in range(8))
    return f"<{BASE}id/n{number}> a <{BASE}def#Entity> ; <{ALT}> {names} .\n".encode()


def test_a_full_disk_is_an_error_and_no_damage(tmp_path):
    """A limit on the size of files stands in for a full disk: a write fails as there, with EFBIG for ENOSPC."""
    stewardship = tiny_stewardship(tmp_path)
    for number in range(3):
        stewardship.submit(said(number), f"{number}.ttl", who="mary")
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from tests.test_ledger_keeping import said, tiny_stewardship\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "stewardship = tiny_stewardship(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))\n"
        "try:\n    stewardship.submit(said(9), 'nine.ttl', who='mary')\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    for limit in (1000, 33000):
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path), str(limit)], cwd=PROJECT, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        assert done.stdout.startswith(("KnowledgeError ", "LedgerError ")), done.stdout + done.stderr
        assert "nothing was recorded" in done.stdout
        assert len(stewardship.ledger.contributions()) == 3
    assert stewardship.submit(said(9), "nine.ttl", who="mary").state == "checked", "with room again it goes on"
    assert not [path for path in (tmp_path / "ledger" / "files").iterdir() if path.name.startswith(".")]


def test_a_store_that_cannot_be_written_leaves_the_merge_in_the_ledger(tmp_path):
    stewardship = tiny_stewardship(tmp_path)
    before = stewardship.publication.publish()
    made = stewardship.submit(said(1), "1.ttl", who="mary")
    shutil.rmtree(tmp_path / "var" / "building")
    (tmp_path / "var" / "building").write_text("in the way")
    done = stewardship.accept(made.id, who="john")
    assert done.contribution.state == "merged"
    assert done.generation is None
    assert done.problem
    (tmp_path / "var" / "building").unlink()
    assert not stewardship.publication.is_current()
    assert stewardship.publication.publish().number > before.number


def test_a_start_publishes_what_a_crash_left_unpublished(tmp_path):
    stewardship = tiny_stewardship(tmp_path)
    assert stewardship.publication.catch_up() is None, "nothing was ever published: that is for a build"
    stewardship.publication.publish()
    made = stewardship.submit(said(1), "1.ttl", who="mary")
    numbers = [each.number for each in stewardship.ledger.statements(made.id)]
    stewardship.ledger.merge(
        made.id, numbers, version=made.version, head="", who="john", reason="", report={}, shapes=""
    )
    caught_up = stewardship.publication.catch_up()
    assert caught_up is not None
    assert caught_up.metadata["ledger"]["steps"] == 1
    assert stewardship.publication.catch_up() is None


def test_a_start_publishes_though_the_log_of_changes_was_cut_off_midway(tmp_path):
    """SQLite takes back what a killed writer left, when somebody opens the file who may write; before, none did."""
    stewardship = tiny_stewardship(tmp_path)
    stewardship.publication.publish()
    (path,) = tmp_path.rglob("changes.sqlite")
    journal = path.with_name(f"{path.name}-journal")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE event SET words = ?", ("x" * 100_000,))
        left = [(each, each.read_bytes()) for each in (path, journal)]
    for each, content in left:
        each.write_bytes(content)
    stewardship.accept(stewardship.submit(said(1), "1.ttl", who="mary").id, who="john")
    assert ChangeLog(path.parent).count(99) == 2


def test_the_state_folder_can_go_and_comes_back_the_same(town):
    town.build()
    town.contribute("bobbin.ttl", bobbin())
    town.run("contributions", "accept", "1")
    before = town.quads()
    shutil.rmtree(town.state)
    said = town.run("rebuild").output
    assert "and 1 step of the ledger" in said
    assert town.quads() == before
    shutil.rmtree(town.state)
    assert "Published generation 1" in town.run("build").output
    assert town.quads() == before


def test_a_ledger_that_is_missing_is_noticed(town):
    town.build()
    town.contribute("bobbin.ttl", bobbin())
    town.run("contributions", "accept", "1")
    generation = town.generation()
    said = town.run("build", code=2, LEEDSKG_LEDGER=str(town.folder / "elsewhere")).output
    assert "includes 1 step of a ledger that" in said
    assert "LEEDSKG_LEDGER" in said
    assert town.generation() == generation


def test_a_backup_is_restored_elsewhere_to_the_same_graph(town):
    town.build()
    town.contribute("bobbin.ttl", bobbin())
    town.run("contributions", "accept", "1")
    before = town.quads()
    with sqlite3.connect(town.ledger / "accounts.sqlite3") as connection:
        connection.execute("CREATE TABLE account AS SELECT 'mary' AS name")
    connection.close()
    (town.ledger / "form-key").write_bytes(b"secret")
    backup = str(town.folder / "backup.tar.gz")
    assert "1 contribution, 1 submitted file" in town.run("backup", backup).output

    refused = town.run("restore", backup, code=2).output
    assert "give --force" in refused
    town.contribute("partners.csv", PARTNERS)
    town.run("restore", backup, "--force")
    assert len(town.json("contributions", "list")) == 1
    [aside] = town.folder.glob("ledger.before-restore-*")
    assert len(Ledger(aside).contributions()) == 2, "what was there is kept"

    shutil.rmtree(town.ledger)
    shutil.rmtree(town.state)
    assert Path(backup).stat().st_mode & 0o077 == 0, "a backup is for its owner alone"
    town.run("restore", backup)
    assert (town.ledger / "form-key").read_bytes() == b"secret"
    with sqlite3.connect(town.ledger / "accounts.sqlite3") as connection:
        assert connection.execute("SELECT name FROM account").fetchall() == [("mary",)]
    connection.close()
    town.run("rebuild")
    assert town.quads() == before
    assert town.run("contributions", "file", "1").stdout_bytes == bobbin().encode()


def damaged(path, name, content):
    """The backup with one part replaced."""
    out = path.with_name("damaged.tar.gz")
    with tarfile.open(path) as old, tarfile.open(out, "w:gz") as new:
        for member in old.getmembers():
            data = old.extractfile(member).read()
            data = content(data) if member.name == name or member.name.startswith(name) else data
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return str(out)


def evil_list(data):
    return json.dumps(json.loads(data) | {"../outside": "0" * 64}).encode()


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("files/", lambda data: data + b"x"),
        ("contributions.sqlite", lambda data: data[:5000] + b"\xff" * 100 + data[5100:]),
        ("digests.json", lambda data: b"{}"),
        ("digests.json", evil_list),
    ],
)
def test_a_damaged_backup_changes_nothing(tmp_path, part, change):
    stewardship = tiny_stewardship(tmp_path)
    stewardship.submit(said(1), "1.ttl", who="mary")
    environment = {"LEEDSKG_LEDGER": str(tmp_path / "ledger")}
    path = tmp_path / "backup.tar.gz"
    run = CliRunner().invoke
    assert run(main, ["backup", str(path)], env=environment).exit_code == 0
    done = run(main, ["restore", damaged(path, part, change), "--force"], env=environment, catch_exceptions=False)
    assert done.exit_code == 2, done.output
    assert "nothing was changed" in done.output
    assert len(stewardship.ledger.contributions()) == 1
    assert not (tmp_path / "outside").exists()
    assert run(main, ["restore", str(tmp_path / "none"), "--force"], env=environment).exit_code == 2


def test_a_backup_of_nothing_and_to_nowhere_gets_a_sentence(town):
    assert "nothing has been contributed" in town.run("backup", "x.tar.gz", code=2).output
    town.contribute("partners.csv", PARTNERS)
    assert "could not be written" in town.run("backup", "/nowhere/x.tar.gz", code=2).output


def test_a_submitted_file_that_was_changed_is_noticed(town):
    town.contribute("partners.csv", PARTNERS)
    [path] = (town.ledger / "files").iterdir()
    path.write_bytes(b"something else")
    assert "has been changed or damaged" in town.run("contributions", "file", "1", code=2).output


def test_a_ledger_of_a_later_program_is_left_alone(tmp_path):
    ledger = Ledger(tmp_path)
    with sqlite3.connect(ledger.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(KnowledgeError, match="written by a later version"):
        ledger.contributions()


def test_events_are_never_changed(tmp_path):
    stewardship = tiny_stewardship(tmp_path)
    stewardship.submit(said(1), "1.ttl", who="mary")
    with sqlite3.connect(stewardship.ledger.path) as connection:
        for statement in ("UPDATE event SET who = 'x'", "DELETE FROM event", "DELETE FROM contribution"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                connection.execute(statement)
    connection.close()


def test_a_backup_says_which_submitted_file_is_lost_and_can_leave_it_out(town):
    for number in range(2):
        town.contribute(f"{number}.csv", PARTNERS.replace("Made up", f"Made up {number}"))
    ledger = Ledger(town.ledger)
    (town.ledger / "files" / ledger.contribution(2).sha256).unlink()
    refused = town.run("backup", str(town.folder / "b.tar.gz"), code=2).output
    assert "lost or damaged of contribution 2" in refused
    assert "--incomplete" in refused
    assert not (town.folder / "b.tar.gz").exists()
    assert (
        "Without the file of contribution 2" in town.run("backup", str(town.folder / "b.tar.gz"), "--incomplete").output
    )
    other = str(town.folder / "other")
    assert (
        "Without the file of contribution 2"
        in town.run("restore", str(town.folder / "b.tar.gz"), LEEDSKG_LEDGER=other).output
    )
    assert len(Ledger(town.folder / "other").contributions()) == 2


def test_a_ledger_that_is_served_is_not_replaced_and_not_served_twice(town, tmp_path):
    town.build()
    town.contribute("partners.csv", PARTNERS)
    town.run("backup", str(tmp_path / "b.tar.gz"))
    settings = {"knowledge": town.sample.root, "ledger": town.ledger, "workers": 1}
    with served(town.state, tmp_path / "log", **settings) as server:
        refused = town.run("restore", str(tmp_path / "b.tar.gz"), "--force", code=2).output
        assert "A server uses the ledger" in refused
        again = town.run("serve", "--port", "0", code=2).output
        assert "Another leedskg serves the ledger" in again
        assert server.get("/contributions").status == 200
    assert "1 contribution" in town.run("restore", str(tmp_path / "b.tar.gz"), "--force").output


def test_a_ledger_that_came_after_its_server_is_held_too(town, tmp_path):
    """On the first start there is no ledger yet, and whatever made one later made one that nobody held."""
    town.build()
    settings = {"knowledge": town.sample.root, "ledger": town.ledger, "workers": 1}
    with served(town.state, tmp_path / "log", **settings):
        town.run("accounts", "add", "mary")
        town.run("backup", str(tmp_path / "b.tar.gz"))
        assert "A server uses" in town.run("restore", str(tmp_path / "b.tar.gz"), "--force", code=2).output
        assert "Another leedskg serves" in town.run("serve", "--port", "0", code=2).output


def test_a_damaged_report_stops_nothing_but_itself(town):
    town.build()
    town.contribute("partners.csv", PARTNERS)
    town.contribute("bobbin.ttl", bobbin())
    town.run("contributions", "accept", "1", "--reason", "Yes.")
    with sqlite3.connect(town.ledger / "contributions.sqlite3") as connection:
        connection.execute("UPDATE contribution SET report = '{\"findings\": [7' WHERE id = 1")
        connection.execute("UPDATE contribution SET report = '{\"findings\": [{}]}' WHERE id = 2")
    connection.close()
    assert "partners.csv" in town.run("contributions", "list").output
    assert "damaged" in town.run("contributions", "show", "1").output
    town.run("rebuild")
    town.run("backup", str(town.folder / "b.tar.gz"))
    assert "damaged" not in town.run("contributions", "check", "2").output
    assert town.json("contributions", "show", "2")["report"]["checked"]["shape"] > 0


@pytest.mark.parametrize(
    "damage",
    ["title = CAST(x'4cff' AS TEXT)", "report = CAST(x'7bff' AS TEXT)", "report = x'ff'", "added = 'many'",
     "state = x'ff'", "at = 7", "sha256 = x'ff'", "file_name = CAST(x'00ff' AS TEXT)"],
)  # fmt: skip
def test_a_damaged_row_stops_nothing_but_itself(town, damage):
    town.build()
    town.contribute("partners.csv", PARTNERS)
    town.contribute("bobbin.ttl", bobbin())
    with closing(sqlite3.connect(town.ledger / "contributions.sqlite3")) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("DROP TRIGGER event_stays")
        connection.execute(f"UPDATE contribution SET {damage} WHERE id = 1")
        connection.execute("UPDATE event SET data = CAST(x'7bff' AS TEXT), reason = x'ff' WHERE contribution = 1")
        connection.commit()
    assert "bobbin.ttl" in town.run("contributions", "list").output
    shown = town.run("contributions", "show", "1", code=None)
    assert shown.exit_code < 2, shown.output
    assert "bobbin.ttl" in town.run("contributions", "show", "2").output
    town.run("contributions", "accept", "2", "--reason", "Yes.")
    assert "damaged" in town.run("backup", str(town.folder / "b.tar.gz"), code=None).output or "sha256" not in damage
    town.run("rebuild")


def test_a_ledger_is_for_its_owner_alone_wherever_it_is_put(tmp_path):
    folder = tmp_path / "ledger"
    (folder / "files").mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "files").chmod(0o755)
    (folder / "contributions.sqlite3").touch(0o644)
    tiny_stewardship(tmp_path).submit(said(1), "1.ttl", who="mary")
    open_to_others = [path for path in folder.rglob("*") if path.stat().st_mode & 0o077]
    assert not open_to_others
    assert folder.stat().st_mode & 0o007 == 0
    with closing(sqlite3.connect(folder / "contributions.sqlite3")) as held:  # so that -wal and -shm stay
        held.execute("SELECT * FROM contribution").fetchall()
        tiny_stewardship(tmp_path).submit(said(2), "2.ttl", who="mary")
        assert not [path for path in folder.rglob("*") if path.stat().st_mode & 0o077]


def test_a_site_on_a_full_disk_still_reads(town, tmp_path):
    """A limit on the size of files stands in for a full disk, as above."""
    town.build()
    town.contribute("bobbin.ttl", bobbin())
    town.run("contributions", "accept", "1")
    settings = {"knowledge": town.sample.root, "ledger": town.ledger, "workers": 1}
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))\n"
        "from leedskg.ledger import Ledger; from pathlib import Path\n"
        "print(len(Ledger(Path(sys.argv[1])).contributions()))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(town.ledger)], capture_output=True, text=True, check=False)
    assert done.stdout == "1\n", done.stderr
    with served(town.state, tmp_path / "log", **settings) as server:
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True, check=True
        )
        for pid in (server.process.pid, *map(int, children.stdout.split())):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        for path in ("/", "/id/bobbin-fund", "/contributions", "/contributions/1"):
            assert server.get(path).status == 200, path
