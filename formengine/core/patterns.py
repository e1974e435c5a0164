"""Regular expressions of schemas, on the one engine that we have for them: that of jsonschema-rs (SCH-04).

Decides which patterns can be taken, and mends what scripts in browsers take and the engine does not, where the
meaning is plain. Linear for plain patterns; look-around is bounded, and to reach the bound is not to match.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import jsonschema_rs

OPTIONS: Final = jsonschema_rs.FancyRegexOptions(backtrack_limit=320)
"""Each step back may look at the whole text again: 320 times 50 000 characters take some 40 ms (SCH-04)."""
_QUANTIFIER: Final = re.compile(r"\{[0-9]+(,[0-9]*)?\}")
_TEMPERED: Final = re.compile(r"\^\((?:\?:)?\(\?!(?P<never>[^$^]+)\)(?P<any>\.|\[\\s\\S\])\)(?P<times>[*+])\$")
"""`^((?!never).)*$`: a look at each character."""
_ZERO_WIDTH: Final = re.compile(r"\(\?[^:]|\\[bBAzZG0-9k]")

_LOOKS_AROUND: Final = re.compile(r"\(\?<?[=!]")
_REFERS_BACK: Final = re.compile(r"\\[1-9kg]|\(\?(?:[P&(R>]|\||<[^=!])")
"""Names of groups too: whoever gives one means it."""
_TOKEN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<group>\((?!\?))", re.DOTALL)


@lru_cache(maxsize=4096)
def matcher(pattern: str) -> jsonschema_rs.Validator:
    """A validator of that pattern alone: `is_valid(text)` says whether *text* matches somewhere.

    Errors: ValueError for a pattern that the engine does not take.
    """
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=OPTIONS, offline=True)


def mended(pattern: str) -> str:
    r"""*pattern* as the engine takes it. Errors: ValueError where no plain meaning can be found.

    >>> mended(r"^[\d-.]+$")
    '^[\\d\\-.]+$'
    """
    pattern = _at_once(pattern)
    try:
        matcher(pattern)
    except ValueError:
        pattern = _escaped(pattern)
        matcher(pattern)
    return _forgetting(pattern) if _LOOKS_AROUND.search(pattern) else pattern


def _at_once(pattern: str) -> str:
    r"""*pattern*, if it looks ahead at each character for the same, as one look ahead from the start.

    >>> _at_once("^((?!foo).)*$")
    '^(?!.*(?:foo)).*$'
    """
    found = _TEMPERED.fullmatch(pattern)
    if found is None or _ZERO_WIDTH.search(found["never"]):
        return pattern
    try:
        matcher(found["never"])  # by itself too: it may not reach beyond its brackets
        if matcher(f"^(?:{found['never']})$").is_valid(""):
            return pattern
    except ValueError:
        return pattern
    return f"^(?!{found['any']}*(?:{found['never']})){found['any']}{found['times']}$"


def _forgetting(pattern: str) -> str:
    r"""*pattern* with groups that keep nothing, where nothing refers back: keeping costs at each step (SCH-04).

    >>> _forgetting(r"(?=(a[(]\()+)b")
    '(?=(?:a[(]\\()+)b'
    """
    if _REFERS_BACK.search(pattern):
        return pattern
    new = _TOKEN.sub(lambda found: "(?:" if found["group"] else found.group(), pattern)
    try:
        matcher(new)
    except ValueError:
        return pattern
    return new


def _escaped(pattern: str) -> str:
    out: list[str] = []
    at, in_class = 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern):
            pair = pattern[at : at + 2]
            out.append("$" if pair == "\\Z" and not in_class else pair)
            at += 2
            if in_class and pair[1] in "dwsDWS" and pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] != "]":
                out.append("\\-")
                at += 1
            continue
        if in_class:
            in_class = char != "]"
            out.append("\\[" if char == "[" else char)
        elif char == "[":
            in_class = True
            out.append(char)
            if pattern[at + 1 : at + 2] == "^":
                out.append("^")
                at += 1
        elif char == "{":
            found = _QUANTIFIER.match(pattern, at)
            out.append(found.group() if found else "\\{")
            at = found.end() - 1 if found else at
        else:
            out.append("\\}" if char == "}" else char)
        at += 1
    return "".join(out)
