"""The data set, `/dataset`: what it is, for whom, what is in it and what is not; as a page, as DCAT, as schema.org."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from leedskg.dumps import Dump
from leedskg.errors import NotAcceptableError
from leedskg.releases import Versions
from leedskg.selfdescription.dataset import ABSTRACT, KEYWORDS, LICENCE, PUBLISHER, TITLE
from leedskg.selfdescription.terms import iri, say
from leedskg.sparql.protocol import written
from leedskg.sparql.protocol.negotiation import (
    HTML,
    N_QUADS,
    TRIG,
    TRIPLES,
    Chosen,
    Format,
    choose,
    chosen_of,
    named,
    offers_of,
)
from leedskg.web import current
from leedskg.web.api.sparql import is_known, tag_of, unchanged
from leedskg.web.pages import signposting
from leedskg.web.pages.data import vary
from leedskg.web.serving.addresses import own_address, root_address, whole_address

blueprint = Blueprint("dataset", __name__)
blueprint.after_request(vary)

DUMPS = (N_QUADS, TRIG)
_OFFERS = (HTML, *offers_of(*TRIPLES, *DUMPS))
_SUFFIXES = {each.suffix[1:]: each for each in TRIPLES}
_MEDIA = "https://www.iana.org/assignments/media-types/"
_VERSION = "SELECT ?version WHERE { <%sdef> <http://www.w3.org/2002/07/owl#versionInfo> ?version } ORDER BY ?version"


@blueprint.get("/dataset")
@blueprint.get("/dataset.<any(ttl, nt, jsonld, rdf, html):suffix>")
def page(suffix: str = "") -> Any:
    """Describe the data set: as a page, or as data (DCAT); N-Quads and TriG are the data set itself."""
    wanted = HTML if suffix == "html" else choose(request.headers.get("Accept"), _OFFERS)
    if suffix in _SUFFIXES:
        return _linked(_description(suffix))
    if wanted is None:
        raise NotAcceptableError(
            f"the data set is described in {HTML}, {named(TRIPLES)}, and is to be had in {named(DUMPS)}; "
            "the request accepts none of these"
        )
    if wanted != HTML:
        form = chosen_of(wanted, (*TRIPLES, *DUMPS)).format
        made = redirect(f"{request.script_root}/dataset{form.suffix}", 303)
        assert isinstance(made, Response)
        return _linked(made)
    response = make_response(_page())
    response.headers["Content-Location"] = f"{request.script_root}/dataset.html"
    return _linked(response)


def _page() -> str:
    view = current.view()
    dumps = _dumps()
    sources = view.catalogue.search("", kind=view.namespaces.term("SourceDocument"))
    return render_template(
        "dataset.html",
        title=TITLE,
        abstract=ABSTRACT,
        iri=_iri(),
        counts=view.counts,
        sources=[(match.entry.label, match.entry.iri, match.entry.description) for match in sources],
        version=_version(),
        edition=current.edition(),
        built_at=view.published.built_at,
        licence=LICENCE,
        dumps=dumps,
        endpoint=whole_address("sparql.endpoint"),
        json_ld=_safe(_schema_org(dumps)),
    )


def _iri() -> str:
    """Return the name of the data set; of a version, its own."""
    version = current.version()
    return f"{current.settings().base}{f'versions/{version.name}' if version else 'dataset'}"


def _version() -> str:
    """Return the name of the version that answers; of what is published now, the version of the ontology."""
    if version := current.version():
        return version.name
    rows = current.view().reader.rows(_VERSION % current.settings().base)
    return rows[0]["version"].value if rows else ""


def _dumps() -> list[tuple[Format, Dump, str]]:
    """Return the files of the data set, each with its format and its address."""
    files, names = current.view().artefacts.dumps, {each: each.suffix[1:] for each in DUMPS}
    return [(form, files.file(name), whole_address("dump.page", suffix=name)) for form, name in names.items()]


def _schema_org(dumps: list[tuple[Format, Dump, str]]) -> dict[str, Any]:
    published = current.view().published
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": _iri(),
        "identifier": _iri(),
        "url": whole_address("dataset.page"),
        "name": TITLE,
        "description": ABSTRACT,
        "license": LICENCE,
        "isAccessibleForFree": True,
        "inLanguage": "en",
        "keywords": list(KEYWORDS),
        "version": _version(),
        "dateModified": published.built_at,
        "creator": {"@type": "Organization", "name": PUBLISHER, "@id": f"{current.settings().base}agent/curation-team"},
        "publisher": {"@type": "Organization", "name": PUBLISHER},
        "spatialCoverage": {"@type": "Place", "name": "Leeds, United Kingdom"},
        "includedInDataCatalog": {"@type": "DataCatalog", "url": root_address(), "name": TITLE},
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": form.media_types[0],
                "contentUrl": address,
                "contentSize": f"{dump.size} B",
                "sha256": dump.sha256,
            }
            for form, dump, address in dumps
        ],
    }


def _safe(content: dict[str, Any]) -> str:
    """Return JSON that can stand in a script element."""
    return json.dumps(content, ensure_ascii=False, indent=1).replace("<", "\\u003c")


def _description(suffix: str) -> Response:
    form = _SUFFIXES[suffix]
    media_type = choose(request.headers.get("Accept"), form.media_types) or form.media_types[0]
    tag = tag_of("dataset description", own_address(), media_type, repr(_versions()))
    if is_known(tag):
        return unchanged(tag)
    prefixes = current.settings().namespaces.prefixes
    body = written.document([ox.Quad(*each) for each in _dcat()], form, prefixes, first=_iri())
    response = Response(body, content_type=Chosen(form, media_type).content_type)
    response.set_etag(tag, weak=True)
    return response


def _dcat() -> list[ox.Triple]:
    """Describe the data set in DCAT 3."""
    base, published = current.settings().base, current.view().published
    moment = ox.Literal(published.built_at, datatype=iri("xsd:dateTime"))
    publisher, service = f"{base}agent/curation-team", whole_address("sparql.endpoint")
    found = say(
        _iri(),
        ("rdf:type", iri("dcat:Dataset")),
        ("rdf:type", iri("void:Dataset")),
        ("dcterms:title", ox.Literal(TITLE, language="en")),
        ("dcterms:description", ox.Literal(ABSTRACT, language="en")),
        ("dcterms:identifier", ox.Literal(_iri())),
        ("dcterms:publisher", iri(publisher)),
        ("dcterms:creator", iri(publisher)),
        ("dcterms:license", iri(LICENCE)),
        ("dcterms:modified", moment),
        ("dcterms:language", iri("http://id.loc.gov/vocabulary/iso639-1/en")),
        ("dcterms:conformsTo", iri(f"{base}def")),
        ("dcat:version", ox.Literal(_version())),
        ("owl:versionInfo", ox.Literal(published.id)),
        *_versions(),
        ("dcat:landingPage", iri(whole_address("dataset.page"))),
        ("void:sparqlEndpoint", iri(service)),
        ("void:triples", ox.Literal(published.statements)),
        *(("dcat:keyword", ox.Literal(each, language="en")) for each in KEYWORDS),
    )
    found += say(publisher, ("rdf:type", iri("foaf:Agent")), ("foaf:name", ox.Literal(PUBLISHER)))
    found += say(
        service,
        ("rdf:type", iri("dcat:DataService")),
        ("dcterms:title", ox.Literal("SPARQL endpoint", language="en")),
        ("dcat:endpointURL", iri(service)),
        ("dcat:endpointDescription", iri(whole_address("sparql.void"))),
        ("dcat:servesDataset", iri(_iri())),
    )
    for form, dump, address in _dumps():
        part, checksum = f"{_iri()}#{form.name}", f"{_iri()}#{form.name}-checksum"
        found += say(_iri(), ("dcat:distribution", iri(part)), ("void:dataDump", iri(address)))
        found += say(
            part,
            ("rdf:type", iri("dcat:Distribution")),
            ("dcterms:title", ox.Literal(f"All named graphs, {form.name}", language="en")),
            ("dcat:downloadURL", iri(address)),
            ("dcat:accessURL", iri(whole_address("dataset.page"))),
            ("dcat:mediaType", iri(_MEDIA + form.media_types[0])),
            ("dcterms:license", iri(LICENCE)),
            ("dcat:byteSize", ox.Literal(dump.size)),
            ("spdx:checksum", iri(checksum)),
        )
        found += say(
            checksum,
            ("rdf:type", iri("spdx:Checksum")),
            ("spdx:algorithm", iri("spdx:checksumAlgorithm_sha256")),
            ("spdx:checksumValue", ox.Literal(dump.sha256, datatype=iri("xsd:hexBinary"))),
        )
    return found


def _versions() -> list[tuple[str, ox.NamedNode | ox.Literal]]:
    """Return how the data set and its versions hang together."""
    base, own = current.settings().base, current.version()
    if own is None:
        kept = Versions(current.settings().versions_path).all()
        named = [iri(f"{base}versions/{each.name}") for each in kept]
        return [
            *(("dcat:hasVersion", each) for each in named),
            *(("dcat:hasCurrentVersion", each) for each in named[:1]),
        ]
    before = [("dcat:previousVersion", iri(f"{base}versions/{own.previous}"))] if own.previous else []
    issued = ox.Literal(own.date, datatype=iri("xsd:date"))
    return [("dcat:isVersionOf", iri(f"{base}dataset")), ("dcterms:issued", issued), *before]


def _linked(response: Response) -> Response:
    """Return a response with the links that Signposting has for a landing page."""
    described = [(f"{request.script_root}/dataset{each.suffix}", each.media_types[0]) for each in TRIPLES]
    described.append((url_for("sparql.void"), TRIPLES[0].media_types[0]))
    items = [(url_for("dump.page", suffix=each.suffix[1:]), each.media_types[0]) for each in DUMPS]
    types = (signposting.ABOUT_PAGE, signposting.DATASET)
    response.headers["Link"] = signposting.header(signposting.links(_iri(), described, types=types, items=items))
    return response
