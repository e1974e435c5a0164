"""A drawn page cut at its marks, ready to be filled with a person's answers (stage 2 of `compiled`).

Filled by a walk over its pieces: compiling thousands of options into code would take seconds (SCH-02, SCH-11), and for
a few pieces the walk is as fast. Decides nothing; conditions are those of `drawing.Slots`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup, escape

from formengine.web.drawing import CLOSE, OPEN

_MARK: Final = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_TEST: Final = re.compile(r"%if (?:([0-9-]+) in )?([pew][0-9]+_[0-9]+)")


class _If:
    """Skips to *end* unless *name* is set, or holds *place*."""

    __slots__ = ("end", "name", "place")

    def __init__(self, name: str, place: int | None) -> None:
        self.name, self.place, self.end = name, place, 0


class _Value:
    """The text of *name*."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Flat:
    """*html* with its marks; without *errors*, what is shown only where something is wrong is left out.

    *names* are the variables that it is filled with.
    """

    def __init__(self, html: Markup, *, errors: bool) -> None:
        self._parts: list[str | _If | _Value] = []
        self._open: list[_If | None] = []
        self._ends = 0
        for number, piece in enumerate(_MARK.split(html)):
            if number % 2 == 0:
                self._text(piece)
            elif piece == "%endif":
                self._close()
            elif found := _TEST.fullmatch(piece):
                left_out = not errors and found[2][0] in "ew"
                place = None if found[1] is None else int(found[1])
                self._open.append(None if left_out or None in self._open else _If(found[2], place))
                self._add(self._open[-1])
            else:
                self._add(_Value(piece))
        self.names = frozenset(part.name for part in self._parts if not isinstance(part, str))

    def _text(self, piece: str) -> None:
        if not piece or None in self._open:
            return
        last = self._parts[-1] if self._parts else None
        if isinstance(last, str) and self._ends != len(self._parts):
            self._parts[-1] = last + piece
        else:
            self._parts.append(piece)

    def _add(self, part: _If | _Value | None) -> None:
        if part is not None and None not in self._open:
            self._parts.append(part)

    def _close(self) -> None:
        closed = self._open.pop()
        if closed is not None:
            closed.end = self._ends = len(self._parts)

    def render(self, state: Mapping[str, Any]) -> str:
        """The HTML for *state*."""
        parts, out, at, end = self._parts, [], 0, len(self._parts)
        while at < end:
            part = parts[at]
            at += 1
            if type(part) is str:
                out.append(part)
            elif type(part) is _Value:
                out.append(escape(state.get(part.name, "")))
            else:
                value = state.get(part.name)  # type: ignore[union-attr]  # an _If, told by its type alone for speed
                if not value or (part.place is not None and part.place not in value):  # type: ignore[union-attr]
                    at = part.end  # type: ignore[union-attr]
        return "".join(out)
