"""`unevaluatedProperties` for the reference validator, with our pattern engine in place of Python's (SCH-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
from referencing.jsonschema import lookup_recursive_ref

Matches = Callable[[str, str], bool]


def unevaluated_properties(matches: Matches) -> Callable[[Any, Any, Any, Any], Iterator[jsonschema.ValidationError]]:
    """The keyword as `jsonschema` takes it; *matches* says whether a pattern matches a name."""

    def keyword(validator: Any, inner: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
        if not validator.is_type(instance, "object"):
            return
        evaluated = set(_evaluated(validator, instance, schema, matches, own=False))
        for name, value in instance.items():
            if name not in evaluated:
                yield from validator.descend(value, inner, path=name)

    return keyword


def _evaluated(validator: Any, instance: Any, schema: Any, matches: Matches, *, own: bool = True) -> Iterator[str]:
    """The names that *schema* looks at, all else holding. *own*: what its `unevaluatedProperties` takes counts too."""
    if not isinstance(schema, dict):
        return

    def inside(subschema: Any, at: Any = validator) -> Iterator[str]:
        if at.evolve(schema=subschema).is_valid(instance):
            yield from _evaluated(at, instance, subschema, matches)

    for word in ("$ref", "$dynamicRef", "$recursiveRef"):
        if word in schema:
            here = validator._resolver  # noqa: SLF001  as jsonschema's own keywords do
            found = lookup_recursive_ref(here) if word == "$recursiveRef" else here.lookup(schema[word])
            yield from inside(found.contents, validator.evolve(schema=found.contents, _resolver=found.resolver))
    named = schema.get("properties", {})
    shapes = schema.get("patternProperties", {})
    known = {name for name in instance if name in named or any(matches(shape, name) for shape in shapes)}
    yield from known
    if "additionalProperties" in schema or (own and "unevaluatedProperties" in schema):
        yield from instance
    for name, subschema in schema.get("dependentSchemas", {}).items():
        if name in instance:
            yield from inside(subschema)
    for word in ("allOf", "anyOf", "oneOf"):
        for subschema in schema.get(word, ()):
            yield from inside(subschema)
    if "if" in schema:
        holds = validator.evolve(schema=schema["if"]).is_valid(instance)
        if holds:
            yield from inside(schema["if"])
        branch = "then" if holds else "else"
        if branch in schema:
            yield from inside(schema[branch])
