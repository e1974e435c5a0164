"""What a designer probably mistyped: words of a schema that say nothing, or not what they seem to say.

Decides from one schema object alone, and only warns: all of this is valid JSON Schema. What leaves no value is for
`exclusions` to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from formengine.core import numbers
from formengine.core.exclusions import kept_by
from formengine.core.formats import formats
from formengine.core.outline import kind_of
from formengine.core.spelling import closest, nearest

KEYWORDS: Final = frozenset((
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
_STANDARD: Final = frozenset((
    "date", "time", "date-time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex",
))  # fmt: skip
"""The formats of JSON Schema itself."""
_OTHER_NAMES: Final = {
    "datum": "date", "telefon": "tel", "telephone": "tel", "phone": "tel", "url": "uri", "e-mail": "email",
    "postleitzahl": "plz", "zip": "plz", "currency": "cents", "money": "cents", "euro": "cents", "betrag": "cents",
    "steuer-id": "idnr", "uhrzeit": "time", "datetime": "date-time",
}  # fmt: skip
_OF_TYPE: Final = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "object": ("properties", "required", "minProperties", "maxProperties"),
}
"""The keywords that say nothing of other types."""
_SIMPLE: Final = ("integer", "boolean", "null")


class Slip(NamedTuple):
    """What is odd, at the keyword *word*, and what to do."""

    why: str
    word: str
    cure: str


def slips(schema: Mapping[str, Any]) -> Iterator[Slip]:
    """All that looks mistyped in *schema* itself."""
    for word in schema:
        close = closest(word, KEYWORDS) if word not in KEYWORDS else ""
        if close:
            yield Slip(f'"{word}" is no keyword and says nothing', word, f'did you mean "{close}"?')
        elif word not in KEYWORDS and _is_question(schema[word]):
            yield Slip(f'"{word}" is no keyword and says nothing', word, 'a question stands in "properties"')
    if "if" in schema and "then" not in schema and "else" not in schema:
        yield Slip("this if has neither then nor else and says nothing", "if", "add one of them, or take the if out")
    for word in ("then", "else"):
        if word in schema and "if" not in schema:
            yield Slip(f"this {word} has no if and says nothing", word, f"add the if, or take the {word} out")
    options = schema.get("enum")
    if isinstance(options, list):
        yield from _of_options(schema, options)
    if isinstance(schema.get("type"), str):
        yield from _of_type(schema, schema["type"])
    yield from _of_values(schema)


def _is_question(value: Any) -> bool:
    """Whether *value* describes something to ask, and is no setting of another program's."""
    return isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"] in {*_OF_TYPE, *_SIMPLE}


def _of_type(schema: Mapping[str, Any], kind: str) -> Iterator[Slip]:
    for other, words in _OF_TYPE.items():
        for word in words:
            if word in schema and other != kind and (other, kind) != ("number", "integer"):
                yield Slip(
                    f"{word} says nothing of type {kind}", word, f"it belongs to type {other}: change one of them"
                )
    name = schema.get("format")
    if isinstance(name, str):
        yield from _of_format(name, kind)


def _of_format(name: str, kind: str) -> Iterator[Slip]:
    known = {*_STANDARD, *formats}
    wanted = "integer" if name == "cents" else "string"
    if name not in known:
        close = _OTHER_NAMES.get(name.lower()) or nearest(name, known)
        cure = f'did you mean "{close}"?' if close else f"there is: {', '.join(formats)}, date, email, …"
        yield Slip(f'the format "{name}" is not known and says nothing', "format", cure)
    elif kind != wanted:
        yield Slip(f"format {name} says nothing of type {kind}", "format", f'write "type": "{wanted}", or take it out')


def _of_values(schema: Mapping[str, Any]) -> Iterator[Slip]:
    """Answers that a designer wrote and the schema beside them does not take."""
    kind = schema.get("type")
    takes = kept_by(schema) if {"default", "examples"} & schema.keys() else None

    def fits(value: Any) -> bool:
        if isinstance(kind, str) and kind != kind_of(value) and (kind, kind_of(value)) != ("number", "integer"):
            return False
        options = schema.get("enum")
        named = not isinstance(options, list) or numbers.exact(value) in map(numbers.exact, options)
        return named and (takes is None or takes(value))

    if "default" in schema and not fits(schema["default"]):
        yield Slip(
            "this default is no answer that the schema takes", "default", "compare it with what stands beside it"
        )
    examples = schema.get("examples")
    for example in examples if isinstance(examples, list) else ():
        if not fits(example):
            why = f"the example {numbers.dumps(example)} is no answer that the schema takes"
            yield Slip(why, "examples", "people read it where their answer is wrong: write a right one")
            break
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and len(pattern) > 2 and pattern[0] == pattern[-1] == "/":
        yield Slip("this pattern wants a / before and behind", "pattern", "write it without the two slashes")


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
    keeps = kept_by(schema)
    beyond = [one for one in options if not keeps(one)]
    if beyond and len(beyond) < len(options):
        why = f"enum has {numbers.dumps(beyond[0])}, which the limits beside it do not take"
        yield Slip(why, "enum", "change the limits, or take it out")
