"""In which words the relationships of each kind of entity are recorded, and which of them an entity lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from leedskg.network import Network

#: Kinds of relationship that are told as missing.
_MOST = 6


def read_words(network: Network, kinds: Mapping[str, Iterable[str]]) -> dict[str, Counter[str]]:
    """Return the words for each kind, and of how many entities of it they are; `kinds` has those of each entity."""
    said: dict[str, set[str]] = {}
    for source, target, tie in network.ties():
        said.setdefault(source, set()).add(tie.pattern.words)
        said.setdefault(target, set()).add(tie.pattern.words if tie.pattern.mutual else tie.pattern.words_back)
    found: dict[str, Counter[str]] = {}
    for iri, words in said.items():
        for kind in kinds.get(iri, ()):
            found.setdefault(kind, Counter()).update(words)
    return found


def missing_words(by_kind: Mapping[str, Counter[str]], kinds: Iterable[str], said: Iterable[str]) -> list[str]:
    """Return the words recorded of others of some kinds and not among what is `said`, the commonest first."""
    of_kinds = Counter[str]()
    for kind in kinds:
        of_kinds.update(by_kind.get(kind, {}))
    for words in said:
        of_kinds.pop(words, None)
    return [words for _, words in sorted((-number, words) for words, number in of_kinds.items())[:_MOST]]
