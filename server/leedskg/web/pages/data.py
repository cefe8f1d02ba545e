"""The documents about a thing: its page, and what the graph says of it in each format, at addresses of their own.

A thing's own address decides by the client's Accept header (`sparql.negotiation.choose`, as every address does): it
shows the page, or leads by 303 to the document in a format, which ends in the format's suffix. Documents in N-Quads
and TriG have the statements once in the default graph, as the endpoint has (decision 0008), so that who reads no
named graphs misses nothing, and once in the graphs that they are from.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
from flask import Response, g, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.errors import NotAcceptableError
from leedskg.sparql.protocol import written
from leedskg.sparql.protocol.negotiation import FORMATS, HTML, Chosen, choose, chosen_of, named, offers_of
from leedskg.web import current, site
from leedskg.web.api.sparql import is_known, tag_of, unchanged
from leedskg.web.pages import documents, gone, signposting

GRAPHS = tuple(each for each in FORMATS if each.shape == "graph")
_OFFERS = (HTML, *offers_of(*GRAPHS))
_SUFFIXES = {each.suffix: each for each in GRAPHS}
_PAGE_SUFFIX = ".html"
_NOT_IN_AN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


def split(name: str) -> tuple[str, str]:
    """Return a name without the suffix of a document, and the suffix, or nothing where it has none."""
    for suffix in (*_SUFFIXES, _PAGE_SUFFIX):
        if name.endswith(suffix) and name != suffix:
            return name.removesuffix(suffix), suffix
    return name, ""


_IS_THERE = "ASK {{ {{ <{iri}> ?p ?o }} UNION {{ GRAPH <{iri}> {{ ?s ?p ?o }} }} }}"


def is_iri(text: str) -> bool:
    """Return whether a text can stand in a query as an IRI."""
    return not _NOT_IN_AN_IRI.search(text)


def respond(iri: str, suffix: str, page: Callable[[], Any], query: str = "") -> Response:
    """Answer a request for a thing or for one of its documents, whichever fits the suffix and the client.

    `query` gives the statements of its document where those are not what DESCRIBE gives. Raises NotFound for a text
    that is no IRI, and NotAcceptableError.
    """
    if not is_iri(iri):
        raise NotFound("Nothing has this address.")
    path = request.script_root + request.path.removesuffix(suffix)
    g.documents = [(f"{path}{each.suffix}", each.media_types[0]) for each in GRAPHS]
    if suffix in _SUFFIXES:
        return _linked(_document(iri, suffix, query), path, iri)
    wanted = HTML if suffix else choose(request.headers.get("Accept"), _OFFERS)
    if wanted is None:
        raise NotAcceptableError(f"this is described in one of {HTML}, {named(GRAPHS)}; the request accepts none")
    if wanted == HTML:
        response = make_response(page())
        response.headers["Content-Location"] = f"{path}{_PAGE_SUFFIX}"
        return _linked(response, path, iri)
    if not (current.view().reader.ask(_IS_THERE.format(iri=iri)) or (query and documents.statements(iri, query))):
        gone.refuse(iri, f"The graph says nothing of <{iri}>.")
    target = f"{path}{chosen_of(wanted, GRAPHS).format.suffix}"
    made = redirect(target, 303)  # the thing is not the document
    assert isinstance(made, Response)
    return _linked(made, path, iri)


def data_address(iri: str, format_name: str | None = None) -> str:
    """Return the address of what the graph says of a thing, in a format or in the one that the client accepts."""
    local = current.settings().namespaces.local(iri)
    suffix = next((each.suffix for each in GRAPHS if each.name == format_name), "")
    if local is not None and local.startswith("def#"):
        local = local.replace("#", "/", 1)  # a term has a document of its own
    if local is None or "#" in local:
        return url_for("sparql.endpoint", query=f"DESCRIBE <{iri}>", format=format_name)
    return f"{request.script_root}/{local}{suffix}"


def vary(response: Response) -> Response:
    """Say to caches that page and data share an address."""
    response.vary.add("Accept")
    return response


def _linked(response: Response, path: str, iri: str) -> Response:
    """Return a response with links to every document about the thing, and to the thing itself."""
    links = [f'<{address}>; rel="alternate"; type="{media_type}"' for address, media_type in g.documents]
    links.append(f'<{path}{_PAGE_SUFFIX}>; rel="alternate"; type="{HTML}"')
    if response.status_code == 200 and response.mimetype == HTML:
        whole = f"{request.script_root}/dataset"
        links.append(signposting.header(signposting.links(iri, g.documents, collection=whole)))
    elif response.status_code == 200:
        links.append(f'<{site.frame().licence_href}>; rel="license"')
        links.append(f'<{request.script_root}/attribution>; rel="copyright"')
    about = "canonical" if response.status_code == 200 and response.mimetype == HTML else "describes"
    links.append(f'<{iri}>; rel="{about}"')
    response.headers["Link"] = ", ".join(links)
    return response


def _document(iri: str, suffix: str, query: str) -> Response:
    form = _SUFFIXES[suffix]
    media_type = choose(request.headers.get("Accept"), form.media_types) or form.media_types[0]
    tag = tag_of("document", iri, media_type)
    if is_known(tag):
        return unchanged(tag)
    triples = documents.statements(iri, query)
    if not triples:
        gone.refuse(iri, f"The graph says nothing of <{iri}>.")
    quads = list(documents.in_graphs(triples)) if form.name in {"nquads", "trig"} else []
    prefixes = current.settings().namespaces.prefixes
    body = written.document([*(ox.Quad(*each) for each in triples), *quads], form, prefixes, first=iri)
    response = Response(body, content_type=Chosen(form, media_type).content_type)
    response.set_etag(tag, weak=True)
    return response
