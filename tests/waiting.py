"""Waiting in a test for what comes to pass in another process or thread."""

import time


def until(condition, seconds=20.0):
    """Wait until a condition holds; fail when it has not in so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)
