"""The relationships of one generation as arrays: built once, kept in files, and mapped by whoever searches.

An entity and a relationship are numbers here, in the order of their IRIs. Ties (one relationship read through one edge
pattern) that join the same two entities by the same edge in the same direction are a *group*, which is what a hop is;
all groups between two entities are a *pair*. Ties stand in the order of pairs and groups, so each is a run of them.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from leedskg.network import EdgePattern, RouteModel
from leedskg.routes.kernels import Costs, Ints, Nodes, Sums


class StringArray(Sequence[str]):
    """Texts in one array of bytes, so that a million of them take no more room than their letters."""

    def __init__(self, text: NDArray[np.uint8], ends: Ints) -> None:
        self.text = text
        self.ends = ends

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Keep these texts, in this order."""
        encoded = [text.encode("utf-8") for text in texts]
        ends = np.cumsum([len(each) for each in encoded], dtype=np.int64) if encoded else np.empty(0, np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        begin = self.ends[at - 1] if at else 0
        return self.text[begin : self.ends[at]].tobytes().decode("utf-8")

    def find(self, text: str) -> int:
        """Return the place of a text, or -1. The texts are in rising order."""
        at = bisect.bisect_left(self, text)
        return at if at < len(self) and self[at] == text else -1


def place_of(numbers: NDArray[Any], number: int) -> int:
    """Return where a number stands in rising ones, or would: how many are less.

    Given as another type than theirs, numpy would convert all of them each time.
    """
    return int(np.searchsorted(numbers, numbers.dtype.type(number)))


@dataclass(frozen=True)
class RouteIndex:
    """What a search and the words about its answer need. The arrays beginning with `tie` have an entry for each tie.

    `tie_begun` and `tie_ended` are days (`date.toordinal`), 0 for none; `tie_dates` the texts of both. The backing of
    a tie is one source document: `backing_tie` in the order of groups and documents. `group_tie` and `pair_group` are
    where each begins; `group_out` and `group_in` how many neighbours its two ends have by the same edge.
    """

    entities: StringArray
    relationships: StringArray
    documents: StringArray
    dates: StringArray
    #: The number of each entity's narrowest kind.
    entity_kind: NDArray[np.int16]
    #: Whether it is a project of a register.
    entity_is_project: NDArray[np.bool_]
    tie_source: Nodes
    tie_target: Nodes
    tie_pattern: NDArray[np.int16]
    tie_confidence: Sums
    tie_begun: Nodes
    tie_ended: Nodes
    tie_dates: Nodes
    #: Of joint projects: how many, their weight and the pounds of their awards; 0 for what is stated.
    tie_projects: Nodes
    tie_weight: Sums
    tie_pounds: Sums
    backing_tie: Nodes
    backing_document: Nodes
    backing_begins: Nodes
    group_backing: Nodes
    group_tie: Nodes
    group_out: Nodes
    group_in: Nodes
    pair_group: Nodes
    pair_low: Nodes
    pair_high: Nodes
    #: Costs of the strongest routes between pairs picked at random, rising: what a route's strength is compared with.
    reference: Costs
    patterns: tuple[EdgePattern, ...]
    model: RouteModel
    #: How many pairs were picked for the reference, and up to how many steps.
    sampled: int = 0

    @property
    def ties(self) -> int:
        """How many there are."""
        return len(self.tie_source)

    def run(self, begins: NDArray[Any], at: int, total: int) -> range:
        """Return the numbers from one beginning to the next."""
        return range(int(begins[at]), int(begins[at + 1]) if at + 1 < len(begins) else total)

    @cached_property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """The kinds of relationship that make hops: the IRI of the class and the labels of its patterns."""
        found: dict[str, list[str]] = {}
        for pattern in self.patterns:
            if pattern.hop:
                found.setdefault(pattern.relationship_type, []).append(pattern.label)
        return tuple((kind, ", ".join(labels)) for kind, labels in sorted(found.items()))

    def pair(self, one: int, other: int) -> int:
        """Return the number of the pair of two entities. Raises KeyError when nothing joins them."""
        low, high = min(one, other), max(one, other)
        begin, end = place_of(self.pair_low, low), place_of(self.pair_low, low + 1)
        at = begin + place_of(self.pair_high[begin:end], high)
        if at >= end or self.pair_high[at] != high:
            raise KeyError((one, other))
        return at

    def with_reference(self, costs: Costs, sampled: int) -> RouteIndex:
        """Return the same index with what strengths are compared with."""
        return replace(self, reference=np.sort(costs), sampled=sampled)

    # Files

    def write(self, folder: Path) -> None:
        """Write it to a new `folder`. Raises OSError."""
        folder.mkdir()
        for name, array in self._arrays().items():
            np.save(folder / f"{name}.npy", array)
        told = {"patterns": [asdict(each) for each in self.patterns], "model": asdict(self.model)}
        (folder / "told.json").write_text(json.dumps(told | {"sampled": self.sampled}), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> Self | None:
        """Map what was written to `folder`; None when it is not there whole."""
        try:
            told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
            # Plain arrays over the mapped files: numpy's own class for these takes three times as long for one number.
            arrays = {path.stem: np.asarray(np.load(path, mmap_mode="r")) for path in folder.glob("*.npy")}
            parts: dict[str, Any] = {}
            for field in fields(cls):
                if field.type == "StringArray":
                    parts[field.name] = StringArray(arrays[f"{field.name}-text"], arrays[f"{field.name}-ends"])
                elif field.name in arrays:
                    parts[field.name] = arrays[field.name]
            return cls(
                **parts,
                patterns=tuple(EdgePattern(**each) for each in told["patterns"]),
                model=RouteModel(**told["model"]),
                sampled=told["sampled"],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _arrays(self) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, StringArray):
                arrays |= {f"{field.name}-text": value.text, f"{field.name}-ends": value.ends}
            elif isinstance(value, np.ndarray):
                arrays[field.name] = value
        return arrays
