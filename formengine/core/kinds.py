"""The types that expressions have, and where they stand.

Decides nothing; `core.type_checking` finds the type of an expression, `core.expressions` evaluates it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from formengine.core.figures import Figures
from formengine.core.outline import Outline, Place
from formengine.core.spelling import remedy

FROM_JSON = {
    "string": "text", "integer": "int", "number": "fraction", "boolean": "bool", "null": "null",
    "object": "map", "array": "list",
}  # fmt: skip
IN_WORDS = {
    "text": "a text", "int": "a whole number", "fraction": "a number with a fraction", "bool": "true or false",
    "null": "null", "list": "a list", "map": "an object", "any": "anything",
}  # fmt: skip


class Mismatch(Exception):
    """An expression or text that cannot work. *offset* counts from 0 within it."""

    def __init__(self, message: str, offset: int = 0, remedy: str = "") -> None:
        super().__init__(message)
        self.message, self.offset, self.remedy = message, offset, remedy


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: over which schema, and within the items of which list (pattern of the item)."""

    outline: Outline
    item: str = ""
    figures: Figures = field(default_factory=Figures)

    def parent(self) -> str | None:
        """The pattern of the item around this one, or None."""
        tokens = self.item.split("/")
        stars = [place for place, token in enumerate(tokens) if token == "*"]
        return "/".join(tokens[: stars[-2] + 1]) if len(stars) > 1 else None


@dataclass(frozen=True)
class Kind:
    """The type of a part of an expression; where it is an answer, also its place, its root and the way there."""

    name: str
    of: Kind | None = None
    place: Place | None = None
    root: str = ""
    tokens: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def words(self) -> str:
        """What it is, for a message."""
        return IN_WORDS[self.name]


@dataclass(frozen=True)
class Read:
    """An answer that an expression reads: from which name, by which tokens, each of which kind."""

    root: str
    tokens: tuple[str, ...]
    kinds: tuple[str, ...]
    pattern: str
    whole: bool


@dataclass(frozen=True)
class Typed:
    """The type of an expression, the answers that it reads, names and functions that it uses, and what to warn of."""

    kind: Kind
    reads: frozenset[Read]
    roots: frozenset[str]
    warnings: tuple[tuple[str, str], ...]
    """Each with what to do."""
    calls: frozenset[str] = frozenset()


_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def never_equal(kind: Kind, text: str) -> tuple[str, str] | None:
    """Why the answer of *kind* is never the *text* that it is compared with, and what to do; None if it may be."""
    if kind.place is None:
        return None
    choices = [one for one in kind.place.choices if isinstance(one, str)]
    if choices and text not in choices:
        return f'{kind.place.pattern} is never "{text}"', remedy(text, choices, otherwise="see its options")
    if kind.place.says("format") == "date" and text and not _DAY.fullmatch(text):
        return f'{kind.place.pattern} is a date, and "{text}" is not written like one', 'write it as "2026-01-31"'
    return None


def place_kind(place: Place | None, root: str, tokens: tuple[str, ...], kinds: tuple[str, ...]) -> Kind:
    """The type of the answer at *place*, reached from *root* by *tokens* through *kinds*."""
    if place is None:
        return Kind("any")
    names = {FROM_JSON[kind] for kind in place.kinds - {"null"} if kind in FROM_JSON}
    if names == {"int", "fraction"}:
        names = {"fraction"}
    name = next(iter(names)) if len(names) == 1 else "any"
    return Kind(name, place=place, root=root, tokens=tokens, kinds=(*kinds, name)[: len(tokens)])
