"""What a document breaks of the rules for schemas, in words for a designer.

Decides how one error of a metaschema is told; `schemas` finds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from formengine.core.numbers import dumps
from formengine.core.pointer import JsonValue
from formengine.core.spelling import nearest

_TYPES: Final = ("string", "integer", "number", "boolean", "object", "array", "null")
_NAMED: Final = frozenset(
    ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")
)
"""Below these stand names of the designer's, not keywords."""
_COUNT, _NUMBER, _TEXT, _SWITCH = "a whole number, 0 or more", "a number", "a text", "true or false"
_SCHEMAS: Final = "a list of schemas, at least one"
_WANTED: Final = {
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _COUNT),
    **dict.fromkeys(("minContains", "maxContains"), _COUNT),
    **dict.fromkeys(("minimum", "maximum"), _NUMBER),
    **dict.fromkeys(("title", "description", "format", "$ref", "$comment", "contentMediaType"), _TEXT),
    **dict.fromkeys(("readOnly", "writeOnly", "uniqueItems", "deprecated"), _SWITCH),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _SCHEMAS),
    **dict.fromkeys(
        ("properties", "patternProperties", "$defs", "definitions"), "an object: names, each with a schema"
    ),
    "multipleOf": "a number above 0",
    "enum": "a list of different values, at least one",
    "pattern": "a text that is a regular expression",
    "required": "a list of names, beside properties",
    "type": f"one of {', '.join(_TYPES)}, or a list of them",
}


def misfit(tokens: Sequence[str | int], value: JsonValue, keyword: str) -> tuple[str, str]:
    """What is wrong with *value* at *tokens*, which breaks *keyword* of the metaschema, and what to do about it."""
    path = [str(token) for token in tokens]
    while path and path[-1].isdigit():
        path.pop()
    word, above = (path[-1] if path else ""), (path[-2] if len(path) > 1 else "")
    is_name = above in _NAMED and (len(path) < 3 or path[-3] not in _NAMED)
    if word == "type" and not is_name and isinstance(value, str):
        close = nearest(value, _TYPES)
        return f"{dumps(value)} is no type", f'did you mean "{close}"?' if close else f"there is: {', '.join(_TYPES)}"
    if word == "required" and isinstance(value, bool) and not is_name:
        return '"required" is to be a list of names', 'write the name into "required" beside "properties"'
    if word in {"exclusiveMinimum", "exclusiveMaximum"} and not is_name:
        wanted = "a number, the bound itself" if isinstance(value, bool) else "true or false, beside the bound"
        return f'"{word}" is to be {wanted} in this draft', "write it that way, or name another draft in $schema"
    if word in _WANTED and not is_name:
        return f'"{word}" is to be {_WANTED[word]}', "write it that way, or take it out"
    if not isinstance(value, dict | bool):
        return "this is to be a schema", "write an object with keywords in it"
    return f"this is no schema: {keyword} fails here", ""
