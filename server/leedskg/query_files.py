"""The queries that the program itself asks: each in a `.rq` file beside the code that asks it."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def query_beside(module: str, name: str) -> str:
    """Read the query `name`.rq in the folder of a module, which gives its `__file__`.

    What the query is about is filled in where it is asked: `%s` in the file stands for it, most often the base IRI.
    """
    return Path(module).with_name(f"{name}.rq").read_text(encoding="utf-8")
