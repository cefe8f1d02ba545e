"""The part of an answer that is sent while it is read, in the web server's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from concurrent.futures import Executor
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: Bytes that a client has to send, or to take, in each span of its patience.
PIECE = 65536


class WentAwayError(Exception):
    """The client went away while it was answered."""


async def send_rest(  # noqa: PLR0913 - these are the parts of sending
    rest: Iterator[bytes],
    stops: Sequence[Callable[[], Any]],
    receive: Receive,
    send: Send,
    *,
    patience: float,
    readers: Executor,
) -> None:
    """Send what is read of `rest`; `stops` end what it comes from, where that is still being made.

    Raises TimeoutError when the client does not take a piece within its `patience`, WentAwayError when it is gone, and
    what `rest` breaks off with. Then the end is not sent, for a part would look whole.
    """
    loop = asyncio.get_running_loop()
    watching = loop.create_task(_stop_when_gone(receive, stops)) if stops else None
    pieces = _pieces(rest)
    try:
        while piece := await loop.run_in_executor(readers, next, pieces, b""):
            async with asyncio.timeout(patience):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except Exception:
        if watching is not None and watching.done():
            raise WentAwayError from None
        raise
    finally:
        if watching is not None:
            watching.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _stop_when_gone(receive: Receive, stops: Sequence[Callable[[], Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    for stop in stops:
        stop()


def _pieces(parts: Iterator[bytes]) -> Iterator[bytes]:
    for part in parts:
        for start in range(0, len(part), PIECE):
            yield part[start : start + PIECE]
