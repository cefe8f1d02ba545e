"""JSON that others wrote, read with one care: whatever cannot be used further on is refused here, in words."""

from __future__ import annotations

import json
from typing import Any


class ForeignJsonError(ValueError):
    """Why a text is no JSON that can be used; its words go on after “it is not JSON that can be read: ”."""


def read_json(content: str | bytes) -> Any:
    """Read JSON. Raises ForeignJsonError.

    Python reads more than is JSON, and more than can be written down again: halves of characters,
    numbers that are infinite or none. It raises errors of several kinds at what is too deep or too long.
    """
    try:
        found = json.loads(content)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        raise ForeignJsonError(f"{error.msg} at line {error.lineno}, character {error.colno}") from None
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.start + 1].encode("ascii", "backslashreplace").decode()
        raise ForeignJsonError(f"{half} is half of a character, and the other half has to follow it") from None
    except UnicodeDecodeError:
        raise ForeignJsonError("it is not UTF-8") from None
    except RecursionError:
        raise ForeignJsonError("it is nested too deeply") from None
    except ValueError:
        raise ForeignJsonError("a number in it is infinite, no number, or too long") from None
    return found
