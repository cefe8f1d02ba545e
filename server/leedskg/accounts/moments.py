"""Moments as they are kept: UTC, whole seconds, in an order that is also the order of their text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

#: Gives the time in UTC; passed in, so that a test can let time pass.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def text_of(moment: datetime, later: timedelta = timedelta(0)) -> str:
    """The moment as it is kept, or one that much later."""
    return (moment + later).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
