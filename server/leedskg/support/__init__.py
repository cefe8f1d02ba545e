"""Who can help: needs and themes as people ask for them, and who is recorded as helping with each or working on it."""

from __future__ import annotations

from leedskg.support.offers import Need, Offer, Support, read_support
from leedskg.support.terms import SupportTerm, WorksOn, read_terms, works_on
from leedskg.support.words import Meaning, written

__all__ = [
    "Meaning",
    "Need",
    "Offer",
    "Support",
    "SupportTerm",
    "WorksOn",
    "read_support",
    "read_terms",
    "works_on",
    "written",
]
