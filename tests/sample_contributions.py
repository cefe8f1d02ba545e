"""The small town with accounts, a ledger and a steward process: what tests of contributions begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leedskg.ledger import Publication
from leedskg.ledger.ledger import Ledger
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from tests.contributing import Town
from tests.published import publish_once
from tests.sample_accounts import AccountSite
from tests.sample_knowledge import write_sample


class TownSite(AccountSite):
    """The town's site, its command line beside it."""

    def __init__(self, town: Town, settings: Settings, pool: QueryPool) -> None:
        self.town, self.pool = town, pool
        super().__init__(settings, pool)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.settings.ledger_path)


@contextmanager
def town_site(folder: Path, prepare: Callable[[Town], Any] = lambda _: None, **options: Any) -> Iterator[TownSite]:
    """The site of a town of its own, prepared and then published; `options` are settings."""
    town = Town(write_sample(folder), folder)
    prepare(town)
    known = {name: getattr(town.settings, name) for name in ("knowledge", "state", "ledger", "documents")}
    settings = Settings(**({"workers": 1} | known | options))
    publication = Publication(settings, Ledger(settings.ledger_path))
    if town.state.exists() or town.ledger.exists():
        publication.publish()
    else:
        publish_once(f"publication {sorted(options.items())}", town.state, publication.publish, town.sample.root)
    with QueryPool(settings) as pool:
        site = TownSite(town, settings, pool)
        try:
            yield site
        finally:
            site.accounts.close()
            site.app.extensions["leedskg.steward"].steward.close()
