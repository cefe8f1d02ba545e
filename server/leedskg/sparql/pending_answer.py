"""An answer that somebody waits for, in a thread or in an event loop: collected whole, or given while it comes."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from leedskg.errors import LeedskgError, TooHeavyError
from leedskg.settings import Settings
from leedskg.sparql.advice.slowness import slow_because
from leedskg.sparql.protocol.failure import ended_from_outside, failure
from leedskg.sparql.protocol.result import Result
from leedskg.sparql.service import frames
from leedskg.sparql.service.client import Exchange
from leedskg.sparql.worker_protocol import Job

#: Seconds for which a large result is waited for, so that it comes with its length, or an error with its words.
_WHOLE_WITHIN = 1.0
#: Bytes of an answer from which on compressing it would hold an event loop up.
_WORTH_SQUEEZING = 8192

#: Has something done in a thread.
InThread = Callable[[Callable[[], Any]], Awaitable[Any]]


class PendingAnswer:
    """The answer to a job that has been sent. It closes the exchange when it has come, or when that fails."""

    def __init__(self, exchange: Exchange, job: Job, settings: Settings) -> None:
        self._exchange = exchange
        self._job = job
        self._settings = settings

    async def result_async(self, in_thread: InThread) -> Result:
        """Wait in an event loop for a small answer; a larger one, and an error, is waited for `in_thread`."""
        try:
            is_there = await self._exchange.answers(_WORTH_SQUEEZING if self._job.gzip else frames.CHUNK)
        except BaseException:
            self._exchange.close()
            raise
        result: Result = self.result() if is_there else await in_thread(self.result)
        return result

    def result(self) -> Result:
        """Wait for the result; a large one may go on streaming. Raises what the job ends with, if not well."""
        result = Result(self._exchange.generation, gzip=self._job.gzip)
        try:
            kind = self._collect(result)
            if kind:
                result.finish(kind)
                self._exchange.close()
            else:
                self._let_come(result)
        except TooHeavyError as error:
            result.close()
            self._exchange.close()
            if self._job.changes:
                raise
            raise error.explained(slow_because(self._job.text, self._settings.base)) from None
        except BaseException:
            result.close()
            self._exchange.close()
            raise
        return result

    def _collect(self, result: Result, *, rest: bool = False) -> str:
        """Put the answer into the result, and return its kind; nothing when it is large and may come by itself.

        Raises what it ends with, if not well.
        """
        while (frame := self._exchange.read()) is not None and frame[0] == frames.DATA:
            result.add(frame[1])
            if self._job.streaming and not rest and not result.is_small:
                return ""
        if frame is None or frame[0] != frames.END:
            raise ended(frame, self._job.text, self._settings)
        return str(json.loads(frame[1])["kind"])

    def _let_come(self, result: Result) -> None:
        """Have a thread collect the rest, and wait a moment for it. Raises what it breaks off with until then."""

        def collect() -> None:
            try:
                with self._exchange:
                    kind = self._collect(result, rest=True)
                result.finish(kind)
            except BaseException as error:  # it is raised for whoever reads the result
                result.fail(error)

        result.stream(self._job.streaming, self._exchange.close)
        try:
            threading.Thread(target=collect, name="result-rest", daemon=True).start()
        except RuntimeError:  # the system has no thread to give
            collect()
        result.wait(_WHOLE_WITHIN)


def ended(frame: tuple[bytes, bytes] | None, text: str, settings: Settings) -> LeedskgError:
    """Return the error for the last frame of an answer that did not end well; `text` is what was asked."""
    return failure(json.loads(frame[1]), text, settings) if frame else ended_from_outside()
