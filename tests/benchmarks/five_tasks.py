"""The seconds and the clicks of five questions of a partnership lead: `python -m tests.benchmarks.five_tasks`.

It publishes the knowledge of this checkout, serves it as a person would, and walks each question from the start page in
a fresh browser, several times at each width. Two kinds of seconds, which add up to what a person waits and works: those
that the site, the browser and the walk itself take on this machine, the median of the walks, and those that the
keystroke-level model reckons for pointing, typing and deciding. With `--address` it asks a server that runs already.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.publishing import build
from tests.browser import served_by_the_program, started_chromium
from tests.walking import ROOT, TASKS, Taken, Walk, timed

WIDTHS = (1280, 390)


@contextmanager
def a_site(address: str) -> Iterator[str]:
    """The address given, or that of the knowledge of this checkout, published and served for as long as it takes."""
    if address:
        yield address.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder:
        build(read_knowledge(ROOT, Namespaces()), Path(folder), keep=1)
        with served_by_the_program(Path(folder)) as served:
            yield served


def walked(browser: Browser, address: str, task: str, width: int) -> Taken:
    """One walk in a context of its own."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    try:
        return timed(Walk(context.new_page(), address), TASKS[task][1])
    finally:
        context.close()


def main() -> None:
    """Print the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--address", default="", help="a site to ask; else the knowledge of this checkout is served")
    parser.add_argument("--times", type=int, default=5, help="walks of each question at each width")
    asked = parser.parse_args()
    print("| task | width | clicks | letters typed | seconds of site and browser | seconds reckoned for a person |")
    print("|---|--:|--:|--:|--:|--:|")
    with a_site(asked.address) as address, started_chromium() as browser:
        for task, (words, _) in TASKS.items():
            for width in WIDTHS:
                taken = [walked(browser, address, task, width) for _ in range(asked.times)]
                site = statistics.median(each.of_the_site for each in taken)
                last = taken[-1]
                print(
                    f"| {task}: {words} | {width} | {last.clicks} | {last.letters} | {site:.1f} | "
                    f"{last.of_a_person:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
