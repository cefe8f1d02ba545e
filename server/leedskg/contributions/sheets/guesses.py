"""What columns and values of a table mean, proposed from headings, synonyms and values. A person confirms it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

from leedskg.contributions.name_columns import plain_heading
from leedskg.contributions.sheets.cells import is_open
from leedskg.contributions.sheets.dates import is_ambiguous, looks_like_date, order_told
from leedskg.contributions.sheets.grid import Grid
from leedskg.contributions.sheets.mapping import ASIDE, SheetMapping
from leedskg.matching.registers import scheme_called
from leedskg.naming import folded

#: Words of a heading for each meaning, as regular expressions; the first that fits is proposed.
_ORGANISATIONS = (
    ("kind", r"kind|type|sector|category|class|\bsort\b"),
    ("also printed as", r"also|alias|acronym|abbreviat|short name|other name|trading"),
    ("postcode", r"post ?code|zip"),
    ("description", r"description|about|summary|what they do"),
    ("name", r"name|organi[sz]ation|company|institution|body|partner|employer|sponsor|stakeholder|\bfirm"),
    ("to", r"works? with|partners?$|collaborators?$|collaborates with|counterpart|linked (to|with)"),
    ("relation", r"relationship|nature|type of (link|tie)"),
    ("note", r"note|comment|remark|web ?site|url|link|home ?page|founded|established|since|year|date"),
)
_RELATIONSHIPS = (
    ("relation", r"relation|role|type|kind|link|nature|\bhow\b|\bverb|^what$"),
    (
        "to",
        r"\bto\b|target|object|second|with|organi[sz]ation (b|2)|(body|partner|party|name|side) (b|2)|\bb$|whom"
        r"|grantee|recipient|awardee|beneficiary|award holder|counterpart|^(tenant|member|customer|client|subsidiary)$",
    ),
    (
        "from",
        r"from|source|subject|first|organi[sz]ation (a|1)|(body|partner|party|name|side) (a|1)|\ba$|who$"
        r"|^(funder|funding body|sponsor|donor|partner|host|parent|supplier|provider|network|group)$",
    ),
    ("valid from", r"start|begin|began|since|\bfrom date|date|year|when"),
    ("valid to", r"\bend|until|finish|ceas|to date"),
    ("amount", r"amount|value|money|award|grant|£|gbp|funding|sum"),
    ("currency", r"currency"),
    ("note", r"note|comment|remark|detail|description"),
)
_KINDS = (
    (r"\bnhs\b|hospital|\btrust\b|infirmary|health (board|service)", "nhs organisation"),
    (r"\buni(s|v|versity|versities)?\b|\bheis?\b|higher education", "university"),
    (r"\bcollege|\bfe\b|further education", "college"),
    (r"charit|\bngo\b|third sector|voluntary|vcse?\b|not.for.profit|foundation", "charity"),
    (r"law firm|solicitor|legal|accountan|consult|advis[eo]r", "professional adviser"),
    (
        r"compan|\bltd\b|business|\bsmes?\b|industry|corporate|\bfirm|start.?up|private|\bplc\b"
        r"|social enterprise|\bcic\b",
        "company",
    ),
    (r"council|local (authorit|gov)|\blas?\b|municipal", "public body"),
    (r"invest|\bvc\b|venture|funder|angel", "investor"),
    (r"research (centre|institute|unit|group)|institute|laborator|centre", "research centre"),
    (r"network|consorti|cluster|partnership|allian", "organisational collaboration"),
    (r"govern|ministry|department|public body|agency|regulator", "public body"),
)
#: Words for a relationship: pattern, kind, the roles of the first and of the second side.
_ROLES = (
    (r"(funded|supported|financed|sponsored) by|receiv|grantee|recipient", "FundingAward", "funded", "funder"),
    (r"fund|grant|award|financ|sponsor|invest|pays", "FundingAward", "funder", "funded"),
    (r"hosted by|host at|based (at|in)|located at|tenant|resident", "Hosting", "hosted", "host"),
    (r"\bhosts?\b|houses", "Hosting", "host", "hosted"),
    (r"spin|spun", "SpinOut", "spin out", "parent institution"),
    (r"member|belongs", "Membership", "member", "group"),
    (r"part of|subsidiar|division|owned by|department", "Composition", "part", "whole"),
    (r"parent|owns|contains|has part", "Composition", "whole", "part"),
    (r"(led|run|managed|operated) by", "Operation", "operated", "operator"),
    (r"\bleads?\b|directs", "Leadership", "leader", "led"),
    (r"operat|runs|manages", "Operation", "operator", "operated"),
    (r"founded by|created by", "Founding", "founded", "founder"),
    (r"found|created|set up", "Founding", "founder", "founded"),
    (r"successor|formerly|replaced|renamed", "Succession", "successor", "predecessor"),
    (r"becam|merged into|predecessor", "Succession", "predecessor", "successor"),
    (r"used by|suppl(y|ie)|sells|provides", "Usage", "used", "user"),
    (r"\buses?\b|customer|client|buys", "Usage", "user", "used"),
    (r"locat|\bin\b|headquarter", "Location", "located", "place"),
    (r"associat|affiliat|linked", "Association", "associated", "associated"),
    (r"partner|collabor|work|joint|mou|agreement|project|alliance", "Partnership", "partner", "partner"),
)
#: What the first side's heading says of all rows.
_SAID_BY_SIDES = (
    (r"funder|funding body|sponsor|donor", "FundingAward|funder|funded"),
    (r"host", "Hosting|host|hosted"),
    (r"partner", "Partnership|partner|partner"),
)
_COMPANY = re.compile(r"(?:[A-Za-z]{2})?[0-9]{6,8}")
_POSTCODE = re.compile(r"[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][A-Za-z]{2}")
_WEB = re.compile(r"(?:https?://|www\.)\S+|[a-z0-9-]+(?:\.[a-z]{2,})+(?:/\S*)?", re.IGNORECASE)
_MONEY = re.compile(
    r"[£$€]\s*[0-9][0-9,.]*\s*(?:[kmb]|bn|million)?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.IGNORECASE
)
_YES_OR_NO = frozenset(
    ["yes", "no", "y", "n", "true", "false", "x", "✓", "✔", "✗", "0", "1", "n/a", "unknown", "maybe"]
)
_MOSTLY, _LOOKED_AT = 0.7, 200
_FEW = 12


def sheet_guess(grid: Grid, identifier_columns: Mapping[str, str], what: str = "") -> SheetMapping:
    """Propose what a table is where nobody says `what`, its columns, and the order of its dates where they tell it."""
    if what == ASIDE:
        return SheetMapping(ASIDE, grid.header)  # type: ignore[arg-type]
    relationships = _columns(grid, _RELATIONSHIPS, {})
    sides = {"from", "to"} <= set(relationships.values())
    if what == "relationships" or (sides and what != "organisations"):
        found = SheetMapping("relationships", grid.header, relationships)
        if found.column("relation") is None:
            found.every = _by_heading(grid.headings, found.column("from"))
    else:
        found = SheetMapping("organisations", grid.header, _columns(grid, _ORGANISATIONS, identifier_columns))
        if "name" not in found.columns.values():
            free = [
                column for column, meaning in found.columns.items()
                if meaning in {ASIDE, "note"} and _are_words(grid.values(column))
            ]  # fmt: skip
            if free:
                found.columns[free[0]] = "name"
        if found.column("to") is not None:
            days = [
                column for column, meaning in found.columns.items()
                if meaning in {ASIDE, "note"} and _share(grid.values(column) or [""], _tells_when) > _MOSTLY
            ]  # fmt: skip
            found.columns |= dict(zip(days, ("valid from", "valid to"), strict=False))
    found.order = order_of(grid, found)
    return found


def _by_heading(headings: Sequence[str], first: int | None) -> str:
    """Return the relationship that the heading of the first side says: in a table of funders, they fund."""
    plain = plain_heading(headings[first]) if first is not None else ""
    return next((role for pattern, role in _SAID_BY_SIDES if re.search(pattern, plain)), "")


def order_of(grid: Grid, mapping: SheetMapping) -> str:
    """Return which of day and month stands first in the dates of a table, where one of them tells; else nothing."""
    told = {
        order
        for column, meaning in mapping.columns.items() if meaning in {"valid from", "valid to"}
        for text in grid.values(column) if (order := order_told(text))
    }  # fmt: skip
    return told.pop() if len(told) == 1 else ""


def asks_order(grid: Grid, mapping: SheetMapping) -> list[str]:
    """Return the dates of a table that can be read in two ways."""
    columns = [column for column, meaning in mapping.columns.items() if meaning in {"valid from", "valid to"}]
    return [text for column in columns for text in grid.values(column) if is_ambiguous(text)]


def kind_guess(value: str, labels: Sequence[str], exact: Callable[[str], str]) -> str:
    """Propose the label of a kind for a value; empty where none is likely. `exact` finds one by its very name."""
    if found := exact(value):
        return found
    plain = folded(value)
    by_folded = {folded(label): label for label in labels}
    for pattern, label in _KINDS:
        if re.search(pattern, plain):
            near = get_close_matches(label, by_folded, n=1, cutoff=0.75)
            if near:
                return by_folded[near[0]]
    near = get_close_matches(plain, by_folded, n=1, cutoff=0.8)
    return by_folded[near[0]] if near else ""


def role_guess(value: str, options: Iterable[str]) -> str:
    """Propose a relationship, as a mapping writes it, for a value; empty where none is likely."""
    known = set(options)
    plain = folded(value)
    for pattern, kind, first, second in _ROLES:
        if re.search(pattern, plain) and f"{kind}|{first}|{second}" in known:
            return f"{kind}|{first}|{second}"
    return ""


def _columns(grid: Grid, meanings: Sequence[tuple[str, str]], identifier_columns: Mapping[str, str]) -> dict[int, str]:
    """Propose a meaning for each column, each meaning but a note once: by its form, its heading, or its values."""
    found: dict[int, str] = {}

    def take(column: int, meaning: str) -> None:
        if meaning and (meaning in {"note", ASIDE} or meaning not in found.values()):
            found[column] = meaning

    values = [grid.values(column)[:_LOOKED_AT] for column in range(len(grid.headings))]
    by_register = {register: column for column, register in reversed(list(identifier_columns.items()))}
    for column, heading in enumerate(grid.headings):
        take(column, _by_form(heading, values[column], by_register))
    known = {meaning for meaning, _ in meanings}
    named = [bool(texts) and _are_words(texts) and _share(texts, _tells_when) <= _MOSTLY for texts in values]
    for whole in (False, True):  # a heading that stands over several says less than the one of the column
        for meaning, pattern in meanings:
            for column, heading in enumerate(grid.headings):
                words = plain_heading(heading if whole else heading.rpartition(": ")[2])
                fits = column not in found and re.search(rf"(?:{pattern})", words)
                if fits and (named[column] or meaning not in {"name", "from", "to"}):
                    take(column, meaning)
    for column, heading in enumerate(grid.headings):
        if column not in found and values[column]:
            take(column, _by_values(heading, values[column], known))
        found.setdefault(column, ASIDE)
    return dict(sorted(found.items()))


def _by_form(heading: str, values: Sequence[str], by_register: Mapping[str, str]) -> str:
    """Return what the form of the values says with certainty: the number of a register, a postcode, an address."""
    register = scheme_called(heading) or ""
    if values and register in by_register and _share(values, lambda text: any(map(str.isdigit, text))) > 1 / 2:
        return by_register[register]
    if by_register and _are(values, _COMPANY) and _tells_company(heading):
        return by_register.get("companies-house", "")
    if by_register and _are(values, _POSTCODE):
        return "postcode"
    if values and all(text.strip().casefold() in _YES_OR_NO for text in values):
        return ASIDE  # “Funder?” of yes and no is nobody, and says nothing that the graph has a place for
    return "note" if _are(values, _WEB) else ""


def _by_values(heading: str, values: Sequence[str], known: set[str]) -> str:
    """Return what the values look like where the heading does not say it, but for which of two dates it is."""
    if "valid from" in known and _share(values, _tells_when) > _MOSTLY:
        ends = re.search(r"\bto$", plain_heading(heading)) or any(map(is_open, values))
        return "valid to" if ends else "valid from"
    if "amount" in known and _are(values, _MONEY):
        return "amount"
    return "kind" if "kind" in known and _are_kinds(values) else ""


def _tells_when(text: str) -> bool:
    return looks_like_date(text) or is_open(text)


def _tells_company(heading: str) -> bool:
    return bool(re.search(r"compan|reg|number|no\b|crn", plain_heading(heading)))


def _are(values: Sequence[str], pattern: re.Pattern[str]) -> bool:
    return bool(values) and _share(values, lambda text: bool(pattern.fullmatch(text))) > _MOSTLY


def _share(values: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, values)) / len(values)


def _are_words(values: Sequence[str]) -> bool:
    return bool(values) and _share(values, lambda text: bool(re.search(r"[^\W\d]{2}", text))) > _MOSTLY


def _are_kinds(values: Sequence[str]) -> bool:
    fits = [value for value in values if any(re.search(pattern, folded(value)) for pattern, _ in _KINDS)]
    return bool(values) and len(values) <= _FEW and len(fits) > len(values) / 2
