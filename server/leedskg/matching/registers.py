"""Identifiers of bodies in public registers, as tables write them and as the graph keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from leedskg.identifiers import problem

_COMPANY = re.compile(r"(?:[0-9]{1,8}|(?:[A-Z]{2}|R0)[0-9]{1,6}|(?:IP|SP|NP)[0-9]{1,5}R)")
_FORMS: Mapping[str, re.Pattern[str]] = {
    "ror": re.compile(r"(?:https?://)?(?:www\.)?(?:ror\.org/)?(0[a-z0-9]{6}[0-9]{2})/?", re.I),
    "ods": re.compile(r"([A-Z0-9]{3,6})", re.I),
    "charity-ew": re.compile(r"([0-9]{6,7})(?:-[0-9]+)?"),
    "grid": re.compile(r"(grid\.[0-9]{3,}\.[0-9a-f]{1,3})", re.I),
    "crossref-funder": re.compile(r"(?:(?:https?://)?(?:dx\.)?(?:doi\.org/)?(?:doi:)?10\.13039/)?([0-9]{9,12})", re.I),
    "wikidata": re.compile(r"(?:https?://www\.wikidata\.org/(?:wiki|entity)/)?(Q[1-9][0-9]*)", re.I),
    "isni": re.compile(r"(?:https?://)?(?:www\.)?(?:isni\.org/(?:isni/)?)?([0-9]{15}[0-9X])", re.I),
    "ukprn": re.compile(r"(1[0-9]{7})"),
    "gss": re.compile(r"([EWSNKJ][0-9]{8})", re.I),
}
#: The registers of organisation identifiers of https://org-id.guide that the graph has identifiers of.
_ORG_ID = {
    "GB-COH": "companies-house", "GB-CHC": "charity-ew", "GB-NHS": "ods", "XI-ROR": "ror", "XI-GRID": "grid",
    "XI-WIKIDATA": "wikidata", "GB-UKPRN": "ukprn",
}  # fmt: skip
#: What tells the register of an identifier by its form alone; a bare number does not.
_TELLING: Mapping[str, re.Pattern[str]] = {
    "ror": re.compile(r"ror\.org/", re.I),
    "grid": re.compile(r"grid\.[0-9]", re.I),
    "crossref-funder": re.compile(r"10\.13039/"),
    "wikidata": re.compile(r"wikidata\.org/|^Q[1-9][0-9]+$", re.I),
    "isni": re.compile(r"isni\.org/", re.I),
}
#: Words of a heading or scheme by the register that they mean.
_CALLED = {
    "ror": ("ror",), "ods": ("ods", "nhs code"),
    "companies-house": ("company number", "companies house", "crn", "company no"),
    "charity-ew": ("charity number", "charity no", "charity"), "grid": ("grid",), "wikidata": ("wikidata", "qid"),
    "crossref-funder": ("fundref", "funder id", "funder registry", "crossref funder"), "isni": ("isni",),
    "ukprn": ("ukprn",), "gss": ("gss", "ons code"),
}  # fmt: skip


def company_number(text: str) -> str:
    """Return a company number with the zeros that a spreadsheet drops; nothing for what is none."""
    plain = re.sub(r"\s|\.0$", "", text).upper()
    if not _COMPANY.fullmatch(plain) or not plain.strip("0"):
        return ""
    letters = re.match(r"[A-Z]*", plain)
    prefix = letters[0] if letters else ""
    return prefix + plain[len(prefix) :].rjust(8 - len(prefix), "0")


def canonical(scheme: str, text: str) -> str:
    """Return an identifier of a register as the graph keeps it; nothing for what does not have the register's form."""
    plain = text.strip()
    if scheme == "companies-house":
        return company_number(plain)
    if scheme == "isni":
        plain = re.sub(r"[\s-]", "", plain)
    form = _FORMS.get(scheme)
    match = form.fullmatch(plain) if form else None
    if match is None:
        return plain if form is None else ""
    found = _SPELT.get(scheme, str)(match[1])
    return "" if problem(scheme, found) else found


_SPELT: Mapping[str, Callable[[str], str]] = {
    "ror": lambda text: f"https://ror.org/{text.lower()}",
    "ods": str.upper,
    "grid": str.lower,
    "wikidata": str.upper,
    "gss": str.upper,
    "isni": lambda text: " ".join(text.upper()[at : at + 4] for at in range(0, 16, 4)),
}


def recognised(text: str) -> tuple[str, str] | None:
    """Return register and identifier of what tells its register itself: an address, an org-id code, `grid.…`, `Q42`."""
    plain = text.strip()
    for code, scheme in _ORG_ID.items():
        if plain.upper().startswith(f"{code}-"):
            found = canonical(scheme, plain[len(code) + 1 :])
            return (scheme, found) if found else None
    for scheme, form in _TELLING.items():
        if form.search(plain):
            found = canonical(scheme, plain)
            return (scheme, found) if found else None
    return None


def scheme_called(words: str) -> str:
    """Return the register that a heading such as “Company Number” means; nothing where it means none."""
    plain = " ".join(re.sub(r"[^a-z]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words).lower()).split())
    for scheme, names in _CALLED.items():
        if any(re.search(rf"\b{name}\b", plain) for name in names):
            return scheme
    return ""


def identifiers(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the identifiers in these pairs of register and text, as the graph keeps them; an empty register is told.

    What has not the form of its register is left out: a match is never made by a number that may be another's.
    """
    found: dict[tuple[str, str], None] = {}
    for scheme, text in values:
        if not text.strip():
            continue
        told = recognised(text)
        if told:
            found[told] = None
        elif scheme and (plain := canonical(scheme, text)):
            found[scheme, plain] = None
    return tuple(found)
