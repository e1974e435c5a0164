"""What a regular expression costs to compile, roughly: repetitions are written out by the engine (SCH-04)."""

from __future__ import annotations

import re
from typing import Final

_COUNTED: Final = re.compile(r"\{([0-9]{1,9})(?:,([0-9]{0,9}))?\}")
_WIDE: Final = 100
"""A class of many characters (`\\p{L}`, `[^…]`) is a small program of its own."""
BASE: Final = 50


def cost(pattern: str) -> int:
    r"""The characters of *pattern*, each as often as repetitions around it write it out.

    >>> cost("^a{3}$") < cost("^(a{30}){30}$") < cost(r"^(\\p{L}{30}){30}$")
    True
    """
    sums, last, at = [0], 0, 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        one = 1
        if char == "\\":
            one = _WIDE if pattern[at : at + 1] in {"p", "P", "W", "D", "S"} else 1
            closed = pattern.find("}", at) if pattern[at + 1 : at + 2] == "{" else -1
            at = closed + 1 if closed > 0 else at + 1
        elif char == "[":
            one, at = _class(pattern, at)
        elif char == "(":
            sums.append(0)
            continue
        elif char == ")" and len(sums) > 1:
            one = sums.pop() + 1
        elif char == "{":
            found = _COUNTED.match(pattern, at - 1)
            if found:
                times = max(int(found[1]), int(found[2] or 0), 1)
                sums[-1] += last * (times - 1)
                last, at = last * times, found.end()
                continue
        elif char == ".":
            one = 4
        sums[-1] += one
        last = one
    return sum(sums) + BASE


def _class(pattern: str, at: int) -> tuple[int, int]:
    """What the class that begins before *at* costs, and where it ends."""
    wide = pattern[at : at + 1] == "^"
    end = at + (2 if pattern[at : at + 2] == "^]" else 1)
    while end < len(pattern) and pattern[end] != "]":
        if pattern[end] == "\\":
            wide = wide or pattern[end + 1 : end + 2] in {"p", "P", "W", "D", "S"}
            end += 1
        end += 1
    return (_WIDE if wide else 2), end + 1
