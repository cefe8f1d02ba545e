"""Names in a register of bodies that are a person's, or nobody's.

What names a person is dropped before it is written anywhere. A rule that reads names errs in both directions: it holds
back a body that is called as a person is, and knows no given names but those that are common in Britain. What it holds
back is counted, and an identifier or a body of the graph with that name speaks for a body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from leedskg.importers.model import IDENTIFIERS, SourceRecord
from leedskg.importers.report import ReadingReport

_NOBODY = frozenset(
    """anonymous|confidential|freelance|freelancer|head office|independent|independent artist|independent consultant|
    independent researcher|individual|individuals|miscellaneous|n a|na|no organisation|none|not applicable|not known|
    not specified|other|private|private address|private individual|private practice|retired|self|self employed|
    self funded|selfemployed|sole trader|tba|tbc|test|test location|to be confirmed|undisclosed|unknown|unlisted|
    unspecified|various""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_TITLE = re.compile(r"(?:dr|dra|prof|professor|mr|mrs|ms|miss|mx|sir|dame|rev|revd|lord|lady)\b\.?\s+", re.IGNORECASE)
_CALLING = (
    "architect|artist|barrister|clinician|composer|consultant|counsellor|curator|dentist|designer|doctor|freelance|"
    "freelancer|general practitioner|gp|independent|nurse|photographer|physician|physiotherapist|practitioner|"
    "psychologist|researcher|sculptor|self-employed|solicitor|surgeon|therapist|writer|author|musician|poet|retired"
)
_WITH_CALLING = re.compile(rf"(.+?)\s*[,(–-]\s*(?:[\w ]{{0,20}}\b)?(?:{_CALLING})\b[^,]{{0,30}}", re.IGNORECASE)
_PLAIN_CALLING = re.compile(rf"(.+?)\s+(?:{_CALLING})", re.IGNORECASE)
_REVERSED = re.compile(r"[A-Z][a-z][\w'’-]*, (?:[A-Z]\. ?){1,3}(?<!S\.A\.)(?<!S\.L\.)(?<!S\. A\.)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PARTICLES = frozenset(["de", "van", "von", "der", "den", "di", "da", "la", "le", "al", "el", "bin", "mac"])
_GIVEN_NAMES = """
    aaron adam adrian ahmed aisha alan alastair albert alex alexander alexandra alice alison allan amanda amy andrea
    andrew angela ann anna anne annette anthony antony arthur barbara barry ben benjamin bernard beth beverley brenda
    brian bruce carol caroline catherine cathy charles charlotte cheryl chloe chris christina christine christopher
    claire clare clive colin craig daniel darren dave david dawn deborah debbie denis derek diana diane donald donna
    dorothy edward eileen elaine eleanor elizabeth ellen emily emma eric erica eve fatima fiona frances francis frank
    gareth gary geoff geoffrey george georgina gerald gerard gillian gordon graeme graham hannah harold harriet harry
    hazel helen henry hilary hugh iain ian imran irene isabel jack jackie jacqueline jake james jan jane janet janice
    jason jean jeff jeffrey jennifer jenny jeremy jessica jill jim joan joanna joanne joe john jon jonathan joseph joyce
    judith judy julia julian julie karen karl kate katherine kathleen kathryn katie keith kelly kenneth kerry kevin kim
    laura lauren lawrence leanne leonard lesley lewis liam linda lisa lorna lorraine louise lucy luke lynn lynne malcolm
    margaret maria marie marion mark martin martyn mary matthew maureen megan melanie michael michelle mike mohammed
    mohammad muhammad natalie neil nicholas nick nicola nigel norman olivia pamela pat patricia patrick paul pauline
    peter philip phillip rachel raymond rebecca richard rita robert robin roger ronald rosemary roy russell ruth ryan
    sally sam samantha samuel sandra sara sarah sean sharon sheila shirley simon sophie stephanie stephen steve steven
    stewart stuart sue susan suzanne sylvia tanya teresa terence theresa thomas tim timothy tina tom tony tracey trevor
    valerie vanessa veronica victor vincent vivien walter wendy william yvonne zoe grace
"""
_GIVEN = frozenset(_GIVEN_NAMES.split())
#: Bodies that are called as a person is.
_BODIES = frozenset(
    """anthony nolan|alexander dennis|bernard matthews|frank water|jane street|john lewis|john smedley|marie curie|
    thomas cook|mary rose|sue ryder|robert bosch|paul smith|henry schein|john laing|thomas telford|sarah cannon|
    george eliot|charles russell speechlys|william hill|james fisher|norman foster|victor hugo|martin chautari|
    mary kay""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_OF_BODIES = re.compile(
    r"\b(?:ltd|limited|plc|llp|inc|gmbh|ag|sa|university|universit\w*|college|school|academy|institut\w*|hospital|trust|"
    r"foundation|group|council|centre|center|museum|gallery|library|laborator\w*|labs?|society|association|charity|"
    r"company|co|associates|partners|partnership|consulting|services|systems|technolog\w*|studio|house|church|farm|"
    r"gardens|archive|project|press|theatre|network|medical|healthcare|health|care|pharma\w*|research|solutions|"
    r"international|uk|europe|bank|city|county|authority|department|ministry|office|alliance|union|club|festival|"
    r"media|music|design|energy|engineering|architects|instruments|industries|intelligence|properties|ventures|"
    r"capital|connect|digital|primary|nhs|consultan(?:cy|ts)|management|ceramics|hospice|memorial|fund|board|actions?|"
    r"solicitors|recovery|homes|almshouses|disability|contemporary|stiftung|biopharma|jewellery|photography|"
    r"environmental|komponenten|sings|llc)\b",
    re.IGNORECASE,
)


#: What stands between a person and their body; a dash does where the person has a title.
_BESIDE, _DASH = re.compile(r"\s*[;,|/]\s*"), re.compile(r"\s+[–—-]\s+")


def is_nobody(name: str) -> bool:
    """Return whether a name stands where there is no body, such as “Unlisted” or “Freelancer”."""
    return " ".join(_WORD.findall(name.casefold())) in _NOBODY or not _WORD.search(name)


def is_person(name: str) -> bool:
    """Return whether a name is a person's, as far as the name alone can tell."""
    told = " ".join(name.split())
    if _OF_BODIES.search(told) and not _WITH_CALLING.fullmatch(told):
        return False
    title = _TITLE.match(told)
    if title and 1 <= len(_WORD.findall(told[title.end() :])) <= 4:
        return "'s" not in told and "’s" not in told
    if _REVERSED.fullmatch(told):
        return True
    for form in (_WITH_CALLING, _PLAIN_CALLING):
        match = form.fullmatch(told)
        if match and _is_full_name(match[1]):
            return True
    return _is_full_name(told)


def _is_full_name(name: str) -> bool:
    words = _WORD.findall(name)
    if not 2 <= len(words) <= 4 or name.casefold() in _BODIES or "&" in name or any(each.isdigit() for each in name):
        return False
    if words[0].casefold() not in _GIVEN:
        return False
    rest = [each for each in words[1:] if each.casefold() not in _PARTICLES]
    return (
        bool(rest)
        and all(each[0].isupper() for each in rest)
        and not any(len(each) == 2 and each.isupper() for each in rest)
    )


def without_person(name: str) -> str:
    """Return a name without the person that stands in it beside a body, as in “Dr J. Weaver, University of Leeds”."""
    for beside in (_BESIDE, _DASH):
        parts = [each for each in beside.split(name) if each]
        persons = [each for each in parts if is_person(each) and (beside is _BESIDE or _TITLE.match(each))]
        kept = [each for each in parts if each not in persons]
        if persons and any(_OF_BODIES.search(each) and len(each.split()) > 1 for each in kept):
            return ", ".join(kept)
    return name


_PERSONS_LEFT_OUT, _NOBODY_LEFT_OUT = "bodies that are a person", "names of nobody"


def without_persons(records: Iterable[SourceRecord], report: ReadingReport) -> Iterator[SourceRecord]:
    """Yield the records without participants that are a person or nobody, and without such records; both are counted.

    A body with a number in a register of bodies is one, whatever it is called.
    """
    for record in records:
        values = _of_body(record.values, report) if record.kind == "organisation" else record.values
        if record.kind == "organisation" and not _is_kept(values, report):
            continue
        told = (replace(each, values=_of_body(each.values, report)) for each in record.participants)
        yield replace(record, values=values, participants=tuple(each for each in told if _is_kept(each.values, report)))


def _of_body(values: Mapping[str, str], report: ReadingReport) -> Mapping[str, str]:
    name = values.get("name", "")
    body = without_person(name)
    if body == name:
        return values
    report.drop(_PERSONS_LEFT_OUT, personal=True)
    return {**values, "name": body}


def _is_kept(values: Mapping[str, str], report: ReadingReport) -> bool:
    name = values.get("name", "")
    if is_nobody(name):
        report.drop(_NOBODY_LEFT_OUT)
        return False
    if any(each in values for each in IDENTIFIERS):
        return True
    if is_person(name):
        report.drop(_PERSONS_LEFT_OUT, personal=True)
        return False
    return True
