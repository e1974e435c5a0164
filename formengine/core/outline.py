"""All that a schema could ever describe, place by place, whatever the answers are.

Decides which properties exist, of which types, and because of which conditions; that is what loading and the
type check of expressions ask. Leaves to `core.applying` what applies for given answers. Places are *patterns*
(`core.pointer`). Everything is found when it is asked for, so recursive schemas are fine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from formengine.core import pointer as pointers
from formengine.core.pointer import ABSENT, JsonValue

_KEYWORD_KINDS = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("minLength", "maxLength", "pattern", "format", "contentMediaType", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


@dataclass(frozen=True)
class Part:
    """One subschema that describes a place.

    *at* is where it stands in the schema; *because* holds the patterns that the conditions above it read;
    *certain* is false in a branch or under a condition.
    """

    schema: Mapping[str, Any]
    at: str
    because: frozenset[str]
    certain: bool


_OLD = ("04", "06", "07")  # keywords beside $ref are dead there
_ENCODED = re.compile("(?:%[0-9A-Fa-f]{2})+")


class Outline:
    """What *document* describes, a schema of *draft* all of whose references lead to places in itself."""

    def __init__(self, document: JsonValue, draft: str = "2020-12") -> None:
        self.document = document
        self.is_old = draft in _OLD
        start = [Part(document, "", frozenset(), certain=True)] if isinstance(document, dict) else []
        self.root = Place(self, "", start)

    def resolve(self, reference: object) -> tuple[str, JsonValue] | None:
        """Pointer and value of what a local *reference* names, or None."""
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        at = _ENCODED.sub(lambda found: bytes.fromhex(found.group().replace("%", "")).decode("utf-8"), reference[1:])
        value = pointers.get(self.document, at) if not at or at.startswith("/") else ABSENT
        return None if value is ABSENT else (at, value)

    def find(self, pattern: str) -> Place | None:
        """The place that *pattern* names, or None if the schema describes none."""
        place: Place | None = self.root
        for token in pattern.split("/")[1:]:
            if place is None:
                return None
            place = place.step(token)
        return place


class Place:
    """What a schema says of one pattern. *starts* are the subschemas named for it, before `$ref` and `allOf`."""

    def __init__(self, outline: Outline, pattern: str, starts: Sequence[Part]) -> None:
        self.outline, self.pattern = outline, pattern
        self.starts = tuple(starts)
        self._children: dict[str, Place] = {}

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every subschema that may describe this place, outer before inner."""
        found: list[Part] = []
        self.forbidding: list[Part] = []
        self._picked: set[tuple[str, frozenset[str], bool]] = set()
        seen: set[tuple[str, frozenset[str], bool]] = set()
        waiting = list(reversed(self.starts))
        while waiting:
            part = waiting.pop()
            schema = part.schema
            key = _key(part)
            if key in seen:
                continue
            seen.add(key)
            found.append(part)
            inner = list(self._inner(part, schema))
            branches = (f"{part.at}/oneOf/", f"{part.at}/anyOf/")
            self._picked |= {_key(one) for one in inner if key in self._picked or one.at.startswith(branches)}
            waiting += reversed(inner)
        return tuple(found)

    def _inner(self, part: Part, schema: Mapping[str, Any]) -> Iterator[Part]:
        for word in ("$ref", "$dynamicRef", "$recursiveRef"):
            target = self.outline.resolve(schema.get(word))
            if target:
                yield from self._part(target[1], target[0], part.because, certain=part.certain)
        if "$ref" in schema and self.outline.is_old:
            return
        for place, inner in enumerate(_list(schema.get("allOf"))):
            yield from self._part(inner, f"{part.at}/allOf/{place}", part.because, certain=part.certain)
        if isinstance(schema.get("if"), dict):
            because = part.because | frozenset(self.reads(schema["if"]))
            for word in ("then", "else"):
                if word in schema:
                    yield from self._part(schema[word], f"{part.at}/{word}", because, certain=False)
        for word in ("dependentSchemas", "dependencies"):
            for name, inner in _dict(schema.get(word)).items():
                if isinstance(inner, (dict, bool)):
                    because = part.because | {pointers.pattern_child(self.pattern, name)}
                    at = pointers.child(f"{part.at}/{word}", name)
                    yield from self._part(inner, at, because, certain=False)
        for word in ("oneOf", "anyOf"):
            for place, inner in enumerate(_list(schema.get(word))):
                yield from self._part(inner, f"{part.at}/{word}/{place}", part.because, certain=False)

    def _part(self, schema: JsonValue, at: str, because: frozenset[str], *, certain: bool) -> Iterator[Part]:
        if isinstance(schema, dict):
            yield Part(schema, at, because, certain)
        elif schema is False:
            self.forbidding.append(Part({}, at, because, certain))

    def reads(self, condition: JsonValue) -> set[str]:
        """The patterns that *condition*, a subschema over this place, looks at."""
        found: set[str] = set()
        self._reads(condition, self.pattern, found, set())
        return found

    def _reads(self, condition: JsonValue, pattern: str, found: set[str], seen: set[int]) -> None:
        if not isinstance(condition, dict) or id(condition) in seen:
            return
        seen.add(id(condition))
        before = len(found)
        looked = False
        target = self.outline.resolve(condition.get("$ref"))
        if target:
            self._reads(target[1], pattern, found, seen)
            looked = True
        for word in ("allOf", "anyOf", "oneOf"):
            for inner in _list(condition.get(word)):
                self._reads(inner, pattern, found, seen)
                looked = True
        for word in ("not", "if", "then", "else"):
            if word in condition:
                self._reads(condition[word], pattern, found, seen)
                looked = True
        for name, inner in _dict(condition.get("properties")).items():
            self._reads(inner, pointers.pattern_child(pattern, name), found, seen)
            looked = True
        for name in _list(condition.get("required")):
            if isinstance(name, str):
                found.add(pointers.pattern_child(pattern, name))
                looked = True
        for word in ("items", "contains"):
            if isinstance(condition.get(word), dict):
                self._reads(condition[word], pattern + "/*", found, seen)
                looked = True
        if len(found) == before and not looked:
            found.add(pattern)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """JSON types that values here may have, `integer` beside `number`; empty if the schema says nothing."""
        certain: frozenset[str] | None = None
        loose: frozenset[str] = frozenset()
        for part in self.parts:
            kinds = _kinds_of(part.schema)
            if kinds is None:
                continue
            if part.certain and "type" in part.schema:
                certain = kinds if certain is None else _meet(certain, kinds)
            else:
                loose |= kinds
        if certain is None:
            return loose
        return _meet(certain, loose) or certain if loose else certain

    def is_a(self, kind: str) -> bool:
        """Whether values here may be of that JSON type."""
        return kind in self.kinds

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The properties that are described here, in the schema's order."""
        found: dict[str, None] = {}
        for part in self.parts:
            for name, inner in _dict(self._live(part).get("properties")).items():
                if inner is not False:
                    found.setdefault(name)
        return tuple(found)

    def step(self, token: str) -> Place | None:
        """The place one token of a pattern further in, or None."""
        if token not in self._children:
            starts = list(self._starts_of(token))
            if not starts:
                return None
            self._children[token] = Place(self.outline, f"{self.pattern}/{token}", starts)
        return self._children[token]

    def member(self, name: str) -> Place | None:
        """The place of the property *name*, or None."""
        return self.step(pointers.pattern_child("", name)[1:])

    @property
    def rows(self) -> Place | None:
        """The place of an item, or of the value of a free key, or None."""
        return self.step("*")

    def _live(self, part: Part) -> Mapping[str, Any]:
        return {} if "$ref" in part.schema and self.outline.is_old else part.schema

    @cached_property
    def _members(self) -> Mapping[str, list[Part]]:
        """The subschemas named for each property."""
        found: dict[str, list[Part]] = {}
        for part in self.parts:
            for name, inner in _dict(self._live(part).get("properties")).items():
                if isinstance(inner, dict) or inner is True:
                    at = pointers.child(f"{part.at}/properties", name)
                    schema = inner if isinstance(inner, dict) else {}
                    found.setdefault(name, []).append(Part(schema, at, part.because, part.certain))
        return found

    def _starts_of(self, token: str) -> Iterator[Part]:
        if token == "*":
            for part in self.parts:
                yield from self._row_starts(part, self._live(part))
            return
        name = pointers.parse("/" + token.replace("~2", "*"))[0]
        yield from self._members.get(name, ())
        if name.isdigit():
            for part in self.parts:
                for word in ("prefixItems", "items"):
                    places = _list(self._live(part).get(word))
                    if int(name) < len(places) and isinstance(places[int(name)], dict):
                        at = f"{part.at}/{word}/{name}"
                        yield Part(places[int(name)], at, part.because, part.certain)

    def _row_starts(self, part: Part, schema: Mapping[str, Any]) -> Iterator[Part]:
        for word in ("items", "prefixItems", "additionalItems", "unevaluatedItems"):
            inner = schema.get(word)
            if isinstance(inner, dict):
                yield Part(inner, f"{part.at}/{word}", part.because, part.certain)
            for place, one in enumerate(_list(inner)):
                if isinstance(one, dict):
                    yield Part(one, f"{part.at}/{word}/{place}", part.because, certain=False)
        for word in ("additionalProperties", "unevaluatedProperties"):
            if _dict(schema.get(word)):
                yield Part(schema[word], f"{part.at}/{word}", part.because, certain=False)
        for name, inner in _dict(schema.get("patternProperties")).items():
            if isinstance(inner, dict):
                at = pointers.child(f"{part.at}/patternProperties", name)
                yield Part(inner, at, part.because, certain=False)

    def required(self, *, certain: bool = False) -> dict[str, Part]:
        """The properties that are required here, each with the subschema that says so; *certain*: always."""
        found: dict[str, Part] = {}
        for part in self.parts:
            if certain and not part.certain:
                continue
            for name in _list(self._live(part).get("required")):
                if isinstance(name, str):
                    found.setdefault(name, part)
        return found

    def conditions(self) -> frozenset[str]:
        """The patterns on whose answers it depends whether this place exists; empty if it always may."""
        because = [part.because for part in self.starts]
        return frozenset() if not because or not all(because) else frozenset().union(*because)

    def says(self, keyword: str) -> JsonValue:
        """The value of *keyword* in the outermost subschema that has it, else ABSENT."""
        for part in self.parts:
            if keyword in part.schema:
                return part.schema[keyword]
        return ABSENT

    @cached_property
    def choices(self) -> tuple[JsonValue, ...]:
        """All values that can be chosen here; empty where one of the descriptions lets people type."""
        found: list[JsonValue] = []
        for start in self.starts:
            place = Place(self.outline, self.pattern, [start])
            always = [part.schema for part in place.parts if _key(part) not in place._picked]
            own = [value for schema in always for value in chosen_of(schema)]
            if not own:
                branches = [one for schema in always for word in ("oneOf", "anyOf") for one in _list(schema.get(word))]
                values = [chosen_of(_dict(one)) for one in branches]
                own = [one for some in values for one in some] if all(values) else []
            if not own:
                return ()
            found += own
        return tuple(found)

    def title(self) -> str:
        """The schema's wording for this place, or "". What a branch of it is called, one of several, is not."""
        titled = [part for part in self.parts if "title" in part.schema and _key(part) not in self._picked]
        title = titled[0].schema["title"] if titled else ""
        return title if isinstance(title, str) else ""


def _key(part: Part) -> tuple[str, frozenset[str], bool]:
    """What tells one reading of a subschema from another."""
    return (part.at, part.because, part.certain)


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _dict(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def chosen_of(schema: Mapping[str, Any]) -> list[JsonValue]:
    """The values that *schema* itself lets be chosen."""
    return [*_list(schema.get("enum")), *([schema["const"]] if "const" in schema else ())]


def kind_of(value: JsonValue) -> str:
    """The JSON type of *value*; `integer` for whole numbers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (dict, list)):
        return "object" if isinstance(value, dict) else "array"
    return "integer" if value == int(value) else "number"


def _kinds_of(schema: Mapping[str, Any]) -> frozenset[str] | None:
    declared = schema.get("type")
    if isinstance(declared, str):
        return frozenset({declared})
    if isinstance(declared, list):
        return frozenset(kind for kind in declared if isinstance(kind, str))
    if "const" in schema:
        return frozenset({kind_of(schema["const"])})
    if isinstance(schema.get("enum"), list):
        return frozenset(kind_of(value) for value in schema["enum"])
    implied = {kind for kind, words in _KEYWORD_KINDS.items() if any(word in schema for word in words)}
    return frozenset(implied) or None


def _meet(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    both = one & other
    if ("integer" in one and "number" in other) or ("integer" in other and "number" in one):
        both |= {"integer"}
    return both
