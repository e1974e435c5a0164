"""How many characters a text has that a regular expression matches: for limits beside a pattern that exclude it.

Decides from the pattern alone, and never too narrowly: what it does not know may be of any length.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_ATOM: Final = re.compile(
    r"\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\c[A-Za-z]|\\k<[^>]*>|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.",
    re.DOTALL,
)
_TIMES: Final = re.compile(r"(?:([*+?])|\{([0-9]{1,9})(?:(,)([0-9]{0,9}))?\})[?+]?")
_GROUP: Final = re.compile(r"\((?:\?(?P<look><?[=!])|\?(?:[a-z-]*:|P?<[A-Za-z_]\w*>))?")
_MOST_GROUPS: Final = 200
_NOTHING: Final = frozenset(("^", "$", r"\b", r"\B", r"\A", r"\z", r"\Z", r"\G", r"\K"))
_OPEN: Final = frozenset("123456789kRX")
"""Behind a backslash: what may be of any length."""


class Width(NamedTuple):
    """At least so many characters, at most so many; None for no limit."""

    least: int
    most: int | None

    def then(self, other: Width) -> Width:
        """This and *other* behind it."""
        return Width(
            self.least + other.least, None if self.most is None or other.most is None else self.most + other.most
        )

    def either(self, other: Width) -> Width:
        """This or *other*."""
        most = None if self.most is None or other.most is None else max(self.most, other.most)
        return Width(min(self.least, other.least), most)

    def times(self, least: int, most: int | None) -> Width:
        """This so many times."""
        endless = self.most is None or most is None
        return Width(self.least * least, 0 if self.most == 0 else None if endless else (self.most or 0) * (most or 0))


EMPTY: Final = Width(0, 0)


def width(pattern: str) -> Width:
    r"""How many characters a text has in which *pattern* is found somewhere.

    >>> width("^[A-Z]{2}[0-9]{3,5}$")
    Width(least=5, most=7)
    >>> width("[0-9]{5}")
    Width(least=5, most=None)
    """
    found, end = _either(pattern, 0) if pattern.count("(") <= _MOST_GROUPS else (EMPTY, -1)
    if end != len(pattern):
        return Width(0, None)
    is_whole = pattern.startswith("^") and pattern.endswith("$") and not pattern.endswith(r"\$")
    alone = is_whole and "|" not in _outside_groups(pattern)
    return found if alone else Width(found.least, None)


def _outside_groups(pattern: str) -> str:
    """The atoms of *pattern* that stand in no group."""
    depth, kept = 0, ""
    for atom in _ATOM.findall(pattern):
        depth += (atom == "(") - (atom == ")")
        kept += atom if depth == 0 and len(atom) == 1 else ""
    return kept


def _either(pattern: str, at: int) -> tuple[Width, int]:
    """The width of the alternatives that begin at *at*, and where they end."""
    found, at = _sequence(pattern, at)
    while pattern[at : at + 1] == "|":
        other, at = _sequence(pattern, at + 1)
        found = found.either(other)
    return found, at


def _sequence(pattern: str, at: int) -> tuple[Width, int]:
    found = EMPTY
    while at < len(pattern) and pattern[at] not in "|)":
        one, at = _atom(pattern, at)
        times = _TIMES.match(pattern, at)
        if times:
            one, at = _repeated(one, times), times.end()
        found = found.then(one)
    return found, at


def _atom(pattern: str, at: int) -> tuple[Width, int]:
    group = _GROUP.match(pattern, at)
    if group and group.group() == "(" and pattern[at + 1 : at + 2] == "?":
        return Width(0, None), len(pattern) + 1  # flags and the like
    if group:
        inner, end = _either(pattern, group.end())
        return (EMPTY if group["look"] else inner), end + 1
    found = _ATOM.match(pattern, at)
    text = found.group() if found else pattern[at]
    if text in _NOTHING:
        return EMPTY, at + len(text)
    is_open = text[0] == "\\" and text[1:2] in _OPEN
    return (Width(0, None) if is_open else Width(1, 1)), at + len(text)


def _repeated(one: Width, times: re.Match[str]) -> Width:
    sign, least, comma, most = times.groups()
    if sign:
        return one.times(*{"*": (0, None), "+": (1, None), "?": (0, 1)}[sign])
    return one.times(int(least), (int(most) if most else None) if comma else int(least))
