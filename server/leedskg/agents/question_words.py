"""How people word questions: the patterns, and the words that stand for those of the graph."""

from __future__ import annotations

import re

POLITE = re.compile(
    r"^(?:please |can you |could you |tell me |show me |give me |list |find |i want to know |do you know )+"
    r"(?:all |the )*",
    re.IGNORECASE,
)
ASKS = r"(?:who|what|which|whom|where)"
#: Verbs of people for the words of edges.
VERBS = {
    "runs": "operates", "run by": "operated by", "managed by": "operated by", "manages": "operates",
    "owns": "operates", "supports": "funds", "supported by": "funded by", "pays for": "funds", "made": "developed",
    "works with": "partner of", "partners with": "partner of", "belongs to": "member of", "based in": "located in",
    "set up": "founded", "set up by": "founded by", "spun out from": "spun out of", "came out of": "spun out of",
}  # fmt: skip
#: Nouns of people for the labels of roles.
NOUNS = {
    "backer": "funder", "sponsor": "funder", "supporter": "funder", "collaborator": "partner", "spinout": "spin-out",
    "spin out": "spin-out", "spin-off": "spin-out", "spinoff": "spin-out", "owner": "operator", "maker": "developer",
    "creator": "founder", "parent": "parent institution", "home": "place", "location": "place",
}  # fmt: skip
NEAR = r"(?: (?:near|in|at|around|close to|within) (?P<place>.+))?"
NEEDS = re.compile(
    r"(?:who (?:offers?|provides?|has|have|can help(?: me)?(?: with)?|helps?(?: with)?)|"
    r"where (?:can i|do i|to) (?:find|get|rent|use)|(?:help with|support for))"
    rf" (?P<need>.+?){NEAR}",
    re.IGNORECASE,
)
THEMES = re.compile(rf"(?:{ASKS} )?(?:else )?(?:works?|working|research(?:es)?) (?:on|in) (?P<theme>.+)", re.IGNORECASE)
KINDS = re.compile(
    r"(?:(?:which|what|all) )?(?P<kind>.+?)(?: are)? (?:in|near|around|within) (?P<place>.+)", re.IGNORECASE
)
MANY = re.compile(
    r"(?:how many|number of|how much) (?P<what>.+?)(?: (?:are|does|do|is|has|have)(?: there)?)?(?: in (?P<place>.+))?",
    re.IGNORECASE,
)
PAIRS = (
    re.compile(
        r"(?:how (?:is|are|does|do) )?(?P<one>.+?) (?:connected|linked|related|tied) (?:to|with|and) (?P<other>.+)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:connections?|links?|routes?|relationships?|way)? ?(?:between|from) (?P<one>.+?) (?:and|to) (?P<other>.+)",
        re.IGNORECASE,
    ),
    re.compile(r" (?:and|&|to|vs\.?|with) ", re.IGNORECASE),
)
FIELDS = {
    "web site": "website",
    "site": "website",
    "url": "website",
    "homepage": "website",
    "topics": "theme",
    "themes": "theme",
}
WHERE = re.compile(r"where (?:is|are|lies|was) (?P<name>.+?)(?: located| based)?", re.IGNORECASE)
