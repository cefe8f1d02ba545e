"""Which generation is current on a server elsewhere: its register, looked at again and again."""

from __future__ import annotations

import logging
import threading
import time

from leedskg.errors import KnowledgeError, LimitReachedError, StoreError
from leedskg.settings import Settings
from leedskg.store.remote.connection import connect
from leedskg.store.remote.register import RemoteGeneration, read_current

#: Seconds between two looks at the register; and for which one is waited for.
_BETWEEN, _LOOKING = 1.0, 3.0

_log = logging.getLogger(__name__)


class RemoteLease:
    """A generation on a server, which removes it when it likes: there is nothing to hold."""

    descriptor = -1

    def __init__(self, generation: RemoteGeneration) -> None:
        self.generation = generation

    def close(self) -> None:
        """Do nothing."""


class RemoteSource:
    """The current generation on the server of the settings, which a thread looks up once a second.

    Raises KnowledgeError when nothing is published there, and StoreError or StoreDownError when it cannot be asked.
    """

    def __init__(self, settings: Settings) -> None:
        self._base = settings.base
        self._server = connect(settings)
        try:
            self._generation = read_current(self._server, settings.base)
        except BaseException:
            self._server.close()
            raise
        self._seen_at = time.monotonic()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="register", daemon=True)
        self._thread.start()

    def lease(self) -> RemoteLease:
        """Return the generation that was current at the last look."""
        return RemoteLease(self._generation)

    def mark(self) -> object:
        """Return when the register was last seen, by `time.monotonic`."""
        return self._seen_at

    def _follow(self) -> None:
        is_told = False
        while not self._is_over.wait(_BETWEEN):
            self._server.be_heard(is_heard=not is_told)  # it is down each second, and that is told once
            try:
                self._generation = read_current(self._server, self._base, _LOOKING)
                self._seen_at = time.monotonic()
                is_told = False
            except (StoreError, KnowledgeError, LimitReachedError) as error:
                if not is_told:
                    _log.error("%s; generation %d is the last that was seen", error, self._generation.number)
                is_told = True
        self._server.close()

    def close(self) -> None:
        """Look no more. Twice does nothing more."""
        self._is_over.set()
        self._thread.join(2 * _LOOKING)
