"""What a designer probably mistyped: words of a schema that say nothing, or not what they seem to say.

Decides from one schema object alone, and only warns: all of this is valid JSON Schema. What leaves no value is for
`exclusions` to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from formengine.core import numbers
from formengine.core.outline import kind_of
from formengine.core.spelling import closest

_WORDS: Final = frozenset((
    "$anchor", "$comment", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor", "$recursiveRef",
    "$ref", "$schema", "$vocabulary", "additionalItems", "additionalProperties", "allOf", "anyOf", "const",
    "contains", "contentEncoding", "contentMediaType", "contentSchema", "default", "definitions", "dependencies",
    "dependentRequired", "dependentSchemas", "deprecated", "description", "else", "enum", "enumNames", "example",
    "examples", "exclusiveMaximum", "exclusiveMinimum", "format", "id", "if", "items", "maxContains", "maxItems",
    "maxLength", "maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties", "minimum",
    "multipleOf", "not", "nullable", "oneOf", "pattern", "patternProperties", "prefixItems", "properties",
    "propertyNames", "readOnly", "required", "then", "title", "type", "unevaluatedItems", "unevaluatedProperties",
    "uniqueItems", "writeOnly",
))  # fmt: skip
"""The keywords of all drafts, and those of others that are no mistake."""


class Slip(NamedTuple):
    """What is odd, at the keyword *word*, and what to do."""

    why: str
    word: str
    cure: str


def slips(schema: Mapping[str, Any]) -> Iterator[Slip]:
    """All that looks mistyped in *schema* itself."""
    for word in schema:
        close = closest(word, _WORDS) if word not in _WORDS else ""
        if close:
            yield Slip(f'"{word}" is no keyword and says nothing', word, f'did you mean "{close}"?')
    if "if" in schema and "then" not in schema and "else" not in schema:
        yield Slip("this if has neither then nor else and says nothing", "if", "add one of them, or take the if out")
    for word in ("then", "else"):
        if word in schema and "if" not in schema:
            yield Slip(f"this {word} has no if and says nothing", word, f"add the if, or take the {word} out")
    options = schema.get("enum")
    if isinstance(options, list):
        yield from _of_options(schema, options)


def _of_options(schema: Mapping[str, Any], options: list[Any]) -> Iterator[Slip]:
    names = schema.get("enumNames")
    if isinstance(names, list) and len(names) != len(options):
        why = f"enumNames has {len(names)} names for {len(options)} options"
        yield Slip(why, "enumNames", "give each option one name, in the same order")
    seen = set()
    for option in options:
        key = numbers.exact(option)
        if key in seen:
            yield Slip(f"enum has {numbers.dumps(option)} twice", "enum", "take one of them out")
        seen.add(key)
    kind = schema.get("type")
    if isinstance(kind, str):
        odd = [one for one in options if kind_of(one) != kind and not (kind == "number" and kind_of(one) == "integer")]
        if odd and len(odd) < len(options):
            why = f"enum has {numbers.dumps(odd[0])}, which is not of type {kind}, so it is never offered"
            yield Slip(why, "enum", "write it in that type, or take it out")
