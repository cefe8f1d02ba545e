"""Making a version: what is published, written out in every form, with its checksums and what it changed.

The same graph, name, day and version before give the same bytes, so that anybody can make it again and compare.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from leedskg.changes import Patch, changed_records, in_words, patch_between, patch_lines
from leedskg.errors import KnowledgeError, RequestError
from leedskg.files import knowledge_files
from leedskg.graph import with_lasting_blank_nodes
from leedskg.namespaces import Namespaces
from leedskg.releases import descriptions, tables
from leedskg.releases.version import MANIFEST, SUMS, Version, VersionFile, Versions, checked_name, dump_name
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol import written
from leedskg.sparql.protocol.negotiation import FORMATS, N_TRIPLES, Chosen
from leedskg.store import Published
from leedskg.store.embedded import StoreReader, fsync, fsync_all, unite

Tell = Callable[[str], object]
_GRAPHS = "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } } ORDER BY ?graph"
_DUMPS = {
    "nquads": (".nq", "The whole graph with its named graphs, a statement a line, sorted"),
    "trig": (".trig", "The whole graph with its named graphs, with prefixes"),
    "jsonld": (".jsonld", "The whole graph as JSON-LD, without the names of its graphs"),
}


def make_version(  # noqa: PLR0913 - what, of when, where, and who is told
    pool: QueryPool, namespaces: Namespaces, root: Path, versions: Versions, *, name: str = "", date: str, tell: Tell
) -> Version:
    """Make a version of what is published; `root` has the saved queries. It is there whole, or not at all.

    Raises RequestError for a name that cannot be or is taken, and KnowledgeError where the folder cannot be written.
    """
    name = checked_name(name, date)
    if versions.find(name):
        raise RequestError(
            f"Version {name} is there already, and a version never changes. Give the new one another name."
        )
    partial = versions.folder / f".{name}.partial"
    try:
        versions.folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        _Maker(pool, namespaces, partial, versions.latest(), name, date).make(root, tell)
        fsync_all(partial)
        partial.rename(versions.folder / name)
        fsync(versions.folder)
    except OSError as error:
        raise KnowledgeError(f"the version cannot be written: {error.strerror}", path=versions.folder) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    made = versions.find(name)
    assert made is not None, "it was renamed to its place just now"
    return made


class _Maker:
    """Writes the files of one version into a folder."""

    def __init__(  # noqa: PLR0913, PLR0917 - what its files say
        self, pool: QueryPool, namespaces: Namespaces, folder: Path, previous: Version | None, name: str, date: str
    ) -> None:
        self._pool, self._namespaces, self._folder = pool, namespaces, folder
        self._previous, self._name, self._date = previous, name, date
        self._files: list[VersionFile] = []

    def make(self, root: Path, tell: Tell) -> None:
        tell("reading the graph")
        published, quads = self._read()
        store = ox.Store()
        store.bulk_extend(quads)
        unite(store)
        for form in FORMATS:
            if form.name in _DUMPS:
                tell(f"writing {form.name}")
                suffix, about = _DUMPS[form.name]
                body = written.document(quads, form, self._namespaces.prefixes)
                if form.name == "nquads":
                    body = b"".join(sorted(body.splitlines(keepends=True)))
                self._write(dump_name(self._name, suffix), body, form.media_types[0], about)
        tell("writing the tables")
        reader = StoreReader(store, published)
        for table in tables.TABLES:
            text = tables.table_text(table, reader, self._namespaces)
            self._write(table.file, text, "text/csv", table.about)
        for path in knowledge_files(root, "queries", ".rq"):
            local = path.relative_to(root).as_posix()
            self._write(local, path.read_bytes(), "application/sparql-query", "A saved query as it was")
        tell("comparing it with the version before")
        self._changes(store)
        statements = published.statements
        version = descriptions.VersionDetails(self._name, self._date, self._namespaces, statements)
        files = tuple(self._files)
        self._write("csv-metadata.json", descriptions.csvw(version), "application/csvm+json", "Data dictionary (CSVW)")
        attribution = descriptions.attribution(version, reader)
        self._write("ATTRIBUTION.md", attribution, "text/markdown", "Licence, and what each source wants to be called")
        croissant = descriptions.croissant(version, files)
        self._write("croissant.json", croissant, "application/ld+json", "The tables, for machine learning (Croissant)")
        crate = descriptions.ro_crate(version, tuple(self._files))
        self._write("ro-crate-metadata.json", crate, "application/ld+json", "All files (RO-Crate)")
        self._manifest(published)

    def _read(self) -> tuple[Published, list[ox.Quad]]:
        """Return what is published, whole. Raises KnowledgeError when another generation came in between."""
        published = self._pool.generation()
        found: list[ox.Quad] = []
        for row in self._pool.rows(_GRAPHS):
            name = row["graph"].value
            if name == self._namespaces.graph("reified"):  # files of RDF 1.1 have no form for it
                continue
            with self._pool.graph(name, Chosen(N_TRIPLES, N_TRIPLES.media_types[0])) as result:
                triples = [quad.triple for quad in ox.parse(result.read(), ox.RdfFormat.N_TRIPLES, lenient=True)]
            graph = ox.NamedNode(name)
            lasting = with_lasting_blank_nodes(triples, name)
            found.extend(ox.Quad(each.subject, each.predicate, each.object, graph) for each in lasting)
        if self._pool.generation().id != published.id:
            raise KnowledgeError("the graph was published again while it was read; make the version again")
        return published, found

    def _changes(self, store: ox.Store) -> None:
        """Write what differs from the version before, in words and as data."""
        before = None
        if self._previous:
            before = ox.Store()
            dump = self._previous.folder / self._previous.dump
            # Not by bulk_load, which gives every blank node another name.
            before.bulk_extend(ox.parse(path=str(dump), format=ox.RdfFormat.N_QUADS))
        patch = patch_between(before, store) if before is not None else Patch()
        records = changed_records(patch, before, store, self._namespaces)
        words = in_words(records) if before is not None else ["The first version."]
        known: dict[str, Any] = {
            "version": self._name,
            "previous": self._previous.name if self._previous else None,
            "statements_added": len(patch.added),
            "statements_removed": len(patch.removed),
            "words": words,
            "records": [
                {"iri": each.iri, "what": each.what, "kind": each.kind, "label": each.label} for each in records
            ],
        }
        self._write("changes.json", _json(known), "application/json", "What was added, changed and retired, as data")
        lines = [f"# What version {self._name} changed", "", *(f"{each}\n" for each in words)]
        lines.extend(
            f"* {each.what}: {each.label}{f' ({each.kind})' if each.kind else ''}, <{each.iri}>" for each in records
        )
        self._write(
            "CHANGES.md", "\n".join((*lines, "")), "text/markdown", "What was added, changed and retired, in words"
        )
        if before is not None:
            about = "The statements that went and came since the version before"
            self._write("changes.rdfp", "".join(patch_lines(patch)), "application/rdf-patch", about)

    def _manifest(self, published: Published) -> None:
        """Write the sums of the files, and what says what this version is; last, for it makes the folder a version."""
        sums = "".join(f"{each.sha256}  {each.name}\n" for each in sorted(self._files, key=lambda file: file.name))
        self._write(SUMS, sums, "text/plain", "SHA-256 of each file, for sha256sum --check")
        known = {
            "name": self._name,
            "date": self._date,
            "previous": self._previous.name if self._previous else "",
            "order": int(self._previous.known["order"]) + 1 if self._previous else 1,
            "base": self._namespaces.base,
            "statements": published.statements,
            "licence": descriptions.LICENCE,
            "files": [vars(each) for each in sorted(self._files, key=lambda file: file.name)],
        }
        (self._folder / MANIFEST).write_text(_json(known), encoding="utf-8")

    def _write(self, name: str, content: str | bytes, media_type: str, about: str) -> None:
        data = content.encode() if isinstance(content, str) else content
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._files.append(VersionFile(name, media_type, about, len(data), hashlib.sha256(data).hexdigest()))


def _json(known: object) -> str:
    return json.dumps(known, ensure_ascii=False, indent=1) + "\n"
