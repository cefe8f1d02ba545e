"""Statements as the Turtle that this project's files are written in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from leedskg.documents import Span
from leedskg.namespaces import Namespaces

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_NOT_NAMES = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>|^\s*#.*$', re.MULTILINE)
_PREFIXED = re.compile(r"(?<![\w-])([a-z]+):")


def text(value: str, language: str = "en") -> str:
    """A literal; in no language where `language` is empty."""
    return f'"{value.translate(_ESCAPES)}"' + (f"@{language}" if language else "")


def record(subject: str, kinds: Sequence[str], properties: Iterable[tuple[str, Sequence[str]]]) -> str:
    """One subject with its types and properties, a property a line; properties without values are left out."""
    lines = [f"{subject} a {' , '.join(kinds)}"]
    lines += [f"    {name} {' , '.join(values)}" for name, values in properties if values]
    return " ;\n".join(lines) + " ."


def bare_record(subject: str, properties: Iterable[tuple[str, Sequence[str]]]) -> str:
    """One subject without a type, its first property on its own line."""
    (name, values), *rest = properties
    lines = [f"{subject} {name} {' , '.join(values)}"]
    lines += [f"    {name} {' , '.join(values)}" for name, values in rest]
    return " ;\n".join(lines) + " ."


def comment(words: str) -> str:
    """A comment line."""
    return f"# {' '.join(words.split())}"


def prefixes_in(turtle: str, namespaces: Namespaces) -> dict[str, str]:
    """The prefixes that a Turtle text uses, in the order of their names."""
    used = set(_PREFIXED.findall(_NOT_NAMES.sub("", turtle)))
    return {prefix: iri for prefix, iri in sorted(namespaces.prefixes.items()) if prefix in used}


def declarations(prefixes: Iterable[tuple[str, str]]) -> str:
    """Prefix declarations, a line each."""
    return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes)


def evidence(name: str, source: str, span: Span, section: str) -> str:
    """Text evidence under a short IRI, with the short IRI of its source."""
    head = [
        ("oa:hasSource", [source]),
        ("oa:hasSelector", [f"{name}\\#span"]),
        ("lhi:passageDigest", [text(span.digest, "")]),
        ("lhi:inSection", [text(section, "")] if section else []),
    ]
    selector = [("oa:start", [str(span.start)]), ("oa:end", [str(span.end)])]
    blocks = record(name, ["lhi:TextEvidence"], head), record(f"{name}\\#span", ["oa:TextPositionSelector"], selector)
    return "\n\n".join(blocks)
