"""From the published graph to the arrays of a RouteIndex."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from types import MappingProxyType

import numpy as np

from leedskg.namespaces import Namespaces
from leedskg.network import EdgePattern, RouteModel, Tie, read_model, read_patterns, read_ties
from leedskg.network.joint import read_joint_ties
from leedskg.routes.index import RouteIndex, StringArray
from leedskg.store import Reader


def read_index(reader: Reader, namespaces: Namespaces) -> RouteIndex:
    """Read every relationship that a route may use. One kind at a time, so that no answer is very large."""
    patterns = read_patterns(reader, namespaces)
    model = read_model(reader, namespaces)
    stated = (tie for kind in sorted({each.relationship_type for each in patterns if each.hop})
              for tie in read_ties(reader, namespaces, patterns, kind))  # fmt: skip
    ties = chain(stated, read_joint_ties(reader, namespaces, patterns, model))
    kinds = {row["entity"].value: row["kind"].value for row in reader.rows(_KINDS % namespaces.base)}
    return build_index(ties, patterns, model, kinds, namespaces.term("Project"))


def build_index(
    ties: Iterable[tuple[str, str, Tie]],
    patterns: Sequence[EdgePattern],
    model: RouteModel,
    kinds: Mapping[str, str] = MappingProxyType({}),
    project: str = "",
) -> RouteIndex:
    """Build the index of these ties, each with the entities it leads from and leads to; `kinds` are of entities.

    What is of the kind `project` is counted apart: a body's fifty grants of a register take nothing from how exclusive
    its other awards are.
    """
    columns = _Columns(patterns)
    for source, target, tie in ties:
        columns.add(source, target, tie)
    return columns.index(model, kinds, project)


class _Columns:
    """The ties as they come, with numbers for their texts."""

    def __init__(self, patterns: Sequence[EdgePattern]) -> None:
        self._patterns = tuple(patterns)
        self._pattern_numbers = {pattern.iri: number for number, pattern in enumerate(patterns)}
        self._entities: dict[str, int] = {}
        self._documents: dict[str, int] = {}
        self._dates: dict[str, int] = {}
        self._relationships: list[str] = []
        self._rows: list[tuple[int, int, int, float, int]] = []
        self._backing: list[tuple[int, int]] = []
        self._joint: list[tuple[int, float, float]] = []

    def add(self, source: str, target: str, tie: Tie) -> None:
        number = len(self._rows)
        one = self._entities.setdefault(source, len(self._entities))
        other = self._entities.setdefault(target, len(self._entities))
        dates = self._dates.setdefault(f"{tie.valid_from}\n{tie.valid_to}", len(self._dates))
        self._rows.append((one, other, self._pattern_numbers[tie.pattern.iri], tie.confidence, dates))
        self._relationships.append(tie.relationship)
        self._joint.append((tie.projects, tie.weight, tie.pounds))
        # A statement without a document is a source of its own.
        for document in sorted(tie.sources) if len(tie.sources) > 1 else tie.sources or (tie.relationship,):
            self._backing.append((number, self._documents.setdefault(document, len(self._documents))))

    def index(self, model: RouteModel, kinds: Mapping[str, str], project: str) -> RouteIndex:
        entities, order = _in_order(self._entities)
        columns = list(zip(*self._rows, strict=True)) or [()] * 5
        source, target = (order[np.array(column, np.int64)] for column in columns[:2])
        pattern = np.array(columns[2], np.int16)
        edges = {edge: number for number, edge in enumerate(dict.fromkeys(each.edge for each in self._patterns))}
        edge_of = np.array([edges[each.edge] for each in self._patterns] or [0], np.int64)
        mutual_of = np.array([each.mutual for each in self._patterns] or [False])
        # A tie of equals leads from the lower number.
        swapped = mutual_of[pattern] & (source > target)
        source, target = np.where(swapped, target, source), np.where(swapped, source, target)
        low, high, back = np.minimum(source, target), np.maximum(source, target), source > target
        edge = edge_of[pattern]
        sorted_ties = np.lexsort((np.arange(len(low)), back, edge, high, low))
        keys = [column[sorted_ties] for column in (low, high, edge, back)]
        group_tie = _changes(keys)
        pair_group = np.searchsorted(group_tie, _changes(keys[:2]))
        at = sorted_ties[group_tie] if len(sorted_ties) else np.empty(0, np.int64)
        names = sorted(self._entities) or [""]
        of_project = np.array([bool(project) and kinds.get(iri) == project for iri in names])
        counted = 2 * edge[at] + (of_project[source[at]] | of_project[target[at]])
        out, into = _neighbours(source[at], target[at], counted, mutual_of[pattern[at]])
        backing = self._backing_in(sorted_ties, group_tie)
        pairs = at[pair_group] if len(at) else at
        # Dates are few, ties many: each text is read once.
        days = [np.array([read(text.split("\n")[end]) for text in self._dates] or [0], np.int32)
                for end, read in enumerate((first_day, last_day))]  # fmt: skip
        dates = np.array(columns[4], np.int64)[sorted_ties]
        joint = np.array(self._joint, np.float64).reshape(-1, 3)[sorted_ties]
        numbers = {kind: number for number, kind in enumerate(sorted({"", *kinds.values()}))}
        return RouteIndex(
            entities=entities,
            relationships=StringArray.of(self._relationships[number] for number in sorted_ties.tolist()),
            documents=StringArray.of(self._documents),
            dates=StringArray.of(self._dates),
            entity_kind=np.array([numbers[kinds.get(iri, "")] for iri in sorted(self._entities)], np.int16),
            entity_is_project=of_project[: len(self._entities)],
            tie_source=_whole(source[sorted_ties]),
            tie_target=_whole(target[sorted_ties]),
            tie_pattern=pattern[sorted_ties],
            tie_confidence=np.array(columns[3], np.float64)[sorted_ties],
            tie_begun=days[0][dates],
            tie_ended=days[1][dates],
            tie_dates=_whole(dates),
            tie_projects=_whole(joint[:, 0]),
            tie_weight=joint[:, 1].copy(),
            tie_pounds=joint[:, 2].copy(),
            backing_tie=_whole(backing[0]),
            backing_document=_whole(backing[1]),
            backing_begins=_whole(backing[2]),
            group_backing=_whole(backing[3]),
            group_tie=_whole(group_tie),
            group_out=_whole(out),
            group_in=_whole(into),
            pair_group=_whole(pair_group),
            pair_low=_whole(low[pairs]),
            pair_high=_whole(high[pairs]),
            reference=np.empty(0, np.int32),
            patterns=self._patterns,
            model=model,
        )

    def _backing_in(self, sorted_ties: Ints, group_tie: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Sort ties and documents by group and document; return them, where each two begin, and where each group."""
        place = np.empty(len(sorted_ties), np.int64)
        place[sorted_ties] = np.arange(len(sorted_ties))
        pairs = np.array(self._backing, np.int64).reshape(-1, 2)
        tie, document = place[pairs[:, 0]], pairs[:, 1]
        group = np.searchsorted(group_tie, tie, "right") - 1
        order = np.lexsort((tie, document, group))
        tie, document, group = tie[order], document[order], group[order]
        begins = _changes([group, document])
        return tie, document, begins, _changes([group[begins]])


Ints = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def _in_order(numbers: dict[str, int]) -> tuple[StringArray, Ints]:
    """Return the texts in rising order, and the new number of each old one."""
    texts = sorted(numbers)
    order = np.empty(len(texts), np.int64)
    order[[numbers[text] for text in texts]] = np.arange(len(texts))
    return StringArray.of(texts), order


def _changes(keys: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.generic]]]) -> Ints:
    """Return where a run of rows with equal keys begins."""
    size = len(keys[0])
    if not size:
        return np.empty(0, np.int64)
    differs = np.zeros(size, bool)
    differs[0] = True
    for key in keys:
        differs[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(differs)


def _neighbours(
    source: Ints, target: Ints, edge: Ints, mutual: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> tuple[Ints, Ints]:
    """Return for each group, how many neighbours its source has along the edge, and its target against it."""
    ahead = np.concatenate((source, target[mutual]))
    behind = np.concatenate((target, source[mutual]))
    edges = np.concatenate((edge, edge[mutual]))
    counts = []
    for end, wanted in ((ahead, source), (behind, target)):
        most = int(edges.max(initial=0)) + 1
        keys, number = np.unique(end * most + edges, return_counts=True)
        counts.append(number[np.searchsorted(keys, wanted * most + edge)] if len(keys) else np.empty(0, np.int64))
    return counts[0], counts[1]


def _whole(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.ascontiguousarray(values, np.int32)


def first_day(when: str) -> int:
    """Return the first day of an EDTF date, as `date.toordinal`; 0 for none, an open one, or one that is no day."""
    return _day(when.split("/", maxsplit=1)[0], 1, 1)


def last_day(when: str) -> int:
    """Return the last day of an EDTF date, as `first_day`."""
    return _day(when.rsplit("/", maxsplit=1)[-1], 12, 31)


def _day(when: str, month: int, day: int) -> int:
    numbers = [int(part) for part in when.rstrip("~?%").split("-") if part.isascii() and part.isdecimal()]
    if not numbers:
        return 0
    if len(numbers) == 2:
        year, month = numbers
        day = 1 if day == 1 else 28
    else:
        year, month, day = [*numbers, month, day][:3] if len(numbers) == 1 else numbers[:3]
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return 0


_KINDS = """
PREFIX lhi: <%sdef#>
SELECT ?entity (MIN(?each) AS ?kind) WHERE { ?entity lhi:kind ?each } GROUP BY ?entity
"""
