"""Sixty questions answered through the tools of assistants alone: calls and bytes of each, and whether it is right.

    python -m tests.benchmarks.assistants STATE

Thirty are saved queries, held to the answers that a reader of the documents gives (tests/test_questions.py); thirty are
new, each with words that have to stand in a line of the answer, and that line with the address of its evidence.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from leedskg.agents import AskedGraph, call
from leedskg.generation_view import GenerationView
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from tests.test_questions import ANSWERS

ROOT = Path(__file__).parents[2]
LEEDS = "University of Leeds"
LAHP = "Leeds Academic Health Partnership"
NEW: list[tuple[str, dict[str, Any], str]] = [
    ("entity", {"name": "Nexus", "about": "funded by"}, "Leeds City Region Enterprise Partnership"),
    ("entity", {"name": LEEDS, "about": "has spin-out"}, "Mimetrik"),
    ("entity", {"name": LEEDS, "about": "funds"}, "Creavo Medical Technologies (£13.4 million)"),
    ("entity", {"name": LAHP, "about": "has member"}, "Leeds City Council"),
    ("entity", {"name": LAHP, "about": "hosted by"}, LEEDS),
    ("entity", {"name": LAHP, "about": "founded"}, "Leeds Health and Care Academy"),
    ("entity", {"name": "Nexus", "about": "theme"}, "health technology"),
    ("entity", {"name": "NIQS Tech", "about": "purpose"}, "glucose"),
    ("entity", {"name": "Propel@YH", "about": "operated by"}, "Health Innovation Yorkshire & Humber"),
    ("entity", {"name": "Digibete", "about": "developed with"}, "Leeds Teaching Hospitals NHS Trust"),
    ("entity", {"name": "Platform", "about": "operated by"}, "Bruntwood SciTech"),
    ("entity", {"name": "NIHR", "about": "has part"}, "Leeds Biomedical Research Centre"),
    ("entity", {"name": "MoreLife", "about": "spun out"}, "Leeds Beckett University"),
    ("entity", {"name": "Health Innovation Leeds", "about": "led by"}, LAHP),
    ("entity", {"name": "Airedale NHS Foundation Trust", "about": "member of"}, "since 2016"),
    ("find", {"name": "", "kind": "university"}, "Leeds Trinity University"),
    ("find", {"name": "nexus"}, "Nexus (facility"),
    ("routes", {"from": "Digibete", "to": LEEDS}, "Leeds Teaching Hospitals NHS Trust"),
    ("routes", {"from": "Nexus", "to": "NorthInvest", "steps": 2}, "NorthInvest"),
    ("who_can_help", {"need": "work space", "near": "Leeds"}, "Platform"),
    ("who_can_help", {"need": "regulatory advice"}, "Charlton Regulatory"),
    ("who_can_help", {"need": "lab space"}, "Nexus"),
    ("compare", {"names": ["Nexus", "Platform"]}, "Leeds"),
    ("figures", {"about": "healthtech companies", "place": "Leeds"}, "144 companies"),
    ("figures", {"about": "turnover healthtech"}, "£1.6 billion"),
    ("disagreements", {"about": "healthtech companies"}, "more than 250"),
    ("check", {"claims": [f"{LEEDS} funds Glucosense Diagnostics"]}, "supported"),
    ("check", {"claims": [f"Glucosense Diagnostics funds {LEEDS}"]}, "contradicted"),
    ("query", {"sparql": "SELECT ?s { ?s lhi:spunOutOf id:university-of-leeds }"}, "mimetrik"),
    ("coverage", {"topic": "brochure"}, "Health Innovation Leeds brochure"),
]


def asked(graph: AskedGraph, name: str, arguments: dict[str, Any]) -> tuple[list[str], int, int]:
    """Ask until all lines are there; give these, the calls and the bytes."""
    lines: list[str] = []
    start = calls = size = 0
    while True:
        answer = call(graph, name, arguments | {"start": start})
        calls, size = calls + 1, size + answer.size
        lines += [line for line in answer.text.splitlines() if line.startswith("- ")]
        if answer.is_error or "next_start" not in answer.structured:
            return lines, calls, size
        start = answer.structured["next_start"]


def main() -> None:
    settings = Settings(state=sys.argv[1], knowledge=str(ROOT), workers=1)
    right = 0
    with QueryPool(settings) as pool:
        graph = AskedGraph(GenerationView(pool, settings.namespaces, settings.state_path), pool, settings)
        print("| question | calls | bytes | right |\n|---|---:|---:|---|")
        for saved, rows in list(ANSWERS.items())[:30]:
            lines, calls, size = asked(graph, "query", {"saved": saved})
            ok = all(any(str(row[0]) in line for line in lines) for row in rows)
            right += ok
            print(f"| {saved} | {calls} | {size:,} | {'yes' if ok else 'no'} |")
        for name, arguments, words in NEW:
            lines, calls, size = asked(graph, name, arguments)
            ok = any(words in line and "<" in line for line in lines)
            right += ok
            print(f"| {name} {arguments} | {calls} | {size:,} | {'yes' if ok else 'no'} |")
        print(f"\n{right} of {30 + len(NEW)} right.")


if __name__ == "__main__":
    main()
