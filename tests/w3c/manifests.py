"""Reading the manifests of the suite: which tests there are, and what each one says."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

VARIABLE = "W3C_SPARQL11"
FOLDER = Path(os.environ.get(VARIABLE) or Path(__file__).parents[3] / "shared" / "w3c" / "sparql11")
#: Where the suite lives on the web: the names of its files are resolved against this, whatever folder they are in.
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


@dataclass(frozen=True)
class Case:
    """A test: the folder it is in, its own name, its kind (such as QueryEvaluationTest), and its node."""

    group: str
    name: str
    kind: str
    node: ox.NamedNode

    @property
    def id(self) -> str:
        return f"{self.group}/{self.name}"


@cache
def _store() -> ox.Store:
    store = ox.Store()
    for path in sorted(FOLDER.glob("*/manifest*.ttl")):
        group = path.parent.name
        store.load(path.read_bytes(), ox.RdfFormat.TURTLE, base_iri=f"{BASE}{group}/{path.name}")
    return store


@cache
def cases() -> list[Case]:
    """Every test that a manifest lists, in the manifests' order; none when the suite is not there."""
    found = []
    for path in sorted(FOLDER.glob("*/manifest*.ttl")):
        if path.parent.name == "http-rdf-update":
            continue  # prose for people: graph-store-protocol/ is the same for programs
        manifest = ox.NamedNode(f"{BASE}{path.parent.name}/{path.name}")
        for entry in values(manifest, f"{MF}entries"):
            for node in items(entry):
                kind = one(node, f"{RDF}type").value.rpartition("#")[2]
                found.append(Case(path.parent.name, node.value.rpartition("#")[2], kind, node))
    return found


def values(subject, predicate: str) -> list:
    """The objects of a statement about a node."""
    found = _store().quads_for_pattern(subject, ox.NamedNode(predicate), None)
    return [quad.object for quad in found]


def one(subject, predicate: str):
    """The one object of a statement about a node; None when there is none."""
    found = values(subject, predicate)
    assert len(found) < 2, f"{subject} has several {predicate}"
    return found[0] if found else None


def text(subject, predicate: str) -> str:
    """The one object as text; nothing when there is none."""
    found = one(subject, predicate)
    return found.value if found is not None else ""


def items(head) -> list:
    """The members of an RDF list."""
    found = []
    while head.value != f"{RDF}nil":
        found.append(one(head, f"{RDF}first"))
        head = one(head, f"{RDF}rest")
    return found


def path_of(iri: str) -> Path:
    """The file of the suite that an IRI names."""
    assert iri.startswith(BASE), iri
    return FOLDER / iri.removeprefix(BASE)
