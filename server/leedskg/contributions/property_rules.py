"""What the shapes and the ontology say of a property of a class, all property shapes for it together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED

_SH, _RDF = REUSED["sh"], REUSED["rdf"]
_DEFINITION = REUSED["skos"] + "definition"
_VIOLATION = _SH + "Violation"


@dataclass(frozen=True)
class PropertyRule:
    """What the shapes say of one property of one class, all property shapes for it together."""

    name: str = ""
    help: str = ""
    needed: bool = False
    several: bool = True
    class_iri: str = ""
    scheme: str = ""
    values: tuple[str, ...] = ()
    datatype: str = ""
    order: float = 1000.0


class PropertyRules:
    """Reads the rules of properties from one state of the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def rule(self, class_iri: str, property_iri: str) -> PropertyRule:
        """What the shapes that hold for a class say of a property."""
        shapes = self._knowledge.shapes
        found = PropertyRule(help=self.definition(property_iri))
        for shape in self._property_shapes(class_iri):
            if shapes.text(shape, _SH + "path") != property_iri:
                continue
            node = shapes.text(shape, _SH + "node") or ""
            scheme = next(
                (
                    value.rpartition("/")[2]
                    for part in shapes.texts(node, _SH + "property")
                    if shapes.text(part, _SH + "path") == REUSED["skos"] + "inScheme"
                    for value in shapes.texts(part, _SH + "hasValue")
                ),
                "",
            )
            violates = shapes.text(shape, _SH + "severity") in {None, _VIOLATION}
            least = int(shapes.text(shape, _SH + "minCount") or 0)
            most = shapes.text(shape, _SH + "maxCount")
            found = PropertyRule(
                found.name or shapes.text(shape, _SH + "name") or "",
                shapes.text(shape, _SH + "description") or found.help,
                found.needed or (violates and least > 0),
                found.several and most != "1",
                found.class_iri or shapes.text(shape, _SH + "class") or "",
                found.scheme or scheme,
                found.values or tuple(self._list(shapes.text(shape, _SH + "in"))),
                found.datatype or shapes.text(shape, _SH + "datatype") or "",
                min(found.order, float(shapes.text(shape, _SH + "order") or 1000)),
            )
        return found

    def _property_shapes(self, class_iri: str) -> Iterator[str]:
        """The property shapes of a class and of those that it is a kind of."""
        shapes, wider = self._knowledge.shapes, self._knowledge.ontology.wider(class_iri)
        targets = {*wider, class_iri}
        for shape in self._node_shapes:
            if targets & set(shapes.texts(shape, _SH + "targetClass")):
                yield from shapes.texts(shape, _SH + "property")

    @cached_property
    def _node_shapes(self) -> list[str]:
        return list(self._knowledge.shapes.of_type([_SH + "NodeShape"], RDF_TYPE))

    def definition(self, iri: str) -> str:
        """What the ontology says a term means, with its example; empty where it says nothing."""
        statements = self._knowledge.ontology.statements
        said = statements.text(iri, _DEFINITION) or ""
        example = statements.text(iri, REUSED["skos"] + "example")
        return f"{said} For example: {example}".strip() if example else said

    def _list(self, node: str | None) -> Iterator[str]:
        while node and self._knowledge.shapes.text(node, _RDF + "first"):
            yield from self._knowledge.shapes.texts(node, _RDF + "first")
            node = self._knowledge.shapes.text(node, _RDF + "rest")
