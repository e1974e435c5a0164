"""The pages of a form for given answers: which there are, in order, and what is asked on each.

Decides on which page a question stands. `core.routing` reads the order; nothing of this is ever stored. What is asked
where is worked out once for each set of questions that a form came to ask, whoever answers them: a `_Place` is a page
without its answers and without the keys of its items.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from formengine.core import pointer as pointers
from formengine.core.applying import Evaluation
from formengine.core.asking import Asked
from formengine.core.blocks import Block, Cut, blocks, cut_question
from formengine.core.definition import Step
from formengine.core.expressions import Expression, Names


class PageKind(StrEnum):
    """What a page is."""

    QUESTION = "question"
    LIST = "list"
    INFO = "info"


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


class Page:
    """One page: its *step* with the steps around it in *chain*, and *indexes* of the items that it lies in.

    *order* compares pages; *asked* are its questions in the order of its fields. What costs something is worked out
    when it is asked for: of the pages of a long form, one is shown.
    """

    __slots__ = ("_address", "_asked", "_e", "_place")

    def __init__(self, place: _Place, e: Evaluation) -> None:
        self._place, self._e = place, e
        self._address: StepAddress | None = None
        self._asked: tuple[Asked, ...] | None = None

    @property
    def address(self) -> StepAddress:
        """Where it is, with the keys of its items."""
        if self._address is None:
            self._address = self._place.address_in(self._e)
        return self._address

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Its questions, with their answers."""
        if self._asked is None:
            self._asked = self._place.asked_in(self._e)
        return self._asked

    @property
    def step(self) -> Step:
        """The step that it shows."""
        return self._place.chain[-1]

    @property
    def chain(self) -> tuple[Step, ...]:
        """The steps around it, outermost first, and its own."""
        return self._place.chain

    @property
    def indexes(self) -> tuple[int, ...]:
        """The places of the items that it lies in, outermost first."""
        return self._place.indexes

    @property
    def order(self) -> tuple[int, ...]:
        """What compares it with other pages."""
        return self._place.order

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


MOST_LAYOUTS = 64
"""For so many sets of questions the pages of a form are remembered."""


def pages(e: Evaluation) -> tuple[Page, ...]:
    """All pages that apply, in order."""
    known: tuple[Page, ...] | None = e.memo.get("pages")
    if known is None:
        known = e.memo["pages"] = tuple([Page(place, e) for place in _layout(e).places])
    return known


def page_named(e: Evaluation, segments: tuple[str, ...]) -> Page | None:
    """The page that *segments*, all of its address behind the form's, name; None if it does not apply."""
    layout = _layout(e)
    number = layout.named.get(segments)
    if number is not None:
        return Page(layout.places[number], e)
    return next((page for page in pages(e) if page.address.segments == segments), None)


def section_ids(e: Evaluation) -> tuple[str, ...]:
    """The ids of the sections that have a page, in order."""
    return _layout(e).sections


def _layout(e: Evaluation) -> _Layout:
    """The pages without the answers, from what is asked where and from which information is open."""
    here: _Layout | None = e.memo.get("layout")
    if here is not None:
        return here
    known = e.form.layouts
    key = (tuple(map(_AT, e.asked)), tuple(map(_PATTERN, e.asked)), tuple(_informed(e, e.form.steps, ())))
    found: _Layout | None = known.get(key)
    if found is None:
        if len(known) >= MOST_LAYOUTS:
            known.clear()
        found = known[key] = _Layout.of(tuple(_Walk(e).steps(e.form.steps, _Around())))
    e.memo["layout"] = found
    return found


_AT = itemgetter(Asked._fields.index("pointer"))
_PATTERN = itemgetter(Asked._fields.index("pattern"))


def _informed(e: Evaluation, steps: Sequence[Step], indexes: tuple[int, ...]) -> Iterator[bool | int]:
    """What the pages hang on besides what is asked: which pages of information are open, and for how many items."""
    for step in steps:
        if not e.form.informs(step):
            continue
        if step.repeat is not None:
            count = e.items(pointers.resolve(step.repeat, indexes))
            yield count
            for index in range(count):
                yield from _informed(e, step.steps, (*indexes, index))
        elif step.steps:
            yield from _informed(e, step.steps, indexes)
        else:
            yield _holds(e, step, indexes)


class _Place(NamedTuple):
    """A page without answers. *asked* says which of all that is asked stands there; *items* which steps of the address
    take the key of an item: place in the address, pointer of the list, index.
    """

    address: StepAddress
    chain: tuple[Step, ...]
    indexes: tuple[int, ...]
    order: tuple[int, ...]
    asked: tuple[int, ...]
    items: tuple[tuple[int, str, int], ...]
    cuts: tuple[Cut, ...] = ()

    def address_in(self, e: Evaluation) -> StepAddress:
        """The address with the keys of the items of *e*."""
        if not self.items:
            return self.address
        steps = list(self.address.steps)
        for place, pointer, index in self.items:
            steps[place] = (steps[place][0], key_of(e, pointer, index))
        return StepAddress(tuple(steps))

    def asked_in(self, e: Evaluation) -> tuple[Asked, ...]:
        """The questions with the answers of *e*."""
        asked = [e.asked[place] for place in self.asked]
        for cut in self.cuts:
            one = asked[cut.place]
            asked[cut.place] = one._replace(question=cut_question(e.form.schema.graph, one.question, cut))
        return tuple(asked)


class _Layout(NamedTuple):
    """All pages without answers: in order, those outside of items by the segments of their address, the sections."""

    places: tuple[_Place, ...]
    named: dict[tuple[str, ...], int]
    sections: tuple[str, ...]

    @classmethod
    def of(cls, places: tuple[_Place, ...]) -> _Layout:
        named = {place.address.segments: number for number, place in enumerate(places) if not place.items}
        return cls(places, named, tuple(dict.fromkeys(place.address.steps[0][0] for place in places)))


class _Walk:
    """One way through all steps."""

    def __init__(self, e: Evaluation) -> None:
        self.e, self.by_page = e, _by_page(e)

    def steps(self, steps: tuple[Step, ...], around: _Around) -> Iterator[_Place]:
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
                    yield from here.blocks(blocks(self.e.asked, self._in_field_order(step, asked)))
            elif _holds(self.e, step, here.indexes):
                yield here.place(())

    def _list(self, step: Step, here: _Around) -> Iterator[_Place]:
        asked = self.by_page.get((id(step), here.indexes), [])
        if step.owns and not asked:
            return
        if step.owns:
            yield replace(here, order=(*here.order, -1)).place(asked)
        pointer = pointers.resolve(step.repeat or "", here.indexes)
        for index in range(self.e.items(pointer)):
            yield from self.steps(step.steps, here.item(pointer, index))

    def _in_field_order(self, step: Step, asked: Sequence[int]) -> list[int]:
        patterns = {field.pattern: place for place, field in enumerate(step.fields)}

        def place(one: int) -> float:
            pattern = here = self.e.asked[one].pattern
            while here not in patterns:
                if not here:
                    below = pattern + "/"
                    return min((at - 0.5 for known, at in patterns.items() if known.startswith(below)), default=0)
                here = here.rpartition("/")[0]
            return patterns[here]

        return sorted(asked, key=place)


@dataclass(frozen=True, slots=True)
class _Around:
    """Where a walk is: the address, the steps around, the items, and what compares it."""

    address: StepAddress = ROOT
    chain: tuple[Step, ...] = ()
    indexes: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    items: tuple[tuple[int, str, int], ...] = ()

    def then(self, step: Step, place: int) -> _Around:
        return _Around(self.address.then(step.id), (*self.chain, step), self.indexes, (*self.order, place), self.items)

    def item(self, pointer: str, index: int) -> _Around:
        items = (*self.items, (len(self.address.steps) - 1, pointer, index))
        return _Around(self.address, self.chain, (*self.indexes, index), (*self.order, index), items)

    def place(self, asked: Sequence[int]) -> _Place:
        return next(self.blocks([Block(tuple(asked))]))

    def blocks(self, found: Sequence[Block]) -> Iterator[_Place]:
        """A page for each block; behind the first, the number of the block is the end of the address."""
        *above, (own, _) = self.address.steps or (("", ""),)
        for number, block in enumerate(found):
            address = StepAddress((*above, (own, str(number + 1)))) if number else self.address
            order = (*self.order, number) if number else self.order
            yield _Place(address, self.chain, self.indexes, order, block.asked, self.items, block.cuts)


def _by_page(e: Evaluation) -> dict[tuple[int, tuple[int, ...]], list[int]]:
    """What is asked, by the step and the items of its page."""
    found: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    known: dict[str, tuple[tuple[Step, ...], tuple[int, ...]]] = {}
    for number, asked in enumerate(e.asked):
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
        found.setdefault((id(chain[-1]), indexes), []).append(number)
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
