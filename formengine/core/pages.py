"""The pages of a form for given answers: which there are, in order, and what is asked on each.

Decides on which page a question stands. `core.routing` reads the order; nothing of this is ever stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from formengine.core import pointer as pointers
from formengine.core.applying import Evaluation
from formengine.core.asking import Asked
from formengine.core.definition import Step
from formengine.core.expressions import Expression, Names


class PageKind(StrEnum):
    """What a page is."""

    QUESTION = "question"
    LIST = "list"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class StepAddress:
    """A step, with the key of an item for each list that it lies in: pairs of step id and item key, or ""."""

    steps: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "/".join(self.segments)

    @property
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


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its *step* with the steps around it in *chain*, and *indexes* of the items that it lies in.

    *order* compares pages; *asked* are its questions in the order of its fields.
    """

    address: StepAddress
    step: Step
    chain: tuple[Step, ...]
    indexes: tuple[int, ...]
    order: tuple[int, ...]
    asked: tuple[Asked, ...] = ()

    @property
    def kind(self) -> PageKind:
        """Whether it asks, lists items or informs."""
        if self.step.repeat is not None:
            return PageKind.LIST
        return PageKind.INFO if self.step.body else PageKind.QUESTION

    @property
    def item(self) -> str:
        """The pointer of the innermost item that it lies in, or ""."""
        return pointers.resolve(self.step.scope, self.indexes)

    @property
    def list(self) -> str:
        """The pointer of the list of an overview, else ""."""
        return pointers.resolve(self.step.repeat, self.indexes) if self.step.repeat is not None else ""


def pages(e: Evaluation) -> tuple[Page, ...]:
    """All pages that apply, in order."""
    known: tuple[Page, ...] | None = e.memo.get("pages")
    if known is None:
        known = e.memo["pages"] = tuple(_Walk(e).steps(e.form.steps, _Around()))
    return known


class _Walk:
    """One way through all steps."""

    def __init__(self, e: Evaluation) -> None:
        self.e, self.by_page = e, _by_page(e)

    def steps(self, steps: tuple[Step, ...], around: _Around) -> Iterator[Page]:
        """The pages of *steps*, which lie in *around*."""
        for place, step in enumerate(steps):
            here = around.then(step, place)
            if step.repeat is not None:
                yield from self._list(step, here)
            elif step.steps:
                yield from self.steps(step.steps, replace(here, order=(*here.order, 0)))
            elif not step.body:
                asked = self.by_page.get((id(step), here.indexes), [])
                if asked:
                    yield here.page(_in_field_order(step, asked))
            elif _holds(self.e, step, here.indexes):
                yield here.page(())

    def _list(self, step: Step, here: _Around) -> Iterator[Page]:
        asked = self.by_page.get((id(step), here.indexes), [])
        if step.owns and not asked:
            return
        if step.owns:
            yield replace(here, order=(*here.order, -1)).page(tuple(asked))
        pointer = pointers.resolve(step.repeat or "", here.indexes)
        for index in range(self.e.items(pointer)):
            yield from self.steps(step.steps, here.item(key_of(self.e, pointer, index), index))


@dataclass(frozen=True, slots=True)
class _Around:
    """Where a walk is: the address, the steps around, the items, and what compares it."""

    address: StepAddress = ROOT
    chain: tuple[Step, ...] = ()
    indexes: tuple[int, ...] = ()
    order: tuple[int, ...] = ()

    def then(self, step: Step, place: int) -> _Around:
        return _Around(self.address.then(step.id), (*self.chain, step), self.indexes, (*self.order, place))

    def item(self, key: str, index: int) -> _Around:
        own, _ = self.address.steps[-1]
        address = StepAddress((*self.address.steps[:-1], (own, key)))
        return _Around(address, self.chain, (*self.indexes, index), (*self.order, index))

    def page(self, asked: tuple[Asked, ...]) -> Page:
        return Page(self.address, self.chain[-1], self.chain, self.indexes, self.order, asked)


def _by_page(e: Evaluation) -> dict[tuple[int, tuple[int, ...]], list[Asked]]:
    """What is asked, by the step and the items of its page."""
    found: dict[tuple[int, tuple[int, ...]], list[Asked]] = {}
    known: dict[str, tuple[tuple[Step, ...], tuple[int, ...]]] = {}
    for asked in e.asked:
        entry = known.get(asked.pattern)
        if entry is None:
            chain = e.form.chain(asked.pattern)
            scope = chain[-1].scope if chain else ""
            entry = known[asked.pattern] = (
                chain,
                tuple(place for place, token in enumerate(scope.split("/")) if token == "*"),
            )
        chain, stars = entry
        if not chain:
            continue
        if stars:
            tokens = asked.pointer.split("/")
            indexes = tuple(int(tokens[place]) for place in stars)
        else:
            indexes = ()
        found.setdefault((id(chain[-1]), indexes), []).append(asked)
    return found


def key_of(e: Evaluation, pointer: str, index: int) -> str:
    """The key of an item; its place from 0 where it has none."""
    return e.answers.item_key(pointer, index) or str(index)


def index_of(e: Evaluation, pointer: str, key: str) -> int | None:
    """The place of the item with that key in the list at *pointer*, or None."""
    index = e.answers.item_index(pointer, key)
    if index is None and key.isascii() and key.isdigit() and len(key) < 5 and not e.answers.item_key(pointer, int(key)):
        index = int(key)
    return index if index is not None and index < e.items(pointer) else None


def _holds(e: Evaluation, step: Step, indexes: tuple[int, ...]) -> bool:
    if not step.when:
        return True
    expression = e.form.expressions.get((step.scope, step.when))
    names = Names(e.document, e.today, e.form.figures, pointers.resolve(step.scope, indexes), step.scope)
    return isinstance(expression, Expression) and expression.holds(names, undecided=False)


def _in_field_order(step: Step, asked: list[Asked]) -> tuple[Asked, ...]:
    patterns = {field.pattern: place for place, field in enumerate(step.fields)}

    def place(one: Asked) -> float:
        here = one.pattern
        while here not in patterns:
            if not here:
                below = one.pattern + "/"
                return min((at - 0.5 for pattern, at in patterns.items() if pattern.startswith(below)), default=0)
            here = here.rpartition("/")[0]
        return patterns[here]

    return tuple(sorted(asked, key=place))
