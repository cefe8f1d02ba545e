"""What a slip in a query most likely is, from the tokens around the one that cannot stand where it does."""

from __future__ import annotations

from dataclasses import dataclass

from leedskg.sparql.protocol.tokens import Token

_OPENING = {"{": "}", "(": ")", "[": "]"}
_TERMS = frozenset({"variable", "name", "iri", "string", "number", "blank"})
#: What word processors put in the place of quotation marks, of - and of plain spaces.
_QUOTES = frozenset("\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb")
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2212")
_SPACES = frozenset("\u00a0\u2007\u202f\u200b\ufeff")

#: The word in front of the slip, and what has to follow it.
_WANTED = {
    "FILTER": "FILTER wants its condition in brackets: FILTER(…)",
    "BIND": "BIND wants brackets: BIND(expression AS ?variable)",
    "WHERE": "the pattern stands in braces: WHERE { … }",
    "OPTIONAL": "OPTIONAL wants its pattern in braces: OPTIONAL { … }",
    "UNION": "UNION stands between two patterns in braces: { … } UNION { … }",
    "MINUS": "MINUS wants its pattern in braces: MINUS { … }",
    "EXISTS": "EXISTS wants its pattern in braces: EXISTS { … }",
    "NOT": "NOT stands only before EXISTS and IN; write ! before a condition",
    "DESC": "what to sort by stands in brackets: DESC(…)",
    "ASC": "what to sort by stands in brackets: ASC(…)",
    "GROUP": "BY is missing: GROUP BY",
    "ORDER": "BY is missing: ORDER BY",
    "HAVING": "HAVING wants its condition in brackets: HAVING(…)",
}
#: Words of other languages.
_FOREIGN = {
    "AND": "write && for “and”",
    "OR": "write || for “or”",
    "LIKE": "there is no LIKE; use CONTAINS(…, …) or REGEX(…, …)",
    "NULL": "there is no NULL; use BOUND(?variable)",
    "IS": "there is no IS; use BOUND(?variable)",
}
#: Where parts of a query stand in the order that the standard gives them.
_ENDINGS = ("GROUP", "HAVING", "ORDER", "LIMIT")
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


def hint(found: list[Token], index: int) -> str:
    """Say what to fix at the token of this index, or behind the last one; nothing where it cannot be told."""
    slip = _Slip(found, index)
    for guess in (_character, _prologue, _iri, _in_brackets, _after_a_word, _foreign, _selection, _endings, _pattern):
        said = guess(slip)
        if said:
            return said
    return ""


def unclosed(found: list[Token]) -> list[str]:
    """Name the brackets that are missing, the innermost first."""
    return [_OPENING[token.text] for token in reversed(_open(found))]


def _open(found: list[Token]) -> list[Token]:
    waiting: list[Token] = []
    for token in found:
        if token.kind != "sign":
            continue
        if token.text in _OPENING:
            waiting.append(token)
        elif waiting and token.text == _OPENING[waiting[-1].text]:
            waiting.pop()
    return waiting


@dataclass(frozen=True)
class _Slip:
    found: list[Token]
    index: int

    @property
    def text(self) -> str:
        return self.found[self.index].text if self.index < len(self.found) else ""

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else ""

    @property
    def kind(self) -> str:
        return self.found[self.index].kind if self.index < len(self.found) else "end"

    def before(self, steps: int = 1) -> Token:
        """Return the token so many places earlier; an empty one before the first."""
        return self.found[self.index - steps] if self.index >= steps else Token("none", "", 0)

    def word_before(self, steps: int = 1) -> str:
        token = self.before(steps)
        return token.text.upper() if token.kind == "word" else ""

    @property
    def open(self) -> list[Token]:
        """The brackets that are open here, the outermost first."""
        return _open(self.found[: self.index])

    @property
    def is_in_pattern(self) -> bool:
        return any(token.text == "{" for token in self.open)


def _character(slip: _Slip) -> str:
    if slip.kind != "other":
        return ""
    if slip.text in _QUOTES:
        return f"{slip.text} is a typographic quotation mark; write \" or '"
    if slip.text in _DASHES:
        return f"{slip.text} is a dash; write -"
    if slip.text in _SPACES:
        return "a space that is not a plain one stands here; replace it"
    return ""


def _prologue(slip: _Slip) -> str:
    if slip.text.lower() in {"@prefix", "@base"}:
        return f"write {slip.text[1:].upper()} without @, and without a full stop at its end"
    if slip.word_before() == "PREFIX" and slip.kind == "word":
        return f"a colon is missing: PREFIX {slip.text}: <…>"
    if slip.text == "." and slip.before().kind == "iri" and slip.word_before(3) == "PREFIX":
        return "a PREFIX line has no full stop at its end"
    return ""


def _iri(slip: _Slip) -> str:
    if slip.kind == "name" and slip.text.partition(":")[0].lower() in {"http", "https", "urn", "mailto"}:
        return "an IRI stands between < and >"
    begun = next((i for i, token in enumerate(slip.found[:-1]) if token.text == "<" and token.kind == "sign"), None)
    if begun is not None and slip.found[begun + 1].text.lower().startswith(("http:", "https:", "urn:")):
        return "an IRI is begun by < and has no > at its end, or a space in it"
    return ""


def _in_brackets(slip: _Slip) -> str:
    """Look inside BIND( … ), and inside the brackets of a SELECT."""
    if not slip.open or slip.open[-1].text != "(":
        return ""
    begin = slip.found.index(slip.open[-1])
    head = slip.found[begin - 1].text.upper() if begin else ""
    if head == "BIND" and (slip.text == ")" or slip.text.startswith(":")):
        return "BIND names its variable behind AS: BIND(expression AS ?variable)"
    if slip.text == ")" and not slip.is_in_pattern:
        return "an expression in SELECT needs a name: (… AS ?name)"
    return ""


def _after_a_word(slip: _Slip) -> str:
    before = slip.word_before()
    if before in _WANTED:
        return _WANTED[before]
    if slip.text in {"&&", "||", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/"}:
        # A condition goes on behind FILTER regex(…): then the whole of it needs brackets.
        depth = 0
        for token in reversed(slip.found[: slip.index]):
            depth += (token.text == ")") - (token.text == "(")
            if depth < 0 or (depth == 0 and token.text in {"{", "}", "."}):
                break
            if depth == 0 and token.kind == "word" and token.text.upper() == "FILTER":
                return _WANTED["FILTER"]
    return ""


def _foreign(slip: _Slip) -> str:
    if slip.word in _FOREIGN and slip.open:
        return _FOREIGN[slip.word]
    if slip.text == "=" and slip.before().text in {"=", "!="}:
        return "= compares; there is no == here"
    if slip.text == "<>":
        return "write != for “is not”"
    return ""


def _selection(slip: _Slip) -> str:
    """Look between SELECT and the pattern."""
    if slip.open or any(token.text == "{" for token in slip.found[: slip.index]):
        return ""
    words = {token.text.upper() for token in slip.found[: slip.index] if token.kind == "word"}
    if "SELECT" not in words:
        return "the pattern stands in braces: { … }" if not words.isdisjoint({"ASK", "CONSTRUCT"}) else ""
    if slip.text == ",":
        return "variables are set apart by spaces, without commas"
    if slip.word in _AGGREGATES:
        return f"an expression in SELECT stands in brackets, with a name: ({slip.word}(…) AS ?name)"
    if slip.kind == "word" and slip.word not in {"WHERE", "FROM", *_ENDINGS}:
        return f"a variable begins with a question mark: ?{slip.text}"
    return "the pattern stands in braces: WHERE { … }"


def _endings(slip: _Slip) -> str:
    if slip.word in _ENDINGS and slip.is_in_pattern:
        return "a } is missing before it"
    if slip.word in _ENDINGS:
        earlier = {token.text.upper() for token in slip.found[: slip.index] if token.kind == "word"}
        for late in _ENDINGS[_ENDINGS.index(slip.word) + 1 :]:
            if late in earlier:
                return f"{slip.word} stands before {late}"
    if slip.text in _OPENING.values() and slip.kind == "sign":
        if not slip.open:
            return f"there is one {slip.text} too many"
        expected = _OPENING[slip.open[-1].text]
        if expected != slip.text:
            return f"a {expected} is missing before it"
    return ""


def _pattern(slip: _Slip) -> str:
    """Look among the statements of a pattern."""
    if not slip.is_in_pattern or slip.open[-1].text == "(":
        return ""
    if slip.kind in _TERMS or slip.text == "a":
        before = slip.before()
        if before.kind in _TERMS | {"language"} or before.text in {")", "]"}:
            return "a full stop is missing before it, or a ;"
    if slip.kind == "word":
        return f"a variable begins with a question mark (?{slip.text}), and a name has a prefix"
    if slip.text in {".", "}", ";"} and slip.before().kind in _TERMS:
        return "a statement has three parts: subject, property, value"
    return ""
