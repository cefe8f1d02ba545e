"""Two bodies that take part in the same projects of registers are one tie, however many the projects are.

A project of n bodies counts 1/(n-1) for each two of them (Newman 2001); one of very many ties nobody. Both numbers
are of the route model, with their reasons. Nobody states such a tie: it is worked out when a generation is made, and
its address lists the projects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import combinations

from leedskg.namespaces import Namespaces
from leedskg.network import (
    EdgePattern,
    RouteModel,
    Tie,
    read_least_confidence,
    read_replacements,
)
from leedskg.query_files import query_beside
from leedskg.store import Reader

_ALL = "?project a lhi:Project ."
_OF_BOTH = """{ SELECT DISTINCT ?project WHERE { %s ?project a lhi:Project } }"""
_OF_ONE = """?a%(at)d lhi:participant <%(iri)s> ; lhi:role ?role%(at)d .
  ?r%(at)d lhi:hasParticipation ?a%(at)d , ?p%(at)d . ?p%(at)d lhi:participant ?project .
  FILTER(?role%(at)d != <scheme/role/funder>)"""


@dataclass
class JointProject:
    """A project of a register: each body in it with how sure that is and its role, when it ran, what was awarded."""

    iri: str
    bodies: dict[str, float] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    begun: str = ""
    ended: str = ""
    pounds: float = 0.0
    sources: set[str] = field(default_factory=set)
    others: int = 0

    @property
    def size(self) -> int:
        """How many bodies take part, those that the graph does not name too."""
        return len(self.bodies) + self.others

    @property
    def weight(self) -> float:
        """What it counts for each two of its bodies: 1/(n-1)."""
        return 1.0 / (self.size - 1)


@dataclass
class _Together:
    """What the projects of two bodies add up to."""

    projects: int = 0
    weight: float = 0.0
    confidence: float = 0.0
    begun: str = ""
    ended: str = ""
    pounds: float = 0.0
    sources: set[str] = field(default_factory=set)

    def add(self, project: JointProject, confidence: float) -> None:
        self.projects += 1
        self.weight += project.weight
        self.confidence = max(self.confidence, confidence)
        self.begun = min(filter(None, (self.begun, project.begun)), default="")
        self.ended = max(self.ended, project.ended)
        self.pounds += project.pounds
        self.sources |= project.sources


def joint_address(namespaces: Namespaces, one: str, other: str) -> str:
    """Return the IRI of what two entities have together: its page lists the projects."""
    slugs = sorted(iri.removeprefix(namespaces.entity("")) for iri in (one, other))
    return f"{namespaces.base}together/{'/'.join(slugs)}"


def joint_ends(namespaces: Namespaces, address: str) -> tuple[str, str] | None:
    """Return the two entities of such an IRI; None for any other IRI."""
    slugs = (namespaces.local(address) or "").removeprefix("together/").split("/")
    if len(slugs) != 2 or not address.startswith(f"{namespaces.base}together/"):
        return None
    return namespaces.entity(slugs[0]), namespaces.entity(slugs[1])


def read_joint_ties(
    reader: Reader, namespaces: Namespaces, patterns: Iterable[EdgePattern], model: RouteModel
) -> Iterator[tuple[str, str, Tie]]:
    """Yield one tie for each two bodies that have projects together, with the two."""
    pattern = joint_pattern(patterns, namespaces)
    if pattern is not None and model.most_in_project:
        yield from joint_ties_of(read_projects(reader, namespaces).values(), namespaces, pattern, model)


def joint_pattern(patterns: Iterable[EdgePattern], namespaces: Namespaces) -> EdgePattern | None:
    """Return the edge pattern of joint projects; None where the ontology has none."""
    return next((each for each in patterns if each.relationship_type == namespaces.term("JointProjects")), None)


def joint_ties_of(
    projects: Iterable[JointProject], namespaces: Namespaces, pattern: EdgePattern, model: RouteModel
) -> Iterator[tuple[str, str, Tie]]:
    """Yield one tie for each two bodies that have some of these projects together, with the two."""
    found: dict[tuple[str, str], _Together] = {}
    for project in projects:
        if len(project.bodies) >= 2 and project.size <= model.most_in_project:
            for (one, sure), (other, as_sure) in combinations(sorted(project.bodies.items()), 2):
                found.setdefault((one, other), _Together()).add(project, sure * as_sure)
    for (one, other), each in sorted(found.items()):
        yield one, other, _tie(joint_address(namespaces, one, other), pattern, each)


def _tie(address: str, pattern: EdgePattern, found: _Together) -> Tie:
    return Tie(
        address, pattern, round(found.confidence, 6), found.begun[:4], found.ended[:4], frozenset(found.sources),
        found.projects, round(found.weight, 6), round(found.pounds, 2),
    )  # fmt: skip


def projects_of(
    reader: Reader, namespaces: Namespaces, ends: tuple[str, str], most: int
) -> tuple[list[JointProject], int]:
    """Return the projects of two bodies, the newest first, and how many more have too many bodies to tie the two."""
    which = " ".join(_OF_ONE % {"at": at, "iri": iri} for at, iri in enumerate(ends))
    found = read_projects(reader, namespaces, _OF_BOTH % which).values()
    both = [each for each in found if set(ends) <= each.bodies.keys()]
    tying = [each for each in both if each.size <= most]
    return sorted(sorted(tying, key=lambda each: each.iri), key=lambda each: each.begun, reverse=True), len(both) - len(
        tying
    )


def together(address: str, pattern: EdgePattern, ends: tuple[str, str], projects: Iterable[JointProject]) -> Tie:
    """Return the tie that these projects of two bodies make."""
    found = _Together()
    for each in projects:
        found.add(each, each.bodies[ends[0]] * each.bodies[ends[1]])
    return _tie(address, pattern, found)


def read_projects(reader: Reader, namespaces: Namespaces, which: str = _ALL) -> Mapping[str, JointProject]:
    """Return the projects of registers, by IRI. `which` is a pattern that finds them as `?project`."""
    least = read_least_confidence(reader, namespaces)
    now = read_replacements(reader)
    found: dict[str, JointProject] = {}
    for row in reader.rows(query_beside(__file__, "joint_taking_part") % (namespaces.base, which)):
        confidence = float(row["confidence"].value)
        if confidence < least:
            continue
        project = found.setdefault(row["project"].value, JointProject(row["project"].value))
        body = now.get(row["body"].value, row["body"].value)
        if confidence > project.bodies.get(body, 0.0):
            project.bodies[body] = confidence
            project.roles[body] = row["role"].value
        begun, ended = (row[name].value if name in row else "" for name in ("from", "to"))
        project.begun = min(filter(None, (project.begun, begun)), default="")
        project.ended = max(project.ended, ended)
        if "source" in row:
            project.sources.add(row["source"].value)
        if "others" in row:
            project.others = int(row["others"].value)
    for row in reader.rows(query_beside(__file__, "joint_awards") % (namespaces.base, which)):
        if row["project"].value in found:
            found[row["project"].value].pounds += _pounds(row["amount"].value)
    return found


def _pounds(text: str) -> float:
    try:
        return float(Decimal(text))
    except InvalidOperation:
        return 0.0
