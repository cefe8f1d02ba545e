"""How well names are matched: right of what is matched without asking, and right ones among five proposals.

    python -m tests.benchmarks.matching FOLDER

FOLDER holds the open data (`matching/sponsor-names-a.csv`, `ror/`, `nhs_ods/`, `gtr/`). Two sets:

* **sponsors**: printed and curated names of sponsors of trials; what is equal already is left out. The bodies are the
  curated names; then with every second printed name known as an alias, for the others.
* **registers**: names that nothing was tuned on. The bodies are records of ROR in Great Britain, each with the one name
  that ROR shows. Matched are the other names that ROR has of them, and the names of organisations in GtR and NHS ODS
  that are, by their letters and digits, one of ROR's names of one record.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from leedskg.matching import MOST_PROPOSALS, MatchCandidate, Matcher, MatchIndex, Mention
from leedskg.matching.matcher import WORTH_ASKING
from leedskg.matching.queue import Queue


@dataclass
class Figures:
    """What a run found: names, those matched without asking, those rightly so, and those whose body was proposed."""

    names: int = 0
    matched: int = 0
    right: int = 0
    found: int = 0
    #: Names whose proposals are worth a question, and names with one that is no body of the set.
    asked: int = 0
    seconds: float = 0.0
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Right ones of those that were matched without asking."""
        return self.right / self.matched if self.matched else 1.0

    @property
    def among_five(self) -> float:
        """Names whose body was matched, or is among five proposals."""
        return self.found / self.names if self.names else 1.0

    def __str__(self) -> str:
        """A line of the table."""
        return (
            f"{self.names:6,} names  matched {self.matched:5,}  right {self.precision:.4f}  "
            f"among five {self.among_five:.4f}  questions {self.asked:5,}  "
            f"{1000 * self.seconds / max(1, self.names):.2f} ms each"
        )


def measure(matcher: Matcher, pairs: Iterable[tuple[str, str]], most: int = MOST_PROPOSALS) -> Figures:
    """Match names and hold each to the body that it is; with `most` = 0 nothing is proposed."""
    figures = Figures()
    begun = time.perf_counter()
    for name, truth in pairs:
        outcome = matcher.match(Mention.of(name), most=most)
        figures.names += 1
        if outcome.entity:
            figures.matched += 1
            figures.right += outcome.entity.iri == truth
            figures.found += outcome.entity.iri == truth
            if outcome.entity.iri != truth:
                figures.wrong.append((name, truth, outcome.entity.iri))
        else:
            figures.found += any(each.candidate.iri == truth for each in outcome.proposals)
            figures.asked += outcome.is_question
    figures.seconds = time.perf_counter() - begun
    return figures


def sponsors(folder: Path) -> list[tuple[str, str]]:
    """Return the pairs of printed and curated names."""
    with (folder / "matching/sponsor-names-a.csv").open(encoding="utf-8") as stream:
        return [(row["printed"], row["curated"]) for row in csv.DictReader(stream)]


def curated(pairs: Iterable[tuple[str, str]]) -> MatchIndex:
    """Return the curated names as bodies."""
    return MatchIndex.of(MatchCandidate(name, (name,)) for name in dict.fromkeys(name for _, name in pairs))


def british(name: str, registered: Mapping[str, set[str]]) -> bool:
    """Return whether a curated name is that of a body of the United Kingdom, by ROR's names or its own words."""
    return "NHS" in name or bare(name) in registered


def bare(name: str) -> str:
    """Return the letters and digits of a name: stricter than what is measured, and made apart from it."""
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("&", "and").replace("(united kingdom)", ""))


def register(folder: Path) -> dict[str, list[str]]:
    """Return the names of each record of ROR in Great Britain, the one that it shows first; acronyms are left out."""
    found = {}
    for record in json.loads((folder / "ror/ror-v2-gb-from-ror-records.json").read_text(encoding="utf-8")):
        shown = [each["value"] for each in record["names"] if "ror_display" in each["types"]]
        others = [each["value"] for each in record["names"] if "acronym" not in each["types"]]
        if record["status"] == "active" and shown:
            found[record["id"]] = list(dict.fromkeys([*shown, *others]))
    return found


def by_bare_name(records: Mapping[str, list[str]]) -> dict[str, set[str]]:
    """Return the records that have a name, by its letters and digits."""
    found: dict[str, set[str]] = defaultdict(set)
    for iri, names in records.items():
        for name in names:
            found[bare(name)].add(iri)
    return found


def printed_elsewhere(folder: Path) -> set[str]:
    """Return the names of organisations in GtR and of trusts in NHS ODS."""
    with lzma.open(folder / "gtr/2018-04/uk-org-roles.csv.xz", "rt", encoding="utf-8") as stream:
        names = {row["org_name"] for row in csv.DictReader(stream)}
    for file in (folder / "nhs_ods").glob("etr_*.csv"):
        rows = csv.reader(io.StringIO(file.read_text(encoding="utf-8", errors="replace")))
        names |= {row[1] for row in rows if len(row) > 1}
    return names


def main(folder: Path) -> None:
    """Print the figures."""
    pairs = sponsors(folder)
    records = register(folder)
    registered = by_bare_name(records)
    tested = [pair for pair in pairs if pair[0] != pair[1]]
    uk = [pair for pair in tested if british(pair[1], registered)]
    matcher = Matcher(curated(pairs))
    print(f"questions from a likeness of {WORTH_ASKING}")
    for title, some in (("sponsors, all", tested), ("sponsors, UK", uk)):
        figures = measure(matcher, some)
        print(f"{title:32} {figures}")
        for each in figures.wrong:
            print("   wrong:", *each, sep=" | ")
    known: dict[str, list[str]] = defaultdict(list)
    for printed, name in pairs[::2]:
        known[name].append(printed)
    names = dict.fromkeys(name for _, name in pairs)
    taught = Matcher(MatchIndex.of(MatchCandidate(name, (name, *dict.fromkeys(known[name]))) for name in names))
    figures = measure(taught, [pair for pair in pairs[1::2] if pair in set(uk)])
    print(f"{'sponsors, UK, half as aliases':32} {figures}")
    shown = MatchIndex.of(MatchCandidate(iri, (names[0],)) for iri, names in records.items())
    own = {iri: bare(names[0]) for iri, names in records.items()}
    aliases = [
        (name, iri) for iri, names in records.items() for name in names[1:]
        if bare(name) != own[iri] and len(registered[bare(name)]) == 1
    ]  # fmt: skip
    elsewhere = [
        (name, next(iter(registered[bare(name)]))) for name in sorted(printed_elsewhere(folder))
        if len(registered.get(bare(name), ())) == 1
    ]  # fmt: skip
    for title, some in (("ROR, other names", aliases), ("GtR and ODS names in ROR", elsewhere)):
        figures = measure(Matcher(shown), some)
        print(f"{title:32} {figures}")
        for each in figures.wrong[:20]:
            print("   wrong:", *each, sep=" | ")
    by_name = {" ".join(name.split()): truth for name, truth in tested}
    print(_worked_through(Matcher(curated(pairs)), by_name))


def _worked_through(matcher: Matcher, truth: Mapping[str, str], most: int = 500) -> str:
    """Answer questions as a person who knows the truth would, and say what it took.

    A person reads the name and the proposals down to the right one, at four words a second, and presses a key.
    """
    begun = time.perf_counter()
    queue = Queue.of(matcher, [Mention.of(name) for name in list(truth)[: 2 * most]])
    made = time.perf_counter() - begun
    words = keys = none = 0
    begun = time.perf_counter()
    while (asked := queue.current) and keys < most:
        known = [each.candidate.iri for each in asked.outcome.proposals]
        right = truth[asked.outcome.mention.name]
        words += len(asked.outcome.mention.name.split())
        number = known.index(right) + 1 if right in known else 0
        words += sum(len(each.candidate.label.split()) for each in asked.outcome.proposals[: number or len(known)])
        none += not number
        assert queue.press(str(number) if number else "n")
        keys += 1
    minutes = (words / 4 + keys) / 60
    return (
        f"{keys} questions: {keys} keys, {none} of them “none of these”; {words:,} words to read, "
        f"{minutes:.0f} minutes at four words a second and a second a key; the program took "
        f"{made:.1f} s to make the queue and {time.perf_counter() - begun:.2f} s for the answers"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
