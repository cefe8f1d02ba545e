"""The characters of texts: those that are not seen, that look like others, and that were lost or garbled on the way."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

#: What is not seen and tells two names apart all the same: Unicode's Default_Ignorable_Code_Point and the blank of
#: Braille, without the two joiners (U+200C, U+200D), which some scripts and pictures need, and without what turns the
#: direction of reading.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u2064\u2065\u206a-\u206f\u3164"
    "\u2800\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
#: Letters that are never joined, so that a joiner between them is a left-over of copying.
_UNJOINED = "\u0000-\u02af\u0370-\u052f\u1e00-\u1fff"
_IDLE_JOINERS = re.compile(f"(?<![^{_UNJOINED}])[\u200c\u200d]+|[\u200c\u200d]+(?![^{_UNJOINED}])")
#: What turns the direction of reading, so that a text reads otherwise than it is.
DIRECTIONS = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_DIRECTIONS = re.compile(f"[{DIRECTIONS}]")
#: What XML cannot hold, and so no SPARQL result in XML: controls, lone surrogates, noncharacters. Private use too.
_FORBIDDEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u0084\u0086-\u009f\ud800-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000))
    + "]"
)
#: What a program writes in the place of a letter that it could not read, or of a picture.
_LOST = re.compile("[\ufffc\ufffd]")
#: A word that mixes Latin letters with those of alphabets that look like them: Cyrillic, Armenian, Cherokee, Coptic,
#: Lisu, and some of Greek; TGFβ is a word.
_LATIN, _LOOKALIKE = (
    "A-Za-z\u00c0-\u024f",
    "\u0400-\u052f\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
    "\u0531-\u0587\u13a0-\u13fd\u2c80-\u2cff\ua4d0-\ua4f7\uab70-\uabbf",
)
_MIXED = re.compile(f"[{_LATIN}][{_LOOKALIKE}]|[{_LOOKALIKE}][{_LATIN}]")
_BREAKS = re.compile("[\u0085\u2028\u2029]")
#: Spaces that look like a plain one; and letters that print as plain ones, as copied out of PDF.
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_PRINTED_AS = re.compile("[\u2160-\u217f\u24b6-\u24e9\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff]+")
_ENTITY = re.compile(
    r"&(?:(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
    r"|(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|nbsp)(?![A-Za-z0-9;]))"
)
_OF_EXCEL = re.compile("_x([0-9A-Fa-f]{4})_")
#: A letter or mark of UTF-8 that was read as Windows-1252, such as Ã© or â€“. Not all that could be one: É’ is honest.
_TAIL = re.escape(bytes(range(0x80, 0xC0)).decode("cp1252", "ignore") + "\u0081\u008d\u008f\u0090\u009d")
_GARBLED = re.compile(f"[\u00c2-\u00c5][{_TAIL}]|\u00e2[{_TAIL}]{{2}}|\u00f0[{_TAIL}]{{3}}")
#: Characters that are composed: to put a long row of accents into order takes the square of its length, minutes for one
#: text of a megabyte. Longer texts are refused for their length.
_MOST_COMPOSED = 6_000
#: So many times an ampersand may have been escaped on its way.
_MOST_ESCAPES = 5


@dataclass(frozen=True)
class Fault:
    """Something wrong with a literal, and how to fix it.

    `malformed` literals are none at all: programs differ in whether they read them. `minor` ones are worth a question.
    """

    message: str
    malformed: bool = False
    minor: bool = False


def without_invisible(text: str) -> str:
    """Return the text without characters that nobody sees and nobody typed."""
    if text.isascii():
        return text
    return _IDLE_JOINERS.sub("", _INVISIBLE.sub("", text))


def without_directions(text: str) -> str:
    """Return the text without characters that make it read otherwise than it is: the end of a file's name, say."""
    return _DIRECTIONS.sub("", text)


def composed(text: str) -> str:
    """Return the text with its accents composed (NFC), unless it is longer than any that is taken."""
    return text if len(text) > _MOST_COMPOSED else unicodedata.normalize("NFC", text)


def ungarbled(text: str) -> str:
    """Return the text with the letters that were garbled as they were: the same text where none were."""
    return _GARBLED.sub(_from_windows, text)


def _from_windows(found: re.Match[str]) -> str:
    try:
        return b"".join(
            each.encode("latin-1" if each.isascii() or ord(each) < 0xA0 else "cp1252") for each in found[0]
        ).decode()
    except UnicodeError:
        return found[0]


def text_of_excel(text: str) -> str:
    """Return the text of a cell of a workbook, which writes what XML cannot hold by its number, as `_x000D_`.

    Some programs write an emoji so, as the two halves that it is in UTF-16. A half by itself is a letter that was lost.
    """
    if "_x" not in text:
        return text
    plain = _OF_EXCEL.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def faults_of_text(text: str) -> Iterator[Fault]:
    """Return what is wrong with the characters of a text, each kind of fault once."""
    if not text.isascii() or not text.isprintable():
        yield from _faults_of_characters(text)
    if (plain := ungarbled(text)) != text:
        yield Fault(f"The letters are garbled: this was “{plain[:100]}”. Type it again, and save as UTF-8.")
    if "&" in text and (plain := _unescaped(text)) != text:
        found = _ENTITY.search(text)
        yield Fault(
            f"The text holds {found[0] if found else '&amp;'}, which is how a web page writes a character. Write the "
            f"character itself: “{plain[:100]}”."
        )


def _faults_of_characters(text: str) -> Iterator[Fault]:
    if found := _FORBIDDEN.search(text):
        name = "noncharacter" if _is_noncharacter(found[0]) else "control character"
        yield Fault(f"The text holds the {name} {_code(found)}, which XML and other formats cannot hold. Remove it.")
    if found := _DIRECTIONS.search(text):
        yield Fault(f"The text holds {_code(found)}, which turns the direction of reading. Remove it.")
    if found := _INVISIBLE.search(text) or _IDLE_JOINERS.search(text):
        name = unicodedata.name(found[0][0], "").lower()
        yield Fault(f"The text holds {_code(found)}{f' ({name})' if name else ''}, which nobody sees. Remove it.")
    if found := _LOST.search(text):
        yield Fault(
            f"The text holds {_code(found)} ({unicodedata.name(found[0]).lower()}) where a letter or a picture was "
            "lost on the way. Write what stood there, as the source prints it."
        )
    if found := _MIXED.search(text):
        names = " and ".join(unicodedata.name(each, _code(found)).title() for each in found[0])
        yield Fault(
            f"A word of the text has letters of two alphabets that look alike: {names} in “{found[0]}”. Type it again."
        )
    if found := _BREAKS.search(text):
        yield Fault(
            f"The text holds {_code(found)}, a line break that few programs show. Write a space or a plain one.",
            minor=True,
        )
    if found := _SPACES.search(text):
        yield Fault(
            f"The text holds {_code(found)} ({unicodedata.name(found[0]).lower()}), which looks like a plain space. "
            "Write a plain one.",
            minor=True,
        )
    if found := _PRINTED_AS.search(text):
        yield Fault(
            f"The text holds {_code(found)} ({unicodedata.name(found[0][0], '').lower()}), which prints like plain "
            f"letters. Write “{unicodedata.normalize('NFKC', found[0])[:100]}”.",
            minor=True,
        )
    text = text[:_MOST_COMPOSED]
    if not unicodedata.is_normalized("NFC", text):
        yield Fault(
            "Letters of the text are taken apart, or are look-alikes of plain ones: it is not in Unicode's form NFC. "
            f"Write “{unicodedata.normalize('NFC', text)[:100]}”."
        )


def _unescaped(text: str) -> str:
    for _ in range(_MOST_ESCAPES):
        plain = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
        if plain == text:
            break
        text = plain
    return text


def _is_noncharacter(character: str) -> bool:
    code = ord(character[0])
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _code(found: re.Match[str]) -> str:
    return f"U+{ord(found[0][0]):04X}"
