"""Whether a text of ours repeats a document: facts and names carry over, sentences do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from leedskg.documents import RUN, SourceText, word_runs
from leedskg.graph import ALT_LABEL, PREF_LABEL
from leedskg.knowledge import Knowledge
from leedskg.namespaces import REUSED
from leedskg.statements import key
from leedskg.validation.findings import Finding, Severity


def copied_prose(knowledge: Knowledge, sources: Iterable[SourceText]) -> Iterator[Finding]:
    """A warning for each text that has RUN words in a row of a document. Names, titles and headings may."""
    runs = {run for source in sources for run in word_runs(source.text)}
    titles = {REUSED["dcterms"] + name for name in ("title", "alternative")}
    names = titles | {PREF_LABEL, ALT_LABEL, knowledge.namespaces.term("inSection")}
    for file in knowledge.graph.statements.files:
        for triple, line in zip(file.triples, file.lines, strict=True):
            predicate = triple.predicate.value
            if not isinstance(triple.object, ox.Literal) or predicate in names:
                continue
            copied = next((run for run in word_runs(triple.object.value) if run in runs), None)
            if copied:
                subject = key(triple.subject)
                yield Finding(
                    Severity.WARNING, subject, knowledge.graph.label(subject),
                    f"This repeats {RUN} words in a row of a source document. Say it in your own words.",
                    "copied prose", knowledge.graph.label(predicate), triple.object.value, file.name, line, predicate,
                )  # fmt: skip
