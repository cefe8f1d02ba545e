"""Pictures as files for other programs: GraphML, GEXF, CSV and JSON, with licence and date where there is a place."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import networkx as nx

from leedskg.picture.model import PictureEdge, PictureNode
from leedskg.picture.svg import DrawingDetails

#: The formats by the name that an address asks for them with: their media type.
FORMATS: Mapping[str, str] = {
    "svg": "image/svg+xml",
    "graphml": "application/graphml+xml",
    "gexf": "application/gexf+xml",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "places": "application/json",
}
#: Stands between lines of attribution where there is one place for all.
SEVERAL = " | "
#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def network_file(name: str, about: DrawingDetails, nodes: Sequence[PictureNode], edges: Sequence[PictureEdge]) -> str:
    """Write a network as `graphml`, `gexf`, `csv` (its relationships) or `json`. Raises KeyError for another name."""
    writers = {"graphml": _graphml, "gexf": _gexf, "csv": _csv, "json": _json}
    return writers[name](about, nodes, edges)


def table_file(about: DrawingDetails, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write rows as CSV (RFC 4180). A cell that a spreadsheet takes for a formula gets an apostrophe before it.

    Each row ends with whom to attribute it to: CSV has no other place for that which programs leave alone.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    last = "attribution"
    while last in columns:  # the result of a query has whatever columns it asks for
        last += "_"
    writer.writerow((*columns, last))
    attribution = SEVERAL.join(about.attribution)
    for row in rows:
        writer.writerow([_safe_cell(value) for value in (*row, attribution)])
    return text.getvalue()


def record_file(
    about: DrawingDetails,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    explanation: str = "",
    generation: str = "",
) -> str:
    """Write the same rows as JSON, under what the file says of itself."""
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    more = {"explanation": explanation, "generation": generation}
    told = _told(about) | {key: text for key, text in more.items() if text}
    return json.dumps({**told, "rows": records}, ensure_ascii=False, indent=1) + "\n"


def _safe_cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _told(about: DrawingDetails) -> dict[str, Any]:
    return {
        "title": about.title,
        "source": about.address,
        "publisher": about.publisher,
        "built_on": about.built_on,
        "licence": about.licence_address,
        "attribution": list(about.attribution),
    }


def _graph(about: DrawingDetails, nodes: Sequence[PictureNode], edges: Sequence[PictureEdge]) -> nx.MultiDiGraph[str]:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    told = _told(about) | {"attribution": SEVERAL.join(about.attribution)}
    graph.graph.update({key: _clean(text) for key, text in told.items()})
    for node in nodes:
        graph.add_node(_clean(node.iri), label=_clean(node.label), kind=node.kind, **dict(node.facts))
    for at, edge in enumerate(edges):
        more: dict[str, Any] = {"confidence": edge.confidence} if edge.confidence is not None else {}
        graph.add_edge(
            _clean(edge.source), _clean(edge.target), key=f"e{at}", label=_clean(edge.words), relationship=edge.iri,
            mutual=edge.mutual, valid_from=edge.valid_from, valid_to=edge.valid_to, **more,
        )  # fmt: skip
    return graph


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


def _graphml(about: DrawingDetails, nodes: Sequence[PictureNode], edges: Sequence[PictureEdge]) -> str:
    buffer = io.BytesIO()
    nx.write_graphml_xml(_graph(about, nodes, edges), buffer, named_key_ids=True)
    return buffer.getvalue().decode()


def _gexf(about: DrawingDetails, nodes: Sequence[PictureNode], edges: Sequence[PictureEdge]) -> str:
    buffer = io.BytesIO()
    nx.write_gexf(_graph(about, nodes, edges), buffer, version="1.2draft")
    # networkx dates the file by the clock, and has no place for a licence: GEXF's meta element has both.
    gexf = "http://www.gexf.net/1.2draft"
    ElementTree.register_namespace("", gexf)
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314 - written in the lines above
    meta = root.find(f"{{{gexf}}}meta")
    assert meta is not None
    meta.clear()
    meta.set("lastmodifieddate", about.built_on)
    for tag, text in (("creator", about.publisher), ("description", f"{about.words} {about.licence_address}")):
        ElementTree.SubElement(meta, f"{{{gexf}}}{tag}").text = _clean(text)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


_COLUMNS = (
    "source", "source_label", "relationship_in_words", "target", "target_label", "mutual", "valid_from", "valid_to",
    "confidence", "relationship",
)  # fmt: skip


def _csv(about: DrawingDetails, nodes: Sequence[PictureNode], edges: Sequence[PictureEdge]) -> str:
    label = {node.iri: node.label for node in nodes}
    return table_file(
        about,
        _COLUMNS,
        (
            (edge.source, label[edge.source], edge.words, edge.target, label[edge.target],
             "yes" if edge.mutual else "no", edge.valid_from, edge.valid_to, edge.confidence, edge.iri)
            for edge in edges
        ),
    )  # fmt: skip


def _json(about: DrawingDetails, nodes: Sequence[PictureNode], edges: Sequence[PictureEdge]) -> str:
    data = {
        **_told(about),
        "nodes": [{"id": node.iri, "label": node.label, "kind": node.kind, **dict(node.facts)} for node in nodes],
        "edges": [
            {
                "source": edge.source, "words": edge.words, "target": edge.target, "mutual": edge.mutual,
                "valid_from": edge.valid_from or None, "valid_to": edge.valid_to or None,
                "confidence": edge.confidence, "relationship": edge.iri or None,
            }
            for edge in edges
        ],
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
