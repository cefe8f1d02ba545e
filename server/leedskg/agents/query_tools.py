"""The tools for SPARQL: a card of the model, and queries within the limits of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from leedskg.agents.answer import AnswerLine, ToolAnswer
from leedskg.agents.graph import NOT_A_NO, AskedGraph
from leedskg.errors import RequestError, TooLargeError
from leedskg.files import knowledge_root
from leedskg.queries import SavedQuery, read_queries
from leedskg.sparql.protocol.negotiation import N_TRIPLES, TSV, Chosen
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.sparql.protocol.result import Result
from leedskg.sparql.protocol.tokens import outline

#: Seconds that a query of a tool may take, and the bytes and rows of its result that are read.
_SECONDS, _MOST_READ, _MOST_ROWS = 15.0, 1_000_000, 5_000
#: Characters of a query up to which an answer gives the address of the query page with it.
_LONGEST_ADDRESS = 500
PARTS = ("classes", "edges", "roles", "examples", "properties")


def schema(graph: AskedGraph, part: str = "") -> ToolAnswer:
    """Give a card of the model: how it is built, or one of its parts."""
    lines = {
        "classes": _classes, "edges": _edges, "roles": _roles, "examples": _examples, "properties": _properties,
    }  # fmt: skip
    if part:
        return ToolAnswer("found", f"the model: {part}", lines[part](graph))
    base = graph.view.namespaces.base
    notes = (
        f"PREFIX lhi: {base}def# ; id: {base}id/ ; role: {base}scheme/role/ ; "
        "skos: http://www.w3.org/2004/02/skos/core# . `query` adds PREFIX lines that are missing. "
        "Names are skos:prefLabel (English, @en).",
        "Direct edges between entities (?a lhi:funds ?b) are derived from assertions. An assertion (lhi:Assertion) is "
        "a relationship with lhi:hasParticipation/(lhi:participant, lhi:role), an lhi:AttributeStatement (lhi:subject, "
        "lhi:property, lhi:object or lhi:literalValue) or an lhi:IndicatorObservation (lhi:indicator, lhi:value, "
        "lhi:unit, lhi:geography, lhi:about). Each has lhi:hasEvidence/oa:hasSource, lhi:confidence, lhi:rank, and may "
        "have lhi:validFrom, lhi:validTo, lhi:amount, lhi:currency.",
        f"Ask for a part: {', '.join(PARTS)}. Edges come first here.",
    )
    return ToolAnswer("found", "a card of the model", [*_edges(graph), *_classes(graph)], notes)


def _edges(graph: AskedGraph) -> list[AnswerLine]:
    found: dict[str, AnswerLine] = {}
    for each in graph.view.patterns:
        text = f"{graph.short(each.edge)}: “A {each.words} B”, back “{each.words_back}”"
        found.setdefault(each.edge, AnswerLine(text, (each.edge,)))
    return list(found.values())


def _classes(graph: AskedGraph) -> list[AnswerLine]:
    return [
        AnswerLine(f"{graph.short(kind.iri)}: {kind.label}, {kind.number:,} entities", (kind.iri,))
        for kind in graph.view.catalogue.kinds
    ]


def _roles(graph: AskedGraph) -> list[AnswerLine]:
    return [
        AnswerLine(
            f"{graph.short(each.relationship_type)}: {graph.short(each.from_role)} ({each.from_label}) and "
            f"{graph.short(each.to_role)} ({each.to_label}) make {graph.short(each.edge)}",
            (each.iri,),
        )
        for each in graph.view.patterns
    ]


def _properties(graph: AskedGraph) -> list[AnswerLine]:
    return [
        AnswerLine(f"{word.name}: {word.label}{f'. {word.meaning}' if word.meaning else ''}", (word.iri,))
        for word in graph.view.vocabulary
        if word.kind == "property" and word.name.startswith("lhi:")
    ]


def _examples(graph: AskedGraph) -> list[AnswerLine]:
    """Return queries that run as they stand, and the saved ones by their names."""
    own = [AnswerLine(f"{title}: {text}", (), {"sparql": text}, is_code=True) for title, text in _SHORT_EXAMPLES]
    saved = [
        AnswerLine(f"saved={each.name}: {each.title}", (graph.page("query", name=each.name),), {"saved": each.name})
        for each in saved_queries(graph)
    ]
    return [*own, *saved]


_SHORT_EXAMPLES = (
    (
        "Who funds what",
        "SELECT ?funder ?funded WHERE { ?a lhi:funds ?b . ?a skos:prefLabel ?funder . ?b skos:prefLabel ?funded }",
    ),
    (
        "Relationships of one body with roles and evidence",
        "SELECT ?kind ?role ?other ?evidence WHERE { ?statement a ?kind ; lhi:hasParticipation ?mine , ?theirs ; "
        "lhi:hasEvidence ?evidence . ?mine lhi:participant id:nexus . ?theirs lhi:participant/skos:prefLabel ?other ; "
        "lhi:role ?role . FILTER(?mine != ?theirs) FILTER(STRSTARTS(STR(?kind), STR(lhi:))) }",
    ),
    (
        "Figures of a place",
        "SELECT ?what ?value ?statement WHERE { ?statement lhi:indicator/skos:prefLabel ?what ; lhi:value ?value ; "
        "lhi:geography id:leeds }",
    ),
    ("Whether one body funds another", "ASK { id:university-of-leeds lhi:funds id:nexus }"),
)


def saved_queries(graph: AskedGraph) -> list[SavedQuery]:
    """Return the saved queries of the knowledge in force; none where its folder is not here."""
    try:
        return read_queries(knowledge_root(graph.settings.knowledge))
    except OSError:
        return []


def with_prefixes(text: str, prefixes: Mapping[str, str]) -> tuple[str, int]:
    """Return a query with the PREFIX lines that it lacks, before its first line, and how many characters these are."""
    head = "".join(
        f"PREFIX {name}: <{iri}> "
        for name, iri in prefixes.items()
        if re.search(rf"(?<![\w:/#?-]){re.escape(name)}:(?!//)", text)
        and not re.search(rf"\bPREFIX\s+{re.escape(name)}:", text, re.IGNORECASE)
    )
    return head + text, len(head)


def query(graph: AskedGraph, sparql: str = "", saved: str = "") -> ToolAnswer:
    """Run a SPARQL query, or a saved one by its name, within the limits of the site."""
    if bool(sparql.strip()) == bool(saved.strip()):
        raise RequestError("Give either “sparql”, a query, or “saved”, the name of a saved query.")
    text = _saved(graph, saved) if saved.strip() else sparql
    if len(text.encode()) > graph.settings.request_limit * 1024:
        raise TooLargeError(f"A query has no more than {graph.settings.request_limit} KiB.")
    seconds = min(_SECONDS, graph.settings.query_timeout)
    whole, added = with_prefixes(text, graph.view.namespaces.prefixes)
    request = QueryRequest(whole, timeout=seconds, client=graph.client)
    is_graph = outline(whole).kind in {"construct", "describe"}
    table = None if is_graph else Chosen(TSV, TSV.media_types[0])
    triples = Chosen(N_TRIPLES, N_TRIPLES.media_types[0]) if is_graph else None
    try:
        with graph.pool.run(request, table=table, graph=triples, whole=False) as result:
            rows, is_cut = _read(result)
            kind = result.kind
    except RequestError as error:
        if error.line == 1 and error.column and added:  # the place is told as in what was sent
            where = f"line 1, column {error.column}", f"line 1, column {max(1, error.column - added)}"
            raise RequestError(error.message.replace(*where), line=1, column=max(1, error.column - added)) from None
        raise
    page = graph.page("query", query=whole) if len(quote(whole)) <= _LONGEST_ADDRESS else graph.page("query")
    if kind == "ask":
        said = rows[0].strip() == "true" if rows else False
        words = "true" if said else f"false: no statement fits the pattern. {NOT_A_NO}"
        return ToolAnswer("found" if said else "not recorded", words, (), (), {"boolean": said, "page": page})
    head, rows = (rows[0].replace("?", "").split("\t"), rows[1:]) if kind == "select" else (["statement"], rows)
    facts = {"columns": head, "page": page}
    if not rows:
        note = 'Check the terms with the tool `schema`; names need their language, such as "Nexus"@en.'
        return ToolAnswer("not recorded", f"The query finds no row. {NOT_A_NO}", (), (note,), facts)
    notes = [f"columns: {' | '.join(head)}", f"the query as a page, to be changed: {page}"]
    if is_cut:
        notes.append(
            f"Only the first {len(rows):,} rows were read. For others use LIMIT and OFFSET, or a narrower pattern."
        )
    return ToolAnswer(
        "found",
        f"{len(rows):,}{' and more' if is_cut else ''} rows",
        [_row(graph, row) for row in rows],
        tuple(notes),
        facts,
    )


def _saved(graph: AskedGraph, name: str) -> str:
    known = {each.name: each for each in saved_queries(graph)}
    number = {each.partition("-")[0]: each for each in known}
    found = known.get(name.strip()) or known.get(number.get(name.strip(), ""))
    if found is None:
        raise RequestError(f"No saved query is called “{name[:60]}”. There are: {', '.join(known)}.")
    return found.filled({})


def _read(result: Result) -> tuple[list[str], bool]:
    """Read the lines of a result, and no more of them than anybody can take in; what comes after is not waited for."""
    rows: list[str] = []
    for row in _lines(result):
        if len(rows) > _MOST_ROWS:
            return rows, True
        rows.append(row)
    is_cut = bool(rows) and rows[-1] == _CUT
    return (rows[:-1], True) if is_cut else (rows, False)


_CUT = "\0"


def _lines(result: Result) -> Iterator[str]:
    rest, taken = b"", 0
    for piece in result:
        taken += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in whole)
        if taken > _MOST_READ:
            yield _CUT
            return
    if rest:
        yield rest.decode("utf-8", "replace")


def _row(graph: AskedGraph, row: str) -> AnswerLine:
    """Return the line of a row: an assertion or a place that it names is its evidence."""
    base = graph.view.namespaces.base
    cells = row.split("\t")
    iris = [cell[1:-1] for cell in cells if cell.startswith("<") and cell.endswith(">")]
    own = tuple(iri for iri in iris if iri.startswith((f"{base}assertion/", f"{base}evidence/")))
    things = tuple(iri for iri in iris if iri.startswith(f"{base}id/"))
    return AnswerLine(" | ".join(_cell(graph, cell) for cell in cells), own or things[:1])


def _cell(graph: AskedGraph, cell: str) -> str:
    if cell.startswith("<") and cell.endswith(">"):
        return graph.short(cell[1:-1])
    if cell.startswith('"'):
        text, _, rest = cell[1:].rpartition('"')
        return text.replace("\\n", " ").replace("\\t", " ").replace('\\"', '"') if not rest.startswith("^^") else text
    return cell
