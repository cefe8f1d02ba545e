"""Every named graph in one file, as N-Quads and as TriG, made when the graph is published.

    dataset.nq, dataset.trig    graph after graph by their names, the statements of each sorted
    dataset.json                size and SHA-256 of both, and where in them each graph stands

`graph/reified` is left out, which readers of RDF 1.1 have no form for (decision 0205). What a change does not touch is
copied from the files of the generation before, so that a merge reads nothing of the store for them (decision 0217).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from leedskg.errors import KnowledgeError, LimitReachedError
from leedskg.namespaces import Namespaces
from leedskg.store import Reader
from leedskg.store.embedded import as_stored

#: Ends of the names of the two files.
NQ, TRIG = "nq", "trig"
_INDEX = "dataset.json"
_GRAPHS = "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } }"
_PREFIXES = re.compile(rb"\A(?:@prefix [^\n]*\n)+")

#: Subjects up to which only theirs is made anew of a graph that changes.
_FEW = 1_000
#: Lines by that with which they begin.
_Lines = Mapping[bytes, set[bytes]]
#: Where a graph begins and ends in each file.
_Spans = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Dump:
    """One of the files."""

    path: Path
    size: int
    sha256: str


class Dumps:
    """The files of one generation, as they are kept in a folder."""

    def __init__(self, folder: Path, known: Mapping[str, Any]) -> None:
        self._graphs: dict[str, _Spans] = known["graphs"]
        self._files = {
            suffix: Dump(folder / f"dataset.{suffix}", size, sha256)
            for suffix, (size, sha256) in known["files"].items()
        }

    @classmethod
    def open(cls, folder: Path) -> Dumps | None:
        """Return the files in a folder; None where they are not there whole."""
        try:
            found = cls(folder, json.loads((folder / _INDEX).read_text(encoding="utf-8")))
            whole = all(found.file(suffix).path.stat().st_size == found.file(suffix).size for suffix in (NQ, TRIG))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return found if whole else None

    @classmethod
    def aside(cls, reader: Reader, namespaces: Namespaces) -> Dumps:
        """Write the files of what is read into a folder that goes with them. Raises KnowledgeError."""
        folder = Path(tempfile.mkdtemp(prefix="leedskg-dumps-"))
        try:
            write(reader, namespaces, folder)
            found = cls(folder, json.loads((folder / _INDEX).read_text(encoding="utf-8")))
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise KnowledgeError(f"the files of the data set cannot be written: {error.strerror}") from None
        weakref.finalize(found, shutil.rmtree, folder, ignore_errors=True)
        return found

    def file(self, suffix: str) -> Dump:
        """Return the file whose name ends so."""
        return self._files[suffix]

    @property
    def graphs(self) -> Set[str]:
        """The names of the graphs that are in them."""
        return self._graphs.keys()

    @contextmanager
    def opened(self) -> Iterator[Callable[[str], tuple[bytes, bytes]]]:
        """Give what reads a graph by name: its N-Quads and its TriG, nothing of one that is not there."""
        with ExitStack() as stack:
            files = {each: stack.enter_context(self.file(each).path.open("rb")) for each in (NQ, TRIG)}

            def piece(name: str, suffix: str) -> bytes:
                start, end = self._graphs.get(name, {}).get(suffix, (0, 0))
                files[suffix].seek(start)
                return files[suffix].read(end - start)

            yield lambda name: (piece(name, NQ), piece(name, TRIG))


def write(reader: Reader, namespaces: Namespaces, folder: Path) -> None:
    """Write the files of what is read into a folder. Raises OSError, and LimitReachedError when that is replaced."""
    generation = reader.generation().id
    names = sorted({row["graph"].value for row in reader.rows(_GRAPHS)} - _left_out(namespaces))
    with _writer(namespaces, folder) as writer:
        for name in names:
            end = f" <{name}> .\n".encode()
            writer.add_lines(name, (line.removesuffix(b" .") + end for line in reader.n_triples(name).splitlines()))
        if reader.generation().id != generation:
            raise LimitReachedError("The graph is being published just now; try again in a moment.", retry_after=1)


def follow(earlier: Dumps, store: ox.Store, touched: Iterable[ox.Quad], namespaces: Namespaces, folder: Path) -> None:
    """Write the files of what `store` holds, which differs from the `earlier` in touched quads alone.

    Raises OSError.
    """
    changes: dict[str, set[ox.Quad]] = defaultdict(set)
    for quad in as_stored(touched):  # one form of what is equal, 1.0 and 1, as the lines of the files have
        if isinstance(quad.graph_name, ox.NamedNode):
            changes[quad.graph_name.value].add(quad)
    with earlier.opened() as piece, _writer(namespaces, folder) as writer:
        for name in sorted({*earlier.graphs, *changes} - _left_out(namespaces)):
            nq, trig = piece(name)
            come = {quad for quad in changes[name] if quad in store}
            writer.change(name, nq, trig, _by_subject(changes[name] - come), _by_subject(come))


def _by_subject(quads: Iterable[ox.Quad]) -> dict[bytes, set[bytes]]:
    """Return the lines of quads by that with which all lines of a subject begin."""
    found: dict[bytes, set[bytes]] = defaultdict(set)
    for line in (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").splitlines(keepends=True):
        found[line[: line.index(b" ") + 1]].add(line)
    return found


def _place(lines: bytes, text: bytes, low: int) -> int:
    """Return where, from `low` on, the first of sorted lines begins that does not come before a text."""
    high = len(lines)
    while low < high:
        start = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = lines.index(b"\n", start) + 1
        low, high = (end, high) if lines[start:end] < text else (low, start)
    return low


def _left_out(namespaces: Namespaces) -> set[str]:
    return {namespaces.graph("reified")}


class _Writer:
    """Writes both files, graph after graph."""

    def __init__(self, namespaces: Namespaces, files: Mapping[str, IO[bytes]]) -> None:
        self._prefixes, self._files = namespaces.prefixes, files
        self._digests = {suffix: hashlib.sha256() for suffix in files}
        self._graphs: dict[str, _Spans] = {}
        head = "".join(f"@prefix {each}: <{space}> .\n" for each, space in sorted(self._prefixes.items()))
        self._put(TRIG, head.encode())

    def add_lines(self, name: str, lines: Iterable[bytes]) -> None:
        """Add a graph by its N-Quads, in any order; one without any is none."""
        if nq := b"".join(sorted(lines)):
            self.add(name, nq, f"\n<{name}> {{\n".encode() + self._blocks(nq) + b"}\n")

    def change(self, name: str, nq: bytes, trig: bytes, gone: _Lines, come: _Lines) -> None:
        """Add a graph as it was but for some lines, which are given by their subjects.

        A subject has its lines in one place of either file, so that only these are made anew. Of many that is slower
        than to make the whole.
        """
        subjects = sorted({*gone, *come})
        if not nq or len(subjects) > _FEW:
            left = set(nq.splitlines(keepends=True)).difference(*gone.values())
            self.add_lines(name, left.union(*come.values()))
            return
        lines, blocks, read, shown = [], [], 0, 0
        for subject in subjects:
            start = _place(nq, subject, read)
            end = _place(nq, subject[:-1] + b"!", start)  # the character after the space
            was = nq[start:end]
            left = {*was.splitlines(keepends=True)} - gone.get(subject, set())
            now = b"".join(sorted(left | come.get(subject, set())))
            block = self._blocks(was)
            at = self._block_at(trig, was or nq[end : nq.find(b"\n", end) + 1], shown)
            lines += [nq[read:start], now]
            blocks += [trig[shown:at], self._blocks(now)]
            read, shown = end, at + len(block)
        if nq := b"".join([*lines, nq[read:]]):
            self.add(name, nq, b"".join([*blocks, trig[shown:]]))

    def _block_at(self, trig: bytes, lines: bytes, start: int) -> int:
        """Return where the block of the subject of some lines begins in TriG; the end of the graph where none is."""
        if not lines:
            return len(trig) - len(b"}\n")
        text = self._blocks(lines)
        return trig.index(b"\n" + text[: text.index(b" ") + 1], max(start - 1, 0)) + 1

    def _blocks(self, nq: bytes) -> bytes:
        """Return N-Quads of one graph as Turtle without its prefixes: for each subject a block of lines."""
        triples = (quad.triple for quad in ox.parse(nq, ox.RdfFormat.N_QUADS, lenient=True))
        text = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=self._prefixes) or b""
        return _PREFIXES.sub(b"", text, count=1)

    def add(self, name: str, nq: bytes, trig: bytes) -> None:
        """Add a graph in both forms."""
        self._graphs[name] = {NQ: self._put(NQ, nq), TRIG: self._put(TRIG, trig)}

    def _put(self, suffix: str, piece: bytes) -> tuple[int, int]:
        file = self._files[suffix]
        start = file.tell()
        file.write(piece)
        self._digests[suffix].update(piece)
        return start, file.tell()

    def known(self) -> dict[str, Any]:
        """Return what is known of the files."""
        sums = {suffix: (file.tell(), self._digests[suffix].hexdigest()) for suffix, file in self._files.items()}
        return {"files": sums, "graphs": self._graphs}


@contextmanager
def _writer(namespaces: Namespaces, folder: Path) -> Iterator[_Writer]:
    """Open both files to be written; what is known of them is written last, for it makes them whole."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        files = {each: stack.enter_context((folder / f"dataset.{each}").open("wb")) for each in (NQ, TRIG)}
        writer = _Writer(namespaces, files)
        yield writer
        known = writer.known()
    (folder / _INDEX).write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
