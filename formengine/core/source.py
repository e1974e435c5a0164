"""JSON text -> its value, and the line and column of every place in it.

Decides whether a text is JSON that the engine takes: UTF-8 without byte order mark, no key twice, finite numbers,
no lone surrogates, within the limits of SCH-02. Leaves to others what the value means. Numbers come as int or
Decimal, never as float. The places are looked up only when something is wrong, so a good text costs one fast pass.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import NoReturn

from formengine.core import pointer as pointers
from formengine.core.pointer import JsonValue
from formengine.errors import DefinitionError

MAX_BYTES = 1 << 20  # SCH-02
MAX_DEPTH = 32  # SCH-02
MAX_EXPONENT = 308  # SCH-05: what receivers that read doubles can hold

_TOKEN = re.compile(
    r'[ \t\n\r]*(?:(?P<string>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![0-9A-Za-z.])"
    r"|(?P<word>true|false|null)\b|(?P<mark>[\[\]{},:])|(?P<end>\Z))"
)
_BLANK = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_WORDS = {"true": True, "false": False, "null": None}


class _Unlikely(ValueError):
    """The fast pass found something; the slow one says what and where."""


@dataclass(frozen=True)
class Source:
    """A text that was read: *name* is what the designer calls its file, *value* its JSON value."""

    name: str
    text: str
    value: JsonValue

    def place(self, pointer: str, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at *pointer*, or of its key; else of what holds it."""
        here = pointer
        while here not in self._places and here:
            here = pointers.parent(here)
        key_at, value_at = self._places.get(here, (0, 0))
        return self._line_and_column(key_at if key and key_at is not None else value_at)

    def error(
        self, message: str, pointer: str, *, key: bool = False, remedy: str = "", level: str = "error"
    ) -> DefinitionError:
        """A mistake at *pointer* of this text, to be raised or collected."""
        line, column = self.place(pointer, key=key)
        return DefinitionError(
            message, file=self.name, pointer=pointer, line=line, column=column, remedy=remedy, level=level
        )

    @cached_property
    def _places(self) -> dict[str, tuple[int | None, int]]:
        scan = _Scan(self.name, self.text)
        scan.run()
        return scan.places

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1


def read(name: str, data: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Source:
    """The source with this text. Errors: DefinitionError with the place and what to do."""
    text = _decode(name, data, max_bytes)
    _check_depth(name, text, max_depth)
    try:
        if _SURROGATE.search(text):
            raise _Unlikely
        value = json.loads(
            text, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse, object_pairs_hook=_members
        )
    except (ValueError, RecursionError):
        value = _Scan(name, text).run()
    return Source(name, text, value)


def of_value(name: str, value: JsonValue) -> Source:
    """The source of a value that no file holds, written out so that it has places too."""
    return Source(name, json.dumps(value, indent=2, ensure_ascii=False, default=_plain), value)


def _plain(value: object) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)  # for showing only
    raise TypeError(type(value).__name__)


def _decode(name: str, data: bytes | str, max_bytes: int) -> str:
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > max_bytes:
        raise DefinitionError(
            f"the file has {len(raw)} bytes; {max_bytes} are allowed",
            file=name, line=1, column=1, remedy="split it into parts and refer to them with $ref",
        )  # fmt: skip
    if raw.startswith(b"\xef\xbb\xbf"):
        raise DefinitionError(
            "the file begins with a byte order mark", file=name, line=1, column=1, remedy="save it as UTF-8 without BOM"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise DefinitionError(
            "the file is not UTF-8 text here", file=name, line=line, column=column, remedy="save it as UTF-8"
        ) from error


def _check_depth(name: str, text: str, max_depth: int) -> None:
    depth = 0
    for found in _BRACKETS.finditer(text):
        mark = found.group()
        if mark in "[{":
            depth += 1
            if depth > max_depth:
                scan = _Scan(name, text)
                scan.fail(
                    found.start(),
                    f"objects and lists lie more than {max_depth} deep in each other",
                    "move inner parts to $defs and refer to them with $ref",
                )
        elif mark in "]}":
            depth -= 1


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent beyond even those of Decimal
        raise _Unlikely from None
    if len(text) > MAX_EXPONENT or (number and abs(number.adjusted()) > MAX_EXPONENT):
        raise _Unlikely
    return number or Decimal(0)


def _integer(text: str) -> int | Decimal:
    if len(text) > MAX_EXPONENT:
        raise _Unlikely
    return int(text)


def _refuse(text: str) -> NoReturn:
    raise _Unlikely(text)


def _members(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Unlikely
    return members


class _Scan:
    """The slow pass: one token after the other, with the offset of every key and value."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text, self.at = name, text, 0
        self.places: dict[str, tuple[int | None, int]] = {}

    def fail(self, offset: int, message: str, remedy: str = "") -> NoReturn:
        before = self.text[:offset]
        raise DefinitionError(
            message,
            file=self.name,
            line=before.count("\n") + 1,
            column=offset - (before.rfind("\n") + 1) + 1,
            remedy=remedy,
        )

    def token(self) -> tuple[str, str, int]:
        """The next token: its kind, its text and its offset."""
        start = _BLANK.match(self.text, self.at)
        offset = start.end() if start else self.at
        found = _TOKEN.match(self.text, self.at)
        if not found:
            self._unreadable(offset)
        self.at = found.end()
        kind = found.lastgroup or ""
        return kind, found.group(kind), offset

    def _unreadable(self, offset: int) -> NoReturn:
        rest = self.text[offset : offset + 12]
        word = re.match(r"-?[A-Za-z]+", rest)
        if rest.startswith(('"', "'")):
            remedy = "texts stand in double quotes on one line; write \\n for a new line, \\\\ for a backslash"
            self.fail(offset, "this text is not closed, or holds a character that JSON does not allow in texts", remedy)
        if word:
            self.fail(offset, f"{word.group()} is no JSON value", "texts stand in double quotes; numbers are finite")
        if rest.startswith(("//", "/*", "#")):
            self.fail(offset, "JSON has no comments", "take the comment out")
        if rest.startswith(("\u201c", "\u201d", "\u201e", "\u201f", "\u00ab", "\u00bb")):
            remedy = 'write straight ones, "; an editor for texts such as Word puts in the others'
            self.fail(offset, f"{rest[:1]} is a printer's quotation mark", remedy)
        self.fail(offset, f"{rest[:1]!r} can't stand here", "a number has no leading zeros and no plus sign")

    def run(self) -> JsonValue:
        """The value of the whole text. Errors: DefinitionError."""
        root = self._value()
        kind, found, offset = self.token()
        if kind != "end":
            self.fail(offset, f"{found} stands behind the end", "a file holds one JSON value")
        return root

    def _value(self) -> JsonValue:
        """The value that begins here, without recursion: a stack holds the objects and lists that are open."""
        following: tuple[str, int | None] | None = ("", None)
        stack: list[tuple[str, dict[str, JsonValue] | list[JsonValue]]] = []
        root: JsonValue = None
        while following is not None:
            pointer, key_at = following
            kind, found, offset = self.token()
            self.places[pointer] = (key_at, offset)
            opened = None
            if kind == "mark" and found in "{[":
                value: JsonValue = {} if found == "{" else []
                opened = value
            else:
                value = self._scalar(kind, found, offset)
            if stack:
                holder = stack[-1][1]
                if isinstance(holder, dict):
                    holder[pointers.parse(pointer)[-1]] = value
                else:
                    holder.append(value)
            else:
                root = value
            if opened is not None:
                stack.append((pointer, opened))
            following = self._following(stack, opened=opened is not None)
        return root

    def _following(
        self, stack: list[tuple[str, dict[str, JsonValue] | list[JsonValue]]], *, opened: bool
    ) -> tuple[str, int | None] | None:
        """Pointer and key of the value that comes next, or None after the last; closes what closes."""
        while stack:
            pointer, holder = stack[-1]
            close = "}" if isinstance(holder, dict) else "]"
            before = self.at
            kind, found, offset = self.token()
            if kind == "mark" and found == close:
                stack.pop()
                opened = False
                continue
            if opened:
                self.at = before
            elif found != "," or kind != "mark":
                self.fail(offset, f"a comma or {close} is missing before this", "put a comma between two entries")
            if isinstance(holder, list):
                self._no_trailing_comma(close)
                return f"{pointer}/{len(holder)}", None
            return self._key(pointer, holder, close)
        return None

    def _no_trailing_comma(self, close: str) -> None:
        before = self.at
        kind, found, offset = self.token()
        if kind == "mark" and found == close:
            self.fail(offset, f"there is a comma too many before {close}", "take the last comma out")
        self.at = before

    def _key(self, pointer: str, holder: dict[str, JsonValue], close: str) -> tuple[str, int]:
        self._no_trailing_comma(close)
        kind, found, offset = self.token()
        if kind != "string":
            self.fail(offset, "a key is missing here", "keys stand in double quotes")
        key = self._string(found, offset)
        if key in holder:
            self.fail(offset, f'the key "{key}" stands twice in one object', "keep one of them")
        kind, found, colon = self.token()
        if found != ":" or kind != "mark":
            self.fail(colon, f'a colon is missing after the key "{key}"', 'write "key": value')
        return pointers.child(pointer, key), offset

    def _scalar(self, kind: str, found: str, offset: int) -> JsonValue:
        if kind == "string":
            return self._string(found, offset)
        if kind == "word":
            return _WORDS[found]
        if kind == "number":
            try:
                return _decimal(found) if any(c in found for c in ".eE") else _integer(found)
            except _Unlikely:
                self.fail(offset, "this number is too large or too long", f"numbers have at most {MAX_EXPONENT} digits")
        if kind == "end":
            self.fail(offset, "the file ends too early", "a value, a ] or a } is missing")
        return self.fail(offset, f"a value is missing before {found}")

    def _string(self, found: str, offset: int) -> str:
        value: str = json.loads(found)
        surrogate = next((c for c in value if "\ud800" <= c <= "\udfff"), "")
        if surrogate:
            self.fail(
                offset, f"this text holds half a character (\\u{ord(surrogate):04x})", "write the character itself"
            )
        return value
