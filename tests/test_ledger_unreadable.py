"""A ledger that cannot be read or written: 503 in words that say so, and not where the server has its files."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from leedskg.accounts.model import Role
from leedskg.ledger.ledger import FILE_NAME
from tests.contributing import PARTNERS, bobbin
from tests.sample_contributions import town_site


def test_the_paths_of_a_broken_ledger_are_for_the_log_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with town_site(tmp_path) as site:
        steward = site.signed_in("ada", Role.STEWARD)
        database = site.settings.ledger_path / FILE_NAME
        for suffix in ("-wal", "-shm"):
            Path(f"{database}{suffix}").unlink(missing_ok=True)
        database.write_bytes(b"this is not a database, but something else entirely" * 100)
        refused = []
        for path in ("/contributions", "/contributions/1", "/api/contributions", "/api/contributions/1", "/contribute"):
            for accept in ("text/html", "application/problem+json", "text/plain"):
                answer = steward.get(path, headers={"Accept": accept})
                assert answer.status_code in {200, 404, 503}, (path, answer.text[:500])
                assert str(tmp_path) not in answer.text, path
                assert database.name not in answer.text, path
                if answer.status_code == 503:
                    assert "The log of the server says" in answer.text, path
                    refused.append(path)
        assert {"/contributions", "/api/contributions"} <= set(refused)
        assert steward.get("/").status_code == 200, "the graph stays open"
    errors = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert any(str(database) in said or str(site.settings.ledger_path) in said for said in errors)


def test_where_nothing_can_be_recorded_all_is_still_read_and_what_was_typed_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A folder where SQLite wants its file stands in for a read-only folder and a full disk."""
    with town_site(tmp_path) as site:
        steward = site.signed_in("ada", Role.STEWARD)
        site.town.contribute("bobbin.ttl", bobbin())
        database = site.settings.ledger_path / FILE_NAME
        shared = Path(f"{database}-shm")
        shared.unlink(missing_ok=True)
        shared.mkdir()
        for path in ("/contributions", "/contributions/1", "/api/contributions/1", "/id/loom-charity/history", "/"):
            assert steward.get(path).status_code == 200, path
        said = "The record of contributions (the ledger) cannot be written, and nothing was recorded"
        page = steward.send("/contributions/1/accept", 503, page="/contributions/1", version="2", reason="Seen it.")
        assert said in page.text
        assert "Seen it." in page.text
        assert "graph cannot be read" not in page.text
        form = {"f-name": "Bobbin Trust", "f-kind": "charity", "f-note": "Made up."}
        page = steward.send("/contribute/organisation", 503, page="/contribute/organisation", **form)
        assert said in page.text
        assert "Bobbin Trust" in page.text
        assert str(tmp_path) not in page.text
        town = site.town
        for words in (["contributions", "accept", "1"], ["contribute", town.write("p.csv", PARTNERS)]):
            assert said[1:] in " ".join(town.run(*words, code=2).output.split())
        assert "1 contribution" in town.run("backup", str(tmp_path / "backup.tar.gz")).output
        shared.rmdir()
        assert steward.send("/contributions/1/accept", page="/contributions/1", version="2").status_code == 303
    assert any(str(database) in each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR)
