"""References that lead to another place from another starting point: refused, for a question stands in one place.

`$dynamicRef` and `$recursiveRef` are read as plain references. That is what they mean as long as their anchor stands
once in all documents; where it stands twice, it would not be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formengine.core import pointer as pointers
from formengine.core.bundling import inner_schemas
from formengine.core.pointer import JsonValue
from formengine.errors import DefinitionError


def dynamic_mistakes(documents: Mapping[str, JsonValue]) -> list[DefinitionError]:
    """What is wrong with the dynamic references in *documents*, by file name."""
    schemas = [(name, at, schema) for name, document in documents.items() for at, schema in _schemas(document)]
    anchors: dict[str, int] = {}
    for _, _, schema in schemas:
        anchor = schema.get("$dynamicAnchor")
        if isinstance(anchor, str):
            anchors[anchor] = anchors.get(anchor, 0) + 1
        if schema.get("$recursiveAnchor") is True:
            anchors[""] = anchors.get("", 0) + 1
    found = []
    for name, at, schema in schemas if any(count > 1 for count in anchors.values()) else ():
        for word in ("$dynamicRef", "$recursiveRef"):
            reference = schema.get(word)
            anchor = reference.partition("#")[2] if isinstance(reference, str) else None
            if anchor is not None and anchors.get(anchor, 0) > 1:
                message = f"the reference {reference!r} leads to another place from another starting point"
                remedy = "use $ref with the place that is meant"
                found.append(DefinitionError(message, file=name, pointer=f"{at}/{word}", remedy=remedy))
    return found


def _schemas(document: JsonValue) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """Each subschema of *document* with its pointer."""
    waiting: list[tuple[str, JsonValue]] = [("", document)]
    while waiting:
        at, schema = waiting.pop()
        if isinstance(schema, dict):
            yield at, schema
            waiting += [(at + pointers.build(tokens), inner) for tokens, inner in inner_schemas(schema)]
