"""Random graphs and tables, sent as contributions: each is recorded whole, with its report, or refused with a reason.

`FUZZ=20000` sends so many of each kind in place of a few; `FUZZ_FROM` is the number to begin with.
"""

from __future__ import annotations

import logging
import os
from collections import Counter

import pytest

from leedskg.errors import RefusedError
from leedskg.ledger.stewardship import Stewardship
from tests.contributing import Town
from tests.fuzzing import Fuzzer
from tests.sample_knowledge import write_sample

MANY = int(os.environ.get("FUZZ", "40"))
FIRST = int(os.environ.get("FUZZ_FROM", "0"))


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Stewardship:
    folder = tmp_path_factory.mktemp("fuzz")
    town = Town(write_sample(folder), folder)
    town.build()
    return Stewardship(town.settings)


def sent(ledger: Stewardship, content: bytes, name: str) -> tuple[str, str]:
    """Send a file; give what became of it, and what is wrong with that."""
    try:
        made = ledger.submit(content, name, who="fuzz")
    except RefusedError as error:
        return "refused", "" if error.report.findings else "refused without a reason"
    return "recorded", "" if made.report and made.state == "checked" else "recorded without a report"


@pytest.mark.parametrize("kind", ["graph", "table"])
def test_whatever_is_sent_is_recorded_whole_or_not_at_all(
    ledger: Stewardship, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, logger="leedskg.ledger.recheck")
    fuzzer = Fuzzer(ledger.publication.present().graph)
    outcomes: Counter[str] = Counter()
    recorded = sum(ledger.ledger.counts().values())
    for number in range(FIRST, FIRST + MANY):
        name, content = getattr(fuzzer, kind)(number)
        outcome, problem = sent(ledger, content, name)
        outcomes[outcome] += 1
        recorded += outcome == "recorded"
        assert not problem, f"{kind} {number}: {problem}"
        assert sum(ledger.ledger.counts().values()) == recorded, f"{kind} {number}: half a record"
        assert not caplog.records, f"{kind} {number}: the check failed: {caplog.text[-3000:]}"
    assert set(outcomes) == {"refused", "recorded"}
    print(f"\n{kind}s: {dict(outcomes)}")
