"""Names of files in headers, which hold Latin-1 alone (RFC 6266)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Response

_UNFIT = re.compile(r'[\x00-\x1f\x7f"\\/%]+')


def save_as(response: Response, name: str) -> Response:
    """Have a browser save a response under this name, whatever letters it has."""
    name = _UNFIT.sub("-", name.encode("utf-8", "replace").decode()) or "file"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or "file"
    told = f'attachment; filename="{plain}"'
    response.headers["Content-Disposition"] = told if plain == name else f"{told}; filename*=UTF-8''{quote(name, '')}"
    return response
