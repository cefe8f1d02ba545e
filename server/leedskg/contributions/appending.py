"""Drafted statements into a knowledge file: as a whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path

from leedskg.contributions import turtle
from leedskg.errors import KnowledgeError
from leedskg.files import replace_file
from leedskg.namespaces import Namespaces
from leedskg.statements import parse_turtle

_DECLARATION = re.compile(r"@prefix[ \t]+([\w-]*):[ \t]*<([^>]*)>[ \t]*\.[ \t]*\n")


def whole_file(body: str, namespaces: Namespaces) -> str:
    """Drafted statements as a Turtle file of their own."""
    return f"{turtle.declarations(turtle.prefixes_in(body, namespaces).items())}\n{body}"


def append(path: Path, body: str, namespaces: Namespaces) -> None:
    """Add drafted statements to the end of a file, which is made when it is not there.

    The new file is parsed before it takes the old one's place, in one step. Raises KnowledgeError for a file that does
    not parse, before or after, and for one that means something else by a prefix.
    """
    if path.exists():
        content = path.read_bytes()
        parse_turtle(content, str(path))
        text = with_prefixes(content.decode("utf-8"), turtle.prefixes_in(body, namespaces), path)
        text = f"{text.rstrip()}\n\n\n{body}"
    else:
        text = whole_file(body, namespaces)
    parse_turtle(text.encode("utf-8"), str(path))
    replace_file(path, text)


def with_prefixes(text: str, needed: dict[str, str], path: Path) -> str:
    """The text with what is missing of the prefixes, in the order of their names as the formatter wants them."""
    declared = dict(_DECLARATION.findall(text))
    for prefix, iri in needed.items():
        if declared.get(prefix, iri) != iri:
            raise KnowledgeError(
                f"the prefix {prefix}: stands for <{declared[prefix]}> here, and for <{iri}> elsewhere", path=path
            )
    if needed.keys() <= declared.keys():
        return text
    rest = _DECLARATION.sub("", text)
    return turtle.declarations(sorted((declared | needed).items())) + ("" if rest.startswith("\n") else "\n") + rest
