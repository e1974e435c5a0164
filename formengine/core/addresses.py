"""The addresses of pages: steps with the keys of items. Decides how one names an item, and what compares two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from formengine.core import pointer as pointers
from formengine.core.applying import Evaluation
from formengine.errors import NotFound


@dataclass(frozen=True)
class StepAddress:
    """A step, with the key of an item for each list that it lies in: pairs of step id and item key, or "".

    The page of further rows of a long list has its number, from 2, in the place of a key at the end.
    """

    steps: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "/".join(self.segments)

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The segments of its address behind the form's."""
        return tuple(segment for pair in self.steps for segment in pair if segment)

    def then(self, step: str, item: str = "") -> StepAddress:
        """The address of the step *step* below this one."""
        return StepAddress((*self.steps, (step, item)))

    def is_below(self, other: StepAddress) -> bool:
        """Whether it lies in an item of the list *other*, or in the group *other*."""
        mine, theirs = self.steps[: len(other.steps)], other.steps
        return len(self.steps) > len(theirs) and mine[:-1] == theirs[:-1] and mine[-1][0] == theirs[-1][0]


ROOT = StepAddress(())


def key_of(e: Evaluation, pointer: str, index: int) -> str:
    """The key of an item; its place from 0 where it has none."""
    return e.answers.item_key(pointer, index) or str(index)


def index_of(e: Evaluation, pointer: str, key: str) -> int | None:
    """The place of the item with that key in the list at *pointer*, or None."""
    index = e.answers.item_index(pointer, key)
    if index is None and key.isascii() and key.isdigit() and len(key) < 5 and not e.answers.item_key(pointer, int(key)):
        index = int(key)
    return index if index is not None and index < e.items(pointer) else None


def order_of(e: Evaluation, address: StepAddress) -> tuple[int, ...]:
    """What compares *address* with the pages, also if it does not apply. Errors: NotFound."""
    steps = e.form.steps
    indexes: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    for own, key in address.steps:
        place = e.form.place(steps, own)
        step = steps[place]
        order = (*order, place)
        if step.repeat is not None:
            index = index_of(e, pointers.resolve(step.repeat, indexes), key) if key else -1
            if index is None:
                raise NotFound("no such item")
            indexes, order = (*indexes, index), (*order, index)
        elif step.steps:
            order = (*order, 0)
        elif key:
            order = (*order, int(key) - 1)
        steps = step.steps
    return order
