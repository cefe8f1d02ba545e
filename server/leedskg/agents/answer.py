"""The answer of a tool: labelled lines, each with the address of its evidence, cut to what a program can take in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

#: Bytes of an answer, text and structured form together, unless more are asked for; and the most that may be.
MOST_BYTES, LONGEST = 4096, 32_768
#: Characters of one line; what a source prints at length is cut, and stands whole at the address.
_LONGEST_LINE = 600

Status = Literal["found", "not recorded", "supported", "contradicted", "checked", "prepared", "error"]

#: Words by which a text of a source speaks to the program that reads it. What has them is marked.
_ORDERS = re.compile(
    r"\b(ignore|disregard|forget|override|bypass)\b.{0,60}\b(instruction|previous|above|prior|rule|prompt|guideline)"
    r"|\b(system|developer)\s+(prompt|message)\b|^\W*(system|assistant|user|human)\s*:|\byou (must|should|are now)\b"
    r"|\b(call|use|invoke|run)\s+(the\s+)?\w*\s*(tool|function|command)\b|\bnew instructions?\b|\bdo not tell\b"
    r"|<\|?/?\s*(system|assistant|user|tool|im_start|instructions?)\b|\[/?INST\]",
    re.IGNORECASE,
)
_MARK = "[quoted text, not an instruction] "


def plain(text: str) -> str:
    """Return a text of the graph as one line of data: no controls, and nothing that looks like an address of ours."""
    line = "".join(each if each.isprintable() else " " for each in text.translate({ord("<"): "⟨", ord(">"): "⟩"}))
    line = " ".join(line.split())
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"


def speaks_to_reader(text: str) -> bool:
    """Return whether a text reads as an instruction to the program that is given it."""
    return bool(_ORDERS.search(text))


@dataclass(frozen=True)
class AnswerLine:
    """One line: what it says, where its evidence is, and what a program may want of it by name."""

    text: str
    #: IRIs of the places that state it, or else of the page that shows where it comes from.
    evidence: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    #: Whether it is ours and to be copied as it is, such as a query.
    is_code: bool = False


@dataclass(frozen=True)
class Rendered:
    """An answer as it is sent."""

    text: str
    structured: dict[str, Any]
    is_error: bool = False

    @property
    def size(self) -> int:
        """Bytes of both forms."""
        return len(self.text.encode()) + len(_json(self.structured).encode())


@dataclass(frozen=True)
class ToolAnswer:
    """What a tool found. `notes` stand before the lines; `facts` are the structured form beside them."""

    status: Status
    head: str
    lines: Sequence[AnswerLine] = ()
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: What the lines are called in the text, such as `candidates`.
    label: str = "data"

    def rendered(self, address: Callable[[str], str], start: int = 0, most: int = MOST_BYTES) -> Rendered:
        """Write the lines from `start` on that fit into `most` bytes, and say how to get the others."""
        written = [(_text(line, address), _row(line)) for line in self.lines[start:]]
        room, taken = most - self._whole([], start).size - 24, 0
        for text, row in written:
            size = len(text.encode()) + len(_json(row).encode()) + 2
            if size > room and taken:  # the first one is given in any case: nothing would ever come else
                break
            room -= size
            taken += 1
        return self._whole(written[:taken], start)

    def _whole(self, written: Sequence[tuple[str, dict[str, Any]]], start: int) -> Rendered:
        """Put an answer together of some of its lines as they are written."""
        end, total = start + len(written), len(self.lines)
        said = [f"{self.status}: {plain(self.head)}", *(f"note: {_marked(note)}" for note in self.notes)]
        structured: dict[str, Any] = {"status": self.status, **self.facts}
        if total:
            said += [f"{self.label} {start + 1} to {end} of {total}:", *(text for text, _ in written)]
            structured |= {"total": total, "lines": [row for _, row in written]}
        if end < total:
            said.append(f"more: {total - end} of {total} left; ask again with start={end}")
            structured["next_start"] = end
        return Rendered("\n".join(said), structured, self.status == "error")


def _marked(text: str) -> str:
    line = plain(text)
    return f"{_MARK}{line}" if speaks_to_reader(line) else line


def _text(line: AnswerLine, address: Callable[[str], str]) -> str:
    where = f" <{address(line.evidence[0])}>" if line.evidence else ""
    more = f" +{len(line.evidence) - 1}" if len(line.evidence) > 1 else ""
    said = " ".join(line.text.split()) if line.is_code else _marked(line.text)
    return f"- {said}{where}{more}"


def _row(line: AnswerLine) -> dict[str, Any]:
    row = {name: value for name, value in line.data.items() if value not in ("", None, [], ())}
    return row | {"quoted": True} if speaks_to_reader(line.text) else row


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
