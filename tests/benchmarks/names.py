"""Made-up names: none is of a real body or place, and no two things are given the same."""

from __future__ import annotations

import random
import re

_HEADS = """
Ald Birk Cald Dun Elm Fen Gar Hasel Ing Kel Lin Mell Nun Ock Pen Quer Rav Skel Thorn Ulf Wex Yarl Brack Crag Dray Ether
Flax Grim Holm Wend
"""
_TAILS = "by thwaite ford worth sey mere wick stow den combe garth holme royd shaw beck rigg well ley toft"
_FIELDS = """
Diagnostics Genomics Therapeutics Imaging Robotics Informatics Biologics Wellbeing Surgical Cardiac Renal Paediatric
Respiratory Analytics Neuroscience Rehabilitation Pharma Dental Ophthalmic Community
"""
_NOUNS = {
    "Company": "Ltd Systems Labs Works",
    "SpinOutCompany": "Ltd Bio Labs Dynamics",
    "University": "University",
    "NHSOrganisation": "Hospital Infirmary Surgery",
    "PublicBody": "Council Agency Board",
    "Charity": "Trust Fund Charity",
    "Investor": "Capital Ventures Partners",
    "Adviser": "Advisers Consulting Associates",
    "OrganisationalUnit": "Department Office Team",
    "ResearchCentre": "Institute Centre Unit",
    "OrganisationalCollaboration": "Alliance Network Partnership",
    "Programme": "Programme Scheme",
    "FundingProgramme": "Awards Challenge",
    "Initiative": "Study Project Initiative",
    "Facility": "Building Park Hub",
    "Product": "App Monitor Sensor",
    "DataAsset": "Registry Dataset Biobank",
    "SupportService": "Helpdesk Accelerator Clinic",
    "SourceDocument": "Report Review Brochure",
}


class Names:
    """Gives out names, each once, and the slugs that go with them."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._given: set[str] = set()
        self._heads, self._tails, self._fields = _HEADS.split(), _TAILS.split(), _FIELDS.split()

    def place(self) -> str:
        """A name for a place."""
        return self._once(self._town())

    def thing(self, kind: str) -> str:
        """A name for something of a kind: where it is from, what it is about, what it is."""
        noun = self._chance.choice(_NOUNS[kind].split())
        return self._once(f"{self._town()} {self._chance.choice(self._fields)} {noun}")

    def variants(self, name: str) -> list[str]:
        """Other printed forms: for some an abbreviation, for a few a misprint."""
        found = []
        drawn = self._chance.random()
        if drawn < 0.25:
            found.append("".join(word[0] if word.isalpha() else f" {word}" for word in name.split()))
        if drawn > 0.95:
            place = self._chance.randrange(1, 4)
            found.append(name[:place] + name[place + 1] + name[place] + name[place + 2 :])
        return [variant for variant in found if variant != name]

    def _town(self) -> str:
        return self._chance.choice(self._heads) + self._chance.choice(self._tails)

    def _once(self, name: str) -> str:
        """The name, with the first number that makes it new where it was given before."""
        number, given = 1, name
        while given in self._given:
            number = number * 2 if number < 4 else number + self._chance.randrange(1, number)
            given = f"{name} {number}"
        self._given.add(given)
        return given


def slug(name: str) -> str:
    """The part of an entity's IRI that is made from its name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
