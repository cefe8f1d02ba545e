"""RDF files into proposals: Turtle, TriG, N-Triples, N-Quads and JSON-LD, each statement with its line.

Nothing is fetched: a JSON-LD context that stands elsewhere is refused before the parser sees it.
"""

from __future__ import annotations

import codecs
import json

import pyoxigraph as ox

from leedskg.contributions.json_ld import read_json_ld
from leedskg.namespaces import Namespaces
from leedskg.statements import LineByLine, without_mark
from leedskg.validation.change import ProposedStatement, finding
from leedskg.validation.findings import Finding, Place

#: How many faults of one file are told; more would not be read.
MOST_FINDINGS = 50
MOST_STATEMENTS = 200_000
_MOST_QUOTED = 100

FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "json": ox.RdfFormat.JSON_LD,
}


def removed_graph(namespaces: Namespaces) -> str:
    """Name the graph that a file writes the statements into which are to be taken out."""
    return namespaces.graph("removed")


class RdfFile:
    """Reads one RDF file; after `read`, `proposals` and `findings` say what was in it."""

    def __init__(self, name: str, form: ox.RdfFormat, namespaces: Namespaces) -> None:
        self._name, self._form, self._namespaces = name, form, namespaces
        self.proposals: list[ProposedStatement] = []
        self.findings: list[Finding] = []

    def read(self, content: bytes) -> None:
        """Read the statements up to the first fault of the syntax, or until there are too many faults."""
        content = without_mark(content)
        if not self._is_text(content):
            return
        if content.count(b"<<") > _MOST_QUOTED:
            # Nested deeply enough, statements about statements overflow the parser's stack and end the process.
            self._say("The file is full of statements about statements. Write them as assertions.", Place(self._name))
            return
        if self._form == ox.RdfFormat.JSON_LD:
            self._read_json(content)
            return
        source = LineByLine(content)
        try:
            for quad in ox.parse(source, format=self._form):
                self._take(quad, Place(self._name, source.line))
                if not self._may_go_on():
                    return
        except SyntaxError as error:
            self._say(_syntax(str(error.msg), self._form.name), Place(self._name, error.lineno or source.line or None))
        except MemoryError:  # a text or comment that is longer than the parser's buffer
            self._say(
                "One text or comment of the file is longer than any of ours.", Place(self._name, source.line or None)
            )
        except (ValueError, OSError) as error:
            self._say(_syntax(str(error), self._form.name), Place(self._name, source.line or None))

    def _say(self, message: str, place: Place, value: str = "") -> None:
        self.findings.append(finding(message, place, value=value))

    def _is_text(self, content: bytes) -> bool:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            form = (
                "not UTF-8, but UTF-16"
                if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
                else "not UTF-8"
            )
            self._say(f"The file is {form}. Save it with the encoding UTF-8.", Place(self._name, line))
            return False
        zero = text.find("\0")
        if zero >= 0:
            self._say("The file holds a zero byte: it is no text.", Place(self._name, text.count("\n", 0, zero) + 1))
            return False
        if not text.strip():
            self._say("The file is empty.", Place(self._name))
            return False
        return True

    def _read_json(self, content: bytes) -> None:
        """Read JSON-LD, which has no lines: a fault is told with the first line that has its key or value."""

        def tell(message: str, value: str) -> None:
            mark = json.dumps(value, ensure_ascii=False).encode()
            at = content.find(mark if mark in content else mark.strip(b'"')) if value else -1
            line = content[:at].count(b"\n") + 1 if at >= 0 else None
            self._say(message, Place(self._name, line), value)

        try:
            for quad in read_json_ld(content.decode("utf-8"), tell):
                self._take(quad, Place(self._name))
                if not self._may_go_on():
                    return
        except json.JSONDecodeError as error:
            self._say(f"This is not valid JSON: {error.msg.lower()}.", Place(self._name, error.lineno))
        except RecursionError:
            self._say("The JSON is nested too deeply to be data.", Place(self._name))
        del self.findings[MOST_FINDINGS:]

    def _may_go_on(self) -> bool:
        """Return whether the file is read on; where it is not, why is said."""
        if len(self.findings) >= MOST_FINDINGS:
            self._say(f"There are more such faults; after {MOST_FINDINGS} the file was not read on.", Place(self._name))
            return False
        if len(self.proposals) > MOST_STATEMENTS:
            self.proposals.clear()
            self._say(
                f"The file has more than {MOST_STATEMENTS:,} statements, the most that one contribution may have. "
                "Split it into several.", Place(self._name),
            )  # fmt: skip
            return False
        return True

    def _take(self, quad: ox.Quad, place: Place) -> None:
        triple = quad.triple
        if isinstance(triple.object, ox.Triple):
            self._say("This is a statement about a statement. Write it as an assertion.", place)
        elif any(isinstance(term, ox.BlankNode) for term in (triple.subject, triple.object)):
            self._say(
                "This statement has a blank node. A node without a name cannot be cited, compared or taken back: give "
                "it an IRI, such as that of its record with #p1.", place,
            )  # fmt: skip
        elif isinstance(quad.graph_name, ox.DefaultGraph):
            self.proposals.append(ProposedStatement("add", triple, place))
        elif isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value == removed_graph(self._namespaces):
            self.proposals.append(ProposedStatement("remove", triple, place))
        else:
            self._say(
                "A contribution writes into no graph of its choice. Write what is to be added without a graph, and "
                f"what is to be taken out into <{removed_graph(self._namespaces)}>.", place, str(quad.graph_name),
            )  # fmt: skip


def _syntax(message: str, form: str) -> str:
    text = message.split(": ", 1)[-1] if message.startswith("Parser error") else message
    if "No scheme found" in text:
        return "This is a relative IRI, which means something else at every place. Write it whole, or with a prefix."
    return f"This is not valid {form}: {text}"
