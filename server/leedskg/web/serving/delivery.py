"""The part of an answer that is sent while it is read, in the web server's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import Executor
from typing import Any

from leedskg.asker import Asker

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: Bytes that a client has to send, or to take, in each span of its patience.
PIECE = 65536
#: Seconds between two looks where something other comes than that the client has left.
_PAUSE = 0.05


class WentAwayError(Exception):
    """The client went away while it was answered."""


class Watch:
    """Watches whether the client of a request leaves, from a moment on; a small answer is sent before that."""

    def __init__(self, receive: Receive, asker: Asker) -> None:
        self._receive = receive
        self._asker = asker
        self._begun: asyncio.TimerHandle | asyncio.Task[None] | None = None

    def begin(self, after: float = 0) -> None:
        """Watch in so many seconds, unless it is watched already. The body has to have been read."""
        if isinstance(self._begun, asyncio.Task):
            return
        self.end()
        loop = asyncio.get_running_loop()
        self._begun = loop.call_later(after, self._watch) if after else loop.create_task(self._until_gone())

    def _watch(self) -> None:
        self._begun = asyncio.get_running_loop().create_task(self._until_gone())

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            await asyncio.sleep(_PAUSE)
        self._asker.leave()

    def end(self) -> None:
        """Watch no more."""
        if self._begun is not None:
            self._begun.cancel()


async def send_rest(
    rest: Iterator[bytes], asker: Asker, send: Send, *, patience: float, readers: Executor
) -> None:  # fmt: skip
    """Send what is read of `rest`, which ends by itself should the `asker` leave while it is still being made.

    Raises TimeoutError when the client does not take a piece within its `patience`, WentAwayError when it is gone, and
    what `rest` breaks off with. Then the end is not sent, for a part would look whole.
    """
    loop = asyncio.get_running_loop()
    pieces = _pieces(rest)
    try:
        while piece := await loop.run_in_executor(readers, next, pieces, b""):
            async with asyncio.timeout(patience):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except Exception:
        if asker.has_left:
            raise WentAwayError from None
        raise
    await send({"type": "http.response.body", "body": b""})


def _pieces(parts: Iterator[bytes]) -> Iterator[bytes]:
    for part in parts:
        for start in range(0, len(part), PIECE):
            yield part[start : start + PIECE]
