"""A place that holds one value of its own, and the Python types of what JSON calls a type.

Decides what fits such a place and what it is filled with; leaves to `merging` which question it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from formengine.core.asking import Question
from formengine.core.pointer import ABSENT, JsonValue

CLASSES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int, Decimal),
    "number": (int, Decimal),
    "boolean": (bool,),
    "null": (type(None),),
}
"""The Python types of each JSON type."""


class Leaf:
    """A place that holds one value of its own: its question, the Python types that fit it, what it is filled with."""

    __slots__ = ("classes", "fill", "question", "read_only")

    def __init__(self, asked: Question, *, no_fill: bool) -> None:
        self.question = asked
        self.classes = _classes(asked)
        self.read_only = bool(asked.keywords.get("readOnly"))
        options = asked.options
        one = options is not None and len(options) == 1 and not asked.tick and not no_fill
        self.fill: JsonValue = options[0].value if one and options else ABSENT


def _classes(asked: Question) -> frozenset[type]:
    found = {kind for name in asked.types for kind in CLASSES[name]}
    if asked.nullable or any(option.value is None for option in asked.options or ()):
        found.add(type(None))
    return frozenset(found)
