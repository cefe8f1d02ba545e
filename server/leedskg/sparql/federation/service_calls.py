"""A query with the answers of the endpoints in it that it calls: they are asked here, one after the other.

The same for either store: what answers the query sees VALUES, and no SERVICE.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from leedskg.settings import Settings
from leedskg.sparql.federation.endpoints import Call, answered
from leedskg.sparql.federation.remote_call import UNIT, RemoteCall, RemoteError, UnusableAnswerError
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.sparql.worker_protocol import seconds_for

#: What part of the time that is left an endpoint may take that a query calls.
_SHARE = 0.8


def with_answers(
    request: QueryRequest, calls: tuple[Call, ...], settings: Settings, is_stopped: Callable[[], bool]
) -> QueryRequest:
    """Return the query with the answers in it, and the time that they have left it; the same where it calls nobody.

    Raises RemoteError and its kind for what fails and is not SILENT, and StoppedError once the query `is_stopped`.
    """
    if not calls:
        return request
    end = time.monotonic() + seconds_for(request, settings)

    def ask(call: Call) -> str:
        seconds = max(0.0, end - time.monotonic()) * _SHARE
        most = settings.service_limit * 2**20
        try:
            return RemoteCall(call, base=settings.base, seconds=seconds, most_bytes=most).values(is_stopped)
        except RemoteError as error:
            if call.is_silent and not isinstance(error, UnusableAnswerError):
                return UNIT
            raise

    query = answered(request.query, calls, ask)
    return replace(request, query=query, written=request.query, timeout=max(0.1, round(end - time.monotonic(), 1)))
