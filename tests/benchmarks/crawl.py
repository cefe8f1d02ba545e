"""What a crawler meets that follows every link: `python -m tests.benchmarks.crawl ADDRESS`.

It keeps to robots.txt unless told otherwise, begins with the sitemap, and follows the links of pages and what redirects
lead to, at the site of ADDRESS alone. Pages come first: nothing is linked from the documents beside them, so that when
the last page is read it is known how many addresses there are. Told are how many there are of each kind, the statuses,
whatever is neither found nor a redirect, and the longest answers by size and by time.
"""

from __future__ import annotations

import argparse
import html
import http.client
import random
import re
import sys
import threading
import time
import urllib.parse
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

#: What ends so is no page.
_DOCUMENT = re.compile(r"\.[a-z]{2,6}$")
_LINK = re.compile(r'<(?:a|area|iframe|img|link)\b[^>]*?\s(?:href|src)="([^"#]+)')


@dataclass(frozen=True)
class Answer:
    """What came for an address, and how long that took."""

    path: str
    status: int
    kind: str
    size: int
    seconds: float
    links: frozenset[str]


class Crawler:
    """Connections to one site, one for each thread that asks."""

    def __init__(self, address: str, *, obeys: bool = True) -> None:
        parts = urllib.parse.urlsplit(address)
        self._site = (parts.hostname or "", parts.port or 80)
        self._kept = threading.local()
        said = self._read("/robots.txt")[2].decode()
        rules = [line.removeprefix("Disallow: ") for line in said.splitlines() if line.startswith("Disallow: ")] * obeys
        self._closed = [re.compile(re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$")) for rule in rules]

    def may_read(self, path: str) -> bool:
        """Whether robots.txt leaves an address open."""
        return not any(rule.match(path) for rule in self._closed)

    def listed(self) -> set[str]:
        """The addresses of the sitemap."""
        text = self._read("/sitemap.xml")[2].decode()
        return {urllib.parse.urlsplit(html.unescape(each)).path for each in re.findall(r"<loc>([^<]*)</loc>", text)}

    def read(self, path: str) -> Answer:
        """Ask for an address as a browser does."""
        begun = time.perf_counter()
        try:
            status, headers, body = self._read(path)
        except (OSError, http.client.HTTPException):
            self._connection().close()
            status, headers, body = 0, {}, b""
        seconds = time.perf_counter() - begun
        kind = headers.get("content-type", "").partition(";")[0]
        found = (
            [html.unescape(each) for each in _LINK.findall(body.decode("utf-8", "replace"))] if "html" in kind else []
        )
        found += [headers["location"]] if "location" in headers else []
        return Answer(
            path,
            status,
            kind,
            len(body),
            seconds,
            frozenset(filter(None, map(self._local, found, [path] * len(found)))),
        )

    def _local(self, link: str, path: str) -> str:
        """The path and query of a link within the site; nothing for another's."""
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(f"http://{self._site[0]}:{self._site[1]}{path}", link))
        if (parts.scheme, parts.hostname, parts.port or 80) != ("http", *self._site):
            return ""
        return urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))

    def _connection(self) -> http.client.HTTPConnection:
        """The connection of this thread."""
        if not hasattr(self._kept, "connection"):
            self._kept.connection = http.client.HTTPConnection(*self._site, timeout=120)
        found: http.client.HTTPConnection = self._kept.connection
        return found

    def _read(self, path: str) -> tuple[int, dict[str, str], bytes]:
        connection = self._connection()
        connection.request("GET", path, headers={"Accept": "text/html,*/*;q=0.8", "User-Agent": "a crawler"})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def crawl(address: str, most: int, pause: float, *, obeys: bool = True, at_once: int = 1) -> list[Answer]:
    """Follow every link from the sitemap on, and from the home page."""
    crawler = Crawler(address, obeys=obeys)
    known = {"/", *crawler.listed()}
    waiting, documents = sorted(known), list[str]()
    found, chance = list[Answer](), random.Random(1)
    asked: set[Future[Answer]] = set()
    with ThreadPoolExecutor(at_once) as pool:
        while asked or ((waiting or documents) and len(found) < most):
            while (waiting or (documents and not asked)) and len(asked) < at_once and len(found) + len(asked) < most:
                if not waiting:
                    print(f"every page is read, {len(documents):,} of {len(known):,} addresses are left", flush=True)
                    waiting, documents = documents, []
                asked.add(pool.submit(crawler.read, waiting.pop(chance.randrange(len(waiting)))))
                time.sleep(pause)
            done, asked = wait(asked, return_when=FIRST_COMPLETED)
            for each in done:
                found.append(each.result())
                new = sorted(link for link in found[-1].links - known if crawler.may_read(link))
                known.update(new)
                waiting += [link for link in new if not _DOCUMENT.search(link)]
                documents += [link for link in new if _DOCUMENT.search(link)]
                if len(found) % 500 == 0:
                    print(f"{len(found):,} read of {len(known):,}", file=sys.stderr, flush=True)
    if waiting + documents:
        kinds = Counter(map(kind_of, waiting + documents))
        print(f"{sum(kinds.values()):,} more are known:", dict(kinds.most_common()))
    return found


def kind_of(path: str) -> str:
    """The first part of an address, and whether it asks something."""
    return "/" + path.split("/")[1].partition("?")[0] + ("?…" if "?" in path else "")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.crawl", description=__doc__)
    parser.add_argument("address", help="such as http://127.0.0.1:8000")
    parser.add_argument("--most", type=int, default=50_000, help="addresses to ask, at random among those known")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two requests")
    parser.add_argument("--at-once", type=int, default=1, help="requests that wait for their answers at a time")
    parser.add_argument("--disobey", action="store_true", help="do not keep to robots.txt; then it never ends")
    options = parser.parse_args()
    found = crawl(options.address, options.most, options.pause, obeys=not options.disobey, at_once=options.at_once)
    print(f"{len(found):,} addresses, {sum(each.size for each in found) / 1e6:,.0f} MB, "
          f"{sum(each.seconds for each in found):,.0f} s of answers")  # fmt: skip
    print("by status:", dict(Counter(each.status for each in found)))
    print("by kind:", dict(Counter(kind_of(each.path) for each in found).most_common()))
    for each in found:
        if each.status not in {200, 301, 303, 308}:
            print(f"  {each.status} {each.path}")
    print(
        "largest:", *(f"\n  {each.size / 1e6:.2f} MB {each.path}" for each in sorted(found, key=lambda a: -a.size)[:5])
    )
    print(
        "longest:", *(f"\n  {each.seconds:.2f} s {each.path}" for each in sorted(found, key=lambda a: -a.seconds)[:5])
    )


if __name__ == "__main__":
    main()
