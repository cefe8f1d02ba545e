"""JSON-LD into quads, with everything said that the algorithms of JSON-LD would drop without a word.

JSON-LD leaves out what a context does not define, and reads names against an address that a file does not have. PyLD
expands the document (aliases, containers, scoped contexts, nesting); what is left is plain enough to be read here,
where nothing is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pyoxigraph as ox
from pyld import jsonld

from leedskg.foreign_json import JsonFaultError, read_exactly
from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces

_DEEPEST = 100
KEYWORDS = frozenset(
    {"@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included", "@index", "@json"}
    | {"@language", "@list", "@nest", "@none", "@prefix", "@propagate", "@protected", "@reverse", "@set", "@type"}
    | {"@value", "@version", "@vocab"}
)
_LIKE_A_KEYWORD = re.compile(r"@[A-Za-z]+")
FETCHED = "This context stands elsewhere and would have to be fetched, which is not done. Write it into the file."


def faults_of_document(text: str, tell: Callable[[str, str], None]) -> Any:
    """Return the data of a document, and tell what in it asks for a fetch or would be dropped.

    Raises JsonFaultError, JSONDecodeError and RecursionError for what is no data.
    """
    data = read_exactly(text)
    aliases = {keyword: {keyword} for keyword in KEYWORDS}
    _Scan(aliases, tell).gather(data, 0)
    scan = _Scan(aliases, tell)
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise JsonFaultError("A text holds half of a character (a lone surrogate). Write it whole.") from None
    for each in data if isinstance(data, list) else [data]:
        if not isinstance(each, dict):
            raise JsonFaultError("This value is no value of any property, so that it states nothing.", _short(each))
    scan.look(data, "", 0)
    return data


class _Scan:
    """Looks through a document, twice: for what its contexts call the keywords, and for what would be dropped."""

    def __init__(self, aliases: dict[str, set[str]], tell: Callable[[str, str], None]) -> None:
        self._aliases, self._tell = aliases, tell

    def gather(self, data: Any, depth: int) -> None:
        """Gather the aliases of keywords, whatever the context that defines them."""
        if depth > _DEEPEST:
            raise JsonFaultError(f"The JSON is nested more than {_DEEPEST} deep, which no data of ours is.")
        for key, value in data.items() if isinstance(data, dict) else ((None, each) for each in _many(data)):
            if key == "@context":
                for context in value if isinstance(value, list) else [value]:
                    for term, meaning in context.items() if isinstance(context, dict) else ():
                        meant = meaning.get("@id") if isinstance(meaning, dict) else meaning
                        if isinstance(meant, str) and meant in self._aliases:
                            self._aliases[meant].add(term)
            if isinstance(value, dict | list):
                self.gather(value, depth + 1)

    def look(self, data: Any, under: str, depth: int) -> None:
        """Tell what of a value would be dropped or fetched; `under` is the key that it stands under."""
        if isinstance(data, list):
            for each in data:
                if each is None:
                    self._tell("null states nothing, and is dropped. Leave it out.", under)
                self.look(each, under, depth + 1)
            return
        if not isinstance(data, dict):
            return
        for key, value in data.items():
            if key == "@context":
                self._context(value)
                continue
            self._key(key, value)
            if not (key in self._aliases["@value"] and isinstance(value, dict | list)):
                self.look(value, key, depth + 1)
        self._bare_language(data, under)

    def _key(self, key: str, value: Any) -> None:
        if _LIKE_A_KEYWORD.fullmatch(key) and key not in KEYWORDS:
            self._tell(f"{key} is no keyword of JSON-LD, and is dropped with what it says. Leave it out.", key)
        elif value is None:
            self._tell(f"The key “{key}” has null, which states nothing and is dropped. Leave it out.", key)
        elif key in self._aliases["@graph"] | self._aliases["@included"]:
            for each in value if isinstance(value, list) else [value]:
                if not isinstance(each, dict):
                    self._tell("This value is no value of any property, so that it states nothing.", _short(each))

    def _bare_language(self, data: dict[str, Any], under: str) -> None:
        about = self._aliases["@language"] | self._aliases["@direction"]
        if about & data.keys() and not self._aliases["@value"] & data.keys() and under != "@context":
            self._tell("A language without an @value states nothing, and is dropped. Write the text too.", under)

    def _context(self, context: Any) -> None:
        for each in context if isinstance(context, list) else [context]:
            if isinstance(each, str):
                self._tell(FETCHED, each)
            for term, meaning in each.items() if isinstance(each, dict) else ():
                if term == "@import":
                    self._tell(FETCHED, str(meaning))
                elif _LIKE_A_KEYWORD.fullmatch(term) and term not in KEYWORDS:
                    raise JsonFaultError(
                        f"{term} looks like a keyword of JSON-LD, and is passed over. Rename it.", term
                    )
                elif not term.startswith("@") and (
                    meaning is None or (isinstance(meaning, dict) and "@id" in meaning and meaning["@id"] is None)
                ):
                    self._tell(
                        f"The context gives “{term}” no meaning (null), so that what it says is dropped. Leave it out.",
                        term,
                    )
                elif isinstance(meaning, dict):
                    self._definition(term, meaning)

    def _definition(self, term: str, meaning: dict[str, Any]) -> None:
        meant = meaning.get("@id")
        if isinstance(meant, str) and _LIKE_A_KEYWORD.fullmatch(meant) and meant not in KEYWORDS:
            raise JsonFaultError(f"The context says that “{term}” is {meant}, which is no keyword of JSON-LD.", term)
        if "@context" in meaning:
            self._context(meaning["@context"])


def _many(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:100]


#: What relative IRIs are read against, so that they can be told: also those that lack no more than the scheme.
_NOWHERE = "relative://here/here/"
_XSD = REUSED["xsd"]
_LONGEST_WHOLE = 10**21
_PREFIXES = frozenset(Namespaces().prefixes)
_RELATIVE = "This is a relative IRI, which means something else at every place. Write it whole, or with a prefix."
_NO_NAME = (
    "This has no @id: it would be a blank node. A node without a name cannot be cited, compared or taken back: give it "
    "an IRI, such as that of its record with #p1."
)

_Graph = ox.DefaultGraph | ox.NamedNode
#: What is told of a fault: the message, and the key or value that it is about.
Tell = Callable[[str, str], None]


def read_json_ld(text: str, tell: Tell) -> Iterator[ox.Quad]:
    """Read a document into quads; what is wrong with it is told with the key or value that it is about."""
    try:
        data = faults_of_document(text, tell)
        expanded = jsonld.expand(
            data,
            {"base": _NOWHERE, "documentLoader": _fetches_nothing, "processingMode": "json-ld-1.1"},
            on_property_dropped=lambda name: None if name is None else tell(_undefined(name), name),
        )
    except JsonFaultError as error:
        tell(str(error), error.value)
    except jsonld.JsonLdError as error:
        tell(f"This is not valid JSON-LD: {_words(error)}.", _details(error))
    except RecursionError:
        tell("The JSON is nested too deeply to be data.", "")
    else:
        yield from _Reader(tell).graph(expanded, ox.DefaultGraph())


def _fetches_nothing(url: str, _options: Any) -> Any:
    raise JsonFaultError(FETCHED, url)


def _undefined(name: str) -> str:
    if name.startswith(_NOWHERE):
        return _RELATIVE
    return (
        f"The context does not say what the key “{name}” means, so that JSON-LD drops what it says. Define it in "
        "@context, write a property with its prefix, or leave it out."
    )


def _words(error: jsonld.JsonLdError) -> str:
    cause: BaseException = error
    while isinstance(cause.__cause__, jsonld.JsonLdError):
        cause = cause.__cause__
    text = str(cause.args[0]) if cause.args else str(error.code)
    return text.removeprefix("Invalid JSON-LD syntax; ").rstrip(".")


def _details(error: jsonld.JsonLdError) -> str:
    return json.dumps(error.details, ensure_ascii=False, default=str)[:200] if error.details else ""


class _Reader:
    """Reads an expanded document."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def graph(self, nodes: Any, graph: _Graph) -> Iterator[ox.Quad]:
        """Read the nodes of one graph."""
        for node in nodes if isinstance(nodes, list) else [nodes]:
            yield from self._node(node, graph)

    def _node(self, node: dict[str, Any], graph: _Graph) -> Iterator[ox.Quad]:
        if "@value" in node or "@list" in node or "@set" in node:
            self._tell(
                "This value is no value of any property, so that it states nothing. Put it where it belongs.", ""
            )
            return
        if node.keys() == {"@graph"}:
            yield from self.graph(node["@graph"], graph)
            return
        name = self._iri(node.get("@id"), _NO_NAME)
        if name is not None:
            yield from self._said_of(name, node, graph)

    def _said_of(self, name: ox.NamedNode, node: dict[str, Any], graph: _Graph) -> Iterator[ox.Quad]:
        self._no_index(node)
        kinds = (self._iri(kind, _RELATIVE) for kind in node.get("@type", ()))
        yield from (ox.Quad(name, ox.NamedNode(RDF_TYPE), kind, graph) for kind in kinds if kind)
        for included in node.get("@included", ()):
            yield from self._node(included, graph)
        for key, values in node.items():
            if key not in KEYWORDS and (predicate := self._iri(key, _RELATIVE)):
                for value in values:
                    yield from self._value(name, predicate, value, graph)
        for key, others in node.get("@reverse", {}).items():
            predicate = self._iri(key, _RELATIVE)
            for other in others if predicate else ():
                if predicate and (subject := self._iri(other.get("@id"), _NO_NAME)):
                    yield ox.Quad(subject, predicate, name, graph)
                    yield from self._said_of(subject, other, graph)
        yield from self.graph(node.get("@graph", []), name)

    def _no_index(self, value: dict[str, Any]) -> None:
        if "@index" in value:
            message = "An index states nothing, and is dropped. Leave it out, or write a property for what it says."
            self._tell(message, str(value["@index"]))

    def _value(
        self, subject: ox.NamedNode, predicate: ox.NamedNode, value: dict[str, Any], graph: _Graph
    ) -> Iterator[ox.Quad]:
        if "@list" in value:
            message = "No property of ours takes a list, which is made of blank nodes. Write the values without order."
            self._tell(message, predicate.value)
        elif "@value" in value:
            self._no_index(value)
            if literal := self._literal(value):
                yield ox.Quad(subject, predicate, literal, graph)
        elif name := self._iri(value.get("@id"), _NO_NAME):
            yield ox.Quad(subject, predicate, name, graph)
            yield from self._said_of(name, value, graph)

    def _iri(self, text: Any, otherwise: str) -> ox.NamedNode | None:
        """Return the IRI, or None where it is none, which is told; `otherwise` says why nothing may be missing here."""
        if not isinstance(text, str):
            self._tell(otherwise, "")
        elif text.startswith(_NOWHERE.partition("//")[0]):
            self._tell(_RELATIVE, text.removeprefix(_NOWHERE).removeprefix(_NOWHERE.partition("//")[0]))
        elif text.startswith("_:"):
            self._tell(_NO_NAME.replace("This has no @id: it would be a blank node", "This is a blank node"), text)
        elif (prefix := text.partition(":")[0]) in _PREFIXES:
            self._tell(f"The context does not say what the prefix “{prefix}” stands for. Define it in @context.", text)
        else:
            try:
                made = ox.NamedNode(text)
                # Only a parser holds an IRI to the characters that it may have.
                next(ox.parse(f"<{text}> <a:a> <a:a> .".encode(), format=ox.RdfFormat.N_TRIPLES))
            except (ValueError, SyntaxError):
                self._tell("This is no IRI. Write it whole, without spaces.", text)
            else:
                return made
        return None

    def _literal(self, value: dict[str, Any]) -> ox.Literal | None:
        held, kind = value["@value"], value.get("@type")
        if "@direction" in value:
            self._tell("A direction of writing is not kept. Leave @direction out.", str(held)[:100])
            return None
        if kind == "@json":
            self._tell("No property of ours takes JSON. Write the values one by one.", json.dumps(held)[:100])
            return None
        language = value.get("@language")
        if language is not None:
            try:
                return ox.Literal(str(held), language=language)
            except ValueError:
                self._tell(f"“{language}” is not a language tag. Write one such as en or en-GB.", str(held)[:100])
                return None
        datatype = self._iri(kind, _RELATIVE) if kind is not None else None
        if kind is not None and datatype is None:
            return None
        text, own = _written(held, kind or "")
        return ox.Literal(text, datatype=datatype or ox.NamedNode(_XSD + own))


def _written(held: Any, kind: str) -> tuple[str, str]:
    """Return the lexical form of a JSON value, and the datatype that it has where none is given."""
    if isinstance(held, bool):
        return ("true" if held else "false"), "boolean"
    if isinstance(held, int) and kind not in {_XSD + "double", _XSD + "float"}:
        return str(held), "integer"
    if isinstance(held, int | float):
        if kind == _XSD + "decimal":
            return f"{Decimal(repr(held)):f}", "decimal"
        if float(held).is_integer() and abs(held) < _LONGEST_WHOLE and not kind:
            return str(int(held)), "integer"
        mantissa, _, exponent = f"{held:.15E}".partition("E")
        mantissa = mantissa.rstrip("0") + ("0" if mantissa.rstrip("0").endswith(".") else "")
        return f"{mantissa}E{int(exponent)}", "double"
    return str(held), "string"
