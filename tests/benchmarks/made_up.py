"""A made-up ecosystem that grows: new things with what ties them to the others, then more said of those there are."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator

from tests.benchmarks.lines import Record
from tests.benchmarks.model import Model
from tests.benchmarks.names import Names, slug
from tests.benchmarks.writing import Writer

#: Groups of kinds that take the same parts in relationships, each with how often it is a new thing's kind.
_KINDS = {
    "bodies": {"Company": 30, "SpinOutCompany": 8, "NHSOrganisation": 10, "PublicBody": 4, "Charity": 10}
    | {"Investor": 4, "Adviser": 4, "University": 1, "OrganisationalUnit": 12, "ResearchCentre": 8},
    "groups": {"OrganisationalCollaboration": 3},
    "undertakings": {"Programme": 8, "FundingProgramme": 3, "Initiative": 12},
    "facilities": {"Facility": 6},
    "products": {"Product": 8, "DataAsset": 2},
    "services": {"SupportService": 5},
}
_GROUP_OF = {kind: group for group, kinds in _KINDS.items() for kind in kinds}
_NEW = {kind: weight for kinds in _KINDS.values() for kind, weight in kinds.items()}

#: What ties a new thing to those that are there: kind of relationship and the thing's role in it.
_BIRTHS = {
    "SpinOutCompany": ("SpinOut", "spin-out"),
    "OrganisationalUnit": ("Composition", "part"),
    "ResearchCentre": ("Hosting", "hosted"),
    "OrganisationalCollaboration": ("Membership", "group"),
    "Programme": ("Leadership", "led"),
    "FundingProgramme": ("FundingAward", "funded"),
    "Initiative": ("Involvement", "activity"),
    "Facility": ("Operation", "operated"),
    "Product": ("Development", "output"),
    "DataAsset": ("Development", "output"),
    "SupportService": ("Support", "service"),
}
_PLACED = {*_KINDS["bodies"], "Facility", "OrganisationalCollaboration"}

#: The roles of each kind of relationship: role, group, and between how many and how many.
_ROLES = {
    "Partnership": (("partner", "bodies", 2, 3), ("strategic-partner", "bodies", 0, 1)),
    "Involvement": (("participant", "bodies", 1, 4), ("activity", "undertakings", 1, 1)),
    "FundingAward": (("funder", "bodies", 1, 2), ("funded", "undertakings", 1, 1)),
    "SpinOut": (("spin-out", "bodies", 1, 1), ("parent-institution", "bodies", 1, 1)),
    "Hosting": (("host", "bodies", 1, 1), ("hosted", "bodies", 1, 1)),
    "Membership": (("member", "bodies", 1, 5), ("group", "groups", 1, 1)),
    "Composition": (("part", "bodies", 1, 1), ("whole", "bodies", 1, 1)),
    "Operation": (("operator", "bodies", 1, 1), ("operated", "facilities", 1, 1)),
    "Leadership": (("leader", "bodies", 1, 1), ("led", "undertakings", 1, 1)),
    "Support": (("provider", "bodies", 1, 1), ("service", "services", 0, 1)),
    "Development": (
        ("developer", "bodies", 1, 1),
        ("development-partner", "bodies", 0, 1),
        ("output", "products", 1, 1),
    ),
    "Usage": (("user", "bodies", 1, 1), ("used", "products", 1, 1)),
    "Succession": (("predecessor", "bodies", 1, 1), ("successor", "bodies", 1, 1)),
    "Founding": (("founder", "bodies", 1, 2), ("founded", "undertakings", 1, 1)),
    "Association": (("associated", "bodies", 2, 3),),
}
#: How often each is said of things that are there already. Those left out join a new thing only, and so run in no ring.
_MORE = {"Partnership": 26, "Involvement": 20, "FundingAward": 16, "Membership": 10, "Support": 6, "Usage": 8}
_MORE |= {"Leadership": 3, "Hosting": 3, "Operation": 2, "Founding": 2, "Association": 4}

_TEXTS = {
    "purpose": "Brings {} closer to patients.",
    "aim": "Hopes to halve the wait for {}.",
    "speciality": "Is versed in {}.",
    "characteristic": "Works on {} across several sites.",
}
_POPULATIONS = ("Companies", "People employed", "Patients treated", "Patents granted", "Jobs planned")
_UNITS = ("company", "person", "person", "patent", "job")


class MadeUp:
    """Everything that was made up so far, and how to make up more."""

    def __init__(self, model: Model, seed: int) -> None:
        self._chance = random.Random(seed)
        self._names = Names(self._chance)
        self._writer = Writer(model, self._chance)
        self._concepts = {slug(scheme.rpartition("/")[2]): names for scheme, names in model.concepts.items()}
        self._members: dict[str, list[str]] = {group: [] for group in _KINDS}
        self._ends: dict[str, list[str]] = {group: [] for group in _KINDS}  # once for each part that it has
        self._levels: list[list[str]] = [[], [], [], [], []]  # places, from countries to streets
        self._places: list[str] = []  # once for each thing that is there, so that large places grow
        self._observed: set[tuple[str, ...]] = set()
        self._indicators: list[tuple[str, str]] = []

    def records(self) -> Iterator[Record]:
        """Records without end, each a list of N-Quads."""
        yield self._writer.agent()
        for _ in range(2):
            yield from self._source()
        for level in (0, 1, 2, 3, 4):
            yield from self._place(level)
        for kind in ("University", "University", "NHSOrganisation", "Charity", "Company", *_NEW):
            yield from self._thing(kind)
        kinds, weights = list(_NEW), list(_NEW.values())
        while True:
            drawn = self._chance.random()
            if drawn < 0.004:
                yield from self._source()
            elif drawn < 0.02:
                yield from self._place(self._chance.choices((1, 2, 3, 4), (1, 8, 40, 60))[0])
            elif drawn < 0.30:
                yield from self._thing(self._chance.choices(kinds, weights)[0])
            elif drawn < 0.80:
                yield from self._relationship(self._chance.choices(list(_MORE), list(_MORE.values()))[0])
            elif drawn < 0.91:
                yield from self._attribute()
            else:
                yield from self._figure()

    # Entities

    def _source(self) -> Iterator[Record]:
        name = self._names.thing("SourceDocument")
        yield self._writer.source(slug(name), name)

    def _place(self, level: int) -> Iterator[Record]:
        kind = ("Country", "Region", "City", "Place", "Place")[level]
        place = yield from self._entity(kind, "sources-and-places", self._names.place())
        if level:
            # A country's regions and a region's cities are even; districts and streets go to the large cities.
            above = self._levels[level - 1]
            parent = self._chance.choice(above) if level < 3 else above[int(len(above) * self._chance.random() ** 3)]
            yield from self._located("located", place, parent)
        self._levels[level].append(place)
        self._places.append(place)

    def _thing(self, kind: str) -> Iterator[Record]:
        group = _GROUP_OF[kind]
        thing = yield from self._entity(kind, group, self._names.thing(kind))
        if group == "bodies" and self._chance.random() < 0.2:
            yield self._writer.company_number(thing)
        if kind in _PLACED:
            role = "headquartered" if group == "bodies" and self._chance.random() < 0.3 else "located"
            yield from self._located(role, thing, self._chance.choice(self._places))
        if kind in _BIRTHS:
            relationship, role = _BIRTHS[kind]
            yield from self._relationship(relationship, (role, thing))
        elif group == "bodies" and self._chance.random() < 0.02 and len(self._members["bodies"]) > 4:
            yield from self._relationship("Succession", ("successor", thing))
        self._members[group].append(thing)

    def _entity(self, kind: str, group: str, name: str) -> Generator[Record, None, str]:
        thing, record = self._writer.entity(kind, group, slug(name), name, self._names.variants(name))
        yield record
        return thing

    # Assertions

    def _located(self, role: str, thing: str, place: str) -> Iterator[Record]:
        self._places.append(place)
        yield from self._writer.relationship("Location", [(role, thing), ("place", place)], lasting=True)

    def _relationship(self, kind: str, born: tuple[str, str] | None = None) -> Iterator[Record]:
        parts = self._parts(kind, born)
        roles = {role for role, _ in parts}
        if any(fewest and role not in roles for role, _, fewest, _ in _ROLES[kind]):
            return  # there was nobody to choose yet
        if len(parts) < 2 and kind != "Support":
            return  # the same one was drawn twice
        written = yield from self._writer.relationship(kind, parts, self._values(kind), lasting=born is not None)
        if written:
            group_of = {role: group for role, group, _, _ in _ROLES[kind]}
            for role, thing in parts:
                self._ends[group_of[role]].append(thing)

    def _parts(self, kind: str, born: tuple[str, str] | None) -> list[tuple[str, str]]:
        """Who takes part in which role; nobody twice."""
        parts = {born[1]: born[0]} if born else {}
        for role, group, fewest, most in _ROLES[kind]:
            if born and role == born[0]:
                continue
            for _ in range(self._chance.randint(fewest, most)):
                thing = self._someone(group)
                if thing:
                    parts.setdefault(thing, role)
        return [(role, thing) for thing, role in parts.items()]

    def _values(self, kind: str) -> list[tuple[str, str]]:
        """What a kind of relationship has besides its parts."""
        if kind == "FundingAward" and self._chance.random() < 0.7:
            return [("lhi:amount", str(int(10 ** self._chance.uniform(4, 8)))), ("lhi:currency", '"GBP"')]
        if kind == "Support":
            need = [("lhi:need", self._chance.choice(self._concepts["need"]))]
            stage = [("lhi:stage", self._chance.choice(self._concepts["stage"]))]
            return need + stage if self._chance.random() < 0.5 else need
        return []

    def _someone(self, group: str) -> str | None:
        """One of a group: mostly one that has many parts already."""
        members, ends = self._members[group], self._ends[group]
        if ends and self._chance.random() < 0.6:
            return self._chance.choice(ends)
        return self._chance.choice(members) if members else None

    def _attribute(self) -> Iterator[Record]:
        subject = self._someone(self._chance.choice(("bodies", "bodies", "undertakings", "products")))
        theme = self._chance.choice(self._concepts["theme"])
        if subject is None:
            return
        if self._chance.random() < 0.6:
            yield from self._writer.attribute(subject, "lhi:hasTheme", "lhi:object", theme)
        else:
            name, text = self._chance.choice(list(_TEXTS.items()))
            words = theme.rpartition("/")[2].rstrip(">").replace("-", " ")
            yield from self._writer.attribute(subject, f"lhi:{name}", "lhi:literalValue", f'"{text.format(words)}"@en')

    def _figure(self) -> Iterator[Record]:
        """An observation of an indicator, sometimes with one of another source that disagrees with it."""
        if len(self._indicators) < 3 or self._chance.random() < 0.03:
            number = len(self._indicators)
            population, unit = _POPULATIONS[number % 5], _UNITS[number % 5]
            theme = self._chance.choice(self._concepts["theme"]).rpartition("/")[2].rstrip(">").replace("-", " ")
            said = f"{population} in {theme}, count {number}"
            indicator, record = self._writer.indicator(f"indicator-{slug(said)}", said)
            yield record
            self._indicators.append((indicator, unit))
        indicator, unit = self._chance.choice(self._indicators)
        year = self._chance.randint(2005, 2025)
        period = f"{year}" if self._chance.random() < 0.7 else f"{year}/{year + 1}"
        about = self._someone("bodies") if self._chance.random() < 0.3 else None
        place = self._chance.choice(self._places)
        if (indicator, place, about or "", period) in self._observed:
            return
        self._observed.add((indicator, place, about or "", period))
        value = int(10 ** self._chance.uniform(0, 5))
        yield from self._writer.figures(
            (indicator, unit, place, about, period),
            value,
            disagreeing=value + self._chance.randint(1, 9) if self._chance.random() < 0.08 else None,
        )
