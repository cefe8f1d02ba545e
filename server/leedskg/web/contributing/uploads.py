"""What comes in with a contribution, however it is sent: the file within its limit, and what is said about it."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import request

from leedskg.contributions import read_limited
from leedskg.errors import RequestError
from leedskg.foreign_json import ForeignJsonError, read_json
from leedskg.web import current
from leedskg.web.api.parameters import query
from leedskg.web.contributing.steward import why_not_here
from leedskg.web.serving.request_bodies import instead, limit_body

#: What goes with a contribution however it is sent, and how many characters each may have.
ABOUT = {"title": 200, "message": 5_000, "source": 500}


def check_here() -> None:
    """Raise RequestError where nothing can be contributed on this site."""
    if why_not_here():
        raise RequestError(why_not_here())


def sent_file() -> tuple[str, bytes]:
    """Name and content of the file of a multipart form; no name where none was sent. Raises RefusedError."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return "", b""
    with sent.stream as stream:  # what is large is a temporary file
        limit = current.settings().contribution_limit * 2**20
        return sent.filename, read_limited(cast(BinaryIO, stream), limit, sent.filename, instead())


def sent_body(name: str) -> bytes:
    """Read the body of a request that is a file by itself, however it is sent. Raises RefusedError."""
    return read_limited(cast(BinaryIO, request.stream), current.settings().contribution_limit * 2**20, name)


def about_it(sent: Any) -> dict[str, str]:
    """Return title, message and source of what is sent."""
    return {name: str(sent.get(name, "") or "").strip() for name in ABOUT}


def too_long(about: dict[str, str]) -> list[tuple[str, str]]:
    """Say what of these is too long."""
    return [
        (name, f"This has {len(about[name]):,} characters; {most:,} is the most.")
        for name, most in ABOUT.items()
        if len(about.get(name, "")) > most
    ]


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

#: What the address says of a file that is the body by itself.
ABOUT_A_FILE = (
    query("name", "The name of the file, where the file itself is the body."),
    *(query(name, f"The {name}, likewise; at most {most:,} characters.") for name, most in ABOUT.items()),
)


def sent() -> tuple[str, bytes, dict[str, str]]:
    """Return name, content and what is said about what was sent."""
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
    """Read the object that was sent as JSON; empty where nothing was sent."""
    limit_body()
    raw = request.get_data()
    if not raw:
        return {}
    try:
        asked = read_json(raw)
    except ForeignJsonError as error:
        raise RequestError(f"The body is not JSON that can be read: {error}.") from None
    if not isinstance(asked, dict):
        raise RequestError("The body has to be a JSON object.")
    if strange := sorted(set(asked) - set(known)):
        raise RequestError(f"There is no {strange[0]!r} here; there are: {', '.join(known)}.")
    return asked


def text_of(asked: dict[str, Any], name: str) -> str:
    """Read a text of a JSON object; empty where it has none. Raises RequestError."""
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise RequestError(f"{name} has to be a text.")
    return value.strip()


def version_of(asked: dict[str, Any]) -> int | None:
    """Return the version that was read, where it is given. Raises RequestError."""
    value = asked.get("version")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**53):
        raise RequestError("version has to be a whole number: that of the contribution which you read.")
    return value
