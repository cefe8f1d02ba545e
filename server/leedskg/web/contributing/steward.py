"""The steward and the ledger that the pages on contributions work with: one of each for an application."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import Flask, current_app

from leedskg.ledger import Ledger
from leedskg.ledger.process import StewardProcess
from leedskg.ledger.task_log import TaskLog
from leedskg.settings import Settings
from leedskg.web import current

_KEY = "leedskg.steward"
#: Seconds that an answer waits until the pages of this process show a generation that is published.
_UNTIL_SEEN = 10.0


@dataclass(frozen=True)
class _Parts:
    steward: StewardProcess
    ledger: Ledger
    tasks: TaskLog


def install(app: Flask, settings: Settings, steward: StewardProcess | None = None) -> None:
    """Give an application its steward. Its processes start with the first contribution."""
    app.extensions[_KEY] = _Parts(
        steward or StewardProcess(settings), Ledger(settings.ledger_path), TaskLog(settings.state_path)
    )


def steward() -> StewardProcess:
    """Return what does the work on contributions."""
    parts: _Parts = current_app.extensions[_KEY]
    return parts.steward


def ledger() -> Ledger:
    """Return what has been contributed, to be read; changes go through the steward."""
    parts: _Parts = current_app.extensions[_KEY]
    return parts.ledger


def task_log() -> TaskLog:
    """Return what was asked of the steward and what came of it, to be read in any web process."""
    parts: _Parts = current_app.extensions[_KEY]
    return parts.tasks


def why_not_here() -> str:
    """Return why nothing can be contributed on this site, or nothing."""
    if getattr(current.settings(), "store", ""):
        return (
            "This site reads its graph from another server. Contributions are merged where the graph is published from "
            "its files: send them there, or with `leedskg contribute` on that machine."
        )
    return ""


def seen(generation: int) -> bool:
    """Wait until readers of this site see a generation; False when that takes too long."""
    until = time.monotonic() + _UNTIL_SEEN
    # Pages have a pool of their own, which may turn to the new generation a moment later.
    while min(current.reader().generation().number, current.view().published.number) < generation:
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
