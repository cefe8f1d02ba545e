"""Literals as every reader of the graph can read them: lexical forms, language tags and characters."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from decimal import Decimal
from math import isinf

import pyoxigraph as ox

from leedskg.characters import Fault, faults_of_text
from leedskg.namespaces import REUSED

#: RFC 5646, section 2.1, without the languages of four to eight letters, which nobody has registered.
_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+)",
    re.IGNORECASE,
)

#: What people write for the region; it is kept free for the same country, and no program reads it.
_UK = re.compile("(?<=^[a-z]{2})-uk(?=-|$)|(?<=^[a-z]{3})-uk(?=-|$)", re.IGNORECASE)


def fault_of_language(literal: ox.Literal) -> str:
    """Return what is wrong with the language of a literal; empty where nothing is."""
    if literal.direction:
        direction = str(literal.direction).rpartition(".")[2].lower()
        return (
            f"The language tag carries a direction of writing (--{direction}), which few programs read. Write "
            f"@{literal.language}."
        )
    return fault_of_tag(literal.language or "")


def fault_of_tag(tag: str) -> str:
    """Return what is wrong with a language tag; empty where nothing is."""
    if _TAG.fullmatch(tag):
        if found := _UK.search(tag):
            return f"The region of the United Kingdom is GB in language tags. Write @{tag[: found.start()]}-GB."
        return ""
    likely = re.split(r"[^A-Za-z0-9]+", tag)
    hint = "-".join(part for part in likely if part)
    better = hint if hint.lower() != tag.lower() and _TAG.fullmatch(hint) else "en"
    return f"“{tag}” is not a language tag. Write a language and, where it matters, a region, such as @{better}."


_XSD = REUSED["xsd"]
_ZONE = r"(?P<zone>Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR = r"(?P<year>-?(?:[1-9][0-9]{3,8}|0[0-9]{3}))"
_MONTH, _DAY = r"(?P<month>0[1-9]|1[0-2])", r"(?P<day>0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_DATE = rf"{_YEAR}-{_MONTH}-{_DAY}"
#: No more digits than nine: neither the store nor Python counts further in spans of time.
_TO_DAYS = r"(?:[0-9]{1,9}Y)?(?:[0-9]{1,9}M)?"
_FROM_DAYS = r"(?:[0-9]{1,9}D)?(?:T(?=[0-9])(?:[0-9]{1,9}H)?(?:[0-9]{1,9}M)?(?:[0-9]{1,9}(?:\.[0-9]{1,18})?S)?)?"
_FLOAT = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?|[+-]?INF|NaN"

#: Smallest and largest value of each kind of whole number, as far as the store can count.
_WHOLE = {
    "integer": (-(2**63), 2**63 - 1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "nonNegativeInteger": (0, 2**63 - 1),
    "positiveInteger": (1, 2**63 - 1),
    "nonPositiveInteger": (-(2**63), 0),
    "negativeInteger": (-(2**63), -1),
    "unsignedLong": (0, 2**63 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
#: The store keeps decimals as 128 bits, 18 of the digits behind the point.
_MOST_DECIMAL, _MOST_PLACES = Decimal(2**127) / 10**18, 18
_LONGEST_NUMBER = 60

#: Form of each other datatype, and an example.
_FORMS = {
    "boolean": (r"true|false|1|0", "true or false"),
    "decimal": (r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", "1600 or 2.5"),
    "double": (_FLOAT, "2.5E3"),
    "float": (_FLOAT, "2.5E3"),
    "date": (_DATE + _ZONE, "2026-11-21"),
    "dateTime": (rf"{_DATE}T{_TIME}{_ZONE}", "2026-11-21T00:00:00Z, with seconds and a zone"),
    "dateTimeStamp": (rf"{_DATE}T{_TIME}{_ZONE.removesuffix('?')}", "2026-11-21T00:00:00Z, with seconds and a zone"),
    "time": (_TIME + _ZONE, "09:30:00"),
    "gYear": (_YEAR + _ZONE, "2026"),
    "gYearMonth": (rf"{_YEAR}-{_MONTH}{_ZONE}", "2026-11"),
    "gMonth": (rf"--{_MONTH}{_ZONE}", "--11"),
    "gMonthDay": (rf"--{_MONTH}-{_DAY}{_ZONE}", "--11-21"),
    "gDay": (rf"---{_DAY}{_ZONE}", "---21"),
    "duration": (rf"-?P(?=[0-9T]){_TO_DAYS}{_FROM_DAYS}", "P1Y6M"),
    "yearMonthDuration": (rf"-?P(?=[0-9]){_TO_DAYS}", "P1Y6M"),
    "dayTimeDuration": (rf"-?P(?=[0-9T]){_FROM_DAYS}", "P2DT12H"),
    "hexBinary": (r"(?:[0-9a-fA-F]{2})*", "0FB7"),
    "base64Binary": (
        r"(?:(?:[A-Za-z0-9+/] ?){4})*(?:(?:[A-Za-z0-9+/] ?){2}[AEIMQUYcgkosw048] ?=|[A-Za-z0-9+/] ?[AQgw] ?= ?=)?",
        "D7c=",
    ),
    "anyURI": (r"[^\s<>\"{}|\\^`]*", "https://example.org/a%20b, without spaces"),
    "language": (r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*", "en"),
    "normalizedString": (r"[^\t\n\r]*", "one line"),
    "token": (r"(?![ ])(?:[^\t\n\r ]| (?! ))*(?<! )", "one line without surplus spaces"),
    "NMTOKEN": (r"[-.\w:·]+", "a-word"),
    "Name": (r"[A-Za-z_:\u00c0-\uffff][-.\w:·]*", "aWord"),
    "NCName": (r"[A-Za-z_\u00c0-\uffff][-.\w·]*", "aWord"),
}
_COMPILED = {name: re.compile(form, re.ASCII if "\\w" not in form else 0) for name, (form, _) in _FORMS.items()}
_INTEGER = re.compile(r"[+-]?[0-9]+")


def fault_of_form(literal: ox.Literal) -> str:
    """Return what is wrong with the lexical form of a literal without a language; empty where nothing is."""
    kind, text = literal.datatype.value.removeprefix(_XSD), literal.value
    if kind in {"string", literal.datatype.value}:  # of other vocabularies' datatypes nothing is known
        return ""
    shown = text if len(text) <= _LONGEST_NUMBER else f"{text[:_LONGEST_NUMBER]}…"
    wrong = f"“{shown}” is not a value of xsd:{kind}"
    if kind in _WHOLE:
        return _fault_of_whole(kind, text, wrong)
    if kind not in _FORMS:
        return f"XML Schema has no datatype xsd:{kind} for data. Use one that it has, such as xsd:string."
    found = _COMPILED[kind].fullmatch(text)
    if found is None:
        return f"{wrong}. Write {(kind == 'decimal' and _plain_number(text)) or _FORMS[kind][1]}."
    if kind in {"double", "float"} and "INF" not in text and isinf(float(text)):
        return f"{wrong} that can be counted with: it is larger than 1.7E308. Write a number."
    return _fault_of_decimal(text, wrong) if kind == "decimal" else _fault_of_day(found, wrong)


def _fault_of_whole(kind: str, text: str, wrong: str) -> str:
    if not _INTEGER.fullmatch(text):
        number = _plain_number(text)
        return f"{wrong}. Write {number if number and '.' not in number else 'a whole number in the digits 0 to 9'}."
    least, most = _WHOLE[kind]
    if len(text) > _LONGEST_NUMBER or not least <= int(text) <= most:
        return f"{wrong}: it has to be from {least} to {most}, which is as far as the store can count."
    return ""


def _fault_of_decimal(text: str, wrong: str) -> str:
    places = len(text.partition(".")[2].rstrip("0"))
    if len(text) <= 2 * _LONGEST_NUMBER and places <= _MOST_PLACES and abs(Decimal(text)) < _MOST_DECIMAL:
        return ""
    return (
        f"{wrong} that the store can count with: it holds 20 digits before the point and {_MOST_PLACES} behind it. "
        "Write it with fewer."
    )


def _fault_of_day(found: re.Match[str], wrong: str) -> str:
    parts = found.groupdict()
    if not {"month", "day"} <= parts.keys():
        return ""
    # A leap year where none is named; the calendar repeats itself after 400 years.
    year = int(parts["year"]) % 400 + 400 if "year" in parts else 2000
    if int(parts["day"]) > monthrange(year, int(parts["month"]))[1]:
        return f"{wrong}: there is no such day. Write one that is in the calendar."
    return ""


def _plain_number(text: str) -> str:
    """Return what a printed number says, in the form that XML Schema wants; empty for what is none."""
    plain = text.strip().replace(",", "").replace("\u00a0", "").replace("_", "")
    try:
        number = Decimal(plain) if len(plain) <= _LONGEST_NUMBER else Decimal("NaN")
    except ArithmeticError:
        return ""
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        return ""
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def faults_of_literal(literal: ox.Literal) -> Iterator[Fault]:
    """Return what is wrong with a literal as such, whatever it is said of."""
    wrong = fault_of_language(literal) if literal.language else fault_of_form(literal)
    if wrong:
        yield Fault(wrong, malformed=True)
    if literal.language and not any(map(str.isalnum, literal.value)):
        yield Fault("The text has no letter and no digit, so that nobody can read or find it. Write the words.")
    yield from faults_of_text(literal.value)
