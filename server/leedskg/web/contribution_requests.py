"""What programs send to the interface for contributions, read out of the bodies of their requests."""

from __future__ import annotations

from typing import Any

from flask import json, request

from leedskg.errors import RequestError
from leedskg.web.bodies import limit_body
from leedskg.web.sendings import about_it, sent_body, sent_file

#: Kinds of bodies that are a file by themselves, and what the name of such a file ends in.
_BODIES = {
    "text/turtle": "ttl",
    "application/trig": "trig",
    "application/n-triples": "nt",
    "application/n-quads": "nq",
    "application/ld+json": "jsonld",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


def sent() -> tuple[str, bytes, dict[str, str]]:
    """Name, content and what is said about what was sent."""
    if request.mimetype == "multipart/form-data":
        name, content = sent_file()
        if not name:
            raise RequestError("The form has no file in its field `file`.")
        return name, content, about_it(request.form)
    if request.mimetype in _BODIES:
        name = request.args.get("name") or f"contribution.{_BODIES[request.mimetype]}"
        return name, sent_body(name), about_it(request.args)
    if request.mimetype == "application/json":
        asked = body("name", "content", "title", "message", "source")
        if not text_of(asked, "name") or not isinstance(asked.get("content"), str):
            raise RequestError("Give `name`, the name of a file such as facts.ttl, and `content`, its text.")
        return text_of(asked, "name"), asked["content"].encode("utf-8", "surrogatepass"), about_it(asked)
    raise RequestError(
        "Send a file as multipart/form-data in the field `file`; or as the body, with one of these as Content-Type: "
        f"{', '.join(_BODIES)}; or JSON with `name` and `content`."
    )


def body(*known: str) -> dict[str, Any]:
    """The object that was sent as JSON; empty where nothing was sent."""
    limit_body()
    raw = request.get_data()
    if not raw:
        return {}
    try:
        asked = json.loads(raw)
    except (ValueError, RecursionError):
        raise RequestError("The body is not valid JSON.") from None
    if not isinstance(asked, dict):
        raise RequestError("The body has to be a JSON object.")
    if strange := sorted(set(asked) - set(known)):
        raise RequestError(f"There is no {strange[0]!r} here; there are: {', '.join(known)}.")
    return asked


def text_of(asked: dict[str, Any], name: str) -> str:
    """A text of a JSON object; empty where it has none. Raises RequestError."""
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise RequestError(f"{name} has to be a text.")
    return value.strip()


def version_of(asked: dict[str, Any]) -> int | None:
    """The version that was read, where it is given. Raises RequestError."""
    value = asked.get("version")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise RequestError("version has to be a whole number: that of the contribution which you read.")
    return value
