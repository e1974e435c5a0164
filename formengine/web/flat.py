"""A drawn page with many marks, ready to be filled: what Jinja would take seconds to compile (SCH-02, SCH-11).

Decides nothing: conditions are those of `drawing.Slots`, texts are escaped as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import escape

MANY: Final = 300
"""From so many marks on, interpreting is faster than compiling first."""

_TEST: Final = re.compile(r"%if (?:([0-9-]+) in )?([pew][0-9]+_[0-9]+)")


class _If:
    """Skips to *end* unless *name* is set, or holds *place*."""

    __slots__ = ("end", "name", "place")

    def __init__(self, name: str, place: int | None) -> None:
        self.name, self.place, self.end = name, place, 0


class _Value:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Flat:
    """Pieces of HTML and marks in turn. Offers of `jinja2.Template` what `compiled` needs."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._parts: list[str | _If | _Value] = []
        self.names: set[str] = set()
        open_: list[_If] = []
        for number, piece in enumerate(pieces):
            found = _TEST.fullmatch(piece) if number % 2 else None
            if found:
                one = _If(found[2], None if found[1] is None else int(found[1]))
                open_.append(one)
                self._parts.append(one)
                self.names.add(one.name)
            elif number % 2 and piece == "%endif":
                open_.pop().end = len(self._parts)
            elif number % 2:
                self._parts.append(_Value(piece))
                self.names.add(piece)
            elif piece:
                self._parts.append(piece)

    def render(self, state: Mapping[str, Any]) -> str:
        """The HTML for *state*."""
        parts, out, at, end = self._parts, [], 0, len(self._parts)
        while at < end:
            part = parts[at]
            at += 1
            if isinstance(part, str):
                out.append(part)
            elif isinstance(part, _Value):
                out.append(str(escape(state.get(part.name, ""))))
            else:
                value = state.get(part.name)
                if not value or (part.place is not None and part.place not in value):
                    at = part.end
        return "".join(out)
