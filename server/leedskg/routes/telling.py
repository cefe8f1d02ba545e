"""The words of a hop as the verb of a sentence."""

from __future__ import annotations

#: What begins with a word that is no verb by itself, with the verb that it needs.
_IS_A = ("partner of", "member of")
_IS = ("associated with", "involved in", "part of")
#: What was done once. All else that ends in “by” goes on, as far as the words say.
_WAS = ("developed with", "founded by", "written by", "commissioned by", "developed by", "succeeded by")


def stated(words: str) -> str:
    """The words of an edge as a verb: `is hosted by` for `hosted by`, `is a partner of` for `partner of`."""
    if words in _IS_A:
        return f"is a {words}"
    if words in _WAS:
        return f"was {words}"
    return f"is {words}" if words in _IS or words.endswith(" by") else words
