"""Statements as the Turtle that this project's files are written in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from leedskg.documents import Span
from leedskg.errors import KnowledgeError
from leedskg.files import replace_file
from leedskg.namespaces import Namespaces
from leedskg.statements import parse_turtle

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_NOT_NAMES = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>|^\s*#.*$', re.MULTILINE)
_PREFIXED = re.compile(r"(?<![\w-])([a-z]+):")


def text(value: str, language: str = "en") -> str:
    """Return a literal, in no language where `language` is empty; what nobody sees stands as its code."""
    escaped = "".join(_visible(each) for each in value.translate(_ESCAPES))
    return f'"{escaped}"' + (f"@{language}" if language else "")


def _visible(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def record(subject: str, kinds: Sequence[str], properties: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Write a subject with its types and properties, a property a line; properties without values are left out."""
    lines = [f"{subject} a {' , '.join(kinds)}"]
    lines += [f"    {name} {' , '.join(values)}" for name, values in properties if values]
    return " ;\n".join(lines) + " ."


def bare_record(subject: str, properties: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Write a subject without a type, its first property on its own line."""
    (name, values), *rest = properties
    lines = [f"{subject} {name} {' , '.join(values)}"]
    lines += [f"    {name} {' , '.join(values)}" for name, values in rest]
    return " ;\n".join(lines) + " ."


def comment(words: str) -> str:
    """Write a comment line."""
    return f"# {' '.join(words.split())}"


def prefixes_in(turtle: str, namespaces: Namespaces) -> dict[str, str]:
    """Return the prefixes that a Turtle text uses, in the order of their names."""
    used = set(_PREFIXED.findall(_NOT_NAMES.sub("", turtle)))
    return {prefix: iri for prefix, iri in sorted(namespaces.prefixes.items()) if prefix in used}


def declarations(prefixes: Iterable[tuple[str, str]]) -> str:
    """Write prefix declarations, a line each."""
    return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes)


def evidence(name: str, source: str, span: Span, section: str) -> str:
    """Write text evidence under a short IRI, with the short IRI of its source."""
    head = [
        ("oa:hasSource", [source]),
        ("oa:hasSelector", [f"{name}\\#span"]),
        ("lhi:passageDigest", [text(span.digest, "")]),
        ("lhi:inSection", [text(section, "")] if section else []),
    ]
    selector = [("oa:start", [str(span.start)]), ("oa:end", [str(span.end)])]
    blocks = record(name, ["lhi:TextEvidence"], head), record(f"{name}\\#span", ["oa:TextPositionSelector"], selector)
    return "\n\n".join(blocks)


_DECLARATION = re.compile(r"@prefix[ \t]+([\w-]*):[ \t]*<([^>]*)>[ \t]*\.[ \t]*\n")


def whole_file(body: str, namespaces: Namespaces) -> str:
    """Write drafted statements as a Turtle file of their own."""
    return f"{declarations(prefixes_in(body, namespaces).items())}\n{body}"


def append(path: Path, body: str, namespaces: Namespaces) -> None:
    """Add drafted statements to the end of a file, which is made when it is not there.

    The new file is parsed before it takes the old one's place, in one step. Raises KnowledgeError for a file that does
    not parse, before or after, and for one that means something else by a prefix.
    """
    if path.exists():
        content = path.read_bytes()
        parse_turtle(content, str(path))
        text = with_prefixes(content.decode("utf-8"), prefixes_in(body, namespaces), path)
        text = f"{text.rstrip()}\n\n\n{body}"
    else:
        text = whole_file(body, namespaces)
    parse_turtle(text.encode("utf-8"), str(path))
    replace_file(path, text)


def with_prefixes(text: str, needed: dict[str, str], path: Path) -> str:
    """Add to the text the prefixes that it lacks, in the order of their names as the formatter wants them."""
    declared = dict(_DECLARATION.findall(text))
    for prefix, iri in needed.items():
        if declared.get(prefix, iri) != iri:
            raise KnowledgeError(
                f"the prefix {prefix}: stands for <{declared[prefix]}> here, and for <{iri}> elsewhere", path=path
            )
    if needed.keys() <= declared.keys():
        return text
    rest = _DECLARATION.sub("", text)
    return declarations(sorted((declared | needed).items())) + ("" if rest.startswith("\n") else "\n") + rest
