"""JSON Pointers (RFC 6901): where an answer stands, and the names that derive from it.

Decides how a place in the answers document is written, read and set, and which element id a control has.
Leaves to others what the places mean.

Three kinds of strings occur:

- a *pointer*, `/children/0/givenName`: a place in one document;
- a *pattern*, `/children/*/givenName`: the same place in every item of a list. A property that is itself
  called `*` is written `~2` there;
- a *control name*, `/children/0/birthDate:day`: a pointer, perhaps with a part behind a colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias, cast

JsonValue: TypeAlias = Any
"""None, bool, int, Decimal, str, list or dict of the same. Never a float (ANS-06)."""


class Absent(Enum):
    """The one value that says "nothing stands there"; JSON has none for it."""

    ABSENT = "absent"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Absent.ABSENT


def parse(pointer: str) -> tuple[str, ...]:
    """The reference tokens of *pointer*, unescaped.

    Errors: ValueError for a pointer that neither is empty nor begins with a slash.
    Source: RFC 6901, section 4.

    >>> parse("/a~1b/0")
    ('a/b', '0')
    """
    if pointer == "":
        return ()
    if not pointer.startswith("/"):
        raise ValueError("a JSON Pointer begins with a slash")
    if "~" not in pointer:
        return tuple(pointer[1:].split("/"))
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def escape(token: str) -> str:
    """*token* as it stands between two slashes (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def build(tokens: Iterable[str | int]) -> str:
    """The pointer with these tokens.

    >>> build(["a/b", 0])
    '/a~1b/0'
    """
    return "".join("/" + escape(str(token)) for token in tokens)


def child(pointer: str, token: str | int) -> str:
    """The pointer of the member *token* below *pointer*."""
    return f"{pointer}/{escape(str(token))}"


def parent(pointer: str) -> str:
    """The pointer of what holds *pointer*; the root holds itself."""
    return pointer.rpartition("/")[0]


def is_below(pointer: str, ancestor: str) -> bool:
    """Whether *pointer* is *ancestor* or lies within it."""
    return pointer == ancestor or pointer.startswith(ancestor + "/")


def above(names: Iterable[str], *, ends: str = "/") -> frozenset[str]:
    """*names* and the pointers of all that holds them; a name ends before each of *ends*.

    >>> sorted(above(["/a/b:day"], ends="/:"))
    ['', '/a', '/a/b', '/a/b:day']
    """
    return frozenset(name[:end] for name in names for end in range(len(name) + 1) if name[end : end + 1] in ends)


def pattern_child(pattern: str, token: str) -> str:
    """The pattern of the property *token* below *pattern*; items are `pattern + "/*"`."""
    return f"{pattern}/{'~2' if token == '*' else escape(token)}"


def resolve(pattern: str, indexes: Sequence[int]) -> str:
    """The pointer that *pattern* means for these items, outermost first.

    >>> resolve("/children/*/birthDate", [2])
    '/children/2/birthDate'
    """
    if "*" not in pattern and "~2" not in pattern:
        return pattern
    left = iter(indexes)
    tokens = (str(next(left)) if token == "*" else token.replace("~2", "*") for token in pattern[1:].split("/"))
    return "/" + "/".join(tokens)


def indexes(pattern: str, pointer: str) -> tuple[int, ...] | None:
    """The items by which *pointer* fits *pattern*, or None if it does not.

    >>> indexes("/children/*/birthDate", "/children/2/birthDate")
    (2,)
    """
    mine, theirs = pattern.split("/"), pointer.split("/")
    if len(mine) != len(theirs):
        return None
    found = []
    for want, have in zip(mine, theirs, strict=True):
        if want == "*":
            if not have.isascii() or not have.isdigit():
                return None
            found.append(int(have))
        elif want.replace("~2", "*") != have:
            return None
    return tuple(found)


def get(document: JsonValue, pointer: str, default: JsonValue = ABSENT) -> JsonValue:
    """The value at *pointer*, or *default* where nothing stands."""
    here = document
    for token in parse(pointer):
        if isinstance(here, Mapping):
            if token not in here:
                return default
            here = here[token]
        elif isinstance(here, list):
            if not token.isascii() or not token.isdigit() or int(token) >= len(here):
                return default
            here = here[int(token)]
        else:
            return default
    return here


def put(document: JsonValue, pointer: str, value: JsonValue, *, blank: JsonValue = None) -> JsonValue:
    """*document* with *value* at *pointer*; ABSENT takes away. The document given is not changed.

    Objects that are missing on the way are made. A list grows to reach an index, with *blank* in the gaps.
    In a list a digit token is an index; where nothing stands yet, an object is made.
    """
    return _put(document, parse(pointer), value, blank)


def _put(here: JsonValue, tokens: tuple[str, ...], value: JsonValue, blank: JsonValue) -> JsonValue:
    if not tokens:
        return value
    token, rest = tokens[0], tokens[1:]
    if isinstance(here, list):
        index = int(token)
        rows = list(here)
        if index >= len(rows):
            if value is ABSENT:
                return here
            rows += [blank] * (index + 1 - len(rows))
            rows[index] = ABSENT
        new = _put(rows[index], rest, value, blank)
        rows[index] = blank if new is ABSENT else new
        return rows
    members = dict(cast("Mapping[str, JsonValue]", here)) if isinstance(here, Mapping) else {}
    if value is ABSENT and token not in members:
        return here
    new = _put(members.get(token, ABSENT), rest, value, blank)
    if new is ABSENT:
        members.pop(token, None)
    else:
        members[token] = new
    return members


def element_id(name: str) -> str:
    """The HTML id of the first control named *name*: one to one, without spaces, never beginning with a digit.

    A slash becomes a hyphen and a colon a dot; of the rest, letters and digits of ASCII stand for themselves
    and anything else is its code point in hexadecimal between underscores (SCH-06).

    >>> element_id("/applicant/birthDate:day")
    'f-applicant-birthDate.day'
    >>> element_id("/a-b")
    'f-a_2d_b'
    """
    if _PLAIN.fullmatch(name):  # nearly all are, and every control of every post asks
        return "f" + name.translate(_ID_PLAIN)
    return "f" + "".join(_ID.get(c) or (c if c.isascii() and c.isalnum() else f"_{ord(c):x}_") for c in name)


_ID = {"/": "-", ":": "."}
_ID_PLAIN = str.maketrans(_ID)
_PLAIN = re.compile("[A-Za-z0-9/:]*")
