"""A place on the walk over the answers, and what the walk below it came to. Types alone."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
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


class Sign:
    """Which questions a walk came to ask: equal where two ask the same. It is compared often and knows its hash."""

    __slots__ = ("_hash", "_places")

    def __init__(self, asked: Iterable[Asked]) -> None:
        self._places = tuple([(one.pointer, one.pattern) for one in asked])
        self._hash = hash(self._places)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sign) and self._hash == other._hash and self._places == other._places


class Walked(NamedTuple):
    """What a walk below one place came to: its part of E, whether anything in it is answered, and what it asks.

    *sign* stands for the questions, where it is known without going through them.
    """

    value: JsonValue
    answered: bool
    asked: Sequence[Asked]
    sign: Hashable = None

    def signed(self) -> Hashable:
        """What stands for the questions."""
        return Sign(self.asked) if self.sign is None else self.sign

    def behind(self, asked: Sequence[Asked], *, answered: bool) -> Walked:
        """The same with *asked* before it."""
        if not asked:
            return Walked(self.value, answered, self.asked, self.sign)
        return Walked(self.value, answered, [*asked, *self.asked], (Sign(asked), self.signed()))


NOWHERE: Final = Walked(ABSENT, answered=False, asked=())
"""Nothing there, nothing asked."""
