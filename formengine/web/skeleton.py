"""A page rendered once and filled often.

What a page of a form holds is the same for everybody but a few places: a page is therefore rendered once with marks at
those places, cut at the marks, and joined with what belongs there at each request (dependencies.md 1a).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from markupsafe import Markup

_MARK = re.compile("\x02([a-z_]+)\x03")


def slots(names: Iterable[str]) -> dict[str, Markup]:
    """A mark for each name, to render the page with; marks pass through autoescaping as they are."""
    return {name: Markup(f"\x02{name}\x03") for name in names}  # noqa: S704 - our own names between control characters


class Skeleton:
    """A rendered page cut at its marks."""

    __slots__ = ("_names", "_pieces")

    def __init__(self, html: str) -> None:
        parts = _MARK.split(html)
        self._pieces = parts[0::2]
        self._names = parts[1::2]

    def fill(self, values: Mapping[str, str]) -> str:
        """The page. *values* are HTML: what is not `Markup` was escaped by the caller."""
        out = [self._pieces[0]]
        for name, piece in zip(self._names, self._pieces[1:], strict=True):
            out.append(values[name])
            out.append(piece)
        return "".join(out)
