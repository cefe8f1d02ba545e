"""A server that is started for the suite, and the requests that are sent to it."""

import http.client
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

ROOT = Path(__file__).parents[2]
QUERY, UPDATE, TURTLE = "application/sparql-query", "application/sparql-update", "text/turtle"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")

    def __str__(self) -> str:
        return f"{self.status} {self.body[:300].decode(errors='replace')}"


class Client:
    """One connection, kept open, to a scratch server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.address = f"http://127.0.0.1:{port}"

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        self._connection.request(method, path, body, headers or {})
        response = self._connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def query(self, query: str, accept: str) -> Answer:
        return self.send("POST", "/sparql", query.encode(), {"Content-Type": QUERY, "Accept": accept})

    def update(self, update: str) -> Answer:
        return self.send("POST", "/sparql", update.encode(), {"Content-Type": UPDATE})

    def clear(self) -> None:
        answer = self.update("DROP ALL")
        assert answer.status == 204, answer

    def load(self, data: bytes, graph: str | None, content_type: str = TURTLE) -> None:
        """Add data to the default graph, or to a named one."""
        target = "default" if graph is None else f"graph={quote(graph, safe='')}"
        answer = self.send("POST", f"/graph-store?{target}", data, {"Content-Type": content_type})
        assert answer.status in {201, 204}, answer

    def quads(self) -> list[ox.Quad]:
        """Everything that the store holds."""
        everything = "SELECT ?g ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
        answer = self.query(everything, "application/sparql-results+json")
        assert answer.status == 200, answer
        rows = ox.parse_query_results(answer.body, ox.QueryResultsFormat.JSON)
        return [ox.Quad(row["s"], row["p"], row["o"], row["g"] or ox.DefaultGraph()) for row in rows]

    def close(self) -> None:
        self._connection.close()


@contextmanager
def scratch_server(log: Path):
    """A started scratch server's port; it is told to end, and has to end well."""
    command = [sys.executable, "-c", "from leedskg.cli import main; main()", "serve", "--scratch", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEEDSKG_")}
    with log.open("w") as errors:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT, env=environment)
        try:
            said = [server.stdout.readline(), server.stdout.readline()]
            assert "leedskg answers at http://127.0.0.1:" in said[-1], (said, log.read_text())
            yield int(said[-1].strip().rstrip("/").rpartition(":")[2])
        finally:
            server.terminate()
            server.stdout.close()
            assert server.wait(timeout=15) == 0
