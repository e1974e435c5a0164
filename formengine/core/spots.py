"""A place on the walk over the answers, and what the walk below it came to. Types alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from formengine.core.asking import Asked
from formengine.core.pointer import ABSENT, JsonValue


class Spot(NamedTuple):
    """A place on the way: its pointer and pattern, whether it must be there, and what it lies in."""

    pointer: str
    pattern: str
    required: bool
    read_only: bool = False
    kinds: tuple[int, ...] = ()
    depth: int = 0


class Walked(NamedTuple):
    """What a walk below one place came to: its part of E, whether anything in it is answered, and what it asks."""

    value: JsonValue
    answered: bool
    asked: Sequence[Asked]


NOWHERE: Final = Walked(ABSENT, answered=False, asked=())
"""Nothing there, nothing asked."""
