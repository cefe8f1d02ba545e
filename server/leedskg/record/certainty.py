"""How sure a statement is, in words: what the number between 0 and 1 stands for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Certainty:
    """A degree of certainty: the least confidence that it begins at, its words, and why a reader gives it."""

    least: float
    words: str
    reason: str


#: The surest first. Curators give 1, 0.9, 0.7 and 0.5 (docs/modelling.md, “Confidence”) and importers what lies
#: between, so each degree begins half-way down to the next; 0.6 is also the least that a route is built on
#: (ontology/edges.ttl), and only words that can be read in one way are worth a full 1.
CERTAINTIES = (
    Certainty(1.0, "stated outright", "in words that can be read in one way"),
    Certainty(0.8, "stated, with a detail worked out", "a name or unit had to be worked out"),
    Certainty(0.6, "implied", "by the sentence, its heading or its list"),
    Certainty(0.0, "one reading of two", "another reading is as likely"),
)


def certainty(confidence: float) -> Certainty:
    """Return the degree of certainty that a confidence stands for."""
    return next(each for each in CERTAINTIES if confidence >= each.least or each is CERTAINTIES[-1])
