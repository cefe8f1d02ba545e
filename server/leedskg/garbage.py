"""When Python looks for garbage in cycles: not while much is made that stays until the work is done.

It looks through what is new with every 700 objects, and through everything with every quarter more. While statements
are read, checked and published that finds next to nothing and took a third of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_afterwards() -> Iterator[None]:
    """Leave cycles for when this is done; the next object after it makes Python look through what is new.

    It counts for the whole process. Where several threads do this, the first that is done ends it for all.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
