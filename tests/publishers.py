"""A stand-in for the services of publishers: it pages as they do, and goes wrong where a test says so."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

GTR = "{http://gtr.ukri.org/api}"
#: Records of a page, as ROR gives them.
ROR_PAGE = 20
#: Records that NIHR's list gives before it ends without a word.
NIHR_MOST = 100


@dataclass
class Reply:
    """What the stand-in answers."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    #: Bytes after which the connection is closed, though more were promised.
    cut_at: int | None = None
    #: Whether a byte more comes again and again, and never the last.
    drips: bool = False


@dataclass(frozen=True)
class Request:
    """What was asked."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


Answering = Callable[[Request], Reply]


@dataclass
class Publishers:
    """The data that the services have, what they were asked, and what is to go wrong."""

    gtr: dict[str, bytes] = field(default_factory=dict)
    ror: list[dict[str, Any]] = field(default_factory=list)
    nihr: list[dict[str, Any]] = field(default_factory=list)
    registry: list[dict[str, Any]] = field(default_factory=list)
    grants: dict[str, Any] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    #: Answers in the place of those of the service; None from one of them lets the service answer.
    fault: Callable[[Request], Reply | None] = lambda request: None
    address: str = ""

    def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        found = self.fault(request) or self._answer(request)
        if found.status == 200 and not {"ETag", "Last-Modified"} & set(found.headers):
            found.headers["ETag"] = f'"{hashlib.sha256(found.body).hexdigest()[:20]}"'
            if request.headers.get("If-None-Match") == found.headers["ETag"]:
                return Reply(304, headers=found.headers)
        return found

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def _answer(self, request: Request) -> Reply:
        path = request.path
        for start, answering in (
            ("/gtr/api/organisations", self._gtr_list),
            ("/api/projects", self._gtr_project),
            ("/v2/organizations", self._ror),
            ("/api/explore/v2.1/catalog/datasets/nihr-summary-view/", self._nihr),
            ("/data.json", self._registry),
        ):
            if path.startswith(start):
                return answering(request)
        if path in self.grants:
            return _json(self.grants[path])
        return Reply(404, b"nothing here", "text/plain")

    def _gtr_list(self, request: Request) -> Reply:
        if not request.headers.get("Accept", "").startswith("application/vnd.rcuk.gtr.json-v"):
            return Reply(200, b"<?xml version='1.0'?><ns2:organisations xmlns:ns2='x'/>", "application/xml")
        size, page = int(request.query.get("s", 20)), int(request.query.get("p", 1))
        if not 10 <= size <= 100:
            return Reply(400, b'{"message": "Page size cannot be greater than 100"}')
        parts = request.path.removeprefix("/gtr/api/organisations").strip("/").split("/")
        if parts == [""]:
            words = request.query["q"].strip('"').casefold()
            assert request.query["f"] == "org.n"
            names = self._organisations()
            found = [{"id": each, "name": name} for each, name in names.items() if words in name.casefold()]
            return _gtr_page("organisation", found, page, size)
        return _gtr_page("project", self._projects_of(unquote(parts[0])), page, size)

    def _overviews(self) -> Iterator[tuple[str, ET.Element]]:
        for reference, content in self.gtr.items():
            yield reference, ET.fromstring(content)

    def _organisations(self) -> dict[str, str]:
        if not hasattr(self, "_names"):
            self._names: dict[str, str] = {}
            self._of: dict[str, list[dict[str, Any]]] = {}
            for reference, overview in self._overviews():
                project = {
                    "id": overview.findtext(f".//{GTR}project/{GTR}id"),
                    "title": overview.findtext(f".//{GTR}project/{GTR}title"),
                    "identifiers": {"identifier": [{"value": reference, "type": "RCUK"}]},
                    "abstractText": "Prose that nobody keeps.",
                    "digest": hashlib.sha256(self.gtr[reference]).hexdigest(),
                    "links": {"link": [{"href": "https://example.org/persons/1", "rel": "PI_PER"}]},
                }
                for body in overview.iter(f"{GTR}organisationRole"):
                    key = body.findtext(f"{GTR}id") or ""
                    self._names[key] = body.findtext(f"{GTR}name") or ""
                    projects = self._of.setdefault(key, [])
                    if project not in projects:
                        projects.append(project)
        return self._names

    def _projects_of(self, organisation: str) -> list[dict[str, Any]]:
        self._organisations()
        return self._of.get(organisation, [])

    def renew(self) -> None:
        """Forget what was worked out of the projects: a test has changed them."""
        for name in ("_names", "_of"):
            self.__dict__.pop(name, None)

    def _gtr_project(self, request: Request) -> Reply:
        content = self.gtr.get(request.query.get("ref", ""))
        return (
            Reply(200, content, "application/xml") if content else Reply(404, b"<html>No project</html>", "text/html")
        )

    def _ror(self, request: Request) -> Reply:
        key = request.path.removeprefix("/v2/organizations").strip("/")
        if key:
            found = [each for each in self.ror if each["id"].endswith(f"/{key}")]
            return _json(found[0]) if found else Reply(404, b'{"errors": ["ROR ID does not exist"]}')
        words, page = request.query["query"].strip('"').casefold(), int(request.query.get("page", 1))
        if page > 500:
            return _json({"errors": ["page '501' outside of range 1-500"]})
        whole = "all_status" in request.query
        found = [
            each for each in self.ror
            if (whole or each["status"] == "active") and any(words in one["value"].casefold() for one in each["names"])
        ]  # fmt: skip
        first = ROR_PAGE * (page - 1)
        return _json({"number_of_results": len(found), "time_taken": 3, "items": found[first : first + ROR_PAGE]})

    def _nihr(self, request: Request) -> Reply:
        if request.path.endswith("/exports/json"):
            return _json(self.nihr)
        limit = int(request.query.get("limit", 10))
        if limit > NIHR_MOST:
            return Reply(400, b'{"error_code": "InvalidRESTParameterError"}')
        return _json({"total_count": len(self.nihr), "results": self.nihr[:limit]})

    def _registry(self, request: Request) -> Reply:
        return _json(self.registry)

    def list_file(self, identifier: str, publisher: str, grants: list[dict[str, Any]], *, ending: str = "json") -> str:
        """Have the registry list a file; return its path."""
        path = f"/files/{identifier}.{ending}"
        self.grants[path] = {"grants": grants}
        self.registry.append({
            "identifier": identifier,
            "title": f"Grants of {publisher}",
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "publisher": {"name": publisher, "prefix": "360G-x"},
            "distribution": [{"title": "Grants", "downloadURL": self.address.rstrip("/") + path}],
            "datagetter_metadata": {"file_type": ending},
        })  # fmt: skip
        return path


def _gtr_page(key: str, found: list[dict[str, Any]], page: int, size: int) -> Reply:
    first = size * (page - 1)
    return _json({
        "page": page, "size": size, "totalPages": -(-len(found) // size), "totalSize": len(found),
        key: found[first : first + size],
    })  # fmt: skip


def _json(said: Any) -> Reply:
    return Reply(200, json.dumps(said).encode())


@contextmanager
def publishers() -> Iterator[Publishers]:
    """Serve a stand-in on this machine."""
    held = Publishers()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(split.query, keep_blank_values=True).items()}
            reply = held.answer(Request(unquote(split.path), query, dict(self.headers)))
            self.send_response(reply.status)
            for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                self.send_header(name, value)
            length = 10**6 if reply.drips else 0 if reply.status == 304 else len(reply.body)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            if reply.status != 304:
                self.wfile.write(reply.body[: reply.cut_at])
            while reply.drips:
                self.wfile.write(b" ")
                time.sleep(0.1)
            if reply.cut_at is not None:
                self.close_connection = True

        def handle(self) -> None:
            with suppress(ConnectionError):  # whoever asks hangs up on an answer that is too large
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # the program may hang up on what is too long
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    held.address = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def services_file(folder: Path, address: str, **values: object) -> str:
    """Write the file by which the program asks a stand-in, without the pauses of the real services."""
    said = {"address": address, "pause": 0, "backoff": 0, **values}
    lines = [
        f"[{source}]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
        for source in ("gtr", "ror", "nihr", "360giving")
    ]
    path = folder / "services.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)
