"""Limits of a schema that leave no value: told when it is loaded (form-language, "Reported at load").

Decides from the limits alone, part by part or of several parts that all hold. Leaves choices to `findings`, which asks
here whether an option keeps the limits beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, Final, NamedTuple, TypeGuard

import jsonschema_rs

from formengine.core import patterns
from formengine.core.outline import Part, Place, kind_of
from formengine.core.pointer import JsonValue
from formengine.core.regex_width import Width, width

_BOUNDS: Final = (
    ("minLength", "maxLength", "string"),
    ("minItems", "maxItems", "array"),
    ("minProperties", "maxProperties", "object"),
)
_FORMATS: Final = {
    "plz": Width(5, 5), "kvnr": Width(10, None), "idnr": Width(11, None), "rvnr": Width(12, None),
    "bgnr": Width(14, None), "iban": Width(15, None),
}  # fmt: skip
"""Blanks may stand in most of them."""
_OF_OPTIONS: Final = ("minLength", "maxLength", "pattern", "minimum", "maximum", "multipleOf")


class Exclusion(NamedTuple):
    """Why no value is left, at which *part*, *below* what of it."""

    why: str
    part: Part
    below: str


class _Bound(NamedTuple):
    """A bound of numbers: *says* is the keyword with its value; *is_open* that the value itself is outside."""

    value: Fraction
    is_open: bool
    says: str
    part: Part
    word: str


def exclusions(place: Place, parts: Sequence[Part]) -> Iterator[Exclusion]:
    """All limits of *parts*, which hold together at *place*, that exclude each other."""
    for low, high, kind in _BOUNDS:
        if _is_possible(place, kind):
            yield from _crossed(parts, low, high)
    if place.kinds == {"string"}:
        yield from _dates(parts)
        yield from _lengths(parts)
    if _is_possible(place, "number") or _is_possible(place, "integer"):
        yield from _numbers(place, parts)
    if _is_possible(place, "array"):
        yield from _rows(place, parts)
    if _is_possible(place, "object"):
        yield from _names(parts)


def kept_by(schema: Mapping[str, Any]) -> Callable[[JsonValue], bool]:
    """What says whether one option is within the limits that stand beside the choice in *schema*."""
    limits = {word: schema[word] for word in _OF_OPTIONS if word in schema}
    if not limits:
        return lambda _: True
    if "pattern" in limits:
        limits["pattern"] = patterns.mended(limits["pattern"])
    return jsonschema_rs.Draft202012Validator(limits, pattern_options=patterns.OPTIONS, offline=True).is_valid


def is_number(value: Any) -> TypeGuard[int | Decimal]:
    """Whether *value* is a JSON number."""
    return not isinstance(value, dict | list | str | type(None)) and kind_of(value) in {"integer", "number"}


def _is_possible(place: Place, kind: str) -> bool:
    return not place.kinds or kind in place.kinds


def _crossed(parts: Sequence[Part], low: str, high: str) -> Iterator[Exclusion]:
    lows = [part for part in parts if is_number(part.schema.get(low))]
    highs = [part for part in parts if is_number(part.schema.get(high))]
    if lows and highs:
        least, most = max(part.schema[low] for part in lows), min(part.schema[high] for part in highs)
        if least > most:
            yield Exclusion(f"{low} {least} is more than {high} {most}", lows[0], f"/{low}")


def _dates(parts: Sequence[Part]) -> Iterator[Exclusion]:
    """Texts of a fixed shape that the length or the pattern beside it forbids: days are ten characters long."""
    told = next((part for part in parts if part.schema.get("format") == "date"), None)
    if told is None:
        return
    for part in parts:
        for word in ("minLength", "maxLength", "pattern"):
            if word in part.schema and not any(map(kept_by({word: part.schema[word]}), _days())):
                yield Exclusion(f"no date as YYYY-MM-DD keeps {word} {part.schema[word]}", part, f"/{word}")


def _lengths(parts: Sequence[Part]) -> Iterator[Exclusion]:
    """Lengths that no text has that keeps a pattern, or a format whose texts have a length of their own."""
    lows = [part for part in parts if is_number(part.schema.get("minLength"))]
    highs = [part for part in parts if is_number(part.schema.get("maxLength"))]
    low = max(lows, key=lambda part: part.schema["minLength"], default=None)
    high = min(highs, key=lambda part: part.schema["maxLength"], default=None)
    for part in parts:
        for word, (least, most) in _widths(part.schema):
            if high is not None and least > high.schema["maxLength"]:
                why = f"{word} takes {least} characters or more, maxLength is {high.schema['maxLength']}"
                yield Exclusion(why, high, "/maxLength")
            if low is not None and most is not None and most < low.schema["minLength"]:
                why = f"{word} takes {most} characters at most, minLength is {low.schema['minLength']}"
                yield Exclusion(why, low, "/minLength")


def _widths(schema: Mapping[str, Any]) -> Iterator[tuple[str, Width]]:
    """What in *schema* sets the length of a text by itself, and to how many characters."""
    if isinstance(schema.get("pattern"), str):
        yield f"the pattern {schema['pattern']}", width(patterns.mended(schema["pattern"]))
    if schema.get("format") in _FORMATS:
        yield f"the format {schema['format']}", _FORMATS[schema["format"]]


def _days() -> Iterator[str]:
    """The days that can be asked, first those of a leap year: with them nearly every pattern is settled."""
    first, leap = date(1900, 1, 1), date(2024, 1, 1)
    yield from ((leap + timedelta(days=number)).isoformat() for number in range(366))
    yield from ((first + timedelta(days=number)).isoformat() for number in range(73_414))


def _numbers(place: Place, parts: Sequence[Part]) -> Iterator[Exclusion]:
    lows = [bound for part in parts for bound in _bounds(part, "minimum", "exclusiveMinimum")]
    highs = [bound for part in parts for bound in _bounds(part, "maximum", "exclusiveMaximum")]
    if not lows or not highs:
        return
    low = max(lows, key=lambda bound: (bound.value, bound.is_open))
    high = min(highs, key=lambda bound: (bound.value, not bound.is_open))
    if low.value > high.value:
        yield Exclusion(f"{low.says} is more than {high.says}", low.part, f"/{low.word}")
    elif low.value == high.value and (low.is_open or high.is_open):
        yield Exclusion(f"{low.says} leaves nothing beside {high.says}", low.part, f"/{low.word}")
    else:
        yield from _multiples(place, parts, low, high)


def _bounds(part: Part, plain: str, strict: str) -> Iterator[_Bound]:
    """The bounds that one part sets, in both spellings."""
    value, other = part.schema.get(plain), part.schema.get(strict)
    if is_number(value):
        yield _Bound(Fraction(value), other is True, f"{plain} {value}", part, plain)  # draft 04
    if is_number(other):
        yield _Bound(Fraction(other), True, f"{strict} {other}", part, strict)


def _multiples(place: Place, parts: Sequence[Part], low: _Bound, high: _Bound) -> Iterator[Exclusion]:
    steps = [
        (part.schema["multipleOf"], part, "multipleOf") for part in parts if is_number(part.schema.get("multipleOf"))
    ]
    if place.kinds == {"integer"}:
        steps.append((1, low.part, low.word))
    for step, part, word in steps:
        size = Fraction(step)
        if size <= 0:
            continue
        first = ceil(low.value / size) * size
        first += size if low.is_open and first == low.value else 0
        if first > high.value or (high.is_open and first == high.value):
            what = "whole number" if step == 1 else f"multiple of {step}"
            yield Exclusion(f"no {what} lies between {low.says} and {high.says}", part, f"/{word}")
            return


def _rows(place: Place, parts: Sequence[Part]) -> Iterator[Exclusion]:
    rows = place.rows
    options = rows.says("enum") if rows is not None and place.says("uniqueItems") is True else None
    most = min((part.schema["maxItems"] for part in parts if is_number(part.schema.get("maxItems"))), default=None)
    for part in parts:
        least = part.schema.get("minItems")
        if is_number(least) and isinstance(options, list) and least > len(options):
            yield Exclusion(f"minItems {least} is more than its {len(options)} options", part, "/minItems")
        places = _places_of_closed(part.schema)
        if is_number(least) and places is not None and least > places:
            yield Exclusion(f"minItems {least} is more than its {places} places", part, "/minItems")
        wanted = part.schema.get("minContains", 1) if "contains" in part.schema else 0
        if is_number(wanted) and most is not None and wanted > most:
            word = "minContains" if "minContains" in part.schema else "contains"
            yield Exclusion(f"contains wants {wanted}, which is more than maxItems {most}", part, f"/{word}")


def _places_of_closed(schema: Mapping[str, Any]) -> int | None:
    """How many places a tuple has after which nothing may follow; None for other lists."""
    if isinstance(schema.get("prefixItems"), list) and schema.get("items") is False:
        return len(schema["prefixItems"])
    if isinstance(schema.get("items"), list) and schema.get("additionalItems") is False:
        return len(schema["items"])
    return None


def _names(parts: Sequence[Part]) -> Iterator[Exclusion]:
    for part in parts:
        least, members = part.schema.get("minProperties"), part.schema.get("properties", {})
        is_closed = part.schema.get("additionalProperties") is False and not part.schema.get("patternProperties")
        if is_closed and is_number(least) and isinstance(members, dict):
            count = sum(member is not False for member in members.values())
            if least > count:
                yield Exclusion(f"minProperties {least} is more than its {count} properties", part, "/minProperties")
