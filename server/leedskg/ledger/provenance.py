"""What the graph says of its contributions: PROV in `graph/provenance`, made from the ledger and nothing else.

Of a person it says the name of the account and no more: no address, no times of signing in. The reasons and notes that
people write stay in the ledger, for they may name others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

import pyoxigraph as ox

from leedskg.ledger.model import Contribution, Event
from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces

_PROV, _DCTERMS = REUSED["prov"], REUSED["dcterms"]


def provenance(
    contributions: Iterable[Contribution], events: Mapping[int, Sequence[Event]], namespaces: Namespaces
) -> list[ox.Quad]:
    """Return the quads for the contributions that changed the graph, those that were taken back included."""
    graph = ox.NamedNode(namespaces.graph("provenance"))
    triples = [
        triple
        for each in contributions
        if each.state in {"merged", "undone"}
        for triple in _Account(each, events[each.id], namespaces).triples()
    ]
    return [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in dict.fromkeys(triples)]


def account_iri(who: str, namespaces: Namespaces) -> str:
    """Return the IRI of an account, under our base."""
    name = re.sub(r"[\s/]+", "-", who.strip()).lower()
    return f"{namespaces.base}account/{quote(name, safe='-._~')}"


class _Account:
    """The statements on one contribution."""

    def __init__(self, contribution: Contribution, events: Sequence[Event], namespaces: Namespaces) -> None:
        self._contribution, self._events, self._namespaces = contribution, events, namespaces
        self._found: list[ox.Triple] = []

    def triples(self) -> list[ox.Triple]:
        """Return entity, submission, acceptance and, where it was taken back, the taking back."""
        own = self._contribution
        entity = self._namespaces.graph(f"contribution/{own.id}")
        file = f"{self._namespaces.base}contribution/{own.id}#file"
        self._is(entity, _PROV + "Entity")
        self._say(entity, _DCTERMS + "title", own.title)
        self._link(entity, _PROV + "wasDerivedFrom", file)
        self._is(file, _PROV + "Entity")
        self._digest(file, own.sha256)
        if own.source:
            self._say(entity, _DCTERMS + "source", own.source)
        for event in self._events:
            if event.kind == "submitted":
                self._link(file, _PROV + "wasAttributedTo", self._account(event.who))
                self._activity("submission", event, file, _PROV + "wasGeneratedBy")
            elif event.kind == "accepted":
                activity = self._activity("acceptance", event, entity, _PROV + "wasGeneratedBy")
                self._link(activity, _PROV + "used", file)
                self._report(activity, event)
            elif event.kind == "undone":
                self._activity("undoing", event, entity, _PROV + "wasInvalidatedBy")
        return self._found

    def _report(self, activity: str, event: Event) -> None:
        """Say what the check found, and by which shapes it judged."""
        counts = event.data.get("counts", {})
        found = ", ".join(f"{severity}: {number}" for severity, number in counts.items())
        self._say(activity, _DCTERMS + "description", f"Checked before it was merged. Findings by severity: {found}.")
        shapes = f"{self._namespaces.base}contribution/{self._contribution.id}#shapes"
        self._link(activity, _PROV + "used", shapes)
        self._is(shapes, _PROV + "Entity")
        self._say(shapes, _DCTERMS + "title", "The shapes that the check judged by")
        self._digest(shapes, str(event.data.get("shapes", "")))

    def _digest(self, of: str, value: str) -> None:
        self._link(of, REUSED["spdx"] + "checksum", f"{of}-checksum")
        self._is(f"{of}-checksum", REUSED["spdx"] + "Checksum")
        self._link(f"{of}-checksum", REUSED["spdx"] + "algorithm", REUSED["spdx"] + "checksumAlgorithm_sha256")
        self._say(f"{of}-checksum", REUSED["spdx"] + "checksumValue", value)

    def _activity(self, name: str, event: Event, of: str, link: str) -> str:
        iri = f"{self._namespaces.base}contribution/{self._contribution.id}#{name}"
        self._link(of, link, iri)
        self._is(iri, _PROV + "Activity")
        self._link(iri, _PROV + "wasAssociatedWith", self._account(event.who))
        time = ox.Literal(event.at, datatype=ox.NamedNode(REUSED["xsd"] + "dateTime"))
        self._found.append(ox.Triple(ox.NamedNode(iri), ox.NamedNode(_PROV + "endedAtTime"), time))
        return iri

    def _account(self, who: str) -> str:
        iri = account_iri(who, self._namespaces)
        self._is(iri, _PROV + "Agent")
        self._say(iri, REUSED["rdfs"] + "label", who)
        return iri

    def _is(self, subject: str, kind: str) -> None:
        self._link(subject, RDF_TYPE, kind)

    def _link(self, subject: str, predicate: str, value: str) -> None:
        self._found.append(ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value)))

    def _say(self, subject: str, predicate: str, text: str) -> None:
        self._found.append(ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.Literal(text)))
