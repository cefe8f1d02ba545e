"""A real browser for the tests, and a page that notes all that goes wrong on it.

It is Debian's chromium, or the one that npm has (`fetch_chromium`), driven by playwright.

Its fixtures are `chromium` and `new_page`. A missing chromium is a failure, not a skip: these pages are the product.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests import fetch_chromium
from tests.served import ended

# What is expected of a page is waited for as long as the page itself: a busy machine is slow, not wrong.
expect.set_options(timeout=30_000)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
WATCH_THE_POLICY = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.noteViolation(`${event.effectiveDirective} blocked ${event.blockedURI || event.sample}`);
});
"""
#: The spacing that a reader may set, WCAG 2.2 success criterion 1.4.12.
TEXT_SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""
SPACE_THE_TEXT = """rules => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
#: Opens every drawer of a page, and gives those that it opened.
OPEN_THE_DRAWERS = """() => [...document.querySelectorAll("details:not([open])")].map((drawer) => {
  drawer.open = true;
  return drawer;
})"""
#: What hides a part of its own text: a box that clips, or a button that is too small for its words. What is for screen
#: readers alone is meant to be out of sight, as is an empty cell of a matrix whose rows are cards, so are the line
#: numbers of the editor, and an input scrolls its own text.
CUT_OFF = """() => [...document.querySelectorAll("header *, nav *, main *, footer *")].filter((element) => {
  if (element.closest(".nhsuk-u-visually-hidden, thead, svg, input, .cm-gutters") || !element.clientWidth) return false;
  if (element.matches(".kg-matrix__empty") && element.textContent.trim() === "not recorded–") return false;
  const style = getComputedStyle(element);
  const clips = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
  const over = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
  return over && (clips || element.matches("button, .nhsuk-button"));
}).map((element) => element.outerHTML.slice(0, 120))"""
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class WatchedPage:
    """A page of the browser, and what went wrong on it so far."""

    page: Page
    own_host: str = ""
    #: Whether the page itself is an answer that refuses, which the browser tells in the console.
    refused: bool = False
    console: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
        self.page.on("request", self._note_request)
        self.page.on("requestfailed", self._note_failure)
        self.page.expose_function("noteViolation", self._note_violation)
        self.page.add_init_script(WATCH_THE_POLICY)

    def open(self, url: str, status: int = 200) -> None:
        """Go to an address and expect a status; requests to any other host are noted from now on."""
        self.own_host = urlsplit(url).netloc
        self.refused = status >= 400
        answer = self.page.goto(url, wait_until="load")
        assert answer
        assert answer.status == status
        if self.page.locator("[data-picture]").count() and self.page.evaluate("'vis' in window"):
            self.page.wait_for_selector("[data-picture-drawn]")

    def assert_clean(self) -> None:
        """No console error, no violation of the policy, no request to another host, none that failed."""
        wrong = {name: getattr(self, name) for name in ("console", "violations", "strangers", "failures")}
        assert not any(wrong.values()), {name: found for name, found in wrong.items() if found}

    def assert_accessible(self) -> None:
        """axe-core finds nothing against WCAG 2.2 AA, nor against its own list of good practice."""
        # What passes is not worked out in full: that takes as long as the rest.
        options = {"runOnly": {"type": "tag", "values": WCAG_2_2_AA}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options)
        told = [
            f"{violation['id']}: {violation['help']}: {node['html'][:200]} ({node['failureSummary']})"
            for violation in found.response["violations"]
            for node in violation["nodes"]
        ]
        assert not told, "\n".join(told)

    def assert_fits(self) -> None:
        """Nothing makes the page scroll sideways."""
        width, room = self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
        )
        assert width <= room, f"the page is {width} px wide in a window of {room} px"

    @contextmanager
    def drawers_open(self) -> Iterator[None]:
        """With every drawer open; those that were closed are closed again, so that a walk finds the page as it was."""
        opened = self.page.evaluate_handle(OPEN_THE_DRAWERS)
        yield
        opened.evaluate("drawers => drawers.forEach(drawer => { drawer.open = false })")

    def assert_reflows(self) -> None:
        """At 400 % zoom, with every drawer open, and with the text spacing of WCAG 1.4.12: nothing scrolls the page
        sideways, and no text is cut off.
        """
        before = self.page.viewport_size
        assert before
        self.page.set_viewport_size({"width": 320, "height": 256})
        with self.drawers_open():
            self.assert_fits()
            self.page.evaluate(SPACE_THE_TEXT, TEXT_SPACING)
            self.assert_fits()
            cut = self.page.evaluate(CUT_OFF)
            assert not cut, cut
            self.page.evaluate("document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1)")
        self.page.set_viewport_size(before)

    def _note_violation(self, violation: str) -> None:
        self.violations.append(violation)

    def _note_console(self, message: ConsoleMessage) -> None:
        about_itself = self.refused and message.location.get("url") == self.page.url
        # What chromium's software WebGL says of its own speed, when sigma looks up what the pointer is on.
        of_the_driver = "GL Driver Message (OpenGL, Performance" in message.text
        if message.type in ("error", "warning") and not about_itself and not of_the_driver:
            self.console.append(f"{message.type}: {message.text}")

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.own_host:
            self.strangers.append(request.url)

    def _note_failure(self, request: Request) -> None:
        # What the browser breaks off itself, when one has gone on to another page by then, is no fault of the server;
        # that one answers nothing, or half, the browser tells in other words.
        if request.failure != "net::ERR_ABORTED":
            self.failures.append(f"{request.url}: {request.failure}")


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 # werkzeug's name for it
        """Say nothing: a request that goes wrong is noted by the page."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an app on a free port of this machine; gives its address, without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def served_by_the_program(state: Path) -> Iterator[str]:
    """Serve what is published in a state folder as a person would, with `leedskg serve`; gives its address."""
    command = [str(Path(sys.executable).with_name("leedskg")), "--state", str(state), "serve", "--port", "0"]
    settings = os.environ | {"LEEDSKG_WORKERS": "1", "LEEDSKG_LEDGER": str(state / "ledger")}
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=settings) as server,
    ):
        try:
            assert server.stdout
            line = server.stdout.readline()
            errors.seek(0)
            assert line.startswith("leedskg answers at "), errors.read()
            yield line.split()[-1].rstrip("/")
        finally:
            server.terminate()
            ended(server)


@contextmanager
def started_chromium() -> Iterator[Browser]:
    """Start the browser that is at hand."""
    found = fetch_chromium.installed()
    if not found:
        pytest.fail(f"The browser tests need a Chromium. {fetch_chromium.HOW}")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=found, args=FLAGS, env=dict(fetch_chromium.environment(found))
            )  # fmt: skip
        except Error as error:
            pytest.fail(f"{found} does not start: {error}")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with started_chromium() as browser:
        yield browser


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., WatchedPage]]:
    """Open a watched page: `new_page(width=390, java_script_enabled=False)`, or any other option of new_context."""
    contexts: list[BrowserContext] = []

    def open_page(width: int = 1280, height: int = 900, **options: Any) -> WatchedPage:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        watched = WatchedPage(context.new_page())
        watched.watch()
        return watched

    yield open_page
    for context in contexts:
        context.close()
