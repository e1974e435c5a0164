"""Exact JSON: text to values with `Decimal`, values to canonical text, and equality as JSON means it.

Decides how numbers are read and written: an integer is an int, anything else a Decimal, never a float
(ANS-06), so that `multipleOf: 0.01` takes 19.99. Leaves places in the text (line and column) to `source`.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any, NoReturn

from formengine.core.pointer import JsonValue

LARGEST_EXPONENT = 308
"""Beyond this power of ten a number is refused: it would be written out in full (SCH-05)."""


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("a number is too large or too small") from None
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError("a number is too large or too small")
    return number or Decimal(0)


def _constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


_DECODER = json.JSONDecoder(parse_float=_decimal, parse_constant=_constant)


def loads(text: bytes | str) -> JsonValue:
    """The value that JSON *text* (UTF-8) holds.

    Errors: ValueError for text that is no JSON, NaN, Infinity and numbers beyond 10**308.

    >>> loads('{"a": [1, 1.50, true]}')
    {'a': [1, Decimal('1.50'), True]}
    """
    return _DECODER.decode(text.decode("utf-8") if isinstance(text, bytes) else text)


def _refuse(value: object) -> NoReturn:
    raise TypeError(type(value).__name__)


_FAST = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_refuse)


def dumps(value: JsonValue) -> str:
    """*value* as canonical JSON text: no blanks, no exponents, keys as they stand, equal numbers alike.

    Errors: TypeError for what is no JSON value, a float above all.

    >>> dumps({"a": Decimal("1.50"), "b": Decimal("2.0"), "c": ["ä", None]})
    '{"a":1.5,"b":2,"c":["ä",null]}'
    """
    if _is_plain(value):
        return _FAST.encode(value)
    pieces: list[str] = []
    _write(value, pieces)
    return "".join(pieces)


def _is_plain(value: JsonValue) -> bool:
    """Whether the encoder of the standard library writes *value* as we want it: no Decimal, no float in it."""
    kind = type(value)
    if kind is dict:
        return all(map(_is_plain, value.values()))
    if kind is list:
        return all(map(_is_plain, value))
    return kind is str or kind is int or kind is bool or value is None


def _write(value: JsonValue, pieces: list[str]) -> None:
    if value is None:
        pieces.append("null")
    elif value is True:
        pieces.append("true")
    elif value is False:
        pieces.append("false")
    elif isinstance(value, str):
        pieces.append(encode_basestring(value))
    elif isinstance(value, int):
        pieces.append(str(value))
    elif isinstance(value, Decimal):
        pieces.append(decimal_text(value))
    elif isinstance(value, Mapping):
        mark = "{"
        for key, member in value.items():
            pieces.append(f"{mark}{encode_basestring(key)}:")
            _write(member, pieces)
            mark = ","
        pieces.append("{}" if mark == "{" else "}")
    elif isinstance(value, list):
        mark = "["
        for member in value:
            pieces.append(mark)
            _write(member, pieces)
            mark = ","
        pieces.append("[]" if mark == "[" else "]")
    else:
        _refuse(value)


def decimal_text(number: Decimal) -> str:
    """*number* in digits: no exponent, no zeros at the end, no minus before zero.

    Errors: ValueError unless finite and within 10**308.
    """
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError("a number is not finite, too large or too small")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def exact(value: JsonValue) -> Hashable:
    """A key that is equal for two values just when JSON Schema calls them equal: 1 is 1.0, never true.

    >>> exact(1) == exact(Decimal("1.0")), exact(1) == exact(True), exact({"a": 1, "b": 2}) == exact({"b": 2, "a": 1})
    (True, False, True)
    """
    if isinstance(value, bool):
        return ("b", value)
    if isinstance(value, Mapping):
        return ("o", frozenset((key, exact(member)) for key, member in value.items()))
    if isinstance(value, list | tuple):
        return ("a", tuple(exact(member) for member in value))
    return _scalar(value)


def _scalar(value: Any) -> Hashable:
    return value if isinstance(value, str | int | Decimal) or value is None else ("?", repr(value))
