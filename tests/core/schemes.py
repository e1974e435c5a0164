"""Random schemas of small domains, and documents for them: what the property tests run over."""

from __future__ import annotations

import random
from typing import Any

FOUND = (217, 4164, 5564, 5788, 6306, 13862, 14049, 16266, 20670, 20892, 30009, 30033, 30096)
"""Schemas by number at which something once was wrong."""
NAMES = ("a", "b", "c", "d")
LEAVES: list[Any] = [
    {"type": "string"},
    {"type": "string", "enum": ["x", "y"]},
    {"type": "string", "enum": ["x", "y", "z"]},
    {"type": "boolean"},
    {"type": "integer", "minimum": 0, "maximum": 2},
    {"const": "x"},
    {"const": True},
    {"type": ["string", "null"]},
    {"type": ["string", "integer"]},
    {"oneOf": [{"const": "x", "title": "X"}, {"const": "y", "title": "Y"}]},
    {"type": "string", "not": {"enum": ["x"]}},
    {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}, "uniqueItems": True},
    {"type": "array", "items": {"type": "string"}},
    {"type": "array", "items": {"enum": ["x", "y"]}, "minItems": 1},
    {"oneOf": [{"type": "string"}, {"type": "null"}]},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    {"type": "array", "prefixItems": [{"enum": ["x", "y"]}], "items": {"type": "string"}},
]
VALUES: list[Any] = ["x", "y", "z", "w", 0, 1, 2, True, False, None, ["x"], ["x", "y"], ["y", "x"], [], ["x", 1], {}]


def schema(seed: int) -> dict[str, Any]:
    """The schema of that number."""
    rng = random.Random(seed)
    made = _object(rng, 2)
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return made


def _leaf(rng: random.Random) -> Any:
    return dict(rng.choice(LEAVES))


def _place(rng: random.Random, depth: int) -> Any:
    roll = rng.random()
    if depth and roll < 0.2:
        return _object(rng, depth - 1)
    if depth and roll < 0.27:
        return {"type": "array", "items": _object(rng, depth - 1), "maxItems": 2}
    if depth and roll < 0.3:
        return {"type": ["object", "null"], "properties": {"a": _leaf(rng)}}
    if depth and roll < 0.33:
        return {"type": "object", "additionalProperties": _leaf(rng)}
    if depth and roll < 0.36:  # an object or a text
        return {"oneOf": [{"type": "string"}, _object(rng, depth - 1)]}
    if depth and roll < 0.39:  # one of two kinds, told apart by what they require, at best
        return {
            "type": "object",
            rng.choice(["oneOf", "anyOf"]): [
                {"title": "A", "type": "object", "properties": {"a": _leaf(rng), "b": _leaf(rng)}, "required": ["a"]},
                {"title": "B", "type": "object", "properties": {"b": _leaf(rng), "c": _leaf(rng)}, "required": ["c"]},
            ],
        }
    if depth and roll < 0.41:  # nothing but what is filled in
        return {"type": "object", "properties": {"a": {"const": "x"}, "b": _leaf(rng)}, "required": ["a"]}
    if depth and roll < 0.43:
        return {"type": "array", "items": {"$ref": "#"}, "maxItems": 1}
    if depth and roll < 0.45:
        return {"type": "object", "patternProperties": {"^m": _leaf(rng)}, "properties": {"a": _leaf(rng)}}
    return _leaf(rng)


def _condition(rng: random.Random, names: list[str]) -> dict[str, Any]:
    name = rng.choice(names)
    test: Any = rng.choice([{"const": "x"}, {"enum": ["x", "y"]}, {"const": True}, {"not": {"const": "x"}}, {}])
    made: dict[str, Any] = {"properties": {name: test}}
    if rng.random() < 0.8:
        made["required"] = [name]
    return {"not": made} if rng.random() < 0.1 else made


def _consequence(rng: random.Random, depth: int, names: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if rng.random() < 0.75:
        name = rng.choice(NAMES)
        made["properties"] = {name: _place(rng, depth)}
        if rng.random() < 0.5:
            made["required"] = [name]
    elif rng.random() < 0.5:
        made["properties"] = {rng.choice(names): False}
    else:
        made["required"] = [rng.choice(names)]
    return made


def _object(rng: random.Random, depth: int) -> dict[str, Any]:
    names = rng.sample(NAMES, rng.randint(1, 3))
    made: dict[str, Any] = {"type": "object", "properties": {name: _place(rng, depth) for name in names}}
    if rng.random() < 0.05:
        made["properties"]["r"] = {"$ref": "#"}  # never required: that would have no end
    if rng.random() < 0.5:
        made["required"] = rng.sample(names, rng.randint(1, len(names)))
    parts: list[dict[str, Any]] = []
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        roll = rng.random()
        if roll < 0.45:
            part = {"if": _condition(rng, names), "then": _consequence(rng, max(depth - 1, 0), names)}
            if rng.random() < 0.5:
                part["else"] = _consequence(rng, max(depth - 1, 0), names)
        elif roll < 0.55:
            part = {"dependentRequired": {rng.choice(names): [rng.choice(names)]}}
        elif roll < 0.65:
            part = {"dependentSchemas": {rng.choice(names): _consequence(rng, 0, names)}}
        elif roll < 0.85:
            word = rng.choice(["oneOf", "anyOf"])
            kind = rng.random()
            if kind < 0.4:  # told apart by a property
                values = [{"const": "x"}, {"const": "y"}, {"not": {"enum": ["x", "y"]}}]
                branches = []
                for value in values[: rng.randint(2, 3)]:
                    branch = _consequence(rng, 0, names)
                    branch.setdefault("properties", {})["k"] = {"type": "string", **value}
                    if rng.random() < 0.6:
                        branch["required"] = [*branch.get("required", []), "k"]
                    branches.append(branch)
            elif kind < 0.6:
                branches = [{"required": [name]} for name in names]
            else:
                branches = [_consequence(rng, 0, names) | {"title": str(n)} for n in range(2)]
            part = {word: branches}
        else:
            part = {"properties": {rng.choice(NAMES): _leaf(rng)}}
        parts.append(part)
    if parts:
        made["allOf"] = parts
    return made


def strict(value: Any) -> Any:
    """The schema that refuses what no question asks: nothing unevaluated, and an `if` alone describes nothing."""
    return _strict(value, place=True)


def _strict(value: Any, *, place: bool) -> Any:
    if not isinstance(value, dict):
        return value
    made = {}
    for word, inner in value.items():
        if word == "if":
            made[word] = {"not": {"not": inner}}
        elif word in {"properties", "dependentSchemas", "patternProperties"}:
            made[word] = {name: _strict(one, place=word != "dependentSchemas") for name, one in inner.items()}
        elif word in {"allOf", "oneOf", "anyOf"}:
            made[word] = [_strict(one, place=False) for one in inner]
        elif word == "prefixItems":
            made[word] = [_strict(one, place=True) for one in inner]
        elif word in {"then", "else"}:
            made[word] = _strict(inner, place=False)
        elif word in {"items", "additionalProperties"}:
            made[word] = _strict(inner, place=True)
        else:
            made[word] = inner
    if place:
        made["unevaluatedProperties"] = False
    return made


def document(rng: random.Random, value: Any) -> Any:
    """A document that *value* may take, valid or not."""
    if not isinstance(value, dict) or rng.random() < 0.03:
        return rng.choice(VALUES)
    if "$ref" in value:
        return {"a": "x"} if rng.random() < 0.5 else rng.choice(VALUES)
    if "type" not in value and "object" in repr(value.get("oneOf")):
        return document(rng, rng.choice(value["oneOf"]))
    if "object" in str(value.get("type")) and not (isinstance(value.get("type"), list) and rng.random() < 0.3):
        places: dict[str, list[Any]] = {}
        _collect(value, places)
        made = {name: document(rng, rng.choice(options)) for name, options in places.items() if rng.random() < 0.7}
        if isinstance(value.get("additionalProperties"), dict):
            made |= {
                key: document(rng, value["additionalProperties"]) for key in rng.sample(("m", "n"), rng.randint(0, 2))
            }
        return made
    if (
        value.get("type") == "array"
        and isinstance(value.get("items"), dict)
        and "object" in str(value["items"].get("type"))
    ):
        return [document(rng, value["items"]) for _ in range(rng.randint(0, 2))]
    fitting = _fitting(value)
    return rng.choice(fitting) if fitting else rng.choice(VALUES)


def _fitting(value: dict[str, Any]) -> list[Any]:
    key = repr(value)
    if key not in _KNOWN:
        import jsonschema_rs

        validator = jsonschema_rs.Draft202012Validator({k: v for k, v in value.items() if k != "$schema"})
        _KNOWN[key] = [one for one in VALUES if validator.is_valid(one)]
    return _KNOWN[key]


_KNOWN: dict[str, list[Any]] = {}


def _collect(value: Any, places: dict[str, list[Any]]) -> None:
    if not isinstance(value, dict):
        return
    for name, inner in value.get("properties", {}).items():
        places.setdefault(name, []).append(inner)
    for word in ("allOf", "oneOf", "anyOf"):
        for inner in value.get(word, []):
            _collect(inner, places)
    for word in ("then", "else"):
        _collect(value.get(word), places)
    for inner in value.get("dependentSchemas", {}).values():
        _collect(inner, places)
