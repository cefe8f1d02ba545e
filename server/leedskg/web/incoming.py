"""A request as the web server brings it (ASGI), and as the application takes it (WSGI)."""

from __future__ import annotations

import re
import sys
from collections.abc import MutableMapping
from typing import IO, Any
from urllib.parse import unquote_to_bytes

Scope = MutableMapping[str, Any]

#: Bytes of all headers together.
_LONGEST_HEADERS = 65536
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PLAIN: dict[str, Any] = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}


class RefusedError(Exception):
    """A request that is refused by its headers, before anything of it is read."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def check(headers: list[tuple[bytes, bytes]], longest_body: int) -> None:
    """Raise RefusedError for headers that are too long, a body that is, or a Host that no address may be made with."""
    if sum(len(name) + len(value) for name, value in headers) > _LONGEST_HEADERS:
        raise RefusedError(431, f"The headers are longer than {_LONGEST_HEADERS} bytes, which is what is read here.")
    hosts = [value for name, value in headers if name == b"host" and value]  # the web server adds an empty one
    if len(hosts) > 1 or not all(_HOST.fullmatch(host) for host in hosts):
        raise RefusedError(400, "The Host header is not the name of one host, with a port or without.")
    length = next((value for name, value in headers if name == b"content-length"), b"0")
    if not length.isdigit() or int(length[:20]) > longest_body:
        raise too_long(longest_body)


def too_long(longest_body: int) -> RefusedError:
    """That a body is longer than anything here reads."""
    return RefusedError(413, f"The request is longer than {longest_body} bytes, which is what is read here.")


def environ_of(scope: Scope, body: IO[bytes], length: int) -> dict[str, Any]:
    """The request as PEP 3333 has it; what a client sends in names with an underscore could pass for ours, and goes."""
    server, client = scope["server"], scope["client"]
    environ: dict[str, Any] = _PLAIN | {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.input": body,
    }
    for name, value in scope["headers"]:
        key, text = _key(name), value.decode("latin-1")
        if key == "HTTP_HOST" and not text:
            continue
        if key in environ:
            text = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + text
        if key:
            environ[key] = text
    if "CONTENT_LENGTH" in environ or length:  # a body in chunks has been put together by now
        environ["CONTENT_LENGTH"] = str(length)
    return environ


def _key(name: bytes) -> str:
    if b"_" in name or name == b"transfer-encoding":
        return ""
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
