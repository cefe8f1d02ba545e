"""Every named graph in one file, `/dataset.nq` and `/dataset.trig`: N-Quads or TriG, made of one generation."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

import pyoxigraph as ox
from flask import Blueprint, Response, current_app, url_for

from leedskg.errors import LimitReachedError
from leedskg.sparql.protocol.negotiation import (
    N_QUADS,
    N_TRIPLES,
    TRIG,
    Chosen,
    Format,
)
from leedskg.web import current
from leedskg.web.api.sparql import is_known, tag_of, unchanged
from leedskg.web.pages.data import vary
from leedskg.web.pages.downloads import save_as

blueprint = Blueprint("dump", __name__)
blueprint.after_request(vary)

_FORMS = (N_QUADS, TRIG)
#: All graphs but `graph/reified`, which readers of RDF 1.1 have no form for (decision 0205).
_NAMES = "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } } ORDER BY ?graph"
_TRIES = 3
#: Statements up to which a page may wait for a file of them to be made: 60,000 take a second or two.
_MOST_FOR_A_PAGE = 200_000
_IN_MEMORY = 2**22
_PREFIXES = re.compile(rb"\A(?:@prefix [^\n]*\n)+")
_END = re.compile(rb" \.\n\Z")


@dataclass(frozen=True)
class Dump:
    """What is known of the file of a generation."""

    form: Format
    #: Bytes and checksum; 0 and nothing while they are not known.
    size: int = 0
    sha256: str = ""


@blueprint.get("/dataset.<any(nq, trig):suffix>")
def page(suffix: str) -> Response:
    """Send the whole graph with the names of its graphs, as one file."""
    form = next(each for each in _FORMS if each.suffix == f".{suffix}")
    tag = tag_of("dataset", form.name)
    if is_known(tag):
        return unchanged(tag)
    generation, file = current.reader().generation(), _made(form)
    size = _keep(form, generation.id, file).size if current.reader().generation().id == generation.id else 0
    size = size or file.seek(0, 2)
    file.seek(0)
    response = Response(_pieces(file), content_type=form.media_types[0])
    response.call_on_close(file.close)
    response.content_length = size
    response.set_etag(tag, weak=True)
    response.headers["Link"] = f'<{url_for("dataset.page")}>; rel="collection"; type="text/html"'
    return save_as(response, f"leedskg-{generation.number}{form.suffix}")


def dump_of(form: Format) -> Dump:
    """Return the size and the checksum of a file, which are worked out once a generation.

    Of a large graph they are known once the file has been asked for: a page does not wait for it.
    """
    kept: dict[str, tuple[str, Dump]] = current_app.extensions.setdefault("leedskg-dumps", {})
    generation = current.reader().generation()
    held, found = kept.get(form.name, ("", None))
    if found is None or held != generation.id:
        if generation.statements > _MOST_FOR_A_PAGE:
            return Dump(form)
        with _made(form) as file:
            found = _keep(form, generation.id, file)
    return found


def _keep(form: Format, generation: str, file: IO[bytes]) -> Dump:
    """Work out what is known of a file, and keep it for its generation."""
    kept = current_app.extensions.setdefault("leedskg-dumps", {})
    found = Dump(form, file.seek(0, 2), _digest(file))
    kept[form.name] = generation, found
    return found


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(2**16):
        digest.update(piece)
    return digest.hexdigest()


def _made(form: Format) -> IO[bytes]:
    """Write the dataset into a file. Raises LimitReachedError when it is published anew each time."""
    pool = current.reader()
    for _ in range(_TRIES):
        before = pool.generation().id
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))
            for row in pool.rows(_NAMES):
                _write(file, row["graph"].value, form)
            if pool.generation().id == before:
                stack.pop_all()
                return file
    raise LimitReachedError("The graph is being published just now; try again in a moment.", retry_after=1)


def _write(file: tempfile.SpooledTemporaryFile[bytes], name: str, form: Format) -> None:
    """Add one graph: each of its triples with its name, or all of them in a block under its name.

    They are sorted, for the checksum that is told of a file has to be that of the file that is sent.
    """
    with current.reader().graph(name, Chosen(N_TRIPLES, N_TRIPLES.media_types[0])) as result:
        lines = sorted(result.read().splitlines(keepends=True))
    if form is N_QUADS:
        file.write(b"".join(sorted(_END.sub(f" <{name}> .\n".encode(), line) for line in lines)))
        return
    prefixes = current.settings().namespaces.prefixes
    if file.tell() == 0:
        file.write("".join(f"@prefix {each}: <{space}> .\n" for each, space in sorted(prefixes.items())).encode())
    triples = (quad.triple for quad in ox.parse(b"".join(lines), ox.RdfFormat.N_TRIPLES, lenient=True))
    text = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes)
    assert text is not None
    file.write(f"\n<{name}> {{\n".encode() + _PREFIXES.sub(b"", text, count=1) + b"}\n")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(2**16):
            yield piece
