"""The second opinion: `jsonschema`, the reference, over the documents as they were published.

Decides nothing on the request path; at submit and in tests it says whether a payload is valid. It is given our
pattern engine, exact numbers and a registry that holds the given documents alone, so that it fetches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import jsonschema
import jsonschema_rs
from jsonschema import validators
from referencing import Registry, Resource
from referencing.jsonschema import specification_with

from formengine.core import evaluated, patterns
from formengine.core.bundling import published_beside
from formengine.core.pointer import JsonValue

_CLASSES: Mapping[str, Any] = {
    "04": jsonschema.Draft4Validator,
    "06": jsonschema.Draft6Validator,
    "07": jsonschema.Draft7Validator,
    "2019-09": jsonschema.Draft201909Validator,
    "2020-12": jsonschema.Draft202012Validator,
}
_STANDARD = (
    "date", "time", "date-time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "iri", "iri-reference", "uri-template", "uuid", "json-pointer", "relative-json-pointer", "regex",
)  # fmt: skip


class Reference:
    """The reference validator of one schema."""

    def __init__(
        self,
        document: JsonValue,
        name: str,
        others: Mapping[str, JsonValue],
        draft: str,
        formats: Mapping[str, Callable[[str], bool]],
    ) -> None:
        uri = _CLASSES[draft].META_SCHEMA.get("$schema", "")
        specification = specification_with(uri)
        root = document
        own = document.get("$id", document.get("id")) if isinstance(document, dict) else None
        if isinstance(own, str) and ":" not in own:
            root = {key: value for key, value in document.items() if key not in {"$id", "id"}}
            own = None
        documents = {**others, name: root}
        resources: dict[str, Resource[Any]] = {}
        for other, content in documents.items():
            resources[other] = specification.create_resource(content)
        for address, other in published_beside(documents, name):
            resources.setdefault(address, resources[other])
        registry: Registry[Any] = Registry().with_resources(resources.items())
        if "/" in name and not isinstance(own, str) and isinstance(root, dict):
            root = {"$ref": name} if draft not in {"04", "06", "07"} else {"allOf": [{"$ref": name}]}
        self._validator = _class(draft)(root, registry=registry, format_checker=_checker(draft, formats))

    def is_valid(self, document: JsonValue) -> bool:
        """Whether *document* is valid by the schema, formats asserted."""
        return bool(self._validator.is_valid(document))


def _class(draft: str) -> Any:
    base = _CLASSES[draft]
    checker = base.TYPE_CHECKER.redefine("integer", _is_integer).redefine("number", _is_number)
    keywords: dict[str, Any] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "multipleOf": _multiple_of,
    }
    if draft in {"2019-09", "2020-12"}:
        keywords["unevaluatedProperties"] = evaluated.unevaluated_properties(_matches)
    return validators.extend(base, keywords, type_checker=checker)  # type: ignore[no-untyped-call]  # it has no types


def _checker(draft: str, formats: Mapping[str, Callable[[str], bool]]) -> jsonschema.FormatChecker:
    checker = jsonschema.FormatChecker(formats=())
    for name in _STANDARD:
        checker.checkers[name] = (_standard(draft, name), ())
    for name, check in formats.items():
        checker.checkers[name] = (_of_text(check), ())
    return checker


def _of_text(check: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: check(value) if isinstance(value, str) else True


def _standard(draft: str, name: str) -> Callable[[object], bool]:
    del draft
    validator = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True, offline=True)
    return lambda value: validator.is_valid(value) if isinstance(value, str) else True


def _is_number(_checker: Any, value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_integer(_checker: Any, value: object) -> bool:
    return _is_number(_checker, value) and value == int(value)  # type: ignore[call-overload]  # a number, as was just seen


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
    if validator.is_type(instance, "string") and not _matches(pattern, instance):
        yield jsonschema.ValidationError("pattern")


def _matches(pattern: str, text: str) -> bool:
    return patterns.matcher(patterns.mended(pattern)).is_valid(text)


def _pattern_properties(validator: Any, named: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in named.items():
        for key, value in instance.items():
            if _matches(pattern, key):
                yield from validator.descend(value, subschema, path=key, schema_path=pattern)


def _additional_properties(validator: Any, additional: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    named, shapes = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, value in instance.items():
        if key in named or any(_matches(pattern, key) for pattern in shapes):
            continue
        if additional is False:
            yield jsonschema.ValidationError("additionalProperties")
        elif additional is not True:
            yield from validator.descend(value, additional, path=key)


def _multiple_of(validator: Any, step: Any, instance: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
    if validator.is_type(instance, "number") and (Fraction(instance) / Fraction(step)).denominator != 1:
        yield jsonschema.ValidationError("multipleOf")
